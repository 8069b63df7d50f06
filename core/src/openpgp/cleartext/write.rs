//! The frame written: what may stand in it, and how it looks, once for all
//! engines, so that their messages differ in the signature alone.

use crate::openpgp::HashAlgorithm;
use crate::{Error, ErrorKind, Result};

/// The text of a message that is to be signed, known to come out of the frame as
/// it went in.
#[derive(Debug, Clone, Copy)]
pub struct TextToSign<'a>(&'a str);

impl<'a> TextToSign<'a> {
    /// # Errors
    /// `Malformed` if the frame would lose something of the text, or if libraries
    /// read it in two ways.
    pub fn new(text: &'a str) -> Result<Self> {
        let unix = text.replace("\r\n", "\n");
        let refused = if unix.contains('\r') {
            "a carriage return stands without a line feed"
        } else if unix.ends_with('\n') {
            "the text ends with a line break, which would not be signed"
        } else if unix.split('\n').any(|line| line.ends_with([' ', '\t'])) {
            "a line ends with blanks, which would not be signed"
        } else {
            return Ok(Self(text));
        };
        Err(Error::new(
            ErrorKind::Malformed,
            format!("the text cannot be signed as it is: {refused}"),
        ))
    }

    /// The bytes that are hashed: the text with every line ending as CR LF.
    pub fn hashed(&self) -> Vec<u8> {
        let unix = self.0.replace("\r\n", "\n");
        unix.replace('\n', "\r\n").into_bytes()
    }

    /// The message: the text in its frame, then the armored signature block. There
    /// is no line break after its last line.
    pub fn message(&self, hash: HashAlgorithm, armored: &str) -> String {
        format!(
            "{}\nHash: {hash}\n\n{}\n{}",
            super::BEGIN_MESSAGE,
            self.dash_escaped(),
            armored.trim_end()
        )
    }

    /// Lines that begin with a dash get `- ` in front (section 7.2).
    fn dash_escaped(&self) -> String {
        let mut escaped = String::with_capacity(self.0.len() + 16);
        for (number, line) in self.0.split('\n').enumerate() {
            if number > 0 {
                escaped.push('\n');
            }
            if line.starts_with('-') {
                escaped.push_str("- ");
            }
            escaped.push_str(line);
        }
        escaped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openpgp::cleartext;

    const ARMORED: &str = "-----BEGIN PGP SIGNATURE-----\n\nb25l\n-----END PGP SIGNATURE-----\n";

    #[test]
    fn what_is_written_is_read() {
        for text in [
            "",
            "one",
            "- a dash\n\n--- three\n-----BEGIN PGP SIGNATURE-----",
            "From me\n\n\u{a0}",
            "CR LF\r\nkept\r\n\r\n-",
        ] {
            let to_sign = TextToSign::new(text).unwrap();
            let message = to_sign.message(HashAlgorithm::Sha384, ARMORED);
            assert!(message.ends_with("-----END PGP SIGNATURE-----"));
            let read = cleartext::read(message.as_bytes()).unwrap();
            assert_eq!(read.text, text.replace("\r\n", "\n"), "{message}");
            assert_eq!(read.hashed_text(), to_sign.hashed());
            assert_eq!(read.hashes, [HashAlgorithm::Sha384]);
        }
    }

    #[test]
    fn what_the_frame_would_change_is_refused() {
        for text in [
            "a\rb", "a\r", "a\n", "a\r\n", "\n", "a \nb", "a\t", "a \r\nb",
        ] {
            let error = TextToSign::new(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed, "{text:?}");
        }
    }
}
