//! What a reader finds on the page for a browser.

use super::{cell, place, result, what};
use crate::report::{Html, Mark, Report as _, Terminal};
use crate::result::Outcome;

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
        .retain(|cell| !Mark::of(&cell.outcome).is_wrong_acceptance());
    let page = Html.render(&result).unwrap();
    let summary = &page[place(&page, "id=\"summary\"")..place(&page, "id=\"how-to-read\"")];
    place(summary, "known wrong acceptance");
}
