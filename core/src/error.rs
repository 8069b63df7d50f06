//! One error type for the whole framework: what is wrong, where, and what the
//! person can do next.
//!
//! Code branches on [`ErrorKind`]; people read the one line of `Display`. A
//! refused image is *not* an error: verification answers with a report, and an
//! [`Error`] only means that the question could not be answered.

use std::error::Error as StdError;
use std::fmt;

/// The result of everything in sifseal that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a caller may want to do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// More than one thing answers to the name that was given.
    Ambiguous,
    /// A backend failed in a way that no other kind describes.
    Backend,
    /// A setting is missing, unknown or contradictory.
    Config,
    /// A person or a system said no.
    Denied,
    /// A file or directory could not be read or written.
    Io,
    /// A key is locked, and no passphrase (or a wrong one) was at hand.
    Locked,
    /// Bytes from outside are not what they should be.
    Malformed,
    /// What was asked for does not exist.
    NotFound,
    /// A deadline passed or the work was cancelled.
    Timeout,
    /// A device or service is not there at the moment.
    Unavailable,
    /// This backend, or this build, cannot do that.
    Unsupported,
}

/// What is wrong, where it is wrong, and what to do next.
///
/// `Display` is one line, `place: what: cause`, without a final stop; the hint
/// stands apart, for the program to print on a line of its own.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    what: String,
    place: Option<String>,
    hint: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of this kind; `what` says what is wrong, in lower case and
    /// without a final stop.
    pub fn new(kind: ErrorKind, what: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            what: what.into(),
            place: None,
            hint: None,
            source: None,
        }))
    }

    /// A file-system error on `path`, keeping the system's own words.
    pub fn io(path: &std::path::Path, source: std::io::Error) -> Self {
        let kind = match source.kind() {
            std::io::ErrorKind::NotFound => ErrorKind::NotFound,
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                ErrorKind::Denied
            }
            _ => ErrorKind::Io,
        };
        Self::new(kind, io_words(&source)).at(path.display())
    }

    /// Names the place: a file, a server, a plugin. The innermost place wins,
    /// because it is the most exact one.
    #[must_use]
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        self.0.place.get_or_insert_with(|| place.to_string());
        self
    }

    /// What the person can do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// The cause, printed after a colon.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same error in other words, for a person who asked for something larger: of
    /// the same kind, with the same hint. `what` tells place and cause itself.
    #[must_use]
    pub fn reworded(&self, what: impl Into<String>) -> Self {
        let mut reworded = Self::new(self.kind(), what);
        reworded.0.hint.clone_from(&self.0.hint);
        reworded
    }

    /// The kind to branch on.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What is wrong, without place, cause and hint.
    pub fn what(&self) -> &str {
        &self.0.what
    }

    /// Where it happened, if that is known.
    pub fn place(&self) -> Option<&str> {
        self.0.place.as_deref()
    }

    /// What the person can do next, if there is something.
    pub fn hint_text(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }
}

/// The system's message without Rust's `(os error 2)`, which tells a person
/// nothing that the words do not.
fn io_words(error: &std::io::Error) -> String {
    let text = error.to_string();
    let end = text.find(" (os error").unwrap_or(text.len());
    let mut words = text[..end].to_owned();
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    words
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.0.place {
            write!(f, "{}: ", crate::Shown::new(place))?;
        }
        write!(f, "{}", crate::Shown::new(&self.0.what))?;
        if let Some(source) = &self.0.source {
            write!(f, ": {}", crate::Shown::new(&source.to_string()))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("what", &self.0.what)
            .field("place", &self.0.place)
            .field("hint", &self.0.hint)
            .field("source", &self.0.source)
            .finish()
    }
}

impl StdError for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_reads_as_place_what_cause_on_one_line() {
        let error = Error::new(ErrorKind::Malformed, "descriptor 3 lies")
            .at("/tmp/x.sif")
            .because("offset\nbeyond the end");
        assert_eq!(
            error.to_string(),
            "/tmp/x.sif: descriptor 3 lies: offset\\nbeyond the end"
        );
    }

    #[test]
    fn the_innermost_place_is_kept() {
        let error = Error::new(ErrorKind::Io, "gone").at("inner").at("outer");
        assert_eq!(error.place(), Some("inner"));
    }

    #[test]
    fn an_error_in_other_words_keeps_its_kind_and_what_to_do() {
        let error = Error::new(ErrorKind::Locked, "wrong passphrase")
            .at("ring")
            .hint("try again");
        let reworded = error.reworded(format!("cannot sign: {error}"));
        assert_eq!(reworded.kind(), ErrorKind::Locked);
        assert_eq!(reworded.hint_text(), Some("try again"));
        assert_eq!(
            reworded.to_string(),
            "cannot sign: ring: wrong passphrase",
            "the place is told once"
        );
    }

    #[test]
    fn a_missing_file_is_told_in_plain_words() {
        let source = std::io::Error::from_raw_os_error(2);
        let error = Error::io(std::path::Path::new("nofile"), source);
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(error.to_string(), "nofile: no such file or directory");
    }
}
