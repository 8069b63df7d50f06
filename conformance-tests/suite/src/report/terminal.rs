//! The report on the terminal: counts, then what is wrong.

use super::counts::{Counts, cells_of, groups};
use super::{Mark, RenderError, Report, is_wrong_acceptance, seen_and_expected, sentence, who};
use crate::result::{Cell, Outcome, RunResult};
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{ContentArrangement, Table};
use std::fmt::Write as _;

/// For a terminal of 80 columns.
#[derive(Debug, Clone, Copy)]
pub struct Terminal;

const WIDTH: u16 = 80;

impl Report for Terminal {
    fn render(&self, result: &RunResult) -> Result<String, RenderError> {
        let mut text = String::new();
        for who in &result.implementations {
            writeln!(text, "{} {}", who.name, who.version)?;
            writeln!(text, "{}\n", table(result, &who.name))?;
        }
        let pairs: Vec<_> = result
            .cells
            .iter()
            .filter(|cell| cell.signer.is_some())
            .collect();
        if !pairs.is_empty() {
            writeln!(
                text,
                "One signs, another verifies: {}\n",
                in_words(&Counts::of(pairs))
            )?;
        }
        let wrong = |cell: &&Cell| is_wrong_acceptance(&cell.outcome);
        list(
            &mut text,
            "Accepted, and must be refused",
            result.cells.iter().filter(wrong),
        )?;
        let failed =
            |cell: &&Cell| cell.outcome.is_failure() && !is_wrong_acceptance(&cell.outcome);
        list(
            &mut text,
            "Otherwise not as expected",
            result.cells.iter().filter(failed),
        )?;
        let known = |cell: &&Cell| {
            matches!(
                cell.outcome,
                Outcome::KnownDeviation {
                    wrongly_accepted: false,
                    ..
                }
            )
        };
        list(
            &mut text,
            "Known deviations",
            result.cells.iter().filter(known),
        )?;
        let all = Counts::of(&result.cells);
        writeln!(
            text,
            "{} scenarios, {} cells: {}",
            result.scenarios.len(),
            all.all(),
            in_words(&all)
        )?;
        Ok(text)
    }
}

fn table(result: &RunResult, implementation: &str) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTH);
    table.set_header([
        "group",
        "✓ passed",
        "– unsupported",
        "~ known",
        "✗ not as expected",
        "‼ wrongly accepted",
    ]);
    for group in groups(result) {
        let counts = Counts::of(cells_of(result, implementation, Some(group)));
        if counts.all() == 0 {
            continue;
        }
        let sum = |marks: &[Mark]| marks.iter().map(|mark| counts.get(*mark)).sum::<usize>();
        table.add_row([
            group.to_owned(),
            sum(&[Mark::Pass, Mark::PassWithoutReason, Mark::Noted]).to_string(),
            counts.get(Mark::Unsupported).to_string(),
            counts.get(Mark::Deviation).to_string(),
            sum(&[Mark::Failed, Mark::Error, Mark::Stale]).to_string(),
            wrongly_accepted(&counts),
        ]);
    }
    table
}

/// How often something was accepted that must be refused, and how much of that is known.
fn wrongly_accepted(counts: &Counts) -> String {
    let known = counts.get(Mark::KnownWrongAcceptance);
    match counts.get(Mark::WronglyAccepted) {
        new if known == 0 => new.to_string(),
        0 => format!("{known} known"),
        new => format!("{new}, {known} known"),
    }
}

fn list<'a>(
    text: &mut String,
    title: &str,
    cells: impl Iterator<Item = &'a Cell>,
) -> std::fmt::Result {
    let mut is_first = true;
    for cell in cells {
        if std::mem::take(&mut is_first) {
            writeln!(text, "{title}:")?;
        }
        let mark = Mark::of(&cell.outcome);
        let what = sentence(&cell.outcome).unwrap_or_default();
        writeln!(text, "  {} {}::{}", mark.sign(), who(cell), cell.scenario)?;
        writeln!(text, "      {}: {what}", mark.word())?;
        if let Some(line) = seen_and_expected(cell) {
            writeln!(text, "      {line}")?;
        }
    }
    if !is_first {
        writeln!(text)?;
    }
    Ok(())
}

fn in_words(counts: &Counts) -> String {
    let words = counts
        .iter()
        .map(|(mark, count)| format!("{count} {}", mark.word()));
    words.collect::<Vec<_>>().join(", ")
}
