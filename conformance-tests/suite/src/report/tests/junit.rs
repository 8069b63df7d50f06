//! What a CI system finds in JUnit XML.

use super::{cell, place, result};
use crate::report::{Junit, Report as _};
use crate::result::Outcome;

#[test]
fn junit_has_real_failures_and_real_skips() {
    let xml = Junit.render(&result()).unwrap();
    let failure = &xml[place(&xml, "<failure")..];
    place(&failure[..200], "wrongly accepted: verify default");
    place(&xml, "<skipped message=\"unsupported: lacks sign.group\"");
    place(
        &xml,
        "<skipped message=\"known wrong acceptance: verify default: as ever\"",
    );
    assert_eq!(xml.matches("<testcase").count(), 4);
    assert_eq!(xml.matches("<failure").count(), 1);
    place(&xml, "tests=\"4\" skipped=\"2\" failures=\"1\"");
}

/// GitLab and others know a case by its class and its name, in whatever suite it stands.
#[test]
fn junit_has_no_two_cases_of_the_same_class_and_name() {
    let mut result = result();
    let mut pair = cell("first", "one", Outcome::Pass);
    pair.signer = Some("<two>".to_owned());
    result.cells.push(pair);
    let xml = Junit.render(&result).unwrap();
    let mut keys: Vec<_> = xml
        .split("<testcase ")
        .skip(1)
        .map(|case| case.split(" time=").next().unwrap())
        .collect();
    place(&xml, "name=\"first\" classname=\"one.alpha\"");
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), result.cells.len(), "{keys:#?}");
}

#[test]
fn the_text_of_a_failure_begins_with_what_was_expected_and_seen() {
    let mut result = result();
    result.cells[0].outcome = Outcome::StaleDeviation {
        reason: "as ever".to_owned(),
    };
    let xml = Junit.render(&result).unwrap();
    let bodies: Vec<_> = xml
        .split("<failure ")
        .skip(1)
        .map(|failure| failure.split_once('>').unwrap().1)
        .map(|body| body.lines().next().unwrap())
        .collect();
    assert_eq!(
        bodies,
        [
            "on record as a deviation, and none any more: as ever",
            "expected refused: data-changed; seen: accepted",
        ]
    );
}
