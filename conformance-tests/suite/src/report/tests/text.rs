//! What a reader finds on the terminal, and beside a change.

use super::{cell, place, result, somebody, what};
use crate::report::{Report as _, Summary, Terminal};
use crate::result::{Outcome, RunResult};

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

/// What a pull request is told of a run since that of [`result`].
fn summary(now: &RunResult) -> String {
    Summary { since: result() }.render(now).unwrap()
}

#[test]
fn a_summary_tells_what_changed_and_what_is_gone() {
    let mut now = result();
    now.cells[0].outcome = Outcome::Failed { what: what() };
    now.cells.pop();
    let text = summary(&now);
    place(&text, "| ✗ | first | one | passed | failed |");
    place(&text, "**1 cell is gone:**\n\n- \\<two\\>: second\n");
    assert!(!text.contains("| second |"), "{text}");
    place(
        &text,
        "**2 times something was accepted that must be refused, 1 of them known.**",
    );
    assert!(!text.contains("\n\n\n"), "{text}");

    place(&summary(&result()), "Nothing changed.");
}

#[test]
fn a_summary_tells_of_a_deviation_that_got_worse_though_both_are_known() {
    let mut since = result();
    if let Outcome::KnownDeviation {
        wrongly_accepted, ..
    } = &mut since.cells[2].outcome
    {
        *wrongly_accepted = false;
    }
    let text = Summary { since }.render(&result()).unwrap();
    place(
        &text,
        "| ‼~ | second | one | known deviation | known wrong acceptance |",
    );
}

/// A comment has an end, and nobody reads six thousand lines.
#[test]
fn a_summary_is_short_whatever_changed() {
    let mut now = result();
    for number in 0..500 {
        let who = format!("x-{number}");
        now.cells.push(cell("first", &who, Outcome::Pass));
        now.cells
            .push(cell("second", &who, Outcome::Failed { what: what() }));
        let own = format!("third-{number}");
        now.cells
            .push(cell(&own, "one", Outcome::Failed { what: what() }));
    }
    let text = summary(&now);
    place(&text, "| ✗ | second | x-0, x-1,");
    place(&text, "and 488 more | not run | failed |");
    place(&text, "\nAnd 401 more.\n");
    place(&text, "1500 cells not run before: 1000 failed; 500 passed.");
    assert!(text.len() < 20_000, "{}", text.len());

    let text = Summary { since: now }.render(&result()).unwrap();
    place(&text, "**1500 cells are gone:**");
    place(&text, "- x-0: not asked any more\n");
    place(&text, "- and 401 more\n");
    place(&text, "- one: third-0,");
    assert!(text.len() < 20_000, "{}", text.len());
}
