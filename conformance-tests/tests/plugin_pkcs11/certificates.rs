//! Certificates of keys in a token: made around them, or found for them.

use crate::office::{CREATED, Office, USER_ID, engine_names, refused};
use rsa::pkcs8::EncodePrivateKey as _;
use sifseal_conformance_tests::Gpg;
use sifseal_conformance_tests::craft::{self, CertificateDraft, Hand};
use sifseal_conformance_tests::softhsm::KeyKind;
use sifseal_conformance_tests::workshop::{self, NOW};
use sifseal_core::traits::KeyAlgorithm;

#[test]
fn every_engine_makes_the_same_certificate_around_a_key() {
    let Some(mut office) = Office::new() else {
        return;
    };
    office.token.make_key(KeyKind::Rsa2048, "rsa", "01");
    office.token.make_key(KeyKind::Ed25519, "ed25519", "02");
    for label in ["rsa", "ed25519"] {
        let made = engine_names().into_iter().map(|engine| {
            let file = office.certify(label, engine);
            let ring = workshop_engine(engine).read_keys(&std::fs::read(file).unwrap());
            assert_eq!((ring.keys.len(), ring.junk.len()), (1, 0));
            ring.keys[0].bytes().to_vec()
        });
        let made: Vec<_> = made.collect();
        assert!(made.windows(2).all(|pair| pair[0] == pair[1]), "{label}");
    }
}

fn workshop_engine(name: &str) -> std::sync::Arc<dyn sifseal_core::traits::Engine> {
    let mut engines = sifseal_conformance_tests::engines().into_iter();
    engines
        .find(|engine| engine.describe().name == name)
        .unwrap()
}

#[test]
fn a_certificate_that_is_there_is_not_overwritten() {
    let Some(office) = Office::new() else { return };
    office.token.make_key(KeyKind::P256, "release", "01");
    let file = office.shop.path("mine.asc");
    std::fs::write(&file, "mine").unwrap();
    let path = file.to_str().unwrap();
    let more = ["--user-id", USER_ID, "--created", CREATED, "--output", path];
    let output = office.certificate("new", "release", &more);
    assert_eq!(output.status, 1, "{output:?}");
    assert_eq!(std::fs::read(&file).unwrap(), b"mine");
}

#[test]
fn a_key_is_found_in_the_certificate_that_it_has() {
    let Some(mut office) = Office::new() else {
        return;
    };
    let file = office.key(KeyKind::P256, "release");
    let armored = std::fs::read(&file).unwrap();
    let binary = office.shop.path("binary.pgp");
    let ring = workshop_engine("sequoia").read_keys(&armored);
    std::fs::write(&binary, ring.keys[0].bytes()).unwrap();
    for file in [file, binary] {
        office.forget_keys();
        let output = office.certificate("match", "release", &[file.to_str().unwrap()]);
        assert_eq!(output.status, 0, "{output:?}");
        assert!(!output.stdout.contains("subkey"), "{output:?}");
        office.settle(&output.stdout);
        let image = format!("{}.sif", file.extension().unwrap().to_str().unwrap());
        let output = office.sign(&image, "");
        assert_eq!(output.status, 0, "{output:?}");
    }
}

#[test]
fn the_certificate_of_another_key_is_told_by_both_programs() {
    let Some(mut office) = Office::new() else {
        return;
    };
    office.token.make_key(KeyKind::Ed25519, "release", "01");
    let engine = workshop_engine("rpgp");
    let key = workshop::new_key(&*engine, "Eve <e@example.com>", KeyAlgorithm::Ed25519).unwrap();
    let (certificate, _) = workshop::certificate(&*engine, &key).unwrap();
    let file = office.shop.path("eve.pgp");
    std::fs::write(&file, &certificate.bytes).unwrap();
    let path = file.to_str().unwrap();

    let output = office.certificate("match", "release", &[path]);
    assert_eq!(output.status, 1, "{output:?}");
    assert!(output.stderr.contains("no key with the public values"));

    office.settle(&format!(
        "[[plugin.config.keys]]\nlabel = 'release'\ncertificate = '{path}'\nfingerprint = '{}'\n",
        certificate.fingerprint()
    ));
    let output = office.sign("a.sif", "");
    refused(
        &office,
        &output,
        "a.sif",
        &["eve.pgp", "key release", "is not in it"],
    );
}

/// A certificate whose primary key is locked away, and one of whose subkeys the token has.
#[test]
fn a_token_can_have_a_subkey() {
    let Some(mut office) = Office::new() else {
        return;
    };
    let made = NOW.plus(-86_400);
    let secret = rsa::RsaPrivateKey::new(&mut rand::rngs::OsRng, 2048).unwrap();
    let pkcs8 = secret.to_pkcs8_der().unwrap();
    office.token.import_key(pkcs8.as_bytes(), "release", "01");

    let primary = craft::Key::new(made, Hand::ed25519_legacy());
    let subkey = craft::Key::new(made, Hand::Rsa(Box::new(secret)));
    let certificate = CertificateDraft::of(&primary)
        .user_id(USER_ID, &primary.certifies(made))
        .subkey(&subkey, &primary.binds(&subkey, made))
        .bytes();
    let file = office.shop.path("with-subkey.pgp");
    std::fs::write(&file, certificate).unwrap();

    let lines = office.certificate("match", "release", &[file.to_str().unwrap()]);
    assert_eq!(lines.status, 0, "{lines:?}");
    let expected = format!("subkey = \"{}\"", subkey.fingerprint());
    assert!(lines.stdout.contains(&expected), "{lines:?}");
    office.settle(&lines.stdout);
    let output = office.sign("a.sif", "");
    assert_eq!(output.status, 0, "{output:?}");
    for engine in engine_names() {
        let verdict = office.run(&["verify", "--local", "--engine", engine, "a.sif"], "");
        assert_eq!(verdict.status, 0, "{verdict:?}");
    }
}

#[test]
fn the_list_of_keys_says_in_which_token_they_are_and_gpg_knows_them_by_the_same_name() {
    let Some(mut office) = Office::new() else {
        return;
    };
    let Some(gpg) = Gpg::new() else { return };
    let file = office.key(KeyKind::Rsa2048, "release");
    gpg.run(&["--import"], &std::fs::read(file).unwrap());
    let listed = office.run(&["key", "list", "--secret", "--format", "json"], "");
    let [fingerprint] = &gpg.fingerprints()[..] else {
        panic!("one key");
    };
    assert!(listed.stdout.contains(fingerprint.as_str()), "{listed:?}");
    assert!(listed.stdout.contains("token releases"), "{listed:?}");
}
