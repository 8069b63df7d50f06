//! ASCII armor (RFC 9580, section 6): finding the blocks in a file.
//!
//! Libraries differ in what they let pass: one stops after the first block of a
//! file, one refuses headers that it does not know. So blocks are found and
//! decoded here. The CRC is not checked: it protects nothing that the signatures
//! do not, and the RFC forbids to reject a block for it (section 6.1).

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

const BEGIN: &[u8] = b"-----BEGIN PGP ";
const END: &[u8] = b"-----END PGP ";
const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();
const DASHES: &[u8] = b"-----";

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// One block in a text.
#[derive(Debug)]
pub struct Block<'a> {
    /// Where its first line begins in the text.
    pub offset: usize,
    /// The lines as they stand.
    pub raw: &'a [u8],
    /// What stands between `PGP` and the dashes: `PUBLIC KEY BLOCK`, say.
    pub label: &'a [u8],
    /// The content, or what is wrong with it. It may be a secret.
    pub content: Result<Zeroizing<Vec<u8>>, &'static str>,
}

/// Every block in a text, in order; text around them is passed over.
pub fn blocks(text: &[u8]) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut lines = Lines { text, at: 0 };
    while let Some((start, line)) = lines.next() {
        if let Some(label) = label(line, BEGIN) {
            blocks.push(read_block(text, start, label, &mut lines));
        }
    }
    blocks
}

/// Reads a block whose first line was just read; leaves the next `BEGIN` line
/// unread if it comes before the end.
fn read_block<'a>(
    text: &'a [u8],
    offset: usize,
    label_of_block: &'a [u8],
    lines: &mut Lines<'a>,
) -> Block<'a> {
    let mut body = Vec::new();
    let mut in_headers = true;
    let content = loop {
        let before = lines.at;
        let Some((_, line)) = lines.next() else {
            break Err("an armored block has no end");
        };
        if label(line, BEGIN).is_some() {
            lines.at = before;
            break Err("an armored block has no end");
        }
        if let Some(end) = label(line, END) {
            break if end == label_of_block {
                // Joined in one piece: growing would leave copies of a secret.
                decode(&Zeroizing::<Vec<u8>>::new(body.concat()))
                    .ok_or("an armored block is not proper base64")
            } else {
                Err("an armored block ends as another one")
            };
        }
        // Headers are `Key: value`; a colon is no letter of base64. A block
        // without the blank line after them is read all the same.
        if in_headers && (line.is_empty() || line.contains(&b':')) {
            in_headers = !line.is_empty();
            continue;
        }
        in_headers = false;
        if !line.starts_with(b"=") {
            body.push(line);
        }
    };
    Block {
        offset,
        raw: text.get(offset..lines.at).unwrap_or_default(),
        label: label_of_block,
        content,
    }
}

fn decode(base64: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    BASE64.decode(base64).ok().map(Zeroizing::new)
}

/// The label of a line `-----BEGIN PGP label-----`.
fn label<'a>(line: &'a [u8], head: &[u8]) -> Option<&'a [u8]> {
    let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
    line.strip_prefix(head)?.strip_suffix(DASHES)
}

/// Lines without their ends and trailing blanks, each with where it begins.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<(usize, &'a [u8])> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let len = rest
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(rest.len(), |at| at + 1);
        let start = self.at;
        self.at += len;
        Some((start, rest.get(..len)?.trim_ascii_end()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn armored(bytes: &[u8]) -> String {
        let base64 = BASE64.encode(bytes).into_bytes();
        let lines: Vec<_> = base64.chunks(64).map(String::from_utf8_lossy).collect();
        format!(
            "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n{}\n=AAAA\n-----END PGP PUBLIC KEY BLOCK-----\n",
            lines.join("\n")
        )
    }

    #[test]
    fn a_block_is_read_whatever_its_length() {
        for len in [0, 1, 2, 3, 47, 48, 49, 1000] {
            let bytes: Vec<u8> = (0..len).map(|byte| byte as u8).collect();
            let text = armored(&bytes);
            let blocks = blocks(text.as_bytes());
            assert_eq!(blocks.len(), 1);
            assert_eq!(blocks[0].content.as_ref().unwrap().as_slice(), bytes);
            assert_eq!(blocks[0].raw, text.as_bytes());
        }
    }

    #[test]
    fn every_block_of_a_text_is_found_and_the_text_around_passed_over() {
        let text = format!("see below\n{}\nand\r\n{}", armored(b"one"), armored(b"two"))
            .replace('\n', "\r\n");
        let found = blocks(text.as_bytes());
        assert_eq!(found.len(), 2);
        assert_eq!(found[1].content.as_ref().unwrap().as_slice(), b"two");
        assert!(text[found[1].offset..].starts_with("-----BEGIN"));
    }

    #[test]
    fn headers_trailing_blanks_and_a_wrong_crc_do_no_harm() {
        let text = "-----BEGIN PGP PUBLIC KEY BLOCK-----  \nVersion: x\nComment: y\n\nb25l \n=AAAA\n-----END PGP PUBLIC KEY BLOCK-----";
        assert_eq!(
            blocks(text.as_bytes())[0]
                .content
                .as_ref()
                .unwrap()
                .as_slice(),
            b"one"
        );
    }

    #[test]
    fn a_broken_block_does_not_hide_the_next_one() {
        let good = armored(b"one");
        let cut = good.split("-----END").next().unwrap().to_owned();
        let text = format!("{cut}{good}");
        let found = blocks(text.as_bytes());
        assert!(found[0].content.is_err());
        assert_eq!(found[1].content.as_ref().unwrap().as_slice(), b"one");
        assert_eq!(found[0].raw.len(), found[1].offset);
    }
}
