//! One signs, another verifies: for each scenario a table of signers and verifiers.

use super::cell::opening;
use super::{heading, name, not_run};
use crate::result::{Cell, RunResult, ScenarioHead};
use maud::{Markup, html};

/// What the section is called.
pub(super) const TITLE: &str = "One signs, another verifies";

/// True if anybody signed for anybody else.
pub(super) fn is_any(result: &RunResult) -> bool {
    result.cells.iter().any(|cell| cell.signer.is_some())
}

/// The section, if anybody signed for anybody else.
pub(super) fn section(result: &RunResult) -> Markup {
    let of = |head: &ScenarioHead| -> Vec<&Cell> {
        let cells = result.cells.iter();
        cells
            .filter(|cell| cell.signer.is_some() && cell.scenario == head.id)
            .collect()
    };
    let tables: Vec<_> = result
        .scenarios
        .iter()
        .map(|head| (head, of(head)))
        .filter(|(_, cells)| !cells.is_empty())
        .collect();
    if tables.is_empty() {
        return html! {};
    }
    html! {
        section #pairs {
            h2 { (TITLE) }
            p { "Signers stand at the left, verifiers at the top." }
            @for (head, cells) in tables { (table(result, head, &cells)) }
        }
    }
}

fn table(result: &RunResult, head: &ScenarioHead, cells: &[&Cell]) -> Markup {
    // As everywhere else on the page.
    let in_order = |is_one: &dyn Fn(&Cell, &str) -> bool| -> Vec<&str> {
        let names = result.implementations.iter().map(|who| who.name.as_str());
        names
            .filter(|name| cells.iter().any(|cell| is_one(cell, name)))
            .collect()
    };
    let signers = in_order(&|cell, name| cell.signer.as_deref() == Some(name));
    let verifiers = in_order(&|cell, name| cell.implementation == name);
    let cell_of = |signer: &str, verifier: &str| {
        let mut cells = cells.iter();
        cells.find(|cell| cell.signer.as_deref() == Some(signer) && cell.implementation == verifier)
    };
    html! {
        h3 { a href={ "#" (head.id) } { (head.title) } }
        div.scroll tabindex="0" role="region" aria-label=(head.title) {
            table.matrix.pairs {
                thead {
                    tr {
                        th scope="col" { "Signer" }
                        @for verifier in &verifiers { th scope="col" { (heading(verifier)) } }
                    }
                }
                tbody {
                    @for signer in &signers {
                        tr {
                            th scope="row" { (name(signer)) }
                            @for verifier in &verifiers {
                                @match cell_of(signer, verifier) {
                                    Some(cell) => td { (opening(cell)) },
                                    None => td { (not_run()) },
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
