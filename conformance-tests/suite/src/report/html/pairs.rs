//! One signs, another verifies: for each scenario a table of signers and verifiers.

use super::cell::opening;
use super::name;
use crate::result::{Cell, RunResult, ScenarioHead};
use maud::{Markup, html};

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
            h2 { "One signs, another verifies" }
            p { "Signers stand at the left, verifiers at the top." }
            @for (head, cells) in tables { (table(head, &cells)) }
        }
    }
}

fn table(head: &ScenarioHead, cells: &[&Cell]) -> Markup {
    let mut signers: Vec<&str> = Vec::new();
    let mut verifiers: Vec<&str> = Vec::new();
    for cell in cells {
        let signer = cell.signer.as_deref().unwrap_or_default();
        if !signers.contains(&signer) {
            signers.push(signer);
        }
        if !verifiers.contains(&cell.implementation.as_str()) {
            verifiers.push(&cell.implementation);
        }
    }
    let cell_of = |signer: &str, verifier: &str| {
        let mut cells = cells.iter();
        cells.find(|cell| cell.signer.as_deref() == Some(signer) && cell.implementation == verifier)
    };
    html! {
        h3 { a href={ "#" (head.id) } { (head.title) } }
        div.scroll tabindex="0" role="region" aria-label=(head.title) {
            table.matrix {
                thead {
                    tr {
                        th scope="col" { "Signer" }
                        @for verifier in &verifiers { th scope="col" { (name(verifier)) } }
                    }
                }
                tbody {
                    @for signer in &signers {
                        tr {
                            th scope="row" { (signer) }
                            @for verifier in &verifiers {
                                td { @if let Some(cell) = cell_of(signer, verifier) { (opening(cell)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}
