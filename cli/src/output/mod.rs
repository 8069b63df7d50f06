//! Results on standard output: text for people, JSON for programs.
//!
//! Nothing here is coloured, so nothing needs to know whether a terminal reads
//! it. A reader that closes the pipe early (`| head`) is no error: what follows
//! goes nowhere, and the exit status is still the command's own.

pub mod config;
pub mod engines;
pub mod exchanged;
pub mod found;
pub mod keys;
pub mod keyservers;
mod listed;
pub mod plugins;
pub mod report_json;
pub mod report_text;
pub mod sif;
pub mod signed;
mod table;
mod time;

pub use time::{local_time, rfc3339, utc_time};

use serde::Serialize;
use sifseal_core::{Error, ErrorKind, Result, Shown};
use std::fmt::{self, Write as _};
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

/// Standard output.
pub struct Output(Mutex<State>);

struct State {
    to: Box<dyn Write + Send>,
    closed: bool,
}

impl Output {
    /// The real one.
    pub fn standard() -> Self {
        Self::to(io::stdout())
    }

    fn to(to: impl Write + Send + 'static) -> Self {
        let to = Box::new(to);
        Self(Mutex::new(State { to, closed: false }))
    }

    /// Prints text as it stands.
    ///
    /// # Errors
    /// `Io` if it cannot be written (a full disk).
    pub fn print(&self, text: &str) -> Result<()> {
        self.write(text.as_bytes())
    }

    /// Writes bytes.
    ///
    /// # Errors
    /// `Io` if they cannot be written.
    pub fn write(&self, bytes: &[u8]) -> Result<()> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.closed {
            return Ok(());
        }
        let State { to, closed } = &mut *state;
        match to.write_all(bytes).and_then(|()| to.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                *closed = true;
                Ok(())
            }
            Err(error) => {
                Err(Error::new(ErrorKind::Io, "standard output cannot be written").because(error))
            }
            Ok(()) => Ok(()),
        }
    }

    /// True once the reader has gone, and more output is work for nothing.
    pub fn is_closed(&self) -> bool {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.closed
    }

    /// Prints a value as JSON.
    ///
    /// # Errors
    /// As [`print`](Self::print).
    pub fn json(&self, value: &impl Serialize) -> Result<()> {
        let text = serde_json::to_string_pretty(value)
            .map_err(|error| Error::new(ErrorKind::Backend, "no JSON of this").because(error))?;
        self.print(&(harmless(&text) + "\n"))
    }
}

/// JSON leaves some characters alone that a terminal obeys; they stand in strings
/// only, where they can be escaped (W-13).
fn harmless(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    let mut buffer = [0; 4];
    for c in json.chars() {
        let shown = Shown::new(c.encode_utf8(&mut buffer)).to_string();
        if c == '\n' || shown.chars().eq([c]) {
            text.push(c);
        } else {
            let _ = write!(text, "\\u{:04x}", u32::from(c));
        }
    }
    text
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Output")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Failing(io::ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_who_leaves_is_no_error_and_a_full_disk_is() {
        let output = Output::to(Failing(io::ErrorKind::BrokenPipe));
        assert!(output.print("text").is_ok());
        assert!(output.is_closed());
        let output = Output::to(Failing(io::ErrorKind::StorageFull));
        assert!(output.print("text").is_err());
    }

    #[test]
    fn json_holds_nothing_that_a_terminal_obeys_w13() {
        let hostile = "\u{1b}[2J\u{9b}2J\u{202e}\u{7f}é";
        let text = harmless(&serde_json::to_string(hostile).unwrap());
        assert!(text.chars().all(|c| !c.is_control() && c != '\u{202e}'));
        let back: String = serde_json::from_str(&text).unwrap();
        assert_eq!(back, hostile);
    }
}
