//! The Go library that Apptainer rests on, and ours: what one signs, the other
//! verifies; what one refuses, the other refuses.

#![allow(clippy::unwrap_used)]

use sifseal_conformance_tests::peer::{KeySpec, SignSpec, VerifyMode};
use sifseal_conformance_tests::workshop::{
    NOW, Workshop, asking, at, certificate, flip, new_key, sign_with, verify_with,
};
use sifseal_conformance_tests::{Peer, engines, require_go};
use sifseal_core::Secret;
use sifseal_core::integrity::{Report, VerifyOptions};
use sifseal_core::openpgp::{Key, TransferableSecretKey};
use sifseal_core::sif::{Image, ObjectId};
use sifseal_core::traits::{Engine, KeyAlgorithm, KeyStore};
use sifseal_keystore_file::FileKeyStore;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Both libraries in one folder, with one key ring that both read.
struct Pair {
    go: &'static Peer,
    engine: Arc<dyn Engine>,
    shop: Workshop,
    store: FileKeyStore,
}

impl Pair {
    /// Go's library with each of our engines; none, said aloud, without Go.
    fn all() -> impl Iterator<Item = Self> {
        require_go().into_iter().flat_map(|go| {
            engines().into_iter().map(|engine| {
                let shop = Workshop::new();
                let store = FileKeyStore::open(shop.path("keys"), Arc::clone(&engine));
                Self {
                    go,
                    engine,
                    shop,
                    store,
                }
            })
        })
    }

    fn ring(&self) -> PathBuf {
        self.shop.path("keys/pgp-public")
    }

    /// A key of ours, its certificate in the common ring.
    fn our_key(&self, name: &str, algorithm: KeyAlgorithm) -> TransferableSecretKey {
        let key = new_key(&*self.engine, name, algorithm).unwrap();
        let (_, public) = certificate(&*self.engine, &key).unwrap();
        self.store.insert(&at(NOW), &public).unwrap();
        key
    }

    /// A key that Go made, its certificate in the common ring.
    fn go_key(&self, name: &str, spec: &KeySpec<'_>) -> PathBuf {
        let (secret, public) = (self.shop.path(name), self.shop.path("go.pub"));
        let spec = KeySpec {
            time: Some(NOW.plus(-86_400)),
            ..spec.clone()
        };
        self.go.generate_key(&secret, &public, &spec).unwrap();
        let ring = self.engine.read_keys(&std::fs::read(&public).unwrap());
        assert_eq!((ring.keys.len(), ring.junk.len()), (1, 0));
        self.store.insert(&at(NOW), &ring.keys[0]).unwrap();
        secret
    }

    fn go_sign(&self, image: &Path, key: &Path, groups: &[u32], objects: &[&[u32]]) {
        let spec = SignSpec {
            groups,
            objects,
            time: Some(NOW),
            ..SignSpec::default()
        };
        self.go.sign(image, key, &spec).unwrap();
    }

    fn ours(&self, image: &Path, groups: &[u32], objects: &[u32]) -> Report {
        let selector = asking(groups, objects);
        let options = VerifyOptions::default();
        verify_with(&*self.engine, &self.store, image, &selector, &options).unwrap()
    }

    /// What each says to one question: first Go, then we.
    fn both(&self, image: &Path, mode: VerifyMode) -> (bool, bool) {
        let go = self.go.verify(image, &[&self.ring()], mode).unwrap();
        let ours = match mode {
            VerifyMode::Group(group) => self.ours(image, &[group], &[]),
            VerifyMode::Object(object) => self.ours(image, &[], &[object]),
            _ => self.ours(image, &[], &[]),
        };
        (go.verified, ours.is_verified())
    }
}

#[test]
fn what_go_signs_we_verify() {
    for pair in Pair::all() {
        let rsa = pair.go_key("rsa", &KeySpec::rsa(4096, "Rita", "rita@example.com"));
        let ed25519 = pair.go_key("ed", &KeySpec::ed25519("Ed", "ed@example.com"));
        for (name, key) in [("rsa", &rsa), ("ed25519", &ed25519)] {
            let image = pair.shop.image(&format!("{name}.sif"), 2).unwrap();
            pair.go_sign(&image, key, &[], &[]);
            for mode in [
                VerifyMode::Default,
                VerifyMode::Group(1),
                VerifyMode::Group(2),
                VerifyMode::Object(1),
                VerifyMode::Object(3),
            ] {
                assert_eq!(pair.both(&image, mode), (true, true), "{name} {mode:?}");
            }
            let single = pair.shop.image(&format!("{name}-object.sif"), 1).unwrap();
            pair.go_sign(&single, key, &[], &[&[1]]);
            assert_eq!(pair.both(&single, VerifyMode::Object(1)), (true, true));
            assert_eq!(pair.both(&single, VerifyMode::Default), (false, false));
        }
    }
}

#[test]
fn what_we_sign_go_verifies() {
    for pair in Pair::all() {
        let rsa = pair.our_key("Rita <rita@example.com>", KeyAlgorithm::Rsa(4096));
        let ed25519 = pair.our_key("Ed <ed@example.com>", KeyAlgorithm::Ed25519);
        for (name, key) in [("rsa", &rsa), ("ed25519", &ed25519)] {
            let image = pair.shop.image(&format!("{name}.sif"), 2).unwrap();
            let sign = |image: &Path, groups: &[u32], objects: &[u32]| {
                let selector = asking(groups, objects);
                sign_with(&*pair.engine, image, key, &selector, NOW).unwrap()
            };
            sign(&image, &[], &[]);
            for mode in [
                VerifyMode::Default,
                VerifyMode::Group(1),
                VerifyMode::Group(2),
                VerifyMode::Object(2),
            ] {
                assert_eq!(pair.both(&image, mode), (true, true), "{name} {mode:?}");
            }
            let single = pair.shop.image(&format!("{name}-object.sif"), 1).unwrap();
            sign(&single, &[], &[2]);
            assert_eq!(pair.both(&single, VerifyMode::Object(2)), (true, true));
            assert_eq!(pair.both(&single, VerifyMode::Default), (false, false));
        }
    }
}

#[test]
fn signatures_of_both_stand_side_by_side_in_one_image() {
    for pair in Pair::all() {
        let ours = pair.our_key("Ada", KeyAlgorithm::Ed25519);
        let theirs = pair.go_key("go", &KeySpec::ed25519("Gopher", "go@example.com"));
        let image = pair.shop.image("both.sif", 2).unwrap();
        sign_with(&*pair.engine, &image, &ours, &asking(&[], &[]), NOW).unwrap();
        pair.go_sign(&image, &theirs, &[], &[]);
        sign_with(&*pair.engine, &image, &ours, &asking(&[2], &[]), NOW).unwrap();
        assert_eq!(pair.both(&image, VerifyMode::Default), (true, true));
        assert_eq!(pair.ours(&image, &[], &[]).signatures.len(), 5);
    }
}

#[test]
fn both_notice_the_same_tampering() {
    for pair in Pair::all() {
        let key = pair.our_key("Ada", KeyAlgorithm::Ed25519);
        let image = pair.shop.image("image.sif", 1).unwrap();
        sign_with(&*pair.engine, &image, &key, &asking(&[], &[]), NOW).unwrap();
        let opened = Image::open(&image).unwrap();
        let object = |id| opened.object(ObjectId::new(id).unwrap()).unwrap();
        let cases = [
            ("header: launch script", 2),
            ("header: UUID", 50),
            ("descriptor 1: name", 4096 + 75),
            ("descriptor 2: architecture", 4096 + 585 + 201 + 8),
            ("object 1", object(1).offset() + 3),
            ("object 2", object(2).end() - 1),
            ("signature: its text", object(3).offset() + 80),
        ];
        for (what, offset) in cases {
            flip(&image, offset);
            assert_eq!(
                pair.both(&image, VerifyMode::Default),
                (false, false),
                "{what}"
            );
            flip(&image, offset);
            assert_eq!(
                pair.both(&image, VerifyMode::Default),
                (true, true),
                "{what}"
            );
        }
    }
}

#[test]
fn a_key_pair_of_ours_signs_in_go_locked_or_not_and_one_of_gos_signs_here() {
    for pair in Pair::all() {
        let ours = pair.our_key("Ada", KeyAlgorithm::Ed25519);
        let passphrase = Secret::from("open sesame".to_owned());
        let locked = pair.engine.relock(&ours, None, Some(&passphrase)).unwrap();
        let word = pair.shop.path("word");
        std::fs::write(&word, "open sesame").unwrap();
        for (key, passphrase) in [(&ours, None), (&locked, Some(&*word))] {
            let file = pair.shop.path("ours.sec");
            std::fs::write(&file, key.bytes.expose()).unwrap();
            let name = format!("locked-{}.sif", passphrase.is_some());
            let image = pair.shop.image(&name, 1).unwrap();
            let spec = SignSpec {
                passphrase,
                time: Some(NOW),
                ..SignSpec::default()
            };
            pair.go.sign(&image, &file, &spec).unwrap();
            assert_eq!(pair.both(&image, VerifyMode::Default), (true, true));
        }
        let parts = &pair.go.key_info(&pair.shop.path("ours.sec")).unwrap()[0];
        assert_eq!(parts.primary.secret, "locked");
        assert!(
            parts.subkeys.iter().all(|part| part.secret == "locked"),
            "W-2"
        );

        let spec = KeySpec {
            passphrase: Some(&word),
            ..KeySpec::rsa(2048, "Rita", "rita@example.com")
        };
        let theirs = pair.go_key("theirs.sec", &spec);
        let ring = pair.engine.read_keys(&std::fs::read(theirs).unwrap());
        let Some(Key::Secret(theirs)) = ring.keys.first() else {
            panic!("no secret key in {ring:?}")
        };
        let fingerprint = theirs.fingerprint();
        let wrong = Secret::from("sesame".to_owned());
        assert!(
            pair.engine
                .unlock(theirs, &fingerprint, Some(&wrong))
                .is_err()
        );
        assert!(
            pair.engine
                .unlock(theirs, &fingerprint, Some(&passphrase))
                .is_ok()
        );
    }
}

#[test]
fn gos_own_walk_through_fails_there_and_works_here() {
    for pair in Pair::all() {
        let key = pair.our_key("Ada", KeyAlgorithm::Ed25519);
        let image = pair.shop.image("image.sif", 1).unwrap();
        sign_with(&*pair.engine, &image, &key, &asking(&[], &[1]), NOW).unwrap();
        sign_with(&*pair.engine, &image, &key, &asking(&[1], &[]), NOW).unwrap();
        assert_eq!(pair.both(&image, VerifyMode::Group(1)), (false, true));
        assert_eq!(pair.both(&image, VerifyMode::Object(1)), (true, true));
    }
}

#[test]
fn the_key_ring_that_we_write_is_one_that_apptainer_reads() {
    for pair in Pair::all() {
        for name in ["Ada", "Bob", "Eve"] {
            pair.our_key(name, KeyAlgorithm::Ed25519);
        }
        let ring = pair.go.check_ring(&pair.ring()).unwrap();
        assert!(ring.readable, "{}", ring.error);
    }
}
