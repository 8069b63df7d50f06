//! `sifseal verify --legacy-insecure`, as a person runs it: what it says of images
//! that only old programs could have signed.

#![allow(clippy::unwrap_used)]

use serde_json::Value;
use sifseal_conformance_tests::Program;
use sifseal_conformance_tests::legacy::LegacySigner;
use sifseal_conformance_tests::program::Output;
use sifseal_conformance_tests::workshop::{
    NOW, Workshop, asking, at, certificate, flip, new_key, sign_with,
};
use sifseal_core::openpgp::TransferableSecretKey;
use sifseal_core::sif::{Image, ObjectId};
use sifseal_core::traits::{Engine, KeyAlgorithm, KeyStore};
use sifseal_engine_rpgp::RpgpEngine;
use sifseal_keystore_file::FileKeyStore;
use std::path::PathBuf;
use std::sync::Arc;

/// Someone's home with an image, and Ada, whose certificate they have.
struct Home {
    shop: Workshop,
    program: Program,
    ada: TransferableSecretKey,
    image: PathBuf,
}

impl Home {
    fn new() -> Self {
        let shop = Workshop::new();
        let engine: Arc<dyn Engine> = Arc::new(RpgpEngine);
        let image = shop.image("a.sif", 1).unwrap();
        let ada = new_key(&RpgpEngine, "Ada <ada@example.com>", KeyAlgorithm::Ed25519).unwrap();
        let (_, public) = certificate(&RpgpEngine, &ada).unwrap();
        let keys = shop.path(".apptainer/keys");
        std::fs::create_dir(keys.parent().unwrap()).unwrap();
        let store = FileKeyStore::open(keys, engine);
        store.insert(&at(NOW), &public).unwrap();
        Self {
            program: Program::new(image.parent().unwrap()),
            shop,
            ada,
            image,
        }
    }

    fn signer(&self) -> LegacySigner<'_> {
        LegacySigner::new(&RpgpEngine, &self.ada)
    }

    fn verify(&self, flags: &str) -> Output {
        let line: Vec<_> = "verify"
            .split(' ')
            .chain(flags.split_whitespace())
            .chain(["a.sif"])
            .collect();
        self.program.run(&line, b"")
    }
}

#[test]
fn without_the_flag_the_refusal_names_it_and_what_it_means() {
    let home = Home::new();
    home.signer().object(&home.image, 2).unwrap();
    let refused = home.verify("");
    assert_eq!(refused.status, 3);
    assert!(
        refused
            .stderr
            .contains("signature not found for object group 1")
    );
    let hint = refused
        .stderr
        .lines()
        .find(|line| line.starts_with("hint: "))
        .unwrap();
    for words in [
        "--legacy-insecure",
        "header",
        "descriptors",
        "newly signed image",
    ] {
        assert!(hint.contains(words), "{hint}");
    }
    assert!(refused.stdout.contains("Not counted: signature object 3"));
    assert!(!refused.stdout.contains("Signing entity"));
}

#[test]
fn with_the_flag_the_text_is_apptainers_and_says_what_it_is_worth() {
    let home = Home::new();
    home.signer().object(&home.image, 2).unwrap();
    let verified = home.verify("--legacy-insecure");
    assert_eq!(verified.status, 0, "{verified:?}");
    let fingerprint = home.ada.fingerprint();
    assert_eq!(
        verified.stdout,
        format!(
            "Verifying image: a.sif\n\
             [LOCAL]            Signing entity: Ada <ada@example.com>\n\
             [LOCAL]            Fingerprint: {fingerprint}\n\
             Objects verified (legacy signature, data only):\n\
             ID  |GROUP   |LINK    |TYPE\n\
             ------------------------------------------------\n\
             2   |1       |NONE    |FS\n\
             Container verified by legacy signatures only: a.sif\n"
        )
    );
    let warnings = &verified.stderr;
    assert!(
        warnings.lines().all(|line| line.starts_with("WARNING: ")),
        "{warnings}"
    );
    for words in [
        "legacy signatures protect the data of objects and nothing else",
        "- the image's header: launch script, architecture, UUID and times",
        "- the objects' descriptors: their names, types,",
        "the file system, the purpose and the architecture",
        "- the choice of the hash algorithm",
        "- objects that were not asked about: 1",
    ] {
        assert!(warnings.contains(words), "{words}: {warnings}");
    }
    assert!(!warnings.contains("one run of bytes"));
}

#[test]
fn a_group_is_told_to_be_protected_as_one_run_of_bytes() {
    let home = Home::new();
    home.signer().group(&home.image, 1).unwrap();
    let verified = home.verify("--legacy-insecure -g 1");
    assert_eq!(verified.status, 0, "{verified:?}");
    assert!(verified.stderr.contains("one run of bytes"));
    assert!(
        !verified
            .stderr
            .contains("objects that were not asked about")
    );
    assert!(
        verified
            .stdout
            .contains("legacy signature, data of the group as a whole only")
    );

    let elsewhere = home.verify("--legacy-insecure");
    assert_eq!(elsewhere.status, 3);
    assert!(
        elsewhere.stderr.contains("hint: verify with `-g 1`"),
        "{elsewhere:?}"
    );
}

#[test]
fn all_asks_for_every_object() {
    let home = Home::new();
    home.signer().object(&home.image, 2).unwrap();
    for flag in ["-a", "--all"] {
        let refused = home.verify(&format!("--legacy-insecure {flag}"));
        assert_eq!(refused.status, 3);
        assert!(refused.stderr.contains("signature not found for object 1"));
        // The other object's answer is told all the same.
        assert!(refused.stdout.contains("2   |1       |NONE    |FS"));
        let error = "Error encountered during signature verification: signature not found";
        assert!(refused.stdout.contains(error), "{refused:?}");
    }
    home.signer().object(&home.image, 1).unwrap();
    assert_eq!(home.verify("--legacy-insecure -a").status, 0);
}

#[test]
fn our_json_has_the_warnings_as_a_field() {
    let home = Home::new();
    home.signer().object(&home.image, 2).unwrap();
    let json = |flags: &str| -> Value {
        let output = home.verify(&format!("--format json {flags}"));
        serde_json::from_str::<Value>(&output.stdout).unwrap()["images"][0].take()
    };
    let report = json("--legacy-insecure");
    assert_eq!(report["verified"], true);
    assert_eq!(report["signatureKind"], "legacy");
    assert_eq!(report["questions"][0]["counted"], serde_json::json!([3]));
    assert_eq!(report["signatures"][0]["format"], "openpgp-legacy");
    assert_eq!(
        report["signatures"][0]["objects"][0]["state"],
        "data-intact"
    );
    let open = report["unprotected"].as_array().unwrap();
    let names: Vec<_> = open.iter().map(|it| it["name"].as_str().unwrap()).collect();
    let expected = [
        "header",
        "descriptors",
        "place",
        "hash-algorithm",
        "other-objects",
    ];
    assert_eq!(names, expected);
    assert!(
        open.iter()
            .all(|it| !it["text"].as_str().unwrap().is_empty())
    );

    let modern = json("");
    assert_eq!(modern["signatureKind"], "modern");
    assert_eq!(modern["reason"]["name"], "only-legacy-signatures");
    assert_eq!(modern.get("unprotected"), None);
    assert_eq!(modern["questions"][0]["counted"], serde_json::json!([]));
}

#[test]
fn apptainers_json_is_apptainers_and_the_warnings_stand_beside_it() {
    let home = Home::new();
    home.signer().object(&home.image, 2).unwrap();
    let output = home.verify("--legacy-insecure --json");
    assert_eq!(output.status, 0);
    let fingerprint = home.ada.fingerprint().to_string().to_lowercase();
    let expected = serde_json::json!({
        "Signatures": 1,
        "SignerKeys": [{"Signer": {
            "Partition": "FS",
            "Name": "Ada <ada@example.com>",
            "Fingerprint": fingerprint,
            "KeyLocal": true,
            "KeyCheck": true,
            "DataCheck": true,
        }}],
    });
    let json: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(json, expected);
    assert!(output.stderr.contains("WARNING: - the image's header"));

    let partition = Image::open(&home.image).unwrap();
    let partition = partition.object(ObjectId::new(2).unwrap()).unwrap();
    flip(&home.image, partition.offset());
    let output = home.verify("--legacy-insecure --json");
    assert_eq!(output.status, 3);
    let json: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(json["SignerKeys"][0]["Signer"]["DataCheck"], false);
    assert!(
        !output.stderr.contains("WARNING"),
        "nothing is verified: {output:?}"
    );
}

#[test]
fn modern_signatures_are_passed_over_in_words() {
    let home = Home::new();
    let everything = asking(&[], &[]);
    sign_with(&RpgpEngine, &home.image, &home.ada, &everything, NOW).unwrap();
    assert_eq!(home.verify("").status, 0);
    let refused = home.verify("--legacy-insecure");
    assert_eq!(refused.status, 3);
    assert!(
        refused
            .stderr
            .contains("verify without `--legacy-insecure`")
    );

    home.signer().object(&home.image, 2).unwrap();
    let verified = home.verify("--legacy-insecure");
    assert_eq!(verified.status, 0);
    let words = "Not counted: signature object 3 not valid: not a legacy signature";
    assert!(verified.stdout.contains(words), "{verified:?}");
}

#[test]
fn whose_signatures_count_can_be_said_of_legacy_ones_too() {
    let home = Home::new();
    home.signer().object(&home.image, 2).unwrap();
    let by = |who: String| {
        home.verify(&format!("--legacy-insecure --signed-by {who}"))
            .status
    };
    assert_eq!(by(home.ada.fingerprint().to_string()), 0);
    assert_eq!(by("12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84".to_owned()), 3);
    assert_eq!(home.verify("--legacy-insecure --require 2").status, 3);
    assert!(home.shop.path(".apptainer/keys/pgp-public").exists());
}
