//! Reports, each made from a [`RunResult`] and nothing else.
//!
//! What was accepted that must be refused comes first in every one of them: it is ranked
//! apart from all other failures. Names, reasons and what programs printed come from
//! strangers: everything is escaped by the format that it goes into, and the characters
//! that could repaint a terminal were made visible when the result was recorded.

mod counts;
mod findings;
mod html;
mod junit;
mod summary;
mod terminal;

pub use html::Html;
pub use junit::Junit;
pub use summary::Summary;
pub use terminal::Terminal;

use crate::result::{Cell, Outcome, RunResult};
use std::fmt;

/// A form that results are shown in.
pub trait Report {
    /// The whole report.
    ///
    /// # Errors
    /// The form cannot hold it.
    fn render(&self, result: &RunResult) -> Result<String, RenderError>;
}

/// A form cannot hold what is to be shown.
#[derive(Debug)]
pub struct RenderError(String);

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this cannot be reported: {}", self.0)
    }
}

impl std::error::Error for RenderError {}

impl From<fmt::Error> for RenderError {
    fn from(error: fmt::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<quick_junit::SerializeError> for RenderError {
    fn from(error: quick_junit::SerializeError) -> Self {
        Self(error.to_string())
    }
}

/// An outcome as all reports show it: a word and a sign, so that no colour is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    WronglyAccepted,
    /// The same, on record with a reason: the run does not fail, and a user is no safer.
    KnownWrongAcceptance,
    Failed,
    Error,
    Stale,
    Deviation,
    Unsupported,
    Noted,
    PassWithoutReason,
    Pass,
}

impl Mark {
    /// Every mark, the worst first.
    pub(crate) const ALL: [Self; 10] = [
        Self::WronglyAccepted,
        Self::KnownWrongAcceptance,
        Self::Failed,
        Self::Error,
        Self::Stale,
        Self::Deviation,
        Self::Unsupported,
        Self::Noted,
        Self::PassWithoutReason,
        Self::Pass,
    ];

    pub(crate) fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::WronglyAccepted { .. } => Self::WronglyAccepted,
            Outcome::Failed { .. } => Self::Failed,
            Outcome::Error { .. } => Self::Error,
            Outcome::StaleDeviation { .. } => Self::Stale,
            Outcome::KnownDeviation {
                wrongly_accepted: true,
                ..
            } => Self::KnownWrongAcceptance,
            Outcome::KnownDeviation { .. } => Self::Deviation,
            Outcome::Unsupported { .. } => Self::Unsupported,
            Outcome::NoExpectation { .. } => Self::Noted,
            Outcome::PassWithoutReason => Self::PassWithoutReason,
            Outcome::Pass => Self::Pass,
        }
    }

    /// True if something was accepted that must be refused, known or not.
    pub(crate) fn is_wrong_acceptance(self) -> bool {
        matches!(self, Self::WronglyAccepted | Self::KnownWrongAcceptance)
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::WronglyAccepted => "wrongly accepted",
            Self::KnownWrongAcceptance => "known wrong acceptance",
            Self::Failed => "failed",
            Self::Error => "error",
            Self::Stale => "stale deviation",
            Self::Deviation => "known deviation",
            Self::Unsupported => "unsupported",
            Self::Noted => "noted",
            Self::PassWithoutReason => "passed, reason not told",
            Self::Pass => "passed",
        }
    }

    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::WronglyAccepted => "‼",
            Self::KnownWrongAcceptance => "‼~",
            Self::Failed => "✗",
            Self::Error => "!",
            Self::Stale => "≠",
            Self::Deviation => "~",
            Self::Unsupported => "–",
            Self::Noted => "·",
            Self::PassWithoutReason => "✓?",
            Self::Pass => "✓",
        }
    }
}

/// The one sentence that an outcome has beside its word, if any.
pub(crate) fn sentence(outcome: &Outcome) -> Option<String> {
    Some(match outcome {
        Outcome::Pass | Outcome::PassWithoutReason => return None,
        Outcome::NoExpectation { observed } => observed.clone(),
        Outcome::WronglyAccepted { what } | Outcome::Failed { what } | Outcome::Error { what } => {
            what.clone()
        }
        Outcome::Unsupported { lacks } => format!("lacks {}", lacks.join(", ")),
        Outcome::KnownDeviation { what, reason, .. } => format!("{what}: {reason}"),
        Outcome::StaleDeviation { reason } => {
            format!("on record as a deviation, and none any more: {reason}")
        }
    })
}

/// What was expected and what was seen instead, in one sentence, of a cell that did not come
/// out as expected: of the last question that it asked, for there it ended.
pub(crate) fn seen_and_expected(cell: &Cell) -> Option<String> {
    let mut steps = cell.steps.iter().rev();
    let (expected, observed) = steps.find_map(|step| {
        let expected = step.expected.as_deref()?;
        Some((expected, step.observed.as_deref()?))
    })?;
    // It ended otherwise than by an answer.
    if expected == observed || matches!(cell.outcome, Outcome::StaleDeviation { .. }) {
        return None;
    }
    Some(format!("expected {expected}; seen: {observed}"))
}

/// Who was asked in a cell: one, or a signer and a verifier.
pub(crate) fn who(cell: &Cell) -> String {
    match &cell.signer {
        None => cell.implementation.clone(),
        Some(signer) => format!("{signer} → {}", cell.implementation),
    }
}

#[cfg(test)]
mod tests;
