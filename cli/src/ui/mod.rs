//! The person at the other end: questions, answers, remarks.
//!
//! [`Console`] is the program's [`Ui`]. Everything it says goes to standard
//! error, so that standard output holds results and nothing else. Answers come
//! from standard input, one line for each question (W-16); a passphrase typed at a
//! terminal is not shown. A file of passphrases, where one is given, answers in the
//! person's place. Neither it nor a pipe answers for plugins: [`Person`] does, at a
//! terminal only.
//!
//! The end of standard input means that nobody is there to ask, which is not the
//! same as an empty answer or a no.

mod existing_passphrase;
mod lines;
mod new_passphrase;
mod passphrase_file;
mod person;
mod talk;
mod unseen;

pub use existing_passphrase::existing_passphrase;
pub use lines::{LineReader, standard_input};
pub use new_passphrase::new_passphrase;
pub use passphrase_file::PassphraseSource;
pub use person::Person;
pub use talk::Talk;

use sifseal_core::traits::{Ask, Ui};
use sifseal_core::{Result, Secret};
use std::io::IsTerminal;

/// The program's own [`Ui`].
#[derive(Debug)]
pub struct Console {
    person: Person,
    given: Option<Secret>,
}

impl Console {
    /// The real one. A passphrase source is read here, once, and before any
    /// question could take a line of standard input.
    ///
    /// # Errors
    /// The passphrase source cannot be read.
    pub fn open(talk: Talk, source: Option<&PassphraseSource>) -> Result<Self> {
        let is_terminal = std::io::stdin().is_terminal();
        Self::over(
            talk,
            LineReader::new(standard_input()?),
            is_terminal,
            source,
        )
    }

    fn over(
        talk: Talk,
        mut lines: LineReader,
        is_terminal: bool,
        source: Option<&PassphraseSource>,
    ) -> Result<Self> {
        let given = source.map(|source| source.read(&mut lines)).transpose()?;
        Ok(Self {
            person: Person::new(talk, lines, is_terminal),
            given,
        })
    }

    /// The voice, for warnings and progress.
    pub fn talk(&self) -> &Talk {
        self.person.talk()
    }

    /// True if a person sits at a terminal; false for a pipe, a file, nothing.
    pub fn is_terminal(&self) -> bool {
        self.person.is_terminal()
    }

    /// True if a passphrase comes from a file, so that none is asked for.
    pub fn has_passphrase(&self) -> bool {
        self.given.is_some()
    }

    /// A line that is expected without a question, as it stands.
    pub fn unasked(&self) -> Option<Secret> {
        self.person.unasked().map(Secret::new)
    }
}

impl Ui for Console {
    fn notice(&self, text: &str) {
        self.talk().info(text);
    }

    fn ask(&self, question: &str) -> Option<String> {
        self.person.text(question)
    }

    fn confirm(&self, question: &str) -> Option<bool> {
        self.person.yes_or_no(question)
    }

    fn passphrase(&self, ask: &Ask<'_>) -> Option<Secret> {
        match &self.given {
            // The file's answer does not change by asking again.
            Some(given) => (ask.attempt <= 1).then(|| given.clone()),
            None => self.person.secret(ask.question),
        }
    }

    fn in_person(&self) -> &dyn Ui {
        &self.person
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;

    /// A console whose standard input is this text, and what it says.
    pub(crate) fn piped(input: &str) -> (Console, talk::testing::Heard) {
        let (talk, heard) = talk::testing::listened();
        let lines = LineReader::new(std::io::Cursor::new(input.to_owned()));
        (Console::over(talk, lines, false, None).unwrap(), heard)
    }
}

#[cfg(test)]
mod tests {
    use super::testing::piped;
    use super::*;

    fn secret(console: &Console) -> Option<Secret> {
        console.passphrase(&Ask {
            question: "Enter a passphrase : ",
            key: "",
            attempt: 1,
        })
    }

    #[test]
    fn each_question_takes_one_line_of_a_pipe_w16() {
        let (console, heard) = piped("1\nsecret\nthird\n");
        assert_eq!(console.ask("one ? ").as_deref(), Some("1"));
        assert_eq!(secret(&console).unwrap().expose(), b"secret");
        assert_eq!(console.ask("three ? ").as_deref(), Some("third"));
        assert_eq!(console.ask("four ? "), None);
        assert!(
            heard
                .text()
                .starts_with("one ? \nEnter a passphrase : \nthree ? \n")
        );
    }

    #[test]
    fn the_end_of_input_is_nobody_and_an_empty_line_is_an_answer() {
        let (console, _) = piped("\n");
        assert_eq!(console.ask("? ").as_deref(), Some(""));
        assert_eq!(console.ask("? "), None);
        assert_eq!(console.confirm("? "), None);
        assert_eq!(secret(&console), None);
    }

    #[test]
    fn no_is_what_is_meant_unless_yes_is_said() {
        let (console, _) = piped("y\nYES\nn\n\nperhaps\n");
        let answers: Vec<_> = (0..6).map(|_| console.confirm("? ")).collect();
        let expected = [
            Some(true),
            Some(true),
            Some(false),
            Some(false),
            Some(false),
            None,
        ];
        assert_eq!(answers, expected);
    }

    #[test]
    fn blanks_belong_to_a_passphrase_but_not_to_a_name() {
        let (console, _) = piped(" Ada \n two words \r\n");
        assert_eq!(console.ask("? ").as_deref(), Some("Ada"));
        assert_eq!(secret(&console).unwrap().expose(), b" two words ");
    }

    #[test]
    fn a_given_passphrase_is_taken_from_input_first_and_never_asked_for() {
        let (talk, heard) = talk::testing::listened();
        let lines = LineReader::new(std::io::Cursor::new("hidden\nAda\n"));
        let source = PassphraseSource::StandardInput;
        let console = Console::over(talk, lines, false, Some(&source)).unwrap();
        assert_eq!(console.ask("name ? ").as_deref(), Some("Ada"));
        assert_eq!(secret(&console).unwrap().expose(), b"hidden");
        assert!(!heard.text().contains("passphrase"));
        let again = Ask {
            question: "? ",
            key: "",
            attempt: 2,
        };
        assert_eq!(console.passphrase(&again), None, "a wrong one stays wrong");
    }

    #[test]
    fn neither_a_pipe_nor_a_file_answers_in_person() {
        let (talk, heard) = talk::testing::listened();
        let lines = LineReader::new(std::io::Cursor::new("of a key of ours\ny\nAda\n"));
        let source = PassphraseSource::StandardInput;
        let console = Console::over(talk, lines, false, Some(&source)).unwrap();
        let person = console.in_person();
        assert_eq!(person.confirm("plugin p: ? "), None);
        assert_eq!(person.ask("plugin p: ? "), None);
        let ask = Ask {
            question: "plugin p: PIN: ",
            key: "card",
            attempt: 1,
        };
        assert_eq!(person.passphrase(&ask), None);
        person.notice("plugin p: look");
        assert_eq!(heard.text(), "INFO:    plugin p: look\n");
        assert_eq!(
            console.confirm("? "),
            Some(true),
            "the lines are still ours"
        );
    }
}
