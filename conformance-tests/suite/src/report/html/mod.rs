//! One page for a browser: nothing from elsewhere, and nothing that needs a script.
//!
//! What was accepted that must be refused comes first. Then a summary with what it hides,
//! what else is not as expected, how to read the page, who was asked, and for each group of scenarios a table: scenarios
//! down, implementations across. Every cell has a sign and a word beside its colour, and
//! opens to what was done, expected and seen. The address of a scenario on the page is its id.

mod cell;
mod front;
mod pairs;
mod style;

use super::counts::groups;
use super::{Mark, RenderError, Report};
use crate::result::{Level, RunResult, ScenarioHead};
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
                (ways(result))
                main {
                    (front::wrong_acceptances(result))
                    (front::summary(result))
                    (front::otherwise(result))
                    (front::how_to_read())
                    (front::implementations(result))
                    @for group in groups(result) { (matrix(result, group)) }
                    (pairs::section(result))
                }
            }
        }
    }
}

/// Where to go on the page: it is long.
fn ways(result: &RunResult) -> Markup {
    html! {
        nav aria-label="On this page" {
            ul {
                li { a href="#wrongly-accepted" { "Accepted, and must be refused" } }
                li { a href="#summary" { "Summary" } }
                li { a href="#otherwise" { "Otherwise not as expected" } }
                li { a href="#known" { "Known deviations" } }
                li { a href="#how-to-read" { "How to read this" } }
                li { a href="#implementations" { "Who was asked" } }
                @for group in groups(result) { li { a href={ "#group-" (group) } { (group) } } }
                @if pairs::is_any(result) { li { a href="#pairs" { (pairs::TITLE) } } }
            }
        }
    }
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
                            @for who in &result.implementations {
                                th scope="col" { (heading(&who.name)) }
                            }
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
                    None => td { (not_run()) },
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

/// The cell of what nobody tried.
fn not_run() -> Markup {
    html! { span.note { "not run" } }
}

/// A name over a column.
fn heading(text: &str) -> Markup {
    html! { span.over { (name(text)) } }
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
