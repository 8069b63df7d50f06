//! Real signed images, with what the Go library said of each: the same verdict, and
//! the same reason where ours has a word for it. Legacy modes are not asked here.

#![allow(clippy::unwrap_used)]

use serde::Deserialize;
use sifseal_conformance_tests::requirement::require_corpus;
use sifseal_conformance_tests::workshop::{NOW, Workshop, asking, at, verify_with};
use sifseal_core::integrity::{Report, VerifyOptions};
use sifseal_core::traits::{Engine, KeyStore};
use sifseal_engine_rpgp::RpgpEngine;
use sifseal_keystore_file::FileKeyStore;
use std::path::Path;
use std::sync::Arc;

/// One line of the corpus's verdicts.
#[derive(Debug, Deserialize)]
struct Expected {
    image: String,
    key: String,
    flags: String,
    verified: bool,
    error: String,
}

/// A store with the key that signed the corpus.
fn store(corpus: &Path, shop: &Workshop, engine: &Arc<dyn Engine>) -> FileKeyStore {
    let store = FileKeyStore::open(shop.path("keys"), Arc::clone(engine));
    let bytes = std::fs::read(corpus.join("keys/private.asc")).unwrap();
    let ring = engine.read_keys(&bytes);
    assert_eq!((ring.keys.len(), ring.junk.len()), (1, 0));
    store.insert(&at(NOW), &ring.keys[0]).unwrap();
    store
}

fn ask(engine: &dyn Engine, store: &dyn KeyStore, image: &Path, flags: &str) -> Report {
    let number = || flags[3..].parse().unwrap();
    let selector = match &flags[..2] {
        "-g" => asking(&[number()], &[]),
        "-i" => asking(&[], &[number()]),
        _ => asking(&[], &[]),
    };
    verify_with(engine, store, image, &selector, &VerifyOptions::default()).unwrap()
}

/// The reference's reasons, and the name of ours.
fn name_of(error: &str) -> &'static str {
    let error = error.trim_start_matches("integrity: ");
    match error {
        "no groups found"
        | "no objects in image"
        | "group not found"
        | "object not found"
        | "invalid group ID" => "not-there",
        "key material not provided for DSSE envelope signature" => "not-openpgp",
        _ if error.starts_with("signature not found") => "no-signature",
        other => panic!("no name for {other}"),
    }
}

#[test]
fn every_image_of_the_corpus_gets_the_verdict_of_the_go_library() {
    let Some(corpus) = require_corpus() else {
        return;
    };
    let text = std::fs::read_to_string(corpus.join("verdicts.json")).unwrap();
    let expectations: Vec<Expected> = serde_json::from_str(&text).unwrap();
    let engine: Arc<dyn Engine> = Arc::new(RpgpEngine);
    let shop = Workshop::new();
    let store = store(&corpus, &shop, &engine);
    let mut compared = 0;
    for expected in expectations
        .iter()
        .filter(|expected| expected.key == "private.asc" && !expected.flags.starts_with("--legacy"))
    {
        let image = corpus.join("images").join(&expected.image);
        let report = ask(&*engine, &store, &image, &expected.flags);
        let what = format!("{} {}", expected.image, expected.flags);
        assert_eq!(
            report.is_verified(),
            expected.verified,
            "{what}: {report:?}"
        );
        if let Some(refusal) = report.refusal() {
            let legacy =
                expected.image.contains("legacy") && refusal.name() == "only-legacy-signatures";
            assert!(
                legacy || refusal.name() == name_of(&expected.error),
                "{what}: {refusal} instead of {}",
                expected.error
            );
        }
        compared += 1;
    }
    assert_eq!(compared, 21 * 6);
}

#[test]
fn dsse_images_are_refused_with_a_word_that_they_are_not_openpgp() {
    let Some(corpus) = require_corpus() else {
        return;
    };
    let engine: Arc<dyn Engine> = Arc::new(RpgpEngine);
    let shop = Workshop::new();
    let store = store(&corpus, &shop, &engine);
    for image in ["one-group-signed-dsse.sif", "two-groups-signed-dsse.sif"] {
        let image = corpus.join("images").join(image);
        let report = ask(&*engine, &store, &image, "default");
        let refusal = report.refusal().unwrap().to_string();
        assert!(refusal.contains("not OpenPGP"), "{refusal}");
    }
}
