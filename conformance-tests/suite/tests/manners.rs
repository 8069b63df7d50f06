//! What adapters may do and may not, apart from their verdicts: small scripts that answer
//! without looking at the image, each with manners of its own.

#![allow(clippy::unwrap_used)]

use sifseal_conformance::adapter::Adapter;
use sifseal_conformance::keys::Keys;
use sifseal_conformance::result::{Cell, Outcome};
use sifseal_conformance::runner::{Cast, run_cell};
use sifseal_conformance::scenario::Library;
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

/// Signs nothing, and refuses what it is to verify: right for an image that nobody signed.
const REFUSES: &str = r#"[ "$1" = verify ] && exit 3; exit 0"#;

#[test]
fn a_refusal_by_the_exit_status_alone_passes_without_a_reason() {
    let cell = cell(FEATURES, REFUSES, "unsigned-image");
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
