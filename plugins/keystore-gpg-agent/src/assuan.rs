//! Assuan, the protocol among GnuPG's programs: how its lines are read and written.
//!
//! A client sends commands; the server answers each with lines of data and remarks, may
//! put a question, and ends with `OK` or `ERR` ("Developing with Assuan", section 2).
//! Data are bytes: a line break, a carriage return and a percent sign are escaped, all
//! others may stand as they are. A signature has any bytes, so nothing here takes a line
//! for text.
//!
//! Nothing of this is taken from a library. `assuan` 0.3 refuses data that are no UTF-8,
//! which nearly every signature is; `sequoia-gpg-agent` and `gpgme` are under the LGPL,
//! and bring an asynchronous runtime or a C library.

use sifseal_plugin_sdk::{Error, ErrorKind, Result};

/// The longest line, without the line break at its end (section 2.2).
pub(crate) const MAX_LINE: usize = 1000;

/// What a server can say in one line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// The command is done.
    Done,
    /// It is not, and why.
    Refused(Refusal),
    /// A piece of what the command gives.
    Data(Vec<u8>),
    /// A question, by its keyword; the client must answer or cancel.
    Inquiry(String),
    /// A remark, of which nothing depends.
    Remark,
}

/// Why a command is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// A number of libgpg-error, without the part that says which program it is from.
    pub(crate) code: u16,
    /// The server's own words.
    pub(crate) words: String,
}

impl Line {
    /// Reads a line, the line break cut off.
    ///
    /// # Errors
    /// `Malformed` if it is none of the protocol's.
    pub(crate) fn read(line: &[u8]) -> Result<Self> {
        // A carriage return before the line break belongs to it; in data it is escaped.
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let (keyword, rest) = match line.iter().position(|byte| *byte == b' ') {
            Some(space) => (&line[..space], &line[space + 1..]),
            None => (line, &[][..]),
        };
        match keyword {
            b"OK" => Ok(Self::Done),
            b"ERR" => refusal(rest).map(Self::Refused),
            b"D" => unescape(rest)
                .map(Self::Data)
                .ok_or_else(|| malformed("data with half an escape")),
            b"INQUIRE" => Ok(Self::Inquiry(inquiry(rest))),
            b"S" => Ok(Self::Remark),
            _ if line.starts_with(b"#") => Ok(Self::Remark),
            _ => Err(malformed("a line that is no answer")),
        }
    }
}

fn refusal(rest: &[u8]) -> Result<Refusal> {
    let text = String::from_utf8_lossy(rest);
    let (number, words) = text.split_once(' ').unwrap_or((&text, ""));
    let number: u32 = number
        .parse()
        .map_err(|_| malformed("an error without a number"))?;
    // The upper bits name the program that the error is from, which the words do, too.
    let code = (number & 0xFFFF) as u16;
    let words = words.split(" <").next().unwrap_or_default().trim();
    Ok(Refusal {
        code,
        words: words.to_owned(),
    })
}

fn inquiry(rest: &[u8]) -> String {
    let keyword = rest.split(|byte| *byte == b' ').next().unwrap_or_default();
    String::from_utf8_lossy(keyword).into_owned()
}

/// The bytes behind percent escapes; `None` if one is cut short or no number.
pub(crate) fn unescape(escaped: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(escaped.len());
    let mut rest = escaped;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        let mut byte = [0];
        hex::decode_to_slice(digits, &mut byte).ok()?;
        bytes.extend(byte);
        rest = after;
    }
    Some(bytes)
}

/// A text as an argument of `SETKEYDESC`: one word of one line, in which a blank is a plus.
///
/// Letters beyond ASCII stand as they are. Escaped, some would begin with `%C`, in whose
/// place gpg-agent puts the comment of the key.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' ' => escaped.push('+'),
            '+' | '%' | '"' | '\0'..='\x1F' | '\x7F' => {
                escaped.push_str(&format!("%{:02X}", u32::from(c)));
            }
            _ => escaped.push(c),
        }
    }
    escaped
}

fn malformed(what: &str) -> Error {
    Error::new(ErrorKind::Malformed, format!("it answers with {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_line_is_told_from_the_others() {
        let refused = |code, words: &str| {
            Line::Refused(Refusal {
                code,
                words: words.to_owned(),
            })
        };
        for (line, expected) in [
            (&b"OK"[..], Line::Done),
            (b"OK Pleased to meet you, process 7", Line::Done),
            (b"OK\r", Line::Done),
            (b"D ", Line::Data(vec![])),
            (b"D a b", Line::Data(b"a b".to_vec())),
            (b"D %25%0A%0d%0D+", Line::Data(b"%\n\r\r+".to_vec())),
            (
                b"D \xFF\x00\x80%fF%00",
                Line::Data(b"\xFF\0\x80\xFF\0".to_vec()),
            ),
            (b"S PROGRESS x 0 0", Line::Remark),
            (b"# comment", Line::Remark),
            (b"#", Line::Remark),
            (
                b"INQUIRE PINENTRY_LAUNCHED 7 curses",
                Line::Inquiry("PINENTRY_LAUNCHED".to_owned()),
            ),
            (b"INQUIRE", Line::Inquiry(String::new())),
            (
                b"ERR 67108949 No pinentry <GPG Agent>",
                refused(85, "No pinentry"),
            ),
            (
                b"ERR 83886179 Operation cancelled <Pinentry>",
                refused(99, "Operation cancelled"),
            ),
            (b"ERR 1", refused(1, "")),
        ] {
            assert_eq!(Line::read(line).unwrap(), expected, "{line:?}");
        }
    }

    #[test]
    fn a_line_that_is_no_answer_is_an_error() {
        for line in [
            &b""[..],
            b" OK",
            b"OKAY",
            b"ok",
            b"ERR",
            b"ERR ",
            b"ERR x",
            b"ERR -1 no",
            b"ERR 99999999999 much",
            b"D %",
            b"D %2",
            b"D %2G",
            b"D a%",
            b"D %%25",
            b"DATA",
            b"\xFF\xFE",
        ] {
            let error = Line::read(line).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed, "{line:?}");
        }
    }

    #[test]
    fn every_byte_survives_escaped_and_all_but_three_survive_bare() {
        for byte in 0..=255_u8 {
            let escaped = format!("D x%{byte:02x}y");
            let expected = Line::Data(vec![b'x', byte, b'y']);
            assert_eq!(Line::read(escaped.as_bytes()).unwrap(), expected);
            if !b"%\r\n".contains(&byte) {
                let bare = [b'D', b' ', b'x', byte, b'y'];
                assert_eq!(Line::read(&bare).unwrap(), expected);
            }
        }
    }

    #[test]
    fn an_argument_is_one_word_of_one_line() {
        let escaped = escape("Ada \"A+\" <a@x> 100%\n\u{e9}");
        assert_eq!(escaped, "Ada+%22A%2B%22+<a@x>+100%25%0A\u{e9}");
        let back = unescape(escaped.replace('+', " ").as_bytes()).unwrap();
        assert_eq!(back, "Ada \"A+\" <a@x> 100%\n\u{e9}".as_bytes());
    }
}
