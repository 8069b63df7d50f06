//! Scenarios that make no sense are not taken.

#![allow(clippy::unwrap_used)]

use sifseal_conformance::scenario::Library;

/// What is said of a library of one scenario.
fn said(level: &str, more: &str, last: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let group = folder.path().join("group");
    std::fs::create_dir(&group).unwrap();
    let text = format!(
        "id = 'mine'\ntitle = 'T'\nwhy = 'W'\nlevel = '{level}'\n{more}\n[[steps]]\ndo = 'verify'\n{last}\n"
    );
    std::fs::write(group.join("mine.toml"), text).unwrap();
    let library = Library::in_folder(folder.path());
    library.map_or_else(|error| error.to_string(), |_| "good".to_owned())
}

const REFUSES: &str = "expect = 'refuse'\nbecause = ['no-signature']";

#[track_caller]
fn is_told(said: &str, words: &str) {
    assert!(said.contains(words), "{said}");
}

#[test]
fn a_scenario_in_known_words_is_taken() {
    let more = "needs = ['verify.at']\nweaknesses = ['W-29']";
    assert_eq!(said("must", more, REFUSES), "good");
}

#[test]
fn words_that_nobody_knows_are_told() {
    let reason = "expect = 'refuse'\nbecause = ['no-signature', 'bad-signatur']";
    is_told(&said("must", "", reason), "there is no `bad-signatur`");
    is_told(
        &said("must", "needs = ['sing.default']", REFUSES),
        "there is no `sing.default`",
    );
    is_told(
        &said("must", "weaknesses = ['W-30']", REFUSES),
        "there is no `W-30`",
    );
    is_told(&said("must", "", &format!("{REFUSES}\nat_ = 'x'")), "at_");
}

#[test]
fn a_must_has_a_right_answer_and_a_may_has_none() {
    is_told(&said("must", "", "expect = 'either'"), "`may`");
    is_told(&said("may", "", REFUSES), "`may`");
    assert_eq!(said("may", "", "expect = 'either'"), "good");
}
