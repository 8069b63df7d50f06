//! What an owner says later: `key refresh` hears of it, and `verify` goes by it.

use crate::people::{Person, Place};
use sifseal_conformance_tests::Gpg;
use sifseal_core::Timestamp;
use std::fs;

const DAY: i64 = 86_400;

fn days_ago(days: i64) -> Timestamp {
    Timestamp::now().plus(-days * DAY)
}

/// The owner of a key that was made so many days ago, and the key's fingerprint.
fn owner(email: &str, days: i64, lifetime: &str) -> Option<(Gpg, String)> {
    let gpg = Gpg::with_dirmngr()?;
    // And some seconds: onak takes two self-signatures of a key for one if their dates
    // agree in the last octet.
    let made = days_ago(days).plus(-128);
    let kind = ["ed25519", "sign", lifetime];
    let generate = ["--passphrase", "", "--quick-gen-key", email];
    gpg.run_at(made, &[&generate[..], &kind].concat(), b"");
    let fingerprint = gpg.fingerprints().pop().unwrap();
    Some((gpg, fingerprint))
}

/// Two images of the owner's, signed two days ago and now, and somebody who has pulled
/// the key and verified both.
fn trusting(place: &Place, engine: &'static str, gpg: &Gpg, fingerprint: &str) -> Person {
    let owner = Person::owning(engine, &gpg.secret_keys(""));
    let ada = Person::asking(place, engine);
    let early = owner.image_signed_at(days_ago(2), "early.sif");
    let late = owner.image_signed_at(days_ago(0), "late.sif");
    ada.receives("early.sif", fs::read(early).unwrap());
    ada.receives("late.sif", fs::read(late).unwrap());
    gpg.send_key(&place.hkp_url(), fingerprint);
    ada.done(&["key", "pull", fingerprint]);
    ada.done(&["verify", "early.sif", "late.sif"]);
    let news = ada.done(&["key", "refresh", "--all"]);
    assert!(news.ends_with(": nothing new\n"), "{news}");
    ada
}

/// What `key refresh --all` tells of the one key.
#[track_caller]
fn hears(ada: &Person, fingerprint: &str, news: &str) {
    let told = ada.done(&["key", "refresh", "--all"]);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 2, "{told}");
    assert!(lines[0].contains(fingerprint), "{told}");
    assert!(lines[0].ends_with(": updated"), "{told}");
    assert_eq!(lines[1], format!("    {news}: {fingerprint}"), "{told}");
}

/// Without a reason, as GnuPG prepares it: the key may be in other hands, and nothing
/// that it ever signed counts.
pub(crate) fn a_key_is_revoked(place: &Place, engine: &'static str) {
    let Some((gpg, fingerprint)) = owner("<ada@revoked.example>", 3, "never") else {
        return;
    };
    let ada = trusting(place, engine, &gpg, &fingerprint);
    gpg.run(&["--import"], &gpg.ready_revocation(&fingerprint));
    gpg.send_key(&place.hkp_url(), &fingerprint);

    hears(&ada, &fingerprint, "revoked");
    for image in ["early.sif", "late.sif"] {
        ada.failed(&["verify", image], 3, "signature made by revoked key");
    }
    // Who never had the key is told as well.
    let bob = Person::asking(place, engine);
    bob.receives("late.sif", fs::read(ada.path("late.sif")).unwrap());
    bob.failed(&["verify", "late.sif"], 3, "signature made by revoked key");
}

/// As replaced by another one, yesterday: what it signed before still counts.
pub(crate) fn a_key_is_retired(place: &Place, engine: &'static str) {
    let Some((gpg, fingerprint)) = owner("<ada@retired.example>", 3, "never") else {
        return;
    };
    let ada = trusting(place, engine, &gpg, &fingerprint);
    // Yes; 2, superseded; no words; yes.
    let answers = b"y\n2\n\ny\n";
    let questions = [
        "--no-batch",
        "--command-fd",
        "0",
        "--gen-revoke",
        &fingerprint,
    ];
    let revocation = gpg.run_at(days_ago(1), &questions, answers);
    gpg.run(&["--import"], &revocation);
    gpg.send_key(&place.hkp_url(), &fingerprint);

    hears(&ada, &fingerprint, "revoked");
    ada.done(&["verify", "early.sif"]);
    ada.failed(&["verify", "late.sif"], 3, "signature made by revoked key");
    ada.failed(
        &["verify", "--at", "now", "early.sif"],
        3,
        "signature made by revoked key",
    );
}

/// A key that has expired goes on, and images signed since are found good.
pub(crate) fn a_key_is_extended(place: &Place, engine: &'static str) {
    let Some((gpg, fingerprint)) = owner("<ada@extended.example>", 2 * 365, "1y") else {
        return;
    };
    gpg.send_key(&place.hkp_url(), &fingerprint);
    let ada = Person::asking(place, engine);
    ada.done(&["key", "pull", &fingerprint]);

    gpg.run(
        &["--quick-set-expire", &fingerprint, "20350102T030405"],
        b"",
    );
    let owner = Person::owning(engine, &gpg.secret_keys(""));
    ada.receives(
        "image.sif",
        fs::read(owner.signed_image("image.sif")).unwrap(),
    );
    ada.failed(&["verify", "image.sif"], 3, "expired");

    gpg.send_key(&place.hkp_url(), &fingerprint);
    hears(&ada, &fingerprint, "expires 2035-01-02 03:04:05 +0000 UTC");
    ada.done(&["verify", "image.sif"]);
}
