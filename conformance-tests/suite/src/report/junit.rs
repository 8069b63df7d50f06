//! JUnit XML, as CI systems read it: a suite for each implementation, a case for each cell.
//!
//! Some of them know a case by its class and its name alone, whatever suite it stands in:
//! the class is the implementation and the group, so that no two cases are the same to them.
//! Some show of a failure only how its text begins: that is what was expected and what was seen.

use super::{Mark, RenderError, Report, seen_and_expected, sentence};
use crate::result::{Cell, Outcome, RunResult};
use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};
use std::fmt::Write as _;
use std::time::Duration;

/// JUnit XML.
#[derive(Debug, Clone, Copy)]
pub struct Junit;

impl Report for Junit {
    fn render(&self, result: &RunResult) -> Result<String, RenderError> {
        let mut document = Document::new("sifseal-conformance");
        for who in &result.implementations {
            let mut suite = TestSuite::new(who.name.as_str());
            suite.add_property(("version", who.version.as_str()));
            suite.add_property(("suite-version", result.suite.version.as_str()));
            suite.add_property(("suite-digest", result.suite.digest.as_str()));
            let own = |cell: &&Cell| cell.implementation == who.name;
            suite.add_test_cases(
                result
                    .cells
                    .iter()
                    .filter(own)
                    .map(|cell| case(result, cell)),
            );
            document.add_test_suite(suite);
        }
        Ok(document.to_string()?)
    }
}

fn case(result: &RunResult, cell: &Cell) -> TestCase {
    let name = match &cell.signer {
        None => cell.scenario.clone(),
        Some(signer) => format!("{} signed by {signer}", cell.scenario),
    };
    let mut case = TestCase::new(name, status(cell));
    let head = result
        .scenarios
        .iter()
        .find(|head| head.id == cell.scenario);
    let who = &cell.implementation;
    case.set_classname(head.map_or_else(|| who.clone(), |head| format!("{who}.{}", head.group)));
    case.set_time(Duration::from_millis(cell.ms));
    case
}

fn status(cell: &Cell) -> TestCaseStatus {
    let message = || {
        let word = Mark::of(&cell.outcome).word();
        sentence(&cell.outcome).map_or_else(|| word.to_owned(), |what| format!("{word}: {what}"))
    };
    let mut status = match &cell.outcome {
        Outcome::Pass | Outcome::PassWithoutReason | Outcome::NoExpectation { .. } => {
            return TestCaseStatus::success();
        }
        Outcome::Unsupported { .. } | Outcome::KnownDeviation { .. } => TestCaseStatus::skipped(),
        Outcome::Error { .. } => TestCaseStatus::non_success(NonSuccessKind::Error),
        Outcome::WronglyAccepted { .. }
        | Outcome::Failed { .. }
        | Outcome::StaleDeviation { .. } => TestCaseStatus::non_success(NonSuccessKind::Failure),
    };
    status.set_message(message());
    if cell.outcome.is_failure() {
        status.set_description(body(cell));
    }
    status
}

/// What was expected and what was seen, in one line; then what was done, a line a step.
fn body(cell: &Cell) -> String {
    let first = seen_and_expected(cell).or_else(|| sentence(&cell.outcome));
    let mut text = first.unwrap_or_default().replace('\n', " ");
    text.push_str("\n\n");
    for step in &cell.steps {
        let _ = write!(text, "{}", step.what);
        if let (Some(expected), Some(observed)) = (&step.expected, &step.observed) {
            let _ = write!(text, ": expected {expected}; seen: {observed}");
        }
        text.push('\n');
        if !step.stderr.is_empty() {
            let _ = writeln!(text, "{}", step.stderr);
        }
    }
    text
}
