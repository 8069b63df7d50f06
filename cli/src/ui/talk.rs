//! What the program says on standard error, in Apptainer's form: a word of eight
//! columns, then the text.

use sifseal_core::{Error, Shown};
use std::fmt;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

/// The voice of the program. Nothing here fails: whoever closed standard error
/// does not want to hear of it.
pub struct Talk {
    to: Mutex<Box<dyn Write + Send>>,
    quiet: bool,
}

impl Talk {
    /// Speaks on standard error; if `quiet`, without [`info`](Self::info).
    pub fn on_standard_error(quiet: bool) -> Self {
        Self {
            to: Mutex::new(Box::new(io::stderr())),
            quiet,
        }
    }

    /// Something went as it should.
    pub fn info(&self, text: &str) {
        if !self.quiet {
            self.labelled("INFO:", text);
        }
    }

    /// Something that the person should look at; the work goes on.
    pub fn warning(&self, text: &str) {
        self.labelled("WARNING:", text);
    }

    /// What could not be done, in one line, and what to do next in another.
    pub fn fatal(&self, error: &Error) {
        self.labelled("FATAL:", &error.to_string());
        if let Some(hint) = error.hint_text() {
            self.raw(&format!("hint: {}\n", Shown::new(hint)));
        }
    }

    /// Progress, which [`info`](Self::info) would break into lines.
    pub fn progress(&self, text: &str) {
        if !self.quiet {
            self.raw(text);
        }
    }

    /// A question, or part of a line.
    pub fn raw(&self, text: &str) {
        let mut to = self.to.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = to.write_all(text.as_bytes());
        let _ = to.flush();
    }

    fn labelled(&self, label: &str, text: &str) {
        self.raw(&format!("{label:<8} {}\n", Shown::new(text)));
    }
}

impl fmt::Debug for Talk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Talk").field("quiet", &self.quiet).finish()
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;
    use std::sync::Arc;

    /// What was said.
    #[derive(Debug, Clone, Default)]
    pub(crate) struct Heard(Arc<Mutex<Vec<u8>>>);

    impl Heard {
        pub(crate) fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Heard {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    pub(crate) fn listened() -> (Talk, Heard) {
        let heard = Heard::default();
        let talk = Talk {
            to: Mutex::new(Box::new(heard.clone())),
            quiet: false,
        };
        (talk, heard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sifseal_core::ErrorKind;

    #[test]
    fn every_line_begins_with_a_word_of_eight_columns() {
        let (talk, heard) = testing::listened();
        talk.info("a");
        talk.warning("b");
        talk.fatal(&Error::new(ErrorKind::Io, "c").hint("d"));
        assert_eq!(
            heard.text(),
            "INFO:    a\nWARNING: b\nFATAL:   c\nhint: d\n"
        );
    }

    #[test]
    fn nothing_said_can_repaint_the_terminal_w13() {
        let (talk, heard) = testing::listened();
        talk.warning("\u{1b}[2J\nFATAL:   forged");
        assert_eq!(heard.text().matches('\n').count(), 1);
        assert!(!heard.text().contains('\u{1b}'));
    }
}
