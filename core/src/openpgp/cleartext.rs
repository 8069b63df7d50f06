//! The frame of a cleartext signature (RFC 9580, section 7), read strictly and
//! written.
//!
//! OpenPGP libraries differ in what they let pass around and inside such a
//! message: leading text, unknown headers, a second message, text after the end.
//! Each difference is a chance to show a person one thing and verify another. So
//! there is one reader, here, and engines get its result: the text that was
//! signed, and the packets of the signature block.
//!
//! Accepted is exactly one message and nothing around it but line breaks at its
//! end: the header line, `Hash` headers only, a blank line, the text with its
//! dash escapes, and one armored signature block (see `armor`).

mod armor;
mod write;

pub use write::TextToSign;

use super::HashAlgorithm;
use crate::{Error, ErrorKind, Result};

const BEGIN_MESSAGE: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
const BEGIN_SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----";

/// A cleartext-signed message, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CleartextMessage {
    /// The algorithms that the `Hash` headers name, in order. Without a header
    /// MD5 is meant (RFC 4880, section 7), and this is empty.
    pub hashes: Vec<HashAlgorithm>,
    /// The signed text: dash escapes undone, trailing blanks of each line
    /// removed, lines separated by `\n`, without the line break that belongs to
    /// the signature block.
    pub text: String,
    /// The content of the signature block: OpenPGP packets, unread.
    pub packets: Vec<u8>,
}

impl CleartextMessage {
    /// The bytes that are hashed: the text with every line ending as CR LF.
    pub fn hashed_text(&self) -> Vec<u8> {
        self.text.replace('\n', "\r\n").into_bytes()
    }
}

/// True if these bytes begin like a cleartext-signed message at all.
pub fn looks_like_cleartext(bytes: &[u8]) -> bool {
    bytes.starts_with(BEGIN_MESSAGE.as_bytes())
}

/// Reads one cleartext-signed message.
///
/// # Errors
/// `Malformed`, saying which rule was broken.
pub fn read(bytes: &[u8]) -> Result<CleartextMessage> {
    let message = std::str::from_utf8(bytes).map_err(|_| bad("it is not UTF-8 text"))?;
    refuse_lone_carriage_returns(message)?;
    let mut lines = Lines { rest: message };

    if lines.next() != Some(BEGIN_MESSAGE) {
        return Err(bad("it does not begin with the header line"));
    }
    let hashes = read_headers(&mut lines)?;
    let text = read_text(&mut lines)?;
    let packets = armor::read(&mut lines)?;
    if !lines.rest.trim_matches(['\r', '\n']).is_empty() {
        return Err(bad("something stands after its end"));
    }
    Ok(CleartextMessage {
        hashes,
        text,
        packets,
    })
}

/// Lines without their LF or CR LF; like `str::lines`, but `rest` stays visible.
struct Lines<'a> {
    rest: &'a str,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        self.rest = rest;
        Some(line.strip_suffix('\r').unwrap_or(line))
    }
}

fn bad(what: &str) -> Error {
    Error::new(
        ErrorKind::Malformed,
        format!("not a proper cleartext signature: {what}"),
    )
}

/// OpenPGP libraries disagree whether a CR alone ends a line (Sequoia says no,
/// GnuPG, Go and rPGP say yes), so none is accepted.
fn refuse_lone_carriage_returns(message: &str) -> Result<()> {
    let bytes = message.as_bytes();
    let lone = bytes
        .iter()
        .enumerate()
        .any(|(at, byte)| *byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
    if lone {
        return Err(bad("a carriage return stands without a line feed"));
    }
    Ok(())
}

fn read_headers(lines: &mut Lines<'_>) -> Result<Vec<HashAlgorithm>> {
    let mut hashes = Vec::new();
    loop {
        let line = lines.next().ok_or_else(|| bad("it ends in its headers"))?;
        if line.is_empty() {
            return Ok(hashes);
        }
        let names = line
            .strip_prefix("Hash: ")
            .ok_or_else(|| bad("a header other than `Hash` stands before the text"))?;
        for name in names.split(',') {
            let hash = name
                .trim()
                .parse()
                .map_err(|()| bad("a `Hash` header names an unknown algorithm"))?;
            hashes.push(hash);
        }
    }
}

fn read_text(lines: &mut Lines<'_>) -> Result<String> {
    let mut text = String::new();
    let mut first = true;
    loop {
        let line = lines.next().ok_or_else(|| bad("it ends in its text"))?;
        if line == BEGIN_SIGNATURE {
            return Ok(text);
        }
        if !first {
            text.push('\n');
        }
        first = false;
        let line = match line.strip_prefix("- ") {
            Some(escaped) => escaped,
            None if line.starts_with('-') => {
                return Err(bad("a line of the text begins with an unescaped dash"));
            }
            None => line,
        };
        text.push_str(line.trim_end_matches([' ', '\t']));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const END_SIGNATURE: &str = "-----END PGP SIGNATURE-----";

    fn message(headers: &str, text: &str) -> String {
        format!("{BEGIN_MESSAGE}\n{headers}\n{text}\n{BEGIN_SIGNATURE}\n\nb25l\n{END_SIGNATURE}")
    }

    fn refusal(message: &str) -> String {
        read(message.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn the_text_comes_without_the_line_break_of_the_frame() {
        let whole = message("Hash: SHA256\n", "{\"version\":1}");
        let read = read(whole.as_bytes()).unwrap();
        assert_eq!(read.text, "{\"version\":1}");
        assert_eq!(read.hashes, [HashAlgorithm::Sha256]);
        assert_eq!(read.packets, b"one");
    }

    #[test]
    fn dash_escapes_and_trailing_blanks_are_undone() {
        let whole = message("Hash: SHA512\n", "- - one \t\n- From two\n\nthree  ");
        assert_eq!(
            read(whole.as_bytes()).unwrap().text,
            "- one\nFrom two\n\nthree"
        );
    }

    #[test]
    fn crlf_line_ends_read_like_lf_and_are_hashed_as_crlf() {
        let whole = message("Hash: SHA256\n", "one\ntwo").replace('\n', "\r\n");
        let read = read(whole.as_bytes()).unwrap();
        assert_eq!(read.text, "one\ntwo");
        assert_eq!(read.hashed_text(), b"one\r\ntwo");
    }

    #[test]
    fn two_hash_headers_and_two_names_in_one_are_read() {
        let whole = message("Hash: SHA256, SHA512\nHash: SHA384\n", "x");
        let expected = [
            HashAlgorithm::Sha256,
            HashAlgorithm::Sha512,
            HashAlgorithm::Sha384,
        ];
        assert_eq!(read(whole.as_bytes()).unwrap().hashes, expected);
    }

    #[test]
    fn nothing_may_stand_around_the_message() {
        let whole = message("Hash: SHA256\n", "x");
        assert!(refusal(&format!("\n{whole}")).contains("does not begin"));
        assert!(refusal(&format!("see below\n{whole}")).contains("does not begin"));
        assert!(refusal(&format!("{whole}\nmore")).contains("after its end"));
        assert!(refusal(&format!("{whole}\n{whole}")).contains("after its end"));
        assert!(read(format!("{whole}\n\r\n").as_bytes()).is_ok());
    }

    #[test]
    fn only_hash_headers_are_accepted() {
        let whole = message("Comment: hello\n", "x");
        assert!(refusal(&whole).contains("other than `Hash`"));
        let whole = message("Hash: SHA9000\n", "x");
        assert!(refusal(&whole).contains("unknown algorithm"));
    }

    #[test]
    fn a_lone_carriage_return_is_refused() {
        let whole = message("Hash: SHA256\n", "one\rtwo");
        assert!(refusal(&whole).contains("carriage return"));
    }

    #[test]
    fn an_unescaped_dash_in_the_text_is_refused() {
        let whole = message("Hash: SHA256\n", "-----BEGIN SOMETHING-----");
        assert!(refusal(&whole).contains("unescaped dash"));
    }

    #[test]
    fn a_message_cut_anywhere_is_refused_and_never_panics() {
        let whole = message("Hash: SHA256\n", "- - text\nmore");
        for cut in 0..whole.len() {
            assert!(read(&whole.as_bytes()[..cut]).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn text_that_is_not_utf8_is_refused() {
        assert!(read(b"-----BEGIN PGP SIGNED MESSAGE-----\n\xff").is_err());
    }
}
