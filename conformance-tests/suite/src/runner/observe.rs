//! What an answer means beside what was expected.

use crate::adapter::{Answer, Verdict};
use crate::result::StepRecord;
use crate::scenario::{Expect, Verify};
use sifseal_core::Shown;

/// The reason of what cannot be read at all (exit status 41).
const UNREADABLE: &str = "unreadable";

/// How many reasons may be told at once. What decides is seldom more than one; a signature
/// and the group that it is over may each say something.
const MOST_REASONS: usize = 8;

/// What one question showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    /// As expected; whether the reason was told too, where there is one.
    AsExpected { reason_told: bool },
    /// There is no right answer.
    Noted(&'static str),
    /// Accepted what must be refused.
    WronglyAccepted,
    /// Refused what must be accepted, or for another reason, or told other signers.
    Otherwise,
    /// It said that it can, and then that it cannot.
    FalseClaim,
    /// No answer that means anything.
    Broken,
}

/// Compares an answer with what a step expects.
pub(super) fn compare(answer: &Answer, expect: Expect) -> Seen {
    let accepted = match &answer.verdict {
        Verdict::Broken(_) => return Seen::Broken,
        Verdict::Unsupported => return Seen::FalseClaim,
        Verdict::Accepted => true,
        Verdict::Refused | Verdict::Unreadable => false,
    };
    match (expect, accepted) {
        (Expect::Either, true) => Seen::Noted("accepted"),
        (Expect::Either, false) => Seen::Noted("refused"),
        (Expect::Accept, true) | (Expect::Refuse, false) => Seen::AsExpected { reason_told: true },
        (Expect::Accept, false) => Seen::Otherwise,
        (Expect::Refuse, true) => Seen::WronglyAccepted,
    }
}

/// The same for a verification, whose reason and signers count too. `signers` are the
/// fingerprints of those whose signatures must count, if that is said.
pub(super) fn compare_verification(
    answer: &Answer,
    step: &Verify,
    signers: Option<&[String]>,
) -> Seen {
    let seen = compare(answer, step.expect);
    if seen != (Seen::AsExpected { reason_told: true }) {
        return seen;
    }
    // That it cannot be read is a reason by itself, whatever else is told.
    let unreadable = step.because.iter().any(|reason| reason == UNREADABLE);
    if answer.verdict == Verdict::Unreadable && unreadable {
        return seen;
    }
    match (&answer.told, step.expect) {
        (None, Expect::Refuse) => Seen::AsExpected { reason_told: false },
        (Some(told), Expect::Refuse) if told.reasons.is_empty() => {
            Seen::AsExpected { reason_told: false }
        }
        // Who tells everything tells nothing.
        (Some(told), Expect::Refuse) if told.reasons.len() > MOST_REASONS => Seen::Otherwise,
        (Some(told), Expect::Refuse) => {
            match told
                .reasons
                .iter()
                .any(|reason| step.because.contains(reason))
            {
                true => seen,
                false => Seen::Otherwise,
            }
        }
        (Some(told), Expect::Accept) => match signers {
            Some(expected) if !same(expected, &told.signers) => Seen::Otherwise,
            _ => seen,
        },
        _ => seen,
    }
}

fn same(expected: &[String], told: &[String]) -> bool {
    let sorted = |names: &[String]| {
        let mut names: Vec<_> = names.iter().map(|name| name.to_ascii_uppercase()).collect();
        names.sort();
        names.dedup();
        names
    };
    sorted(expected) == sorted(told)
}

/// For the record: what became of the image while nobody was asked.
pub(super) fn disturbed(observed: String) -> StepRecord {
    StepRecord {
        expected: Some("the image stays as it is".to_owned()),
        observed: Some(observed),
        ..StepRecord::by_hand("look at the image".to_owned())
    }
}

/// A question and its answer for the record.
pub(super) fn record(what: String, expected: String, answer: &Answer) -> StepRecord {
    let shown = |text: &str| {
        let lines: Vec<_> = text
            .lines()
            .map(|line| Shown::new(line).to_string())
            .collect();
        lines.join("\n")
    };
    let reasons = answer.told.as_ref().map_or(&[][..], |told| &told.reasons);
    StepRecord {
        what,
        call: Some(answer.call.iter().map(|word| shown(word)).collect()),
        expected: Some(expected),
        observed: Some(in_words(answer)),
        exit: answer.exit,
        reasons: reasons.iter().map(|reason| shown(reason)).collect(),
        stdout: shown(&answer.stdout),
        stderr: shown(&answer.stderr),
        ms: u64::try_from(answer.took.as_millis()).unwrap_or(u64::MAX),
    }
}

/// Says of an image that was accepted whose signatures were to count, and whose did: where
/// they are not the same, `accepted` twice tells nobody what is wrong.
pub(super) fn record_signers(record: &mut StepRecord, expected: &[String], answer: &Answer) {
    let Some(told) = answer.told.as_ref() else {
        return;
    };
    if answer.verdict != Verdict::Accepted {
        return;
    }
    let by = |signers: &[String]| match signers {
        [] => "accepted, by nobody's signature".to_owned(),
        _ => format!(
            "accepted, by the signature of {}",
            Shown::new(&signers.join(" and "))
        ),
    };
    record.expected = Some(by(expected));
    record.observed = Some(by(&told.signers));
}

/// An answer in words.
fn in_words(answer: &Answer) -> String {
    let verdict = match &answer.verdict {
        Verdict::Accepted => "accepted",
        Verdict::Refused => "refused",
        Verdict::Unreadable => "refused as unreadable",
        Verdict::Unsupported => "said to be unsupported",
        Verdict::Broken(how) => return format!("no answer: {how}"),
    };
    match answer.told.as_ref().map(|told| &told.reasons[..]) {
        None | Some([]) => verdict.to_owned(),
        Some(reasons) => format!("{verdict}: {}", Shown::new(&reasons.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::Told;

    #[test]
    fn wrong_signers_are_told_where_accepted_beside_accepted_would_tell_nothing() {
        let answer = Answer {
            verdict: Verdict::Accepted,
            told: Some(Told {
                accepted: true,
                reasons: vec![],
                signers: vec!["BB".to_owned()],
            }),
            call: vec![],
            exit: Some(0),
            stdout: String::new(),
            stderr: String::new(),
            took: std::time::Duration::ZERO,
        };
        let mut step = record("verify".to_owned(), "accepted".to_owned(), &answer);
        record_signers(&mut step, &["AA".to_owned()], &answer);
        let expected = step.expected.as_deref();
        assert_eq!(expected, Some("accepted, by the signature of AA"));
        let observed = step.observed.as_deref();
        assert_eq!(observed, Some("accepted, by the signature of BB"));
    }
}
