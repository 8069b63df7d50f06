//! A cell that opens.

use super::sign;
use crate::report::{Mark, sentence};
use crate::result::{Cell, StepRecord};
use maud::{Markup, html};

/// The sign and the word, and behind them what was done.
pub(super) fn opening(cell: &Cell) -> Markup {
    let mark = Mark::of(&cell.outcome);
    html! {
        details.cell {
            summary { (sign(mark)) " " span.word { (mark.word()) } }
            @if let Some(text) = sentence(&cell.outcome) { p { (text) } }
            @if !cell.steps.is_empty() { ol { @for step in &cell.steps { (step_item(step)) } } }
        }
    }
}

fn step_item(step: &StepRecord) -> Markup {
    html! {
        li {
            (step.what)
            @if let (Some(expected), Some(observed)) = (&step.expected, &step.observed) {
                @if expected == observed {
                    ": " (observed)
                } @else {
                    br; "expected: " (expected) br; "seen: " (observed)
                }
                @if let Some(status) = step.exit { " (exit status " (status) ")" }
            }
            @if let Some(call) = step.call.as_ref().filter(|call| !call.is_empty()) {
                pre { (call.join(" ")) }
            }
            @if !step.stdout.trim().is_empty() { pre { (step.stdout) } }
            @if !step.stderr.trim().is_empty() { pre { (step.stderr) } }
        }
    }
}
