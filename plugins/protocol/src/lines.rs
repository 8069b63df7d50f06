//! Messages out of bytes that come in pieces.

use crate::limits::MAX_LINE;
use crate::wiped::Growing;
use std::fmt;
use std::io::{self, ErrorKind, Read};
use zeroize::Zeroizing;

/// The longest piece that is read at once: what a pipe holds.
const PIECE: usize = 1 << 16;

/// What has arrived and is not yet a whole line. Wiped, like all lines out of it.
#[derive(Default)]
pub struct Lines {
    arrived: Growing,
    /// In so many bytes there is no end of a line.
    searched: usize,
}

impl Lines {
    /// Takes what has arrived.
    pub fn extend(&mut self, bytes: &[u8]) {
        self.arrived.extend(bytes);
    }

    /// The next line, without its end.
    pub fn take(&mut self) -> Option<Zeroizing<Vec<u8>>> {
        let arrived = self.arrived.bytes();
        let rest = &arrived[self.searched..];
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
            self.searched = arrived.len();
            return None;
        };
        let mut line = self.arrived.take(self.searched + end + 1);
        self.searched = 0;
        line.pop();
        Some(line)
    }

    /// True if no message is as long as what has arrived without an end of line.
    pub fn is_too_long(&self) -> bool {
        self.searched >= MAX_LINE
    }

    /// The next line of a source, `None` at its end. Waits for it.
    ///
    /// # Errors
    /// The source fails, ends in the middle of a line, or has one without an end.
    pub fn next_of(&mut self, source: &mut impl Read) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        let mut piece = Zeroizing::new(vec![0; PIECE]);
        loop {
            if let Some(line) = self.take() {
                return Ok(Some(line));
            }
            if self.is_too_long() {
                let what = "a message without an end";
                return Err(io::Error::new(ErrorKind::InvalidData, what));
            }
            match source.read(&mut piece) {
                Ok(0) if self.arrived.bytes().is_empty() => return Ok(None),
                Ok(0) => return Err(io::Error::new(ErrorKind::InvalidData, "half a message")),
                Ok(read) => self.extend(&piece[..read]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lines({} bytes)", self.arrived.bytes().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(lines: &mut Lines) -> Option<String> {
        let line = lines.take()?;
        Some(String::from_utf8(line.to_vec()).unwrap())
    }

    #[test]
    fn lines_come_out_as_they_went_in_whatever_the_pieces() {
        let mut lines = Lines::default();
        lines.extend(b"one\ntw");
        assert_eq!(taken(&mut lines).as_deref(), Some("one"));
        assert_eq!(taken(&mut lines), None);
        lines.extend(b"o\n\nthree");
        assert_eq!(taken(&mut lines).as_deref(), Some("two"));
        assert_eq!(taken(&mut lines).as_deref(), Some(""));
        assert_eq!(taken(&mut lines), None);
        assert!(!format!("{lines:?}").contains("three"));
    }

    #[test]
    fn a_source_has_whole_lines_and_an_end() {
        let mut source = &b"one\ntwo\n"[..];
        let mut lines = Lines::default();
        for expected in ["one", "two"] {
            let line = lines.next_of(&mut source).unwrap().unwrap();
            assert_eq!(line.as_slice(), expected.as_bytes());
        }
        assert!(lines.next_of(&mut source).unwrap().is_none());
        assert!(lines.next_of(&mut &b"half"[..]).is_err());
    }

    #[test]
    fn a_line_without_an_end_is_given_up() {
        let mut lines = Lines::default();
        let error = lines.next_of(&mut io::repeat(b'x')).unwrap_err();
        assert_eq!(error.to_string(), "a message without an end");
        assert!(lines.is_too_long());
    }
}
