//! Real keys and images signed by the Go library, where they are at hand.

use crate::support::{Subject, subjects};
use sifseal_conformance_tests::require_corpus;
use sifseal_core::openpgp::{Key, Maths, TransferableSecretKey, cleartext};
use sifseal_core::sif::{DataType, Image};
use std::path::Path;

fn key(engine: &Subject, corpus: &Path) -> TransferableSecretKey {
    engine.only_secret_key(&std::fs::read(corpus.join("keys/private.asc")).unwrap())
}

#[test]
fn the_key_of_the_go_library_is_read_and_its_statements_hold() {
    let Some(corpus) = require_corpus() else {
        return;
    };
    for engine in subjects() {
        let facts = engine.facts(&engine.certificate(&key(&engine, &corpus)));
        let statements: Vec<_> = facts
            .user_ids
            .iter()
            .flat_map(|user_id| &user_id.signatures)
            .chain(facts.subkeys.iter().flat_map(|subkey| &subkey.signatures))
            .collect();
        assert!(!statements.is_empty());
        let good = statements
            .iter()
            .all(|statement| statement.maths == Maths::Good);
        assert!(good, "{}", engine.name());
    }
}

#[test]
fn every_openpgp_signature_of_the_corpus_is_mathematically_good() {
    let Some(corpus) = require_corpus() else {
        return;
    };
    for engine in subjects() {
        let certificate = engine.certificate(&key(&engine, &corpus));
        let mut seen = 0;
        for entry in std::fs::read_dir(corpus.join("images")).unwrap() {
            let image = Image::open(&entry.unwrap().path()).unwrap();
            let signatures = image
                .objects()
                .filter(|object| object.data_type() == DataType::Signature);
            for object in signatures {
                let bytes = image.read_small(object, 1 << 20).unwrap();
                if !cleartext::looks_like_cleartext(&bytes) {
                    continue;
                }
                let message = cleartext::read(&bytes).unwrap();
                let facts = engine.signature_facts(&message, &[&certificate]).unwrap();
                let place = format!("{} by {}", image.path().display(), engine.name());
                assert_eq!(facts[0].trials.len(), 1, "{place}");
                assert_eq!(facts[0].trials[0].maths, Maths::Good, "{place}");
                seen += 1;
            }
        }
        assert!(seen >= 8, "{seen} signatures");
    }
}

#[test]
fn the_key_of_the_go_library_signs_here() {
    let Some(corpus) = require_corpus() else {
        return;
    };
    for engine in subjects() {
        let key = key(&engine, &corpus);
        let message = engine.message(&key, "text");
        let trial = engine.only_trial(&message, &engine.certificate(&key));
        assert_eq!(trial.1, Maths::Good);
        let twice = [&key, &key].map(|key| Key::Secret(key.clone()));
        let merged = engine.merge(&twice[0], &twice[1]).unwrap();
        assert_eq!(merged, Key::Secret(key));
    }
}
