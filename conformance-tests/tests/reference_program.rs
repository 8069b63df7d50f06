//! The reference program itself: that it answers what the library says, so that
//! tests which compare with it compare with the real thing.

#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

use serde::Deserialize;
use sifseal_conformance_tests::peer::{KeySpec, SignSpec, Verdict, VerifyMode};
use sifseal_conformance_tests::{Peer, require_corpus, require_go};
use sifseal_core::Timestamp;
use sifseal_core::sif::{self, CreateOptions, DataType, NewObject};
use std::io::Read;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// An image of two objects, and the key of one person.
struct Scene {
    image: PathBuf,
    secret: PathBuf,
    public: PathBuf,
    fingerprint: String,
    _home: TempDir,
}

impl Scene {
    fn new(peer: &Peer, spec: &KeySpec<'_>) -> Self {
        let home = tempfile::tempdir().unwrap();
        let [image, secret, public] = ["i.sif", "k.sec", "k.pub"].map(|n| home.path().join(n));
        let key = peer.generate_key(&secret, &public, spec).unwrap();
        let object = |data: &'static str| {
            let data: Box<dyn Read> = Box::new(data.as_bytes());
            (NewObject::new(DataType::Generic), data)
        };
        let objects = vec![object("one"), object("two")];
        sif::create(&image, &CreateOptions::deterministic(), objects).unwrap();
        Self {
            image,
            secret,
            public,
            fingerprint: key.primary.fingerprint,
            _home: home,
        }
    }

    fn verify(&self, peer: &Peer, mode: VerifyMode) -> Verdict {
        peer.verify(&self.image, &[&self.public], mode).unwrap()
    }
}

fn alice() -> KeySpec<'static> {
    KeySpec::ed25519("Alice", "alice@example.com")
}

#[test]
fn what_the_reference_signs_it_verifies_and_names_the_signer() {
    let Some(peer) = require_go() else { return };
    for spec in [alice(), KeySpec::rsa(2048, "Bob", "bob@example.com")] {
        let scene = Scene::new(peer, &spec);
        peer.sign(&scene.image, &scene.secret, &SignSpec::default())
            .unwrap();
        let verdict = scene.verify(peer, VerifyMode::Default);
        assert_eq!((verdict.verified, verdict.error.as_str()), (true, ""));
        let [signature] = verdict.signatures.as_slice() else {
            panic!("{verdict:?}");
        };
        assert_eq!(signature.object, 3);
        assert_eq!(signature.signer, scene.fingerprint);
        assert_eq!(signature.objects, [1, 2]);
    }
}

#[test]
fn each_set_of_objects_gets_a_signature_of_its_own() {
    let Some(peer) = require_go() else { return };
    let scene = Scene::new(peer, &alice());
    let spec = SignSpec {
        objects: &[&[2], &[1, 2]],
        ..SignSpec::default()
    };
    peer.sign(&scene.image, &scene.secret, &spec).unwrap();
    let verdict = scene.verify(peer, VerifyMode::Object(2));
    assert!(verdict.verified, "{}", verdict.error);
    let ids: Vec<u32> = verdict.signatures.iter().map(|s| s.object).collect();
    assert_eq!(ids, [3, 4]);
    let verdict = scene.verify(peer, VerifyMode::Object(1));
    assert_eq!(verdict.error, "integrity: object 1: object not signed");
}

#[test]
fn a_changed_object_is_refused_by_the_reference() {
    let Some(peer) = require_go() else { return };
    let scene = Scene::new(peer, &alice());
    peer.sign(&scene.image, &scene.secret, &SignSpec::default())
        .unwrap();
    let mut bytes = std::fs::read(&scene.image).unwrap();
    let offset = peer.describe(&scene.image).unwrap().objects[1].offset;
    bytes[usize::try_from(offset).unwrap()] ^= 1;
    std::fs::write(&scene.image, bytes).unwrap();

    let verdict = scene.verify(peer, VerifyMode::Default);
    assert!(!verdict.verified);
    assert_eq!(
        verdict.error,
        "integrity: data object integrity compromised: 2"
    );
}

#[test]
fn without_salt_signing_twice_gives_the_same_image() {
    let Some(peer) = require_go() else { return };
    let spec = KeySpec {
        time: Some(Timestamp(1_600_000_000)),
        ..alice()
    };
    let scene = Scene::new(peer, &spec);
    let unsigned = std::fs::read(&scene.image).unwrap();
    let spec = SignSpec {
        deterministic: true,
        no_salt: true,
        time: Some(Timestamp(1_600_000_100)),
        ..SignSpec::default()
    };
    let sign = || {
        std::fs::write(&scene.image, &unsigned).unwrap();
        peer.sign(&scene.image, &scene.secret, &spec).unwrap();
        std::fs::read(&scene.image).unwrap()
    };
    assert!(sign() == sign(), "the two images differ");
}

#[test]
fn a_passphrase_locks_the_primary_key_only_as_in_apptainer_w2() {
    let Some(peer) = require_go() else { return };
    let home = tempfile::tempdir().unwrap();
    let passphrase = home.path().join("passphrase");
    std::fs::write(&passphrase, "correct horse\n").unwrap();
    let spec = KeySpec {
        passphrase: Some(&passphrase),
        ..alice()
    };
    let scene = Scene::new(peer, &spec);
    let [key] = &*peer.key_info(&scene.secret).unwrap() else {
        panic!("one key was made");
    };
    assert_eq!(key.user_ids, ["Alice <alice@example.com>"]);
    assert_eq!(key.primary.secret, "locked");
    assert_eq!(key.subkeys[0].secret, "clear");

    let unlocked = peer.sign(&scene.image, &scene.secret, &SignSpec::default());
    assert!(unlocked.is_err(), "signed without the passphrase");
    let spec = SignSpec {
        passphrase: Some(&passphrase),
        ..SignSpec::default()
    };
    peer.sign(&scene.image, &scene.secret, &spec).unwrap();
}

#[test]
fn a_cleartext_message_is_signed_and_judged() {
    let Some(peer) = require_go() else { return };
    let scene = Scene::new(peer, &alice());
    let message = peer
        .clear_sign(&scene.secret, "SHA-512", None, b"- a dash\nand more\n")
        .unwrap();
    let verdict = peer.clear_verify(&[&scene.public], &message).unwrap();
    assert!(verdict.verified, "{}", verdict.error);
    assert_eq!(verdict.signer, scene.fingerprint);
    assert_eq!(verdict.text, "- a dash\nand more\n");

    let message = String::from_utf8(message).unwrap().replace("more", "less");
    let verdict = peer
        .clear_verify(&[&scene.public], message.as_bytes())
        .unwrap();
    assert!(!verdict.verified);
}

#[test]
fn a_key_ring_with_junk_is_told_from_a_good_one() {
    let Some(peer) = require_go() else { return };
    let scene = Scene::new(peer, &alice());
    let ring = peer.check_ring(&scene.public).unwrap();
    assert_eq!((ring.readable, ring.keys), (true, vec![scene.fingerprint]));

    std::fs::write(&scene.public, "junk").unwrap();
    let ring = peer.check_ring(&scene.public).unwrap();
    assert!(!ring.readable && !ring.error.is_empty(), "{ring:?}");
}

#[test]
fn siftool_speaks_through_the_program() {
    let Some(peer) = require_go() else { return };
    let scene = Scene::new(peer, &alice());
    assert!(peer.list(&scene.image).unwrap().contains("|Generic/Raw"));
    assert!(peer.header(&scene.image).unwrap().contains("Data Offset:"));
    assert!(
        peer.info(&scene.image, 2)
            .unwrap()
            .contains("ID:         2")
    );
    assert_eq!(peer.dump(&scene.image, 2).unwrap(), b"two");
    let refused = peer.info(&scene.image, 9).unwrap_err();
    assert_eq!(refused.to_string(), "object not found");
}

/// What the library was recorded to say, by its maintainers' own test images.
#[derive(Deserialize)]
struct Recorded {
    image: String,
    key: String,
    flags: String,
    verified: bool,
    error: String,
}

#[test]
fn the_program_repeats_every_recorded_verdict() {
    let (Some(peer), Some(corpus)) = (require_go(), require_corpus()) else {
        return;
    };
    let recorded = std::fs::read(corpus.join("verdicts.json")).unwrap();
    let mut recorded: Vec<Recorded> = serde_json::from_slice(&recorded).unwrap();
    // The program knows OpenPGP keys only.
    recorded.retain(|verdict| verdict.key == "private.asc");
    assert!(!recorded.is_empty());
    for verdict in recorded {
        let image = corpus.join("images").join(&verdict.image);
        let key = corpus.join("keys").join(&verdict.key);
        let answer = peer
            .verify(&image, &[Path::new(&key)], mode(&verdict.flags))
            .unwrap();
        assert_eq!(
            (answer.verified, answer.error),
            (verdict.verified, verdict.error),
            "{} {}",
            verdict.image,
            verdict.flags
        );
    }
}

fn mode(flags: &str) -> VerifyMode {
    let words: Vec<&str> = flags.split(' ').collect();
    let id = |text: &str| text.parse().unwrap();
    match words.as_slice() {
        ["default"] => VerifyMode::Default,
        ["-g", group] => VerifyMode::Group(id(group)),
        ["-i", object] => VerifyMode::Object(id(object)),
        ["--legacy-insecure", "-a"] => VerifyMode::LegacyAll,
        ["--legacy-insecure", "-g", group] => VerifyMode::LegacyGroup(id(group)),
        ["--legacy-insecure", "-i", object] => VerifyMode::LegacyObject(id(object)),
        _ => panic!("unknown flags {flags}"),
    }
}
