//! What is not as expected, told once for all who have it in common.

use super::{Mark, seen_and_expected, sentence, who};
use crate::result::{Cell, RunResult, ScenarioHead};

/// One thing that came out of one scenario, for everybody to whom it happened.
#[derive(Debug)]
pub(super) struct Finding<'a> {
    pub(super) head: &'a ScenarioHead,
    pub(super) mark: Mark,
    /// The sentence beside the mark's word.
    pub(super) what: String,
    /// What was expected and what was seen.
    pub(super) seen: Option<String>,
    pub(super) who: Vec<String>,
}

/// What was accepted that must be refused, known or not.
pub(super) fn wrong_acceptances(result: &RunResult) -> Vec<Finding<'_>> {
    findings(result, Mark::is_wrong_acceptance)
}

/// What else makes the run fail.
pub(super) fn failures(result: &RunResult) -> Vec<Finding<'_>> {
    let is_one = |mark| matches!(mark, Mark::Failed | Mark::Error | Mark::Stale);
    findings(result, is_one)
}

/// What else is not as expected, and on record.
pub(super) fn deviations(result: &RunResult) -> Vec<Finding<'_>> {
    findings(result, |mark| mark == Mark::Deviation)
}

/// The cells with some marks, the worst first within a scenario.
fn findings(result: &RunResult, is_one: impl Fn(Mark) -> bool) -> Vec<Finding<'_>> {
    let mut findings = Vec::new();
    for head in &result.scenarios {
        let cells = result.cells.iter().filter(|cell| cell.scenario == head.id);
        let mut own: Vec<Finding<'_>> = Vec::new();
        for cell in cells.filter(|cell| is_one(Mark::of(&cell.outcome))) {
            add(&mut own, head, cell);
        }
        own.sort_by_key(|finding| finding.mark);
        findings.append(&mut own);
    }
    findings
}

fn add<'a>(findings: &mut Vec<Finding<'a>>, head: &'a ScenarioHead, cell: &Cell) {
    let mark = Mark::of(&cell.outcome);
    let what = sentence(&cell.outcome).unwrap_or_default();
    let seen = seen_and_expected(cell);
    let same = findings
        .iter_mut()
        .find(|known| known.mark == mark && known.what == what && known.seen == seen);
    match same {
        Some(known) => known.who.push(who(cell)),
        None => findings.push(Finding {
            head,
            mark,
            what,
            seen,
            who: vec![who(cell)],
        }),
    }
}
