//! How often what came out.

use super::Mark;
use crate::result::{Cell, RunResult};
use std::collections::BTreeMap;

/// How often each mark stands in some cells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Counts(BTreeMap<Mark, usize>);

impl Counts {
    pub(super) fn of<'a>(cells: impl IntoIterator<Item = &'a Cell>) -> Self {
        let mut counts = Self::default();
        for cell in cells {
            *counts.0.entry(Mark::of(&cell.outcome)).or_default() += 1;
        }
        counts
    }

    pub(super) fn get(&self, mark: Mark) -> usize {
        self.0.get(&mark).copied().unwrap_or(0)
    }

    /// The marks that occur, the worst first, each with its number.
    fn iter(&self) -> impl Iterator<Item = (Mark, usize)> {
        self.0.iter().map(|(mark, count)| (*mark, *count))
    }

    /// All of them in one sentence. Words have commas: what is between them is more.
    pub(super) fn in_words(&self) -> String {
        let words = self
            .iter()
            .map(|(mark, count)| format!("{count} {}", mark.word()));
        words.collect::<Vec<_>>().join("; ")
    }

    pub(super) fn all(&self) -> usize {
        self.0.values().sum()
    }
}

/// The groups of a result, in its order.
pub(super) fn groups(result: &RunResult) -> Vec<&str> {
    let mut groups: Vec<&str> = Vec::new();
    for head in &result.scenarios {
        if !groups.contains(&head.group.as_str()) {
            groups.push(&head.group);
        }
    }
    groups
}

/// The cells of one implementation on its own, in a group or in all.
pub(super) fn cells_of<'a>(
    result: &'a RunResult,
    implementation: &'a str,
    group: Option<&'a str>,
) -> impl Iterator<Item = &'a Cell> {
    result.cells.iter().filter(move |cell| {
        let in_group = |group: &str| {
            let mut heads = result.scenarios.iter();
            heads.any(|head| head.id == cell.scenario && head.group == group)
        };
        cell.signer.is_none() && cell.implementation == implementation && group.is_none_or(in_group)
    })
}
