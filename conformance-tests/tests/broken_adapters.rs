//! The suite must be able to fail: each of the adapters in `adapters/broken` is wrong in
//! one thing, and some scenario finds it. The adapter that they are made from passes.

// A test breaks where its machinery breaks.
#![allow(clippy::unwrap_used)]

use sifseal_conformance::adapter::Adapter;
use sifseal_conformance::keys::Keys;
use sifseal_conformance::result::{Cell, Outcome};
use sifseal_conformance::runner::{Cast, run_cell};
use sifseal_conformance::scenario::Library;
use sifseal_conformance_tests::adapters::{adapters_folder, wrapped};
use sifseal_conformance_tests::require_jq;
use std::path::Path;
use std::time::Duration;

/// What a broken adapter is found out by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FoundBy {
    /// It accepts what must be refused.
    WrongAcceptance,
    /// Otherwise it does not do what is expected.
    Failure,
    /// It gives no answer that means anything.
    Error,
}

/// Each broken adapter, the group of scenarios that is to find it, and how.
const BROKEN: &[(&str, &str, FoundBy)] = &[
    (
        "accepts-changed-data",
        "tampering",
        FoundBy::WrongAcceptance,
    ),
    (
        "accepts-changed-descriptor",
        "tampering",
        FoundBy::WrongAcceptance,
    ),
    (
        "accepts-changed-header",
        "tampering",
        FoundBy::WrongAcceptance,
    ),
    (
        "only-verifies-and-accepts-changed-header",
        "tampering",
        FoundBy::WrongAcceptance,
    ),
    (
        "accepts-bad-signatures",
        "tampering",
        FoundBy::WrongAcceptance,
    ),
    (
        "ignores-what-keys-are-for",
        "certificates",
        FoundBy::WrongAcceptance,
    ),
    (
        "lets-anybody-adopt-subkeys",
        "certificates",
        FoundBy::WrongAcceptance,
    ),
    ("believes-any-date", "key-states", FoundBy::WrongAcceptance),
    ("ignores-demands", "messages", FoundBy::WrongAcceptance),
    ("passes-over-dsse", "dsse", FoundBy::WrongAcceptance),
    ("tells-every-reason", "signing", FoundBy::Failure),
    ("forgets-an-object", "partial", FoundBy::WrongAcceptance),
    (
        "forgets-what-was-removed",
        "partial",
        FoundBy::WrongAcceptance,
    ),
    (
        "ignores-objects-without-group",
        "partial",
        FoundBy::WrongAcceptance,
    ),
    (
        "ignores-the-descriptors-signer",
        "tampering",
        FoundBy::WrongAcceptance,
    ),
    ("trusts-anybody", "key-states", FoundBy::WrongAcceptance),
    (
        "any-signer-will-do",
        "several-signers",
        FoundBy::WrongAcceptance,
    ),
    (
        "stops-at-the-first-signature",
        "several-signers",
        FoundBy::WrongAcceptance,
    ),
    ("accepts-sha1", "messages", FoundBy::WrongAcceptance),
    (
        "accepts-weak-keys",
        "certificates",
        FoundBy::WrongAcceptance,
    ),
    ("ignores-expiry", "key-states", FoundBy::WrongAcceptance),
    ("ignores-revocation", "key-states", FoundBy::WrongAcceptance),
    ("reads-loosely", "malformed", FoundBy::WrongAcceptance),
    ("trusts-legacy-unasked", "legacy", FoundBy::WrongAcceptance),
    ("says-yes", "signing", FoundBy::WrongAcceptance),
    ("says-no", "signing", FoundBy::Failure),
    ("contradicts-itself", "signing", FoundBy::Error),
    ("hangs", "signing", FoundBy::Error),
    ("crashes", "signing", FoundBy::Error),
    ("prints-garbage", "signing", FoundBy::Error),
    ("floods", "signing", FoundBy::Error),
    ("changes-the-image", "signing", FoundBy::Error),
    ("signs-nothing", "signing", FoundBy::Error),
    ("signs-the-first-object-only", "signing", FoundBy::Failure),
    (
        "drops-the-other-signature",
        "several-signers",
        FoundBy::Failure,
    ),
    ("changes-what-it-does-not-sign", "signing", FoundBy::Error),
    ("claims-too-much", "key-states", FoundBy::Error),
    ("takes-what-it-gets", "keyserver", FoundBy::WrongAcceptance),
];

/// The adapter that the broken ones are made from, or with a name one of those.
fn opened(folder: &Path, broken: Option<&str>, patience: Duration) -> Adapter {
    match broken {
        None => wrapped(folder, "sifseal/run", "sifseal", &[], patience),
        Some(name) => wrapped(
            folder,
            "broken/run",
            "broken",
            &[("BROKEN", name)],
            patience,
        ),
    }
}

/// The first cell that is not as expected, in the scenarios of a group.
fn first_finding(adapter: &Adapter, group: &str) -> Option<Cell> {
    let scenarios = adapters_folder().join("../suite/scenarios");
    let library = Library::in_folder(&scenarios).unwrap();
    let keys = Keys::default();
    let cast = Cast {
        verifier: adapter,
        signer: None,
    };
    let mut scenarios = library.scenarios.iter().filter(|own| own.group == group);
    scenarios.find_map(|scenario| {
        let folder = tempfile::tempdir().unwrap();
        let cell = run_cell(scenario, cast, &keys, folder.path());
        cell.outcome.is_failure().then_some(cell)
    })
}

fn is_found(name: &str, group: &str, by: FoundBy) {
    let folder = tempfile::tempdir().unwrap();
    // What hangs must not keep everybody waiting; nothing else needs so long.
    let patience = Duration::from_secs(if name == "hangs" { 10 } else { 120 });
    let adapter = opened(folder.path(), Some(name), patience);
    let found = first_finding(&adapter, group);
    let cell = found.unwrap_or_else(|| panic!("`{name}` is not found out"));
    let Cell {
        scenario, outcome, ..
    } = &cell;
    let as_expected = match by {
        FoundBy::WrongAcceptance => matches!(outcome, Outcome::WronglyAccepted { .. }),
        FoundBy::Failure => matches!(outcome, Outcome::Failed { .. }),
        FoundBy::Error => matches!(outcome, Outcome::Error { .. }),
    };
    assert!(
        as_expected,
        "`{name}` is found by {scenario} as {outcome:?}"
    );
    // Whoever reads a report sees what is wrong with it.
    let asked = cell.steps.iter().rfind(|step| step.expected.is_some());
    let asked = asked.unwrap();
    assert_ne!(asked.expected, asked.observed, "{name}: {scenario}");
}

#[test]
fn every_broken_adapter_is_found_out() {
    if require_jq().is_none() {
        return;
    }
    for (name, group, by) in BROKEN {
        is_found(name, group, *by);
    }
}

#[test]
fn the_adapter_that_they_are_made_from_is_not() {
    if require_jq().is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let adapter = opened(folder.path(), None, Duration::from_secs(60));
    let mut groups: Vec<_> = BROKEN.iter().map(|(_, group, _)| *group).collect();
    groups.sort_unstable();
    groups.dedup();
    for group in groups {
        assert_eq!(first_finding(&adapter, group), None, "{group}");
    }
}
