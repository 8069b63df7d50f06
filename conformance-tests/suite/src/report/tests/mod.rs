//! What a reader finds in each report.

mod junit;
mod page;
mod text;

use crate::result::{
    Cell, Implementation, Level, Outcome, RunResult, SCHEMA, ScenarioHead, StepRecord, Suite,
};

fn head(id: &str, group: &str) -> ScenarioHead {
    ScenarioHead {
        id: id.to_owned(),
        group: group.to_owned(),
        title: format!("The title of {id}"),
        why: "Because.".to_owned(),
        level: Level::Must,
        needs: vec!["verify.default".to_owned()],
        weaknesses: vec!["W-7".to_owned()],
    }
}

fn cell(scenario: &str, who: &str, outcome: Outcome) -> Cell {
    Cell {
        scenario: scenario.to_owned(),
        implementation: who.to_owned(),
        signer: None,
        outcome,
        steps: vec![StepRecord {
            call: Some(vec!["verify".to_owned(), "image.sif".to_owned()]),
            expected: Some("refused: data-changed".to_owned()),
            observed: Some("accepted".to_owned()),
            exit: Some(0),
            stderr: "told <b>aloud</b>".to_owned(),
            ..StepRecord::by_hand("verify default".to_owned())
        }],
        ms: 12,
    }
}

fn somebody(name: &str) -> Implementation {
    Implementation {
        name: name.to_owned(),
        version: "1.2.3".to_owned(),
        homepage: Some("javascript:alert(1)".to_owned()),
        features: vec!["verify.default".to_owned()],
    }
}

fn what() -> String {
    "verify default".to_owned()
}

/// One of each outcome that matters.
fn result() -> RunResult {
    let known = |wrongly_accepted| Outcome::KnownDeviation {
        what: what(),
        wrongly_accepted,
        reason: "as ever".to_owned(),
        link: None,
    };
    RunResult {
        schema: SCHEMA,
        suite: Suite {
            version: "0.1.0".to_owned(),
            digest: "00".repeat(32),
        },
        ended: "2026-01-01T00:00:00Z".to_owned(),
        implementations: vec![somebody("one"), somebody("<two>")],
        scenarios: vec![head("first", "alpha"), head("second", "beta")],
        cells: vec![
            cell("first", "one", Outcome::Pass),
            cell("first", "<two>", Outcome::WronglyAccepted { what: what() }),
            cell("second", "one", known(true)),
            cell(
                "second",
                "<two>",
                Outcome::Unsupported {
                    lacks: vec!["sign.group".to_owned()],
                },
            ),
        ],
    }
}

/// Where a text stands in another, for "before".
fn place(text: &str, part: &str) -> usize {
    text.find(part)
        .unwrap_or_else(|| panic!("`{part}` is not in:\n{text}"))
}

#[test]
fn a_result_is_read_as_it_was_written() {
    let text = serde_json::to_string(&result()).unwrap();
    assert_eq!(serde_json::from_str::<RunResult>(&text).unwrap(), result());
}

/// The form is documented by its schema. To make it anew after a change that is meant:
/// `UPDATE_SCHEMA=1 cargo test -p sifseal-conformance schema`.
#[test]
fn the_schema_on_record_is_that_of_the_form() {
    let schema = schemars::schema_for!(RunResult);
    let schema = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/result.schema.json");
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(path, &schema).unwrap();
    }
    let on_record = std::fs::read_to_string(path).unwrap();
    assert!(
        schema == on_record,
        "docs/result.schema.json is of another form"
    );
}
