//! Markdown for a pull request: what changed since an earlier run.
//!
//! It is read beside a change, and a place for comments has an end: what happened to several
//! in the same way is one line, what is new and went well is a number, and so is what is left
//! of a list that is too long.

use super::counts::Counts;
use super::{Mark, RenderError, Report, who};
use crate::result::{Cell, RunResult};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What changed since another run.
#[derive(Debug, Clone)]
pub struct Summary {
    /// The earlier run.
    pub since: RunResult,
}

/// The longest list.
const LONGEST: usize = 100;

/// A cell's scenario, and who was asked.
type Name = (String, String);

/// What became of a scenario, the worst first: what it is now, its id, and what it was, if
/// anybody tried it. Those to whom it happened are told with it.
type Changes = BTreeMap<(Mark, String, Option<Mark>), Vec<String>>;

impl Report for Summary {
    fn render(&self, result: &RunResult) -> Result<String, RenderError> {
        let (before, now) = (by_name(&self.since), by_name(result));
        let mut changes = Changes::new();
        let mut new = Vec::new();
        for ((scenario, who), cell) in &now {
            let mark = Mark::of(&cell.outcome);
            let old = before.get(&(scenario.clone(), who.clone()));
            let old = old.map(|cell| Mark::of(&cell.outcome));
            if old.is_none() {
                new.push(*cell);
            }
            let is_to_be_told = match old {
                Some(old) => old != mark,
                None => mark <= Mark::Deviation,
            };
            if is_to_be_told {
                let what = (mark, scenario.clone(), old);
                changes.entry(what).or_default().push(who.clone());
            }
        }
        let gone = gone(&before, &now);

        let mut text = String::from("## Conformance\n");
        let counts = Counts::of(&result.cells);
        wrong_acceptances(&mut text, &counts)?;
        if changes.is_empty() && new.is_empty() && gone.is_empty() {
            text.push_str("\nNothing changed.\n");
        }
        table(&mut text, &changes)?;
        if !new.is_empty() {
            let counts = Counts::of(new);
            let (all, words) = (counts.all(), counts.in_words());
            writeln!(text, "\n{all} {} not run before: {words}.", cells(all))?;
        }
        list_gone(&mut text, &gone, &now)?;
        let (all, words) = (counts.all(), counts.in_words());
        writeln!(text, "\n{all} {}: {words}.", cells(all))?;
        Ok(text)
    }
}

fn by_name(result: &RunResult) -> BTreeMap<Name, &Cell> {
    let cells = result.cells.iter();
    cells
        .map(|cell| ((cell.scenario.clone(), who(cell)), cell))
        .collect()
}

/// The scenarios that are no longer run, by those who were asked.
fn gone(
    before: &BTreeMap<Name, &Cell>,
    now: &BTreeMap<Name, &Cell>,
) -> BTreeMap<String, Vec<String>> {
    let mut gone = BTreeMap::<String, Vec<String>>::new();
    for (scenario, who) in before.keys().filter(|name| !now.contains_key(*name)) {
        gone.entry(who.clone()).or_default().push(scenario.clone());
    }
    gone
}

fn wrong_acceptances(text: &mut String, counts: &Counts) -> std::fmt::Result {
    let known = counts.get(Mark::KnownWrongAcceptance);
    let all = known + counts.get(Mark::WronglyAccepted);
    let how_many_are_known = match known {
        _ if all == 0 => return Ok(()),
        0 => "none of it known".to_owned(),
        known if known == all => "all of it known".to_owned(),
        known => format!("{known} of them known"),
    };
    let times = if all == 1 { "time" } else { "times" };
    writeln!(
        text,
        "\n**{all} {times} something was accepted that must be refused, {how_many_are_known}.**"
    )
}

fn table(text: &mut String, changes: &Changes) -> std::fmt::Result {
    if changes.is_empty() {
        return Ok(());
    }
    text.push_str("\n| | scenario | who | before | now |\n|---|---|---|---|---|\n");
    for ((mark, scenario, old), who) in changes.iter().take(LONGEST) {
        let (sign, new) = (mark.sign(), mark.word());
        let old = old.map_or("not run", Mark::word);
        let (scenario, who) = (cell_text(scenario), some_of(who));
        writeln!(text, "| {sign} | {scenario} | {who} | {old} | {new} |")?;
    }
    match changes.len().saturating_sub(LONGEST) {
        0 => Ok(()),
        more => writeln!(text, "\nAnd {more} more."),
    }
}

fn list_gone(
    text: &mut String,
    gone: &BTreeMap<String, Vec<String>>,
    now: &BTreeMap<Name, &Cell>,
) -> std::fmt::Result {
    let all = match gone.values().map(Vec::len).sum::<usize>() {
        0 => return Ok(()),
        all => all,
    };
    let are = if all == 1 { "is" } else { "are" };
    writeln!(text, "\n**{all} {} {are} gone:**\n", cells(all))?;
    for (who, scenarios) in gone.iter().take(LONGEST) {
        let is_still_asked = now.keys().any(|(_, asked)| asked == who);
        let who = cell_text(who);
        match is_still_asked {
            true => writeln!(text, "- {who}: {}", some_of(scenarios))?,
            false => writeln!(text, "- {who}: not asked any more")?,
        }
    }
    match gone.len().saturating_sub(LONGEST) {
        0 => Ok(()),
        more => writeln!(text, "- and {more} more"),
    }
}

/// Names, as many as one reads.
fn some_of(names: &[String]) -> String {
    const MOST: usize = 12;
    let mut shown: Vec<_> = names
        .iter()
        .take(MOST)
        .map(|name| cell_text(name))
        .collect();
    if let more @ 1.. = names.len().saturating_sub(MOST) {
        shown.push(format!("and {more} more"));
    }
    shown.join(", ")
}

fn cells(count: usize) -> &'static str {
    if count == 1 { "cell" } else { "cells" }
}

/// Names come from strangers: nothing of them is Markdown.
fn cell_text(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_ascii_punctuation() && !matches!(letter, '-' | '.' | '+') {
            text.push('\\');
        }
        text.push(if letter.is_control() { ' ' } else { letter });
    }
    text
}
