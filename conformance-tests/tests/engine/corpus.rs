//! Real keys and images signed by the Go library, where they are at hand.

use crate::support::*;
use sifseal_conformance_tests::require_corpus;
use sifseal_core::openpgp::{Key, Maths, TransferableSecretKey, cleartext};

fn key(corpus: &std::path::Path) -> TransferableSecretKey {
    let bytes = std::fs::read(corpus.join("keys/private.asc")).unwrap();
    agreed(|engine| engine.only_secret_key(&bytes))
}

/// The cleartext messages in an image, found by their first and last lines.
fn messages(image: &[u8]) -> Vec<&[u8]> {
    const BEGIN: &[u8] = b"-----BEGIN PGP SIGNED MESSAGE-----";
    const END: &[u8] = b"-----END PGP SIGNATURE-----";
    let find = |from: usize, what: &[u8]| {
        image[from..]
            .windows(what.len())
            .position(|window| window == what)
            .map(|at| from + at)
    };
    let mut messages = Vec::new();
    let mut at = 0;
    while let Some(start) = find(at, BEGIN) {
        at = find(start, END).unwrap() + END.len();
        messages.push(&image[start..at]);
    }
    messages
}

#[test]
fn the_key_of_the_go_library_is_read_and_its_statements_hold() {
    let Some(corpus) = require_corpus() else {
        return;
    };
    let key = key(&corpus);
    let facts = agreed_facts(&certificate(&key));
    let statements: Vec<_> = facts
        .user_ids
        .iter()
        .flat_map(|user_id| &user_id.signatures)
        .chain(facts.subkeys.iter().flat_map(|subkey| &subkey.signatures))
        .collect();
    assert!(!statements.is_empty());
    assert!(
        statements
            .iter()
            .all(|statement| statement.maths == Maths::Good)
    );
}

#[test]
fn every_openpgp_signature_of_the_corpus_is_mathematically_good() {
    let Some(corpus) = require_corpus() else {
        return;
    };
    let certificate = certificate(&key(&corpus));
    let mut seen = 0;
    for entry in std::fs::read_dir(corpus.join("images")).unwrap() {
        let path = entry.unwrap().path();
        for message in messages(&std::fs::read(&path).unwrap()) {
            let message = cleartext::read(message).unwrap();
            let facts = agreed(|engine| engine.signature_facts(&message, &[&certificate]).unwrap());
            assert_eq!(facts[0].trials.len(), 1, "{}", path.display());
            assert_eq!(facts[0].trials[0].maths, Maths::Good, "{}", path.display());
            seen += 1;
        }
    }
    assert!(seen >= 8, "{seen} signatures");
}

#[test]
fn the_key_of_the_go_library_signs_here() {
    let Some(corpus) = require_corpus() else {
        return;
    };
    let key = key(&corpus);
    for (maker, reader) in makers_and_readers() {
        let message = maker.message(&key, "text");
        let trial = reader.only_trial(&message, &certificate(&key));
        assert_eq!(trial.1, Maths::Good);
    }
    let twice = Key::Secret(key);
    assert_eq!(
        agreed(|engine| engine.merge(&twice, &twice).unwrap()),
        twice
    );
}
