//! What adapters may do and may not, apart from their verdicts: small scripts that answer
//! without looking at the image, each with manners of its own.

#![allow(clippy::unwrap_used)]

use sifseal_conformance::adapter::Adapter;
use sifseal_conformance::keys::Keys;
use sifseal_conformance::result::{Cell, Outcome};
use sifseal_conformance::runner::{Cast, run_cell};
use sifseal_conformance::scenario::{Library, REASONS};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

/// An adapter whose `info` claims some features; every other call is the script, which finds
/// the call's words in `$1`, `$2`, ...
fn adapter(folder: &Path, features: &str, script: &str) -> Adapter {
    let info = format!(r#"{{"name": "scripted", "version": "1", "features": [{features}]}}"#);
    let text = format!("#!/bin/sh\n[ \"$1\" = info ] && echo '{info}' && exit 0\n{script}\n");
    let run = folder.join("run");
    std::fs::write(&run, text).unwrap();
    std::fs::set_permissions(&run, std::fs::Permissions::from_mode(0o755)).unwrap();
    let description = "protocol = 1\nname = 'scripted'\nrun = './run'\n";
    std::fs::write(folder.join("adapter.toml"), description).unwrap();
    Adapter::open(folder, &folder.join("out"), Duration::from_secs(30)).unwrap()
}

/// All that the scenarios here need.
const FEATURES: &str = r#""key.ed25519", "sign.default", "sign.group", "verify.default""#;

/// What comes of a scenario.
fn cell(features: &str, script: &str, scenario: &str) -> Cell {
    let folder = tempfile::tempdir().unwrap();
    let library = Library::built_in().unwrap();
    let scenario = library.scenarios.iter().find(|own| own.id == scenario);
    let adapter = adapter(folder.path(), features, script);
    let place = folder.path().join("place");
    std::fs::create_dir(&place).unwrap();
    let cast = Cast {
        verifier: &adapter,
        signer: None,
    };
    run_cell(scenario.unwrap(), cast, &Keys::default(), &place)
}

/// The scenario is an error of the adapter, told in these words.
#[track_caller]
fn is_an_error(script: &str, scenario: &str, words: &str) {
    let cell = cell(FEATURES, script, scenario);
    assert!(matches!(cell.outcome, Outcome::Error { .. }), "{cell:#?}");
    let told = format!("{:?} {:?}", cell.outcome, cell.steps);
    assert!(told.contains(words), "{words:?} is not in {cell:#?}");
    assert!(!told.contains("the suite itself failed"), "{cell:#?}");
}

/// Signs nothing, and refuses what it is to verify: right for an image that nobody signed.
const REFUSES: &str = r#"[ "$1" = verify ] && exit 3; exit 0"#;

#[test]
fn a_refusal_by_the_exit_status_alone_passes_without_a_reason() {
    let cell = cell(FEATURES, REFUSES, "verify-empty-image");
    assert_eq!(cell.outcome, Outcome::PassWithoutReason, "{cell:#?}");
}

#[test]
fn no_name_of_a_file_tells_what_is_in_it() {
    let library = Library::built_in().unwrap();
    for scenario in ["compromised-after-signing", "wrong-passphrase"] {
        let cell = cell(
            r#""key.ed25519", "sign.default", "sign.locked", "verify.default""#,
            REFUSES,
            scenario,
        );
        let calls = cell.steps.iter().filter_map(|step| step.call.as_ref());
        let words: Vec<_> = calls.flatten().collect();
        assert!(!words.is_empty());
        let telling = ["compromised", "locked", "wrong", "passphrase", scenario];
        for word in words {
            let found = telling.iter().find(|told| word.contains(**told));
            assert_eq!(found, None, "{word}");
            let names_one = library.scenarios.iter().any(|own| own.id == *word);
            assert!(!names_one, "{word}");
        }
    }
}

#[test]
fn an_import_that_changes_the_image_is_an_error() {
    let script = r#"[ "$1" = import-key ] && printf x >>"$(dirname "$2")/image.sif"; exit 0"#;
    let words = "the image was changed while nobody was to change it";
    is_an_error(script, "unsigned-image", words);
}

#[test]
fn a_pipe_in_the_place_of_the_report_keeps_nobody_waiting() {
    let script = r#"[ "$1" = verify ] && mkfifo "$4" && exit 3; exit 0"#;
    is_an_error(script, "unsigned-image", "no plain file");
}

#[test]
fn a_pipe_in_the_place_of_the_image_keeps_nobody_waiting() {
    let script = r#"[ "$1" = verify ] && rm "$2" && mkfifo "$2" && exit 3; exit 0"#;
    is_an_error(script, "unsigned-image", "no plain file");
}

#[test]
fn an_image_that_is_taken_away_is_an_error_of_who_took_it() {
    let script = r#"[ "$1" = verify ] && rm "$2" && exit 3; exit 0"#;
    is_an_error(script, "unsigned-image", "No such file");
}

#[test]
fn a_process_that_lives_on_and_holds_the_output_is_an_error() {
    // Out of the group of processes that ends with the call, with the output in its hands.
    let script = r#"
        [ "$1" = verify ] || exit 0
        setsid sh -c ': >out; exec sleep 10' &
        until [ -e out ]; do :; done; exit 3"#;
    is_an_error(script, "unsigned-image", "lives on");
}

#[test]
fn who_claims_a_kind_of_key_takes_it_in() {
    let script = r#"[ "$1" = import-key ] && exit 37; exit 3"#;
    is_an_error(script, "unsigned-image", "says that it can");
    let script = r#"[ "$1" = import-key ] && exit 1; exit 3"#;
    is_an_error(script, "unsigned-image", "exit status: 1");
}

#[test]
fn a_secret_key_that_is_not_taken_is_no_refusal_to_sign() {
    let script = r#"
        [ "$1" = import-key ] && grep -q PRIVATE "$2" && exit 3
        [ "$1" = verify ] && exit 3; exit 0"#;
    let cell = cell(FEATURES, script, "sign-absent-group");
    assert!(matches!(cell.outcome, Outcome::Failed { .. }), "{cell:#?}");
}

/// It cannot know what is wrong with a key that it has not got.
#[test]
fn who_does_not_take_a_certificate_need_not_tell_what_is_wrong_with_it() {
    let script = r#"
        [ "$1" = import-key ] && exit 3
        [ "$1" = verify ] && echo '{"accepted": false}' >"$4" && exit 3; exit 0"#;
    let features = format!("{FEATURES}, \"report.reasons\"");
    let cell = cell(&features, script, "only-dsse");
    assert_eq!(cell.outcome, Outcome::Pass, "{cell:#?}");
}

#[test]
fn who_tells_every_reason_tells_none() {
    let refusing = |reasons: &[&str]| {
        let report = serde_json::json!({"accepted": false, "reasons": reasons});
        let script = format!(r#"[ "$1" = verify ] && echo '{report}' >"$4" && exit 3; exit 0"#);
        cell(FEATURES, &script, "verify-empty-image").outcome
    };
    assert_eq!(refusing(&["no-signature"]), Outcome::Pass);
    assert!(matches!(refusing(REASONS), Outcome::Failed { .. }));
}
