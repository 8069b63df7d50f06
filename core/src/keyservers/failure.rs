//! What a keyserver did wrong, as data for reports.

use crate::{Error, ErrorKind};

/// One keyserver could not be asked, or did not answer properly. Another one may
/// have had the answer all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The server's address or path; `None` if no server is to blame.
    pub place: Option<String>,
    /// What kind of failure it is.
    pub kind: ErrorKind,
    /// What is wrong, on one line that names the server.
    pub text: String,
    /// What the person can do, if there is something.
    pub hint: Option<String>,
}

impl Failure {
    /// A failure of the server at `place`.
    pub(super) fn new(place: &str, error: &Error) -> Self {
        let told = error.to_string();
        // A backend may name a more exact place, a file in the directory say.
        let text = match error.place() {
            Some(own) if own.contains(place) => told,
            _ => format!("{}: {told}", crate::Shown::new(place)),
        };
        Self {
            place: Some(place.to_owned()),
            text,
            ..Self::of_nobody(error)
        }
    }

    /// A failure that no server is to blame for.
    pub(super) fn of_nobody(error: &Error) -> Self {
        Self {
            place: None,
            kind: error.kind(),
            text: error.to_string(),
            hint: error.hint_text().map(str::to_owned),
        }
    }

    /// What is wrong and what the person can do, on one line.
    pub fn in_one_line(&self) -> String {
        match &self.hint {
            Some(hint) => format!("{} ({hint})", self.text),
            None => self.text.clone(),
        }
    }

    fn to_error(&self) -> Error {
        let error = Error::new(self.kind, self.text.clone());
        match &self.hint {
            Some(hint) => error.hint(hint.clone()),
            None => error,
        }
    }
}

/// Failures as the reason why something could not be done at all, each with its server;
/// `None` if there are none.
pub(super) fn to_error(failures: &[Failure]) -> Option<Error> {
    match failures {
        [] => None,
        [only] => Some(only.to_error()),
        [first, ..] => {
            let lines: Vec<_> = failures.iter().map(Failure::in_one_line).collect();
            Some(Error::new(first.kind, lines.join("; ")))
        }
    }
}

/// Adds failures that are not among those told already.
pub(super) fn add_new(told: &mut Vec<Failure>, more: impl IntoIterator<Item = Failure>) {
    for failure in more {
        if !told.contains(&failure) {
            told.push(failure);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_server_once() {
        let error = Error::new(ErrorKind::Timeout, "no answer in 30 s");
        let expected = "https://keys.example: no answer in 30 s";
        assert_eq!(Failure::new("https://keys.example", &error).text, expected);
        let error = error.at("https://keys.example");
        assert_eq!(Failure::new("https://keys.example", &error).text, expected);
    }

    #[test]
    fn as_an_error_it_keeps_its_kind_and_what_to_do() {
        let error = Error::new(ErrorKind::Denied, "no").hint("log in");
        let again = to_error(&[Failure::new("s", &error)]).unwrap();
        assert_eq!(again.kind(), ErrorKind::Denied);
        assert_eq!(again.hint_text(), Some("log in"));
        assert_eq!(again.to_string(), "s: no");
    }

    #[test]
    fn of_several_servers_none_is_passed_over() {
        assert!(to_error(&[]).is_none());
        let denied = Error::new(ErrorKind::Denied, "no").hint("log in");
        let down = Error::new(ErrorKind::Unavailable, "down");
        let failures = [Failure::new("one", &denied), Failure::new("two", &down)];
        let error = to_error(&failures).unwrap();
        assert_eq!(error.to_string(), "one: no (log in); two: down");
        assert_eq!(error.kind(), ErrorKind::Denied);
    }
}
