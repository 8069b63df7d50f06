//! The adapters for Apptainer and SingularityCE, asked as the suite asks them, with a stand-in
//! for the program: it notes how it is called, and answers what Apptainer 1.5.3 was seen to
//! answer. That the real program answers so still, only a run against it can show.

// A test breaks where its machinery breaks.
#![allow(clippy::unwrap_used)]

mod stage;

use serde_json::{Value, json};
use sifseal_conformance::adapter::Description;
use sifseal_conformance::scenario::Library;
use sifseal_conformance_tests::adapters::adapters_folder;
use stage::Stage;

const ALICE: &str = "E63A9DE3D5F1C7B6DD81A6BD78E305163F1C30B6";
const BOB: &str = "2B3F72BB696050F213BAB1EE52F65B4DF735411E";
const CAROL: &str = "12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84";

fn fatal(doing: &str, cause: &str) -> String {
    format!("INFO:    Work with PGP key material\nFATAL:   Failed to {doing} container: {cause}\n")
}

/// What `verify --json` prints for objects with these signers, `true` where the data is as signed.
fn printed(objects: &[(&str, bool)]) -> String {
    let signer = |(fingerprint, data_is_good): &(&str, bool)| {
        json!({"Signer": {
            "Partition": "FS", "Name": "Somebody", "Fingerprint": fingerprint.to_lowercase(),
            "KeyLocal": true, "KeyCheck": true, "DataCheck": data_is_good,
        }})
    };
    let signers = objects.iter().map(signer).collect::<Vec<_>>();
    json!({"Signatures": 1, "SignerKeys": signers}).to_string()
}

#[test]
fn it_says_who_it_is_and_what_it_can() {
    let Some(stage) = Stage::with("apptainer") else {
        return;
    };
    stage.answers("version", 0, "1.5.3+312-g917d66577\n", "");
    let ended = stage.ask("info");
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    let info: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(info["name"], "apptainer");
    assert_eq!(info["version"], "1.5.3+312-g917d66577");
    let features = info["features"].as_array().unwrap();
    assert!(features.contains(&json!("verify.legacy-object")));
    // It has one number for an option, and no word for the hash.
    for beyond in ["sign.objects", "verify.objects", "sign.hash", "fetch"] {
        assert!(!features.contains(&json!(beyond)), "{beyond}");
    }
}

#[test]
fn a_program_that_is_not_installed_is_said_to_be_missing() {
    let Some(stage) = Stage::with("apptainer") else {
        return;
    };
    for call in ["info", "import-key a.asc -", "verify i.sif default r.json"] {
        let ended = stage.ask_for(Some("not-on-this-machine"), call);
        assert_eq!(ended.status, Some(69), "{call}");
        assert_eq!(ended.stderr, "not-on-this-machine is not installed\n");
    }
}

#[test]
fn apptainer_is_not_taken_for_singularity_by_its_other_name() {
    let Some(stage) = Stage::with("singularity") else {
        return;
    };
    stage.answers("version", 0, "4.1.0\n", "");
    stage.answers("--version", 0, "singularity-ce version 4.1.0\n", "");
    let ended = stage.ask("info");
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    let info: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(info["name"], "singularity");

    stage.answers("--version", 0, "apptainer version 1.5.3\n", "");
    let ended = stage.ask("info");
    assert_eq!(ended.status, Some(69));
    assert!(ended.stderr.contains("Apptainer"), "{}", ended.stderr);
}

#[test]
fn a_key_is_imported_and_a_passphrase_is_handed_over_where_it_has_one() {
    let Some(stage) = Stage::with("apptainer") else {
        return;
    };
    stage.file("a.asc", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n");
    stage.file("a.pass", "correct horse\nsecond line\n");
    stage.answers("key-import", 0, "Key successfully added\n", "");
    assert_eq!(stage.ask("import-key a.asc a.pass").status, Some(0));
    assert_eq!(stage.typed("key-import"), "correct horse\n");
    assert_eq!(stage.ask("import-key a.asc -").status, Some(0));
    assert_eq!(stage.typed("key-import"), "");
    assert_eq!(stage.calls(), ["key import a.asc", "key import a.asc"]);
}

#[test]
fn a_key_that_is_not_taken_is_told_from_one_that_is_none_and_from_a_crash() {
    let Some(stage) = Stage::with("apptainer") else {
        return;
    };
    stage.file("cert.asc", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n");
    stage.file("secret.asc", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n");
    let failed = |cause: &str| format!("ERROR:   key import command failed: {cause}\n");
    let known = failed(&format!(
        "the key with fingerprint {ALICE} already belongs to the keyring"
    ));
    let none = failed(
        "unable to get entity from: cert.asc: openpgp: invalid argument: no armored data found",
    );
    let wrong = failed("openpgp: invalid data: private key checksum failure");
    for (file, said, status) in [
        ("cert.asc", known.as_str(), 3),
        ("secret.asc", &known, 0),
        ("cert.asc", &none, 41),
        ("secret.asc", &wrong, 3),
        ("secret.asc", "panic: runtime error\n", 1),
    ] {
        stage.answers("key-import", 2, "", said);
        let ended = stage.ask(&format!("import-key {file} -"));
        assert_eq!(ended.status, Some(status), "{file}: {said}");
        assert_eq!(ended.stderr, said);
    }
}

#[test]
fn a_signer_is_chosen_by_its_place_in_the_list() {
    let Some(stage) = Stage::with("apptainer") else {
        return;
    };
    stage.file("a.pass", "correct horse\n");
    stage.answers("sign", 0, "Enter key passphrase : ", "");
    for (words, called) in [
        (format!("{ALICE} default -"), "sign --keyidx 0 i.sif"),
        (format!("{BOB} default a.pass"), "sign --keyidx 1 i.sif"),
        (
            format!("{ALICE} group:2 -"),
            "sign --keyidx 0 --group-id 2 i.sif",
        ),
        (
            format!("{BOB} object:3 -"),
            "sign --keyidx 1 --sif-id 3 i.sif",
        ),
    ] {
        let ended = stage.ask(&format!("sign i.sif {words}"));
        assert_eq!(ended.status, Some(0), "{}", ended.stderr);
        assert_eq!(stage.calls(), ["key list --secret", called]);
        let typed = match words.ends_with("a.pass") {
            true => "correct horse\n",
            false => "",
        };
        assert_eq!(stage.typed("sign"), typed, "{words}");
    }
    // Carol is only spoken of, in a user ID.
    let ended = stage.ask(&format!("sign i.sif {CAROL} default -"));
    assert_eq!(ended.status, Some(3));
    assert_eq!(stage.calls(), ["key list --secret"]);
}

#[test]
fn singularity_lists_keys_in_its_own_layout() {
    let Some(stage) = Stage::with("singularity") else {
        return;
    };
    let key = |place, fingerprint| {
        format!(
            "{place}) U: Somebody () <some@example.com>\n   C: 2026-11-23 22:12:05 +0000 UTC\n   \
             F: {fingerprint}\n   L: 2048\n   --------\n"
        )
    };
    let list = format!("{}{}", key(0, ALICE), key(1, BOB));
    stage.answers("key-list", 0, &list, "");
    stage.answers("sign", 0, "", "");
    let ended = stage.ask(&format!("sign i.sif {BOB} default -"));
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    assert_eq!(stage.calls()[1..], ["sign --keyidx 1 i.sif"]);
}

#[test]
fn a_signature_that_is_refused_is_told_from_a_crash() {
    let Some(stage) = Stage::with("apptainer") else {
        return;
    };
    for (status, said, expected) in [
        (255, fatal("sign", "integrity: group not found"), 3),
        (255, fatal("sign", "invalid SIF magic"), 41),
        // W-1: a secret key that has become a public one.
        (2, "panic: nil pointer dereference\n".to_owned(), 1),
        (
            1,
            "Error for command \"sign\": unknown flag\n".to_owned(),
            1,
        ),
        (255, String::new(), 1),
    ] {
        stage.answers("sign", status, "", &said);
        let ended = stage.ask(&format!("sign i.sif {ALICE} default -"));
        assert_eq!(ended.status, Some(expected), "{said}");
        assert_eq!(ended.stderr, said);
    }
}

#[test]
fn every_selection_has_its_flags() {
    let Some(stage) = Stage::with("apptainer") else {
        return;
    };
    stage.answers("verify", 0, &printed(&[(ALICE, true)]), "");
    for (selection, flags) in [
        ("default", ""),
        ("group:2", "--group-id 2 "),
        ("object:3", "--sif-id 3 "),
        ("legacy", "--legacy-insecure "),
        ("legacy-all", "--legacy-insecure --all "),
        ("legacy-group:1", "--group-id 1 --legacy-insecure "),
        ("legacy-object:2", "--sif-id 2 --legacy-insecure "),
    ] {
        stage.verify(&format!("verify i.sif {selection} report.json"), 0);
        let called = format!("verify --local --json {flags}i.sif");
        assert_eq!(stage.calls(), [called]);
    }
}

#[test]
fn what_it_cannot_is_said_before_anything_is_done() {
    let Some(stage) = Stage::with("apptainer") else {
        return;
    };
    for (words, status) in [
        ("sign i.sif F default - --hash sha512", 37),
        ("sign i.sif F object:1,2 -", 37),
        ("sign i.sif F legacy -", 37),
        ("verify i.sif object:1,2 report.json", 37),
        ("verify i.sif default report.json --judge now", 37),
        ("verify i.sif something report.json", 37),
        ("fetch-key http://127.0.0.1:1 F", 69),
        ("dance", 69),
    ] {
        let ended = stage.ask(words);
        assert_eq!(ended.status, Some(status), "{words}");
        assert!(!ended.stderr.is_empty(), "{words}: not a word");
        assert_eq!(stage.calls(), [""; 0], "{words}");
    }
}

#[test]
fn whoever_signed_all_of_it_is_told_once() {
    let Some(stage) = Stage::with("apptainer") else {
        return;
    };
    // An element for each object of each signature; none has a name by `--key`.
    let objects = [
        (ALICE, true),
        (ALICE, true),
        (BOB, true),
        ("", true),
        (CAROL, false),
    ];
    stage.answers("verify", 0, &printed(&objects), "INFO:    Verifying\n");
    let report = stage.verify("verify i.sif default report.json", 0);
    assert_eq!(
        report,
        json!({"accepted": true, "reasons": [], "signers": [BOB, ALICE]})
    );
}

#[test]
fn the_reason_of_a_refusal_is_told_by_the_suites_name() {
    let Some(stage) = Stage::with("apptainer") else {
        return;
    };
    for (cause, reasons) in [
        (
            "signature not found for object group 1",
            &["no-signature"][..],
        ),
        ("signature not found for object 2", &["no-signature"]),
        ("object 2: object not signed", &["object-not-signed"]),
        (
            "object 2: signed object not found",
            &["signed-object-missing"],
        ),
        ("header integrity compromised", &["header-changed"]),
        (
            "data object descriptor integrity compromised: 1",
            &["descriptor-changed"],
        ),
        (
            "data object integrity compromised: 1",
            &["data-changed", "group-data-changed"],
        ),
        (
            "signature object 3 not valid: openpgp: key expired",
            &["key-expired"],
        ),
        (
            "signature object 3 not valid: openpgp: signature made by revoked key",
            &["key-revoked"],
        ),
        // Said of too many things to mean one.
        (
            "signature object 3 not valid: openpgp: signature made by unknown entity",
            &[],
        ),
        ("group not found", &[]),
    ] {
        let said = fatal("verify", &format!("integrity: {cause}"));
        stage.answers(
            "verify",
            255,
            &printed(&[(ALICE, true), (ALICE, false)]),
            &said,
        );
        let report = stage.verify("verify i.sif default report.json", 3);
        let expected = json!({"accepted": false, "reasons": reasons, "signers": []});
        assert_eq!(report, expected, "{cause}");
    }
}

#[test]
fn an_image_that_cannot_be_read_and_a_crash_are_no_refusals() {
    let Some(stage) = Stage::with("apptainer") else {
        return;
    };
    let nothing = "{\n  \"Signatures\": 0,\n  \"SignerKeys\": null\n}\n";
    for (status, stdout, said, expected) in [
        (255, nothing, fatal("verify", "invalid SIF magic"), 41),
        (255, "", fatal("verify", "reading descriptors: EOF"), 41),
        (255, "", fatal("verify", "reading global header: EOF"), 41),
        (255, "", fatal("verify", "incompatible SIF version"), 41),
        (
            255,
            nothing,
            fatal("verify", "integrity: no groups found"),
            3,
        ),
        (2, "", "fatal error: out of memory\n".to_owned(), 1),
        (2, "{\"Sig", "panic: makeslice\n".to_owned(), 1),
    ] {
        stage.answers("verify", status, stdout, &said);
        let ended = stage.ask("verify i.sif default report.json");
        assert_eq!(ended.status, Some(expected), "{said}");
    }
}

#[test]
fn both_descriptions_speak_of_scenarios_that_there_are() {
    let scenarios = adapters_folder().join("../suite/scenarios");
    let library = Library::in_folder(&scenarios).unwrap();
    for name in ["apptainer", "singularity"] {
        let description = Description::read(&adapters_folder().join(name)).unwrap();
        assert_eq!(description.name, name);
        for id in description.deviation.iter().flat_map(|own| &own.scenarios) {
            let is_there = library.scenarios.iter().any(|own| own.id == *id);
            assert!(is_there, "{name}: {id}");
        }
    }
}
