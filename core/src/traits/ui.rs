//! The person behind the program.

use crate::Secret;
use std::fmt::Debug;

/// Asks and tells a person.
///
/// `None` as an answer means that nobody could be asked, which is not "no".
pub trait Ui: Debug + Send + Sync {
    /// Tells something that needs no answer: progress, a remark, a warning.
    fn notice(&self, text: &str);

    /// Asks for one line of text. The question is printed as it stands.
    fn ask(&self, question: &str) -> Option<String>;

    /// Asks for a yes or a no.
    fn confirm(&self, question: &str) -> Option<bool>;

    /// Asks for a passphrase, without showing what is typed.
    fn passphrase(&self, ask: &Ask<'_>) -> Option<Secret>;

    /// The same person for the questions of somebody else, a plugin say.
    ///
    /// These are answered by the person and by nothing else. What was given beforehand, in
    /// a file or through a pipe, was given for our own questions: to somebody else it
    /// would give the passphrase of a key that is none of theirs, and a token would count
    /// it as a wrong PIN. Where nobody can answer at once, the answers are `None`.
    fn in_person(&self) -> &dyn Ui;
}

/// What a passphrase is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// The question as it is to be printed, `Enter key passphrase : ` say.
    pub question: &'a str,
    /// Which key it is about, for whoever answers without a person.
    pub key: &'a str,
    /// 1 for the first time, more after a wrong answer.
    pub attempt: u8,
}

/// A [`Ui`] for programs that have nobody to ask.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nobody;

impl Ui for Nobody {
    fn notice(&self, _text: &str) {}

    fn ask(&self, _question: &str) -> Option<String> {
        None
    }

    fn confirm(&self, _question: &str) -> Option<bool> {
        None
    }

    fn passphrase(&self, _ask: &Ask<'_>) -> Option<Secret> {
        None
    }

    fn in_person(&self) -> &dyn Ui {
        self
    }
}
