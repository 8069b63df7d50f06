//! Which keys there are, and which part of one signs.

use crate::support::{Desk, cx, read_by, sign_and_check, signer, store};
use sifseal_conformance_tests::engines;
use sifseal_plugin_sdk::ErrorKind;
use sifseal_plugin_sdk::openpgp::{Fingerprint, Key, KeyHandle, Protection};
use sifseal_plugin_sdk::traits::{KeyPart, KeyQuery, KeyStore};

/// Adds a subkey that signs to the only key.
fn add_signing_subkey(desk: &Desk) {
    let primary = desk.gpg.fingerprints()[0].clone();
    let add = ["--passphrase", "", "--quick-add-key", &primary];
    desk.gpg
        .run(&[&add[..], &["ed25519", "sign", "never"]].concat(), b"");
}

#[test]
fn a_home_without_keys_has_none_and_one_that_is_missing_is_told_and_not_made() {
    let Some(desk) = Desk::new() else { return };
    assert!(desk.find(KeyPart::Public, &KeyQuery::All).is_empty());
    assert!(desk.find(KeyPart::Secret, &KeyQuery::All).is_empty());
    let missing = desk.gpg.home().join("missing");
    for part in [KeyPart::Public, KeyPart::Secret] {
        let found = store(&missing, &[]).find(&cx(), part, &KeyQuery::All);
        let error = found.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(
            error.to_string().contains("missing is not there"),
            "{error}"
        );
    }
    assert!(!missing.exists());
}

#[test]
fn keys_are_found_by_every_name_and_told_from_certificates_of_others() {
    let Some(desk) = Desk::new() else { return };
    desk.gpg
        .quick_generate("Ada: \\x41 <ada@example.org>", "ed25519", "cert,sign", "");
    let Some(other) = Desk::new() else { return };
    other
        .gpg
        .quick_generate("Bob <bob@example.org>", "ed25519", "cert,sign", "");
    desk.gpg.run(&["--import"], &other.gpg.public_keys());

    let ada = desk.only_key();
    let bob = other.only_key();
    let all = desk.find(KeyPart::Public, &KeyQuery::All);
    let mut names: Vec<_> = all
        .iter()
        .map(|entry| entry.certificate.fingerprint())
        .collect();
    names.sort();
    let mut both = [ada, bob];
    both.sort();
    assert_eq!(names, both);
    assert!(
        all.iter()
            .all(|entry| entry.protection == Protection::NoSecret)
    );

    for query in [
        KeyQuery::Handle(KeyHandle::Fingerprint(ada)),
        KeyQuery::Handle(KeyHandle::KeyId(ada.key_id())),
        KeyQuery::Email("ADA@example.org".to_owned()),
    ] {
        for part in [KeyPart::Public, KeyPart::Secret] {
            let found = desk.find(part, &query);
            assert_eq!(found.len(), 1, "{query:?}");
            assert_eq!(found[0].certificate.fingerprint(), ada);
        }
    }
    let nobody = KeyQuery::Email("eve@example.org".to_owned());
    assert!(desk.find(KeyPart::Public, &nobody).is_empty());
    let bobs = KeyQuery::Handle(KeyHandle::Fingerprint(bob));
    assert!(desk.find(KeyPart::Secret, &bobs).is_empty());
    let error = desk.signer(&bob).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[test]
fn what_is_listed_is_what_an_engine_reads_in_the_certificate() {
    let Some(desk) = Desk::new() else { return };
    desk.gpg
        .quick_generate("Ada: \\x41 é <ada@example.org>", "ed25519", "cert,sign", "");
    add_signing_subkey(&desk);
    let [entry] = &desk.find(KeyPart::Secret, &KeyQuery::All)[..] else {
        panic!("one key");
    };
    let place = Protection::Elsewhere("gpg-agent".to_owned());
    assert_eq!(entry.protection, place);
    for engine in engines() {
        let mut read = read_by(&*engine, &entry.certificate.bytes).outline;
        // gpg counts the bits of Ed25519 one less than Apptainer.
        read.bits = entry.certificate.outline.bits;
        assert_eq!(read, entry.certificate.outline);
        let ring = engine.read_keys(&entry.certificate.bytes);
        assert!(matches!(ring.keys[..], [Key::Certificate(_)]));
    }
}

#[test]
fn keys_that_only_encrypt_or_certify_are_not_listed() {
    let Some(desk) = Desk::new() else { return };
    desk.gpg.quick_generate("Ada", "ed25519", "cert", "");
    assert!(desk.find(KeyPart::Secret, &KeyQuery::All).is_empty());
    assert_eq!(desk.find(KeyPart::Public, &KeyQuery::All).len(), 1);
    add_signing_subkey(&desk);
    assert_eq!(desk.find(KeyPart::Secret, &KeyQuery::All).len(), 1);
}

#[test]
fn of_several_signing_subkeys_the_wanted_one_signs() {
    let Some(desk) = Desk::new() else { return };
    desk.gpg.quick_generate("Ada", "ed25519", "cert,sign", "");
    add_signing_subkey(&desk);
    add_signing_subkey(&desk);
    let certificate = desk.certificates().remove(0);
    let primary = certificate.fingerprint();
    let subkeys = certificate.outline.subkeys.clone();
    assert_eq!(subkeys.len(), 2);

    let usual = desk.signer(&primary).unwrap();
    assert!(subkeys.contains(&usual.fingerprint()));
    sign_and_check(&*usual, usual.accepted_hashes()[0], &certificate);

    for wanted in [primary, subkeys[0], subkeys[1]] {
        let unknown = Fingerprint::V4([9; 20]);
        let store = store(desk.gpg.home(), &[unknown, wanted]);
        let signer = signer(&store, &primary).unwrap();
        assert_eq!(signer.fingerprint(), wanted);
        sign_and_check(&*signer, signer.accepted_hashes()[0], &certificate);
    }
}

#[test]
fn a_primary_key_that_is_kept_elsewhere_leaves_the_signing_to_its_subkey() {
    let Some(desk) = Desk::new() else { return };
    desk.gpg.quick_generate("Ada", "ed25519", "cert,sign", "");
    add_signing_subkey(&desk);
    let subkeys = desk.gpg.run(&["--export-secret-subkeys"], b"");
    let Some(away) = Desk::new() else { return };
    away.gpg.run(&["--import"], &subkeys);

    let certificate = away.certificates().remove(0);
    let signer = away.signer(&certificate.fingerprint()).unwrap();
    assert_eq!(signer.fingerprint(), certificate.outline.subkeys[0]);
    sign_and_check(&*signer, signer.accepted_hashes()[0], &certificate);
}

#[test]
fn a_certificate_is_whole_whatever_gpg_is_told_to_leave_out() {
    let Some(desk) = Desk::new() else { return };
    desk.gpg.quick_generate("Ada", "ed25519", "cert,sign", "");
    add_signing_subkey(&desk);
    let [subkey] = desk.certificates()[0].outline.subkeys[..] else {
        panic!("one subkey");
    };
    let whole = desk.gpg.public_keys();
    let options = "armor\nexport-options export-minimal,export-clean\n";
    std::fs::write(desk.gpg.home().join("gpg.conf"), options).unwrap();
    let certificate = desk.certificates().remove(0);
    assert_eq!(certificate.bytes, whole);
    assert_eq!(certificate.outline.subkeys, [subkey]);
}

#[test]
fn nothing_is_changed_from_here() {
    let Some(desk) = Desk::new() else { return };
    desk.gpg.quick_generate("Ada", "ed25519", "cert,sign", "");
    let certificate = desk.certificates().remove(0);
    assert!(!desk.store.describe().writable);
    let primary = certificate.fingerprint();
    let key = Key::Certificate(certificate);
    let refused = [
        desk.store.insert(&cx(), &key).map(drop),
        desk.store.replace(&cx(), &key),
        desk.store.remove(&cx(), KeyPart::Public, &primary),
        desk.store.remove(&cx(), KeyPart::Secret, &primary),
    ];
    for result in refused {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.hint_text().unwrap_or_default().contains("gpg --"));
    }
}
