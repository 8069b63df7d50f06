//! One page for a browser: nothing from elsewhere, and nothing that needs a script.
//!
//! What was accepted that must be refused comes first. Then a summary with what it hides,
//! how to read the page, who was asked, and for each group of scenarios a table: scenarios
//! down, implementations across. Every cell has a sign and a word beside its colour, and
//! opens to what was done, expected and seen. The address of a scenario on the page is its id.

mod cell;
mod pairs;
mod style;

use super::counts::{Counts, cells_of, groups};
use super::{Mark, RenderError, Report, is_wrong_acceptance, sentence, who};
use crate::result::{Cell, Level, RunResult, ScenarioHead};
use cell::opening;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// One page for a browser.
#[derive(Debug, Clone, Copy)]
pub struct Html;

impl Report for Html {
    fn render(&self, result: &RunResult) -> Result<String, RenderError> {
        Ok(page(result).into_string())
    }
}

fn page(result: &RunResult) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Conformance of SIF signatures" }
                style { (PreEscaped(style::STYLE)) }
            }
            body {
                header {
                    h1 { "Conformance of SIF signatures" }
                    p {
                        "Suite " (result.suite.version) ", scenarios "
                        code { (result.suite.digest.get(..12).unwrap_or_default()) }
                        ", run of " time datetime=(result.ended) { (result.ended) } "."
                    }
                }
                main {
                    (wrong_acceptances(result))
                    (summary(result))
                    (how_to_read())
                    (implementations(result))
                    @for group in groups(result) { (matrix(result, group)) }
                    (pairs::section(result))
                }
            }
        }
    }
}

fn wrong_acceptances(result: &RunResult) -> Markup {
    let wrong_in = |head: &ScenarioHead| -> Vec<&Cell> {
        let cells = result.cells.iter().filter(|cell| cell.scenario == head.id);
        cells
            .filter(|cell| is_wrong_acceptance(&cell.outcome))
            .collect()
    };
    let wrong: Vec<_> = result
        .scenarios
        .iter()
        .map(|head| (head, wrong_in(head)))
        .filter(|(_, cells)| !cells.is_empty())
        .collect();
    html! {
        section #wrongly-accepted {
            h2 { "Accepted, and must be refused" }
            @if wrong.is_empty() {
                p { (sign(Mark::Pass)) " Nothing." }
            } @else {
                p {
                    "Whoever relies on these implementations takes for signed what is not. "
                    "Those that are known are among them."
                }
                ul.wrong {
                    @for (head, cells) in wrong {
                        li {
                            a href={ "#" (head.id) } { (head.title) }
                            ul {
                                @for cell in cells {
                                    li {
                                        (sign(Mark::WronglyAccepted)) " " strong { (who(cell)) }
                                        ", " (Mark::of(&cell.outcome).word())
                                        @if let Some(text) = sentence(&cell.outcome) {
                                            ": " span.note { (text) }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn summary(result: &RunResult) -> Markup {
    let marks: Vec<Mark> = {
        let all = Counts::of(&result.cells);
        Mark::ALL
            .into_iter()
            .filter(|mark| mark.is_wrong_acceptance() || all.get(*mark) > 0)
            .collect()
    };
    html! {
        section #summary {
            h2 { "Summary" }
            div.scroll tabindex="0" role="region" aria-label="Summary" {
                table.counts {
                    thead {
                        tr {
                            th scope="col" { "Implementation" }
                            @for mark in &marks { th scope="col" { (sign(*mark)) " " (mark.word()) } }
                        }
                    }
                    tbody {
                        @for who in &result.implementations {
                            @let counts = Counts::of(cells_of(result, &who.name, None));
                            tr {
                                th scope="row" { (who.name) }
                                @for mark in &marks { td { (counts.get(*mark)) } }
                            }
                        }
                    }
                }
            }
            p.note {
                "Numbers hide what matters: one wrong acceptance weighs more than all that passes, "
                "scenarios are not equally important, and who supports little has little to fail at. "
                "Read the tables."
            }
        }
    }
}

fn how_to_read() -> Markup {
    let meaning = |mark| match mark {
        Mark::WronglyAccepted => "what must be refused was accepted",
        Mark::KnownWrongAcceptance => {
            "the same, and on record with a reason: nobody is safer for it"
        }
        Mark::Failed => "refused what must be accepted, or for another reason than expected",
        Mark::Error => "no answer that means anything: a crash, no end in time, a changed image",
        Mark::Stale => "a deviation is on record that no longer occurs",
        Mark::Deviation => "not as expected, and known, with a reason",
        Mark::Unsupported => "it says beforehand that it cannot do this",
        Mark::Noted => "nobody is wrong here; it is noted what was seen",
        Mark::PassWithoutReason => "as expected; why it refused was not told",
        Mark::Pass => "as expected, for the expected reason",
    };
    html! {
        section #how-to-read {
            h2 { "How to read this" }
            p {
                "A scenario tries one thing. Its level says how much it binds: whoever fails a "
                em { "must" } " is not safe to rely on, whoever does otherwise than a " em { "should" }
                " needs a reason, and at a " em { "may" } " nobody is wrong. Every cell opens."
            }
            dl.legend {
                @for mark in Mark::ALL {
                    div { dt { (sign(mark)) " " (mark.word()) } dd { (meaning(mark)) } }
                }
            }
        }
    }
}

fn implementations(result: &RunResult) -> Markup {
    html! {
        section #implementations {
            h2 { "Who was asked" }
            ul {
                @for who in &result.implementations {
                    li {
                        strong { (who.name) } " " (who.version)
                        @if let Some(place) = who.homepage.as_deref().filter(|place| is_address(place)) {
                            ", " a href=(place) rel="noreferrer" { (place) }
                        }
                        details {
                            summary { (who.features.len()) " features" }
                            p.note { (who.features.join(", ")) }
                        }
                    }
                }
            }
        }
    }
}

/// An address that a browser may follow: anything else could be a script.
fn is_address(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

fn matrix(result: &RunResult, group: &str) -> Markup {
    let heads = result.scenarios.iter().filter(|head| head.group == group);
    html! {
        section id={ "group-" (group) } {
            h2 { (group) }
            div.scroll tabindex="0" role="region" aria-label=(group) {
                table.matrix {
                    thead {
                        tr {
                            th scope="col" { "Scenario" }
                            @for who in &result.implementations { th scope="col" { (name(&who.name)) } }
                        }
                    }
                    tbody { @for head in heads { (row(result, head)) } }
                }
            }
        }
    }
}

fn row(result: &RunResult, head: &ScenarioHead) -> Markup {
    let cell_of = |name: &str| {
        let mut cells = result.cells.iter();
        cells.find(|cell| {
            cell.scenario == head.id && cell.signer.is_none() && cell.implementation == name
        })
    };
    html! {
        tr #(head.id) {
            th scope="row" {
                details {
                    summary { (head.title) }
                    p.note { (head.why) }
                    p.note {
                        a href={ "#" (head.id) } { code { (head.id) } } ", " (level(head.level))
                        @if !head.weaknesses.is_empty() { ", " (head.weaknesses.join(", ")) }
                    }
                }
            }
            @for who in &result.implementations {
                @match cell_of(&who.name) {
                    Some(cell) => td { (opening(cell)) },
                    None => td { span.note { "not run" } },
                }
            }
        }
    }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Must => "must",
        Level::Should => "should",
        Level::May => "may",
    }
}

/// A name of parts, which may be broken between them.
fn name(text: &str) -> Markup {
    html! {
        @for (index, part) in text.split('+').enumerate() {
            @if index > 0 { "+" wbr; }
            (part)
        }
    }
}

/// A sign in its colour; the word beside it is for everyone.
fn sign(mark: Mark) -> Markup {
    html! { span.sign.(style::class(mark)) aria-hidden="true" { (mark.sign()) } }
}
