//! The armored block at the end of a cleartext-signed message (RFC 9580, section
//! 6.2), read as strictly as the rest of the frame.
//!
//! Accepted are header lines, a blank line, base64 and at most one checksum line.
//! The checksum itself is not compared: a block must not be refused for it
//! (section 6.1), and the signature protects more.

use super::{Lines, bad};
use crate::Result;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

const END: &str = "-----END PGP SIGNATURE-----";

/// What the block holds, decoded. The line that begins the block has been read;
/// the one that ends it is.
///
/// # Errors
/// `Malformed`, saying which rule was broken.
pub(super) fn read(lines: &mut Lines<'_>) -> Result<Vec<u8>> {
    pass_headers(lines)?;
    let mut base64 = String::new();
    let mut line = next(lines)?;
    while line != END && !line.starts_with('=') {
        if line.starts_with("-----") {
            return Err(bad("a second block begins inside the signature block"));
        }
        if line.is_empty() {
            return Err(bad("a blank line stands inside the signature block"));
        }
        base64.push_str(line);
        line = next(lines)?;
    }
    if line != END && next(lines)? != END {
        return Err(bad("the signature block goes on behind its checksum"));
    }
    BASE64_STANDARD
        .decode(base64)
        .map_err(|error| bad("the signature block is not base64").because(error))
}

/// Headers are `Name: value` and mean nothing to a verifier.
fn pass_headers(lines: &mut Lines<'_>) -> Result<()> {
    loop {
        match next(lines)? {
            "" => return Ok(()),
            line if line.contains(':') => {}
            _ => return Err(bad("no blank line stands before the signature itself")),
        }
    }
}

fn next<'a>(lines: &mut Lines<'a>) -> Result<&'a str> {
    lines
        .next()
        .ok_or_else(|| bad("it ends in its signature block"))
}

#[cfg(test)]
mod tests {
    use super::super::read as read_message;
    use super::*;

    fn packets(block: &str) -> std::result::Result<Vec<u8>, String> {
        let message = format!(
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nx\n\
             -----BEGIN PGP SIGNATURE-----\n{block}{END}\n"
        );
        read_message(message.as_bytes())
            .map(|message| message.packets)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn headers_and_a_checksum_right_or_wrong_may_stand_there() {
        assert_eq!(packets("\nb25l\n").unwrap(), b"one");
        assert_eq!(
            packets("Version: x\nComment: \n\nb25l\n=AAAA\n").unwrap(),
            b"one"
        );
    }

    #[test]
    fn lines_of_any_length_are_one_text() {
        assert_eq!(packets("\nb2\n5lIHR3b\nw==\n").unwrap(), b"one two");
    }

    #[test]
    fn nothing_else_may_stand_there() {
        for (block, rule) in [
            ("b25l\n", "no blank line"),
            ("\nb25l\n\nb25l\n", "a blank line"),
            ("\nb25l\n=AAAA\nb25l\n", "behind its checksum"),
            ("\nb25l\n=AAAA\n=AAAA\n", "behind its checksum"),
            ("\nb25 l\n", "not base64"),
            ("\n b25l\n", "not base64"),
            ("\nb25l \n", "not base64"),
            ("\nb25\n", "not base64"),
            ("\nb24=b25l\n", "not base64"),
            ("\n-----BEGIN PGP SIGNATURE-----\n\nb25l\n", "second block"),
        ] {
            let refusal = packets(block).unwrap_err();
            assert!(refusal.contains(rule), "{block:?}: {refusal}");
        }
    }

    #[test]
    fn each_content_has_one_spelling() {
        assert_eq!(packets("\nb25lMQ==\n").unwrap(), b"one1");
        assert!(packets("\nb25lMR==\n").unwrap_err().contains("not base64"));
    }
}
