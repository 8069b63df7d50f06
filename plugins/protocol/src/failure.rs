//! Errors in messages.

use serde::{Deserialize, Serialize};
use sifseal_core::{Error, ErrorKind};

/// The kinds by name. The names never change; a new one is read as `backend` by whoever
/// does not know it.
const KINDS: [(&str, ErrorKind); 11] = [
    ("ambiguous", ErrorKind::Ambiguous),
    ("backend", ErrorKind::Backend),
    ("config", ErrorKind::Config),
    ("denied", ErrorKind::Denied),
    ("io", ErrorKind::Io),
    ("locked", ErrorKind::Locked),
    ("malformed", ErrorKind::Malformed),
    ("not-found", ErrorKind::NotFound),
    ("timeout", ErrorKind::Timeout),
    ("unavailable", ErrorKind::Unavailable),
    ("unsupported", ErrorKind::Unsupported),
];

/// Why a request could not be answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// `denied`, `locked`, `not-found`, …
    pub kind: String,
    /// What is wrong, in one sentence, in lower case and without a final stop.
    pub message: String,
    /// What the person can do next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Failure {
    /// A failure of this kind.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let known = KINDS.iter().find(|(_, own)| *own == kind);
        Self {
            kind: known.map_or("backend", |(name, _)| name).to_owned(),
            message: message.into(),
            hint: None,
        }
    }

    /// The kind to branch on.
    pub fn error_kind(&self) -> ErrorKind {
        let known = KINDS.iter().find(|(name, _)| *name == self.kind);
        known.map_or(ErrorKind::Backend, |(_, kind)| *kind)
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self {
            hint: error.hint_text().map(str::to_owned),
            ..Self::new(error.kind(), error.to_string())
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let error = Error::new(failure.error_kind(), failure.message);
        match failure.hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_survives_the_way_there_and_back() {
        for (_, kind) in KINDS {
            let error = Error::new(kind, "what").at("place").hint("do this");
            let back = Error::from(Failure::from(&error));
            assert_eq!(back.kind(), kind);
            assert_eq!(back.to_string(), "place: what");
            assert_eq!(back.hint_text(), Some("do this"));
        }
    }

    #[test]
    fn a_kind_of_next_year_counts_as_backend() {
        let failure: Failure =
            serde_json::from_str(r#"{"kind":"throttled","message":"m","retry":5}"#).unwrap();
        assert_eq!(failure.error_kind(), ErrorKind::Backend);
    }
}
