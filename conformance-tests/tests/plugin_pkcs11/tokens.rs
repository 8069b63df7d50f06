//! Tokens and modules that are not there, keys that are not in them, and two of a name.

use crate::office::{Office, refused};
use sifseal_conformance_tests::softhsm::KeyKind;

#[test]
fn a_token_that_was_pulled_out_is_missed_when_it_is_needed_and_not_before() {
    let Some(mut office) = Office::new() else {
        return;
    };
    office.key(KeyKind::P256, "release");
    assert_eq!(office.sign("before.sif", "").status, 0);
    office.token.remove();
    let listed = office.run(&["key", "list", "--secret"], "");
    assert_eq!(listed.status, 0, "{listed:?}");
    let verdict = office.run(&["verify", "--local", "before.sif"], "");
    assert_eq!(verdict.status, 0, "{verdict:?}");
    let output = office.sign("a.sif", "");
    refused(&office, &output, "a.sif", &["token releases is not there"]);
}

#[test]
fn another_token_in_its_place_is_named() {
    let Some(mut office) = Office::new() else {
        return;
    };
    office.key(KeyKind::P256, "release");
    office.token.remove();
    office.token.initialise("guests");
    let output = office.sign("a.sif", "");
    refused(&office, &output, "a.sif", &["is not there", "guests"]);
}

#[test]
fn two_tokens_with_one_label_are_ambiguous() {
    let Some(mut office) = Office::new() else {
        return;
    };
    office.key(KeyKind::P256, "release");
    office.token.initialise("releases");
    let output = office.sign("a.sif", "");
    refused(&office, &output, "a.sif", &["several tokens", "serial"]);
}

#[test]
fn a_key_that_is_not_in_the_token_and_two_with_one_label_are_told() {
    let Some(mut office) = Office::new() else {
        return;
    };
    office.key(KeyKind::P256, "release");
    office.token.make_key(KeyKind::P256, "release", "02");
    let output = office.sign("a.sif", "");
    refused(&office, &output, "a.sif", &["several objects", "`id`"]);

    let lines = office.certificate("match", "absent", &["release-rpgp.asc"]);
    assert_eq!(lines.status, 1, "{lines:?}");
    assert!(lines.stderr.contains("no private key absent"), "{lines:?}");
}

#[test]
fn a_key_can_be_named_by_its_id() {
    let Some(mut office) = Office::new() else {
        return;
    };
    let file = office.key(KeyKind::P256, "release");
    office.token.make_key(KeyKind::P256, "release", "02");
    office.forget_keys();
    let path = file.to_str().unwrap();
    let lines = office.certificate("match", "release", &["--id", "01", path]);
    assert_eq!(lines.status, 0, "{lines:?}");
    office.settle(&lines.stdout);
    let output = office.sign("a.sif", "");
    assert_eq!(output.status, 0, "{output:?}");

    office.forget_keys();
    let other = office.certificate("match", "release", &["--id", "02", path]);
    assert_eq!(other.status, 1, "the other key: {other:?}");
}

#[test]
fn keys_in_a_token_are_not_changed_from_here() {
    let Some(mut office) = Office::new() else {
        return;
    };
    office.key(KeyKind::P256, "release");
    let listed = office.run(&["key", "list", "--secret"], "").stdout;
    let digits = |word: &&str| word.len() == 40 && word.chars().all(|c| c.is_ascii_hexdigit());
    let fingerprint = listed.split_whitespace().find(digits).unwrap();
    let output = office.run(&["key", "remove", "--secret", fingerprint], "y\n");
    assert_eq!(output.status, 1, "{output:?}");
    assert_eq!(office.sign("a.sif", "").status, 0);
}
