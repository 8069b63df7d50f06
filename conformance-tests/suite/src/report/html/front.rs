//! What stands before the tables: what is worst, how much of everything, and how to read it.

use super::{name, sign};
use crate::report::Mark;
use crate::report::counts::{Counts, cells_of};
use crate::report::findings::{self, Finding};
use crate::result::RunResult;
use maud::{Markup, html};

/// What was accepted that must be refused, known or not: the first that a reader sees.
pub(super) fn wrong_acceptances(result: &RunResult) -> Markup {
    let wrong = findings::wrong_acceptances(result);
    html! {
        section #wrongly-accepted {
            h2 { "Accepted, and must be refused" }
            @if !wrong.is_empty() {
                p {
                    "Whoever relies on these implementations takes for signed what is not. "
                    "Those that are known are among them."
                }
            }
            (list(&wrong))
        }
    }
}

/// Everything else that is not as expected: what is new, then what is known.
pub(super) fn otherwise(result: &RunResult) -> Markup {
    html! {
        section #otherwise {
            h2 { "Otherwise not as expected" }
            (list(&findings::failures(result)))
        }
        section #known {
            h2 { "Known deviations" }
            (list(&findings::deviations(result)))
        }
    }
}

fn list(findings: &[Finding<'_>]) -> Markup {
    html! {
        @if findings.is_empty() {
            p { (sign(Mark::Pass)) " Nothing." }
        } @else {
            ul.findings {
                @for finding in findings {
                    li {
                        (sign(finding.mark)) " "
                        a href={ "#" (finding.head.id) } { (finding.head.title) }
                        ": " (finding.mark.word()) ", "
                        @for (index, who) in finding.who.iter().enumerate() {
                            @if index > 0 { ", " }
                            strong { (name(who)) }
                        }
                        p.note {
                            (finding.what)
                            @if let Some(seen) = &finding.seen { br; (seen) }
                        }
                    }
                }
            }
        }
    }
}

/// How often what came out, for each implementation.
pub(super) fn summary(result: &RunResult) -> Markup {
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
                                th scope="row" { (name(&who.name)) }
                                @for mark in &marks {
                                    @match counts.get(*mark) {
                                        0 => td.none { "0" },
                                        count => td { (count) },
                                    }
                                }
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

/// What signs and levels mean.
pub(super) fn how_to_read() -> Markup {
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

/// Their names, versions and features.
pub(super) fn implementations(result: &RunResult) -> Markup {
    html! {
        section #implementations {
            h2 { "Who was asked" }
            ul.asked {
                @for who in &result.implementations {
                    li {
                        details {
                            summary { strong { (name(&who.name)) } " " (who.version) }
                            @if let Some(place) = who.homepage.as_deref().filter(|place| is_address(place)) {
                                p { a href=(place) rel="noreferrer" { (place) } }
                            }
                            p.note { (who.features.len()) " features: " (who.features.join(", ")) }
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
