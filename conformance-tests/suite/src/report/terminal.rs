//! The report on the terminal: counts, then what is wrong.

use super::counts::{Counts, cells_of, groups};
use super::findings::{self, Finding};
use super::{Mark, RenderError, Report};
use crate::result::RunResult;
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table};
use std::fmt::Write as _;

/// For a terminal of 80 columns.
#[derive(Debug, Clone, Copy)]
pub struct Terminal;

const WIDTH: u16 = 80;

impl Report for Terminal {
    fn render(&self, result: &RunResult) -> Result<String, RenderError> {
        let mut text = String::new();
        match &result.implementations[..] {
            [who] => {
                writeln!(text, "{} {}", who.name, who.version)?;
                writeln!(text, "{}\n", groups_of(result, &who.name))?;
            }
            _ => writeln!(text, "{}\n", everybody(result))?,
        }
        let pairs = Counts::of(result.cells.iter().filter(|cell| cell.signer.is_some()));
        if pairs.all() > 0 {
            let words = format!("One signs, another verifies: {}", pairs.in_words());
            fill(&mut text, "", &words)?;
            text.push('\n');
        }
        let wrong = findings::wrong_acceptances(result);
        list(&mut text, "Accepted, and must be refused", &wrong)?;
        let failed = findings::failures(result);
        list(&mut text, "Otherwise not as expected", &failed)?;
        let known = findings::deviations(result);
        list(&mut text, "Known deviations", &known)?;
        let all = Counts::of(&result.cells);
        let (scenarios, cells) = (result.scenarios.len(), all.all());
        let words = format!("{scenarios} scenarios, {cells} cells: {}", all.in_words());
        fill(&mut text, "", &words)?;
        Ok(text)
    }
}

/// One implementation, a line for each group.
fn groups_of(result: &RunResult, implementation: &str) -> Table {
    let rows = groups(result).into_iter().map(|group| {
        let counts = Counts::of(cells_of(result, implementation, Some(group)));
        (group.to_owned(), counts)
    });
    table("group", rows)
}

/// A line for each implementation.
fn everybody(result: &RunResult) -> Table {
    let rows = result.implementations.iter().map(|who| {
        let counts = Counts::of(cells_of(result, &who.name, None));
        (format!("{} {}", who.name, who.version), counts)
    });
    table("implementation", rows)
}

fn table(of: &str, rows: impl Iterator<Item = (String, Counts)>) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()))
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTH);
    // Broken here, so that names have room.
    table.set_header([
        of,
        "✓\npassed",
        "–\nunsupported",
        "~\nknown",
        "✗ not as\nexpected",
        "‼ wrongly\naccepted",
    ]);
    for (name, counts) in rows.filter(|(_, counts)| counts.all() > 0) {
        let sum = |marks: &[Mark]| marks.iter().map(|mark| counts.get(*mark)).sum::<usize>();
        table.add_row([
            name,
            sum(&[Mark::Pass, Mark::PassWithoutReason, Mark::Noted]).to_string(),
            counts.get(Mark::Unsupported).to_string(),
            counts.get(Mark::Deviation).to_string(),
            sum(&[Mark::Failed, Mark::Error, Mark::Stale]).to_string(),
            wrongly_accepted(&counts),
        ]);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 1));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
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

fn list(text: &mut String, title: &str, findings: &[Finding<'_>]) -> std::fmt::Result {
    if findings.is_empty() {
        return Ok(());
    }
    writeln!(text, "{title}:")?;
    for finding in findings {
        let mark = finding.mark;
        writeln!(text, "  {} {}", mark.sign(), finding.head.id)?;
        let indent = "      ";
        fill(text, indent, &finding.who.join(", "))?;
        fill(text, indent, &format!("{}: {}", mark.word(), finding.what))?;
        if let Some(seen) = &finding.seen {
            fill(text, indent, seen)?;
        }
    }
    writeln!(text)
}

/// Words in lines that a terminal holds. A word that is longer than a line has one of its own.
fn fill(text: &mut String, indent: &str, words: &str) -> std::fmt::Result {
    let mut line = String::new();
    for word in words.split_whitespace() {
        let width = indent.len() + line.chars().count() + 1 + word.chars().count();
        if !line.is_empty() && width > usize::from(WIDTH) {
            writeln!(text, "{indent}{line}")?;
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    writeln!(text, "{indent}{line}")
}
