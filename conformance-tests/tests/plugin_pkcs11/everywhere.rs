//! What a token has signed verifies everywhere: with the other engine, with the Go
//! library, and its signature object with GnuPG.

use crate::office::{Carrier, Office, engine_names};
use sifseal_conformance_tests::peer::VerifyMode;
use sifseal_conformance_tests::softhsm::KeyKind;
use sifseal_conformance_tests::{Gpg, require_go};
use std::path::Path;

/// Asserts that an image, signed with this certificate, verifies with each engine, with Go
/// and with GnuPG.
fn verifies_everywhere(office: &Office, image: &str, certificate: &Path) {
    for engine in engine_names() {
        let output = office.run(&["verify", "--local", "--engine", engine, image], "");
        assert_eq!(output.status, 0, "{engine}: {output:?}");
    }
    let path = office.shop.path(image);
    if let Some(go) = require_go() {
        let verdict = go.verify(&path, &[certificate], VerifyMode::Default);
        assert!(verdict.unwrap().verified, "Go refuses {image}");
    }
    if let Some(gpg) = Gpg::new() {
        gpg.run(&["--import"], &std::fs::read(certificate).unwrap());
        let message = office.run(&["sif", "dump", "3", image], "").stdout;
        let status = gpg.verify(&message);
        assert!(status.contains("[GNUPG:] VALIDSIG "), "{status}");
    }
}

fn kind_signs_for_everyone(kind: KeyKind, hash: Option<&str>) {
    let Some(mut office) = Office::new() else {
        return;
    };
    let certificate = office.key(kind, "release");
    for engine in engine_names() {
        let image = format!("{engine}.sif");
        office.shop.image(&image, 1).unwrap();
        let mut words = vec!["sign", "--engine", engine, &image];
        words.extend(hash.into_iter().flat_map(|hash| ["--hash", hash]));
        let output = office.run(&words, "");
        assert_eq!(output.status, 0, "{output:?}");
        verifies_everywhere(&office, &image, &certificate);
    }
}

#[test]
fn rsa_with_4096_bits() {
    kind_signs_for_everyone(KeyKind::Rsa4096, None);
}

#[test]
fn p256() {
    kind_signs_for_everyone(KeyKind::P256, None);
}

#[test]
fn p384() {
    kind_signs_for_everyone(KeyKind::P384, None);
    kind_signs_for_everyone(KeyKind::P384, Some("sha512"));
}

#[test]
fn p521() {
    kind_signs_for_everyone(KeyKind::P521, None);
}

#[test]
fn ed25519() {
    kind_signs_for_everyone(KeyKind::Ed25519, None);
}

/// A digest that is longer than the order of the curve.
#[test]
fn p256_with_sha512() {
    kind_signs_for_everyone(KeyKind::P256, Some("sha512"));
}

#[test]
fn rsa_with_each_other_hash() {
    kind_signs_for_everyone(KeyKind::Rsa2048, Some("sha384"));
    kind_signs_for_everyone(KeyKind::Rsa2048, Some("sha512"));
}

#[test]
fn the_plugin_signs_whichever_way_it_runs() {
    for carrier in [
        Carrier::Executable,
        Carrier::Library,
        Carrier::IsolatedLibrary,
    ] {
        let Some(office) = Office::new() else { return };
        let mut office = office.carried_by(carrier);
        let certificate = office.key(KeyKind::P256, "release");
        let output = office.sign("a.sif", "");
        assert_eq!(output.status, 0, "{carrier:?}: {output:?}");
        verifies_everywhere(&office, "a.sif", &certificate);
    }
}

/// Numbers lose their leading zeros in OpenPGP, and some tokens write them anew.
#[test]
fn many_signatures_of_one_key_verify() {
    let Some(mut office) = Office::new() else {
        return;
    };
    office.key(KeyKind::P256, "release");
    office.shop.image("a.sif", 1).unwrap();
    for _ in 0..20 {
        let output = office.run(&["sign", "a.sif"], "");
        assert_eq!(output.status, 0, "{output:?}");
    }
    let output = office.run(&["verify", "--local", "a.sif"], "");
    assert_eq!(output.status, 0, "{output:?}");
}
