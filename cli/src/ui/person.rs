//! Whoever is at the other end of standard input.

use super::{LineReader, Talk, unseen};
use sifseal_core::Secret;
use sifseal_core::traits::{Ask, Ui};
use std::sync::{Mutex, PoisonError};

/// How often a yes or no is asked at a terminal before it counts as no.
const CONFIRM_TRIES: usize = 3;

/// Somebody to ask. As a [`Ui`] it has answers only at a terminal; the program's own
/// questions, by the other methods, also take lines of a pipe.
#[derive(Debug)]
pub struct Person {
    talk: Talk,
    lines: Mutex<LineReader>,
    is_terminal: bool,
}

impl Person {
    pub(super) fn new(talk: Talk, lines: LineReader, is_terminal: bool) -> Self {
        Self {
            talk,
            lines: Mutex::new(lines),
            is_terminal,
        }
    }

    pub(super) fn talk(&self) -> &Talk {
        &self.talk
    }

    pub(super) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// A line that is expected without a question.
    pub(super) fn unasked(&self) -> Option<Vec<u8>> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.next_line()
    }

    /// One line of text, without blanks around it.
    pub(super) fn text(&self, question: &str) -> Option<String> {
        let line = self.line(question)?;
        Some(String::from_utf8_lossy(&line).trim().to_owned())
    }

    pub(super) fn yes_or_no(&self, question: &str) -> Option<bool> {
        for _ in 0..CONFIRM_TRIES {
            match self.text(question)?.to_ascii_lowercase().as_str() {
                "y" | "yes" => return Some(true),
                "" | "n" | "no" => return Some(false),
                _ if self.is_terminal => self.talk.warning("please answer y or n"),
                _ => return Some(false),
            }
        }
        Some(false)
    }

    /// One line as it stands, which a terminal does not show.
    pub(super) fn secret(&self, question: &str) -> Option<Secret> {
        if !self.is_terminal {
            return self.line(question).map(Secret::new);
        }
        self.talk.raw(question);
        let typed = unseen::unseen_line();
        // The person's Enter was not shown either.
        self.talk.raw("\n");
        typed
    }

    /// Prints a question and reads one line.
    fn line(&self, question: &str) -> Option<Vec<u8>> {
        self.talk.raw(question);
        let line = self.unasked();
        // At a terminal the person's Enter ended the line.
        if !self.is_terminal || line.is_none() {
            self.talk.raw("\n");
        }
        line
    }

    /// Itself, if somebody can answer at once.
    fn present(&self) -> Option<&Self> {
        self.is_terminal.then_some(self)
    }
}

impl Ui for Person {
    fn notice(&self, text: &str) {
        self.talk.info(text);
    }

    fn ask(&self, question: &str) -> Option<String> {
        self.present()?.text(question)
    }

    fn confirm(&self, question: &str) -> Option<bool> {
        self.present()?.yes_or_no(question)
    }

    fn passphrase(&self, ask: &Ask<'_>) -> Option<Secret> {
        self.present()?.secret(ask.question)
    }

    fn in_person(&self) -> &dyn Ui {
        self
    }
}
