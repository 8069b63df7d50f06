//! Real signed images, with what the Go library said of each: the same verdict, and
//! the same reason where ours has a word for it. Runs for every engine.

#![allow(clippy::unwrap_used)]

use serde::Deserialize;
use sifseal_conformance_tests::engines;
use sifseal_conformance_tests::legacy::verify_legacy_with;
use sifseal_conformance_tests::requirement::require_corpus;
use sifseal_conformance_tests::workshop::{NOW, Workshop, asking, at, verify_with};
use sifseal_core::integrity::{GroupsAndObjects, LegacyChoice, Report, VerifyOptions};
use sifseal_core::traits::{Engine, KeyStore};
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

const LEGACY: &str = "--legacy-insecure";

/// Asks as the flags say, in the corpus's way of writing them: `default`, `-g 1`,
/// `-i 2`, and those behind `--legacy-insecure`, which also has `-a`.
fn ask(engine: &dyn Engine, store: &dyn KeyStore, image: &Path, flags: &str) -> Report {
    let options = VerifyOptions::default();
    let words: Vec<_> = flags.split(' ').filter(|word| *word != LEGACY).collect();
    let named: GroupsAndObjects = match words[..] {
        ["-g", number] => asking(&[number.parse().unwrap()], &[]),
        ["-i", number] => asking(&[], &[number.parse().unwrap()]),
        [] | ["default" | "-a"] => asking(&[], &[]),
        _ => panic!("unknown flags {flags}"),
    };
    if flags.starts_with(LEGACY) {
        let all = words == ["-a"];
        let choice = LegacyChoice { named, all };
        verify_legacy_with(engine, store, image, &choice, &options).unwrap()
    } else {
        verify_with(engine, store, image, &named, &options).unwrap()
    }
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

/// Our names for "no signature" when there is one of the other kind; they tell more.
const OF_THE_OTHER_KIND: [&str; 2] = ["only-legacy-signatures", "only-modern-signatures"];

#[test]
fn every_image_of_the_corpus_gets_the_verdict_of_the_go_library() {
    let Some(corpus) = require_corpus() else {
        return;
    };
    let text = std::fs::read_to_string(corpus.join("verdicts.json")).unwrap();
    let mut expectations: Vec<Expected> = serde_json::from_str(&text).unwrap();
    expectations.retain(|expected| expected.key == "private.asc");
    for engine in engines() {
        let shop = Workshop::new();
        let store = store(&corpus, &shop, &engine);
        for expected in &expectations {
            let image = corpus.join("images").join(&expected.image);
            let report = ask(&*engine, &store, &image, &expected.flags);
            compare(expected, &report);
        }
    }
    let legacy = expectations
        .iter()
        .filter(|expected| expected.flags.starts_with(LEGACY));
    assert_eq!(legacy.count(), 21 * 5);
    assert_eq!(expectations.len(), 21 * 11);
}

fn compare(expected: &Expected, report: &Report) {
    let what = format!("{} {}", expected.image, expected.flags);
    assert_eq!(
        report.is_verified(),
        expected.verified,
        "{what}: {report:?}"
    );
    let Some(refusal) = report.refusal() else {
        return;
    };
    let name = name_of(&expected.error);
    assert!(
        refusal.name() == name
            || name == "no-signature" && OF_THE_OTHER_KIND.contains(&refusal.name()),
        "{what}: {refusal} instead of {}",
        expected.error
    );
}

#[test]
fn without_more_words_a_legacy_verification_is_one_of_the_primary_partition() {
    let Some(corpus) = require_corpus() else {
        return;
    };
    for engine in engines() {
        let shop = Workshop::new();
        let store = store(&corpus, &shop, &engine);
        // The corpus's README: object 2 is the primary partition of each of these.
        for (image, verified) in [
            ("one-group-signed-legacy.sif", true),
            ("one-group-signed-legacy-all.sif", true),
            ("one-group-signed-legacy-group.sif", false),
            ("two-groups-signed-legacy.sif", true),
            ("two-groups-signed-legacy-all.sif", true),
            ("two-groups-signed-legacy-group.sif", false),
            ("one-group-signed-pgp.sif", false),
            ("one-group-signed-dsse.sif", false),
            ("one-object-sbom.sif", false),
            ("empty.sif", false),
        ] {
            let path = corpus.join("images").join(image);
            let report = ask(&*engine, &store, &path, LEGACY);
            assert_eq!(report.is_verified(), verified, "{image}: {report:?}");
        }
    }
}

#[test]
fn dsse_images_are_refused_with_a_word_that_they_are_not_openpgp() {
    let Some(corpus) = require_corpus() else {
        return;
    };
    for engine in engines() {
        let shop = Workshop::new();
        let store = store(&corpus, &shop, &engine);
        for image in ["one-group-signed-dsse.sif", "two-groups-signed-dsse.sif"] {
            let image = corpus.join("images").join(image);
            let report = ask(&*engine, &store, &image, "default");
            let refusal = report.refusal().unwrap().to_string();
            assert!(refusal.contains("not OpenPGP"), "{refusal}");
        }
    }
}
