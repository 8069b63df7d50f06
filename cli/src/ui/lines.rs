//! Reading standard input one line at a time, and not a byte more (W-16).
//!
//! A buffered reader would swallow what belongs to the next question, to the key
//! behind a passphrase, or to another program that shares the input.

use sifseal_core::{Error, ErrorKind, Result};
use std::fmt;
use std::fs::File;
use std::io::{self, ErrorKind as IoErrorKind, Read};
use std::os::fd::AsFd;

/// The longest line that is an answer, in bytes: nobody's name or passphrase is
/// longer, and a stream without line breaks must not fill the memory.
const MAX_LINE: usize = 64 << 10;

/// Standard input without any buffer.
///
/// # Errors
/// `Io` if it is closed.
pub fn standard_input() -> Result<File> {
    let file = io::stdin().as_fd().try_clone_to_owned();
    file.map(File::from)
        .map_err(|error| Error::new(ErrorKind::Io, "standard input is closed").because(error))
}

/// Takes lines off a stream.
pub struct LineReader(Box<dyn Read + Send>);

impl LineReader {
    /// Reads from this stream, byte by byte.
    pub fn new(stream: impl Read + Send + 'static) -> Self {
        Self(Box::new(stream))
    }

    /// The next line without its ending, `\n` or `\r\n`; a last line without one
    /// counts. `None` at the end, for an error, and for a line that is too long:
    /// in all three nobody has answered.
    pub fn next_line(&mut self) -> Option<Vec<u8>> {
        let mut line = Vec::new();
        loop {
            let mut byte = [0];
            match self.0.read(&mut byte) {
                Ok(0) if line.is_empty() => return None,
                Ok(0) => break,
                Ok(_) if byte == [b'\n'] => break,
                Ok(_) if line.len() == MAX_LINE => return None,
                Ok(_) => line.extend_from_slice(&byte),
                Err(error) if error.kind() == IoErrorKind::Interrupted => {}
                Err(_) => return None,
            }
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Some(line)
    }
}

impl fmt::Debug for LineReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LineReader")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Seek, SeekFrom, Write};

    #[test]
    fn lines_end_with_lf_crlf_or_the_stream() {
        let mut lines = LineReader::new(Cursor::new("a\nb\r\n\nc"));
        let all: Vec<_> = std::iter::from_fn(|| lines.next_line()).collect();
        assert_eq!(
            all,
            [b"a".to_vec(), b"b".to_vec(), b"".to_vec(), b"c".to_vec()]
        );
    }

    #[test]
    fn what_follows_the_line_stays_in_the_file_w16() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"answer\nthe rest").unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        let mut lines = LineReader::new(file.try_clone().unwrap());
        assert_eq!(lines.next_line().unwrap(), b"answer");
        let mut rest = String::new();
        file.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "the rest");
    }

    #[test]
    fn an_endless_line_is_no_answer() {
        let mut lines = LineReader::new(io::repeat(b'x'));
        assert_eq!(lines.next_line(), None);
    }
}
