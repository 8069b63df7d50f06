//! What a reader finds in each report.

use super::{Html, Junit, Report, Summary, Terminal};
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
fn what_was_wrongly_accepted_comes_first_known_or_not() {
    let page = Html.render(&result()).unwrap();
    let first = place(&page, "<h2>Accepted, and must be refused");
    assert!(first < place(&page, "<h2>Summary"));
    let list = &page[first..place(&page, "<h2>Summary")];
    place(list, "The title of first");
    place(list, "The title of second");
    place(list, "as ever");

    let text = Terminal.render(&result()).unwrap();
    assert!(place(&text, "Accepted, and must be refused") < place(&text, "2 scenarios, 4 cells"));
    assert!(!text.contains("Otherwise not as expected"));
}

#[test]
fn the_page_has_nothing_from_elsewhere_and_obeys_no_stranger() {
    let page = Html.render(&result()).unwrap();
    for forbidden in [
        "<script",
        "src=",
        "url(",
        "@import",
        "<two>",
        "<b>aloud",
        "javascript:",
    ] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    place(&page, "&lt;two&gt;");
    place(&page, "told &lt;b&gt;aloud");
}

#[test]
fn every_cell_opens_to_what_was_run_expected_and_seen_and_has_a_word_beside_its_colour() {
    let page = Html.render(&result()).unwrap();
    let matrix = &page[place(&page, "group-alpha")..];
    for part in [
        "verify image.sif",
        "refused: data-changed",
        "accepted",
        "exit status 0",
    ] {
        place(matrix, part);
    }
    for word in [
        "passed",
        "wrongly accepted",
        "known wrong acceptance",
        "unsupported",
    ] {
        place(matrix, word);
    }
    place(&page, "id=\"first\"");
}

#[test]
fn junit_has_real_failures_and_real_skips() {
    let xml = Junit.render(&result()).unwrap();
    let failure = &xml[place(&xml, "<failure")..];
    place(&failure[..200], "wrongly accepted: verify default");
    place(&xml, "<skipped message=\"unsupported: lacks sign.group\"");
    place(
        &xml,
        "<skipped message=\"known wrong acceptance: verify default: as ever\"",
    );
    assert_eq!(xml.matches("<testcase").count(), 4);
    assert_eq!(xml.matches("<failure").count(), 1);
    place(&xml, "tests=\"4\" skipped=\"2\" failures=\"1\"");
}

/// What stands between two marks, each of the first kind that begins a part.
fn parts<'a>(text: &'a str, begin: &str, end: &str) -> Vec<&'a str> {
    let parts = text.split(begin).skip(1);
    parts.filter_map(|part| part.split(end).next()).collect()
}

#[test]
fn every_way_on_the_page_leads_somewhere() {
    let mut result = result();
    result.cells[0].signer = Some("<two>".to_owned());
    let page = Html.render(&result).unwrap();
    let nav = &page[place(&page, "<nav")..place(&page, "</nav>")];
    for id in ["summary", "otherwise", "group-alpha", "group-beta", "pairs"] {
        place(nav, &format!("href=\"#{id}\""));
    }
    for way in parts(&page, "href=\"#", "\"") {
        assert_eq!(page.matches(&format!("id=\"{way}\"")).count(), 1, "{way}");
    }
}

#[test]
fn what_nobody_tried_is_said_to_be_not_run_in_every_table() {
    let mut result = result();
    result.cells.remove(0);
    for (signer, verifier) in [("one", "<two>"), ("<two>", "one")] {
        let mut pair = cell("first", verifier, Outcome::Pass);
        pair.signer = Some(signer.to_owned());
        result.cells.push(pair);
    }
    let page = Html.render(&result).unwrap();
    let (groups, pairs) = page.split_at(place(&page, "id=\"pairs\""));
    assert_eq!(groups.matches("not run").count(), 1);
    assert_eq!(pairs.matches("not run").count(), 2);
    assert!(!page.contains("<td></td>"));
    // As in the other tables, whoever was asked first.
    let (head, body) = pairs.split_at(place(pairs, "<tbody>"));
    assert!(place(head, ">one<") < place(head, "&lt;two&gt;"));
    assert!(place(body, ">one<") < place(body, "&lt;two&gt;"));
}

/// Broken anywhere else it could not be read on a phone.
#[test]
fn a_name_in_a_table_is_broken_between_its_parts() {
    let mut result = result();
    result.implementations[0].name = "one+file".to_owned();
    let mut pair = cell("first", "<two>", Outcome::Pass);
    pair.signer = Some("one+file".to_owned());
    result.cells.push(pair);
    let page = Html.render(&result).unwrap();
    for row in parts(&page, "<th scope=\"row\">", "</th>") {
        assert!(!row.contains("one+file"), "{row}");
    }
    assert_eq!(page.matches("<th scope=\"row\">one+<wbr>file").count(), 2);
}

#[test]
fn one_implementation_is_told_by_groups_on_the_terminal_and_several_a_line_each() {
    let mut result = result();
    let text = Terminal.render(&result).unwrap();
    assert!(!text.contains("alpha"), "{text}");
    result.implementations.pop();
    let text = Terminal.render(&result).unwrap();
    assert!(place(&text, "one 1.2.3") < place(&text, "\nalpha "));
    place(&text, "\nbeta ");
}

#[test]
fn the_terminal_has_a_thing_once_in_lines_that_it_holds() {
    let mut result = result();
    let scenario = "second";
    result.cells.clear();
    result.implementations.clear();
    for number in 0..20 {
        let name = format!("somebody+with+a+name-{number}");
        let what = "what should not be, and this at some length, ".repeat(3);
        result
            .cells
            .push(cell(scenario, &name, Outcome::Failed { what }));
        result.implementations.push(somebody(&name));
    }
    let text = Terminal.render(&result).unwrap();
    assert_eq!(text.matches("expected refused").count(), 1, "{text}");
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

/// How it looks was looked at in a browser; here is what makes it so.
#[test]
fn on_paper_nothing_is_cut_off_dark_or_open() {
    let page = Html.render(&result()).unwrap();
    place(&page, "@page { size: landscape;");
    place(&page, "@media screen and (prefers-color-scheme: dark)");
    let print = &page[place(&page, "@media print {")..place(&page, "</style>")];
    for rule in [
        ".scroll { overflow: visible; max-height: none; max-width: none;",
        ".matrix td { min-width: 0;",
        ".matrix .word, .matrix .cell > :not(summary) { display: none; }",
        "thead { display: table-header-group; }",
    ] {
        place(print, rule);
    }
}

#[test]
fn what_several_have_in_common_is_told_once() {
    let mut result = result();
    let failed = || Outcome::Failed { what: what() };
    result.cells[0].outcome = failed();
    result.cells[1].outcome = failed();
    let page = Html.render(&result).unwrap();
    let list = &page[place(&page, "id=\"otherwise\"")..place(&page, "id=\"known\"")];
    assert_eq!(list.matches("<li>").count(), 1);
    place(list, "<strong>one</strong>, <strong>&lt;two&gt;</strong>");
    place(list, "expected refused: data-changed; seen: accepted");
}

/// That it is on record makes nobody safer: it looks like no other deviation, anywhere.
#[test]
fn a_known_wrong_acceptance_has_a_sign_of_its_own_and_is_counted_apart() {
    let page = Html.render(&result()).unwrap();
    let row = &page[place(&page, "id=\"second\"")..];
    place(
        row,
        ">‼~</span> <span class=\"word\">known wrong acceptance",
    );
    let summary = &page[place(&page, "id=\"summary\"")..place(&page, "id=\"how-to-read\"")];
    place(summary, "<td class=\"none\">0</td><td>1</td>");
    let legend = &page[place(&page, "id=\"how-to-read\"")..];
    place(legend, "nobody is safer for it");

    let text = Terminal.render(&result()).unwrap();
    let row = &text[place(&text, "one 1.2.3")..];
    place(row.lines().next().unwrap(), "1 known");
    place(&text, "‼~ second\n      one\n");
    place(&text, "1 known wrong acceptance");
}

#[test]
fn what_was_never_wrongly_accepted_is_said_too() {
    let mut result = result();
    result
        .cells
        .retain(|cell| !super::is_wrong_acceptance(&cell.outcome));
    let page = Html.render(&result).unwrap();
    let summary = &page[place(&page, "id=\"summary\"")..place(&page, "id=\"how-to-read\"")];
    place(summary, "known wrong acceptance");
}

/// GitLab and others know a case by its class and its name, in whatever suite it stands.
#[test]
fn junit_has_no_two_cases_of_the_same_class_and_name() {
    let mut result = result();
    let mut pair = cell("first", "one", Outcome::Pass);
    pair.signer = Some("<two>".to_owned());
    result.cells.push(pair);
    let xml = Junit.render(&result).unwrap();
    let mut keys: Vec<_> = xml
        .split("<testcase ")
        .skip(1)
        .map(|case| case.split(" time=").next().unwrap())
        .collect();
    place(&xml, "name=\"first\" classname=\"one.alpha\"");
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), result.cells.len(), "{keys:#?}");
}

#[test]
fn the_text_of_a_failure_begins_with_what_was_expected_and_seen() {
    let mut result = result();
    result.cells[0].outcome = Outcome::StaleDeviation {
        reason: "as ever".to_owned(),
    };
    let xml = Junit.render(&result).unwrap();
    let bodies: Vec<_> = xml
        .split("<failure ")
        .skip(1)
        .map(|failure| failure.split_once('>').unwrap().1)
        .map(|body| body.lines().next().unwrap())
        .collect();
    assert_eq!(
        bodies,
        [
            "on record as a deviation, and none any more: as ever",
            "expected refused: data-changed; seen: accepted",
        ]
    );
}

#[test]
fn a_summary_tells_what_changed_and_what_is_gone() {
    let mut now = result();
    now.cells[0].outcome = Outcome::Failed { what: what() };
    now.cells.pop();
    let since = result();
    let text = Summary {
        since: since.clone(),
    }
    .render(&now)
    .unwrap();
    place(&text, "| ✗ | one `first` | passed | failed |");
    place(&text, "**1 cells are gone:**");
    place(&text, "\\<two\\> `second`");
    assert!(!text.contains("| one `second` |"), "{text}");

    let same = Summary {
        since: since.clone(),
    }
    .render(&since)
    .unwrap();
    place(&same, "Nothing changed.");
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
