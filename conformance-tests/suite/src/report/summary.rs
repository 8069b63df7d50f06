//! Markdown for a pull request: what changed since an earlier run.

use super::counts::Counts;
use super::{Mark, RenderError, Report, is_wrong_acceptance, who};
use crate::result::{Cell, RunResult};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What changed since another run.
#[derive(Debug, Clone)]
pub struct Summary {
    /// The earlier run.
    pub since: RunResult,
}

impl Report for Summary {
    fn render(&self, result: &RunResult) -> Result<String, RenderError> {
        let before = by_name(&self.since);
        let now = by_name(result);
        let mut changes = Vec::new();
        for (name, cell) in &now {
            let after = Mark::of(&cell.outcome);
            match before.get(name).map(|cell| Mark::of(&cell.outcome)) {
                Some(mark) if mark == after => {}
                Some(mark) => changes.push((after, name, mark.word().to_owned())),
                None => changes.push((after, name, "not run".to_owned())),
            }
        }
        changes.sort();
        let gone: Vec<_> = before
            .keys()
            .filter(|name| !now.contains_key(*name))
            .collect();

        let mut text = String::from("## Conformance\n\n");
        let wrong = result
            .cells
            .iter()
            .filter(|cell| is_wrong_acceptance(&cell.outcome))
            .count();
        if wrong > 0 {
            writeln!(
                text,
                "**{wrong} times something was accepted that must be refused.**\n"
            )?;
        }
        if changes.is_empty() && gone.is_empty() {
            text.push_str("Nothing changed.\n");
        }
        if !changes.is_empty() {
            text.push_str("| | cell | before | now |\n|---|---|---|---|\n");
            for (mark, (who, scenario), old) in &changes {
                let (sign, new) = (mark.sign(), mark.word());
                writeln!(
                    text,
                    "| {sign} | {} `{scenario}` | {old} | {new} |",
                    cell_text(who)
                )?;
            }
        }
        if !gone.is_empty() {
            writeln!(text, "\n**{} cells are gone:**\n", gone.len())?;
            for (who, scenario) in gone {
                writeln!(text, "- {} `{scenario}`", cell_text(who))?;
            }
        }
        let counts = Counts::of(&result.cells);
        let words = counts
            .iter()
            .map(|(mark, count)| format!("{count} {}", mark.word()));
        writeln!(
            text,
            "\n{} cells: {}.",
            counts.all(),
            words.collect::<Vec<_>>().join(", ")
        )?;
        Ok(text)
    }
}

type Name = (String, String);

fn by_name(result: &RunResult) -> BTreeMap<Name, &Cell> {
    let cells = result.cells.iter();
    cells
        .map(|cell| ((who(cell), cell.scenario.clone()), cell))
        .collect()
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
