//! GnuPG and the program, each at an end of a server.

use crate::gnupg::person;
use crate::people::{Pair, Person, Place, verified};
use sifseal_conformance_tests::Gpg;
use std::fs;

const IMAGE: &str = "image.sif";

/// What gpg sends, we find, go by, and keep if we are told to.
pub(crate) fn gpg_sends(place: &Place, engine: &'static str) {
    let user_id = "Grace <grace@exchange.example>";
    let Some((gpg, fingerprint)) = person(user_id) else {
        return;
    };
    gpg.send_key(&place.hkp_url(), &fingerprint);
    let grace = Pair {
        fingerprint,
        user_id: user_id.to_owned(),
        email: "grace@exchange.example".to_owned(),
    };
    let image = fs::read(Person::owning(engine, &gpg.secret_keys("")).signed_image(IMAGE)).unwrap();

    let ada = Person::asking(place, engine);
    ada.receives(IMAGE, image);
    let found = ada.done(&["key", "search", &grace.email]);
    assert!(found.contains(user_id), "{found}");
    assert_eq!(
        ada.done(&["verify", IMAGE]),
        verified(IMAGE, "[REMOTE]", &grace)
    );
    assert_eq!(ada.ring(), b"");
    pulls_by_every_name(place, &ada, &grace);
    ada.done(&["key", "pull", &grace.email]);
    assert_eq!(
        ada.done(&["verify", "--local", IMAGE]),
        verified(IMAGE, "[LOCAL]", &grace)
    );
}

/// Into a keyring of its own for each name.
fn pulls_by_every_name(place: &Place, ada: &Person, grace: &Pair) {
    let names = [
        (grace.fingerprint.clone(), true),
        (grace.fingerprint.to_lowercase(), true),
        (format!("0x{}", grace.fingerprint), true),
        (grace.key_id().to_owned(), true),
        (format!("0x{}", grace.key_id().to_lowercase()), true),
        (grace.short_id().to_owned(), place.serves.short_ids),
        (format!("0x{}", grace.short_id()), place.serves.short_ids),
        (grace.email.clone(), true),
        (grace.email.to_uppercase(), true),
    ];
    for (name, served) in names {
        let line = ["key", "pull", "--keysdir", &format!("keys-{name}"), &name];
        if served {
            let pulled = ada.done(&line);
            assert!(pulled.starts_with("1 key(s) added"), "{name}: {pulled}");
        } else {
            let output = ada.failed(&line, 1, "no keyserver has a key for `");
            assert!(output.stderr.contains("try the fingerprint"), "{output:#?}");
        }
    }
}

/// What we push, gpg receives, and finds our signature good by.
pub(crate) fn gpg_receives(place: &Place, engine: &'static str) {
    let Some(gpg) = Gpg::with_dirmngr() else {
        return;
    };
    let ada = Person::asking(place, engine);
    let pair = ada.new_pair("Ada", "", "ada@exchange.example", &["--push"]);
    let url = place.hkp_url();
    let found = gpg.search_keys(&url, &pair.email);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].user_ids, [pair.user_id.as_str()]);
    assert!(gpg.receive_key(&url, &pair.fingerprint));
    assert_eq!(gpg.fingerprints(), [pair.fingerprint.as_str()]);

    ada.signed_image(IMAGE);
    let message = ada.done(&["sif", "dump", "3", IMAGE]);
    let said = gpg.verify(&message);
    assert!(said.contains("GOODSIG"), "{said}");
}
