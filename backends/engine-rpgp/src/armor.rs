//! Bytes from anywhere, cut into stretches of binary packets and armored blocks.
//!
//! rPGP reads the first armored block of a file and silently passes over all that
//! follows it; people paste several keys one after another. So the blocks are found
//! here, and each is handed to rPGP alone.

use pgp::armor::{BlockType, Dearmor};
use pgp::ser::Serialize;
use sifseal_core::openpgp::Key;
use sifseal_core::{Error, ErrorKind, Result, Secret};
use std::io::{Read, Write};

const BEGIN: &[u8] = b"-----BEGIN PGP ";
const END: &[u8] = b"-----END PGP ";

/// A stretch of what was read, with where it stood.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Stretch<'a> {
    /// Bytes outside of armor.
    Binary { offset: usize, bytes: &'a [u8] },
    /// A whole armored block: what it says, and the bytes inside.
    Armored {
        offset: usize,
        block: &'a [u8],
        packets: Vec<u8>,
    },
    /// A block that could not be undone.
    Broken {
        offset: usize,
        block: &'a [u8],
        what: String,
    },
}

/// Cuts `bytes` at the armored blocks, which begin at the beginning of a line.
pub(crate) fn stretches(bytes: &[u8]) -> Vec<Stretch<'_>> {
    let mut stretches = Vec::new();
    let mut start = 0;
    while let Some((from, to)) = next_block(bytes, start) {
        if from > start {
            stretches.push(Stretch::Binary {
                offset: start,
                bytes: &bytes[start..from],
            });
        }
        stretches.push(undo(from, &bytes[from..to]));
        start = to;
    }
    if start < bytes.len() {
        stretches.push(Stretch::Binary {
            offset: start,
            bytes: &bytes[start..],
        });
    }
    stretches
}

/// Where the next block begins and ends, its last line's break included.
fn next_block(bytes: &[u8], start: usize) -> Option<(usize, usize)> {
    let mut search = start;
    let from = loop {
        let at = search + find(bytes.get(search..)?, BEGIN)?;
        if at == 0 || bytes.get(at - 1) == Some(&b'\n') || at == start {
            break at;
        }
        search = at + 1;
    };
    let inside = from + BEGIN.len();
    // A block that never ends goes up to the next one, or to the end.
    let limit = find(bytes.get(inside..)?, BEGIN).map_or(bytes.len(), |next| inside + next);
    let to = match find(&bytes[inside..limit], END) {
        None => limit,
        Some(end) => {
            let line = inside + end;
            find(&bytes[line..limit], b"\n").map_or(limit, |newline| line + newline + 1)
        }
    };
    Some((from, to))
}

fn undo(offset: usize, block: &[u8]) -> Stretch<'_> {
    let mut packets = Vec::new();
    match Dearmor::new(block).read_to_end(&mut packets) {
        Ok(_) => Stretch::Armored {
            offset,
            block,
            packets,
        },
        Err(error) => Stretch::Broken {
            offset,
            block,
            what: format!("the armor is broken: {error}"),
        },
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// A key in armor, with the checksum that old readers expect.
pub(crate) fn armor(key: &Key) -> Result<Secret> {
    let (kind, bytes) = match key {
        Key::Certificate(certificate) => (BlockType::PublicKey, &certificate.bytes[..]),
        Key::Secret(secret) => (BlockType::PrivateKey, secret.bytes.expose()),
    };
    let mut armored = Vec::new();
    pgp::armor::write(&Raw(bytes), kind, &mut armored, None, true)
        .map_err(|error| Error::new(ErrorKind::Backend, "cannot armor").because(error))?;
    Ok(Secret::new(armored))
}

/// Packets that are bytes already.
struct Raw<'a>(&'a [u8]);

impl Serialize for Raw<'_> {
    fn to_writer<W: Write>(&self, writer: &mut W) -> pgp::errors::Result<()> {
        writer.write_all(self.0)?;
        Ok(())
    }

    fn write_len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: &str =
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nyAFh\n-----END PGP PUBLIC KEY BLOCK-----\n";

    fn packets(stretch: &Stretch<'_>) -> Option<Vec<u8>> {
        match stretch {
            Stretch::Armored { packets, .. } => Some(packets.clone()),
            _ => None,
        }
    }

    #[test]
    fn every_block_of_several_is_found() {
        let text = format!("Dear Ada,\n{BLOCK}and\n{BLOCK}");
        let found = stretches(text.as_bytes());
        assert_eq!(found.len(), 4);
        assert_eq!(found.iter().filter_map(packets).count(), 2);
        assert_eq!(packets(&found[1]), Some(vec![0xc8, 1, b'a']));
    }

    #[test]
    fn a_block_without_an_end_does_not_swallow_the_next() {
        let cut = &BLOCK[..BLOCK.len() - 40];
        let text = format!("{cut}\n{BLOCK}");
        assert_eq!(
            stretches(text.as_bytes())
                .iter()
                .filter_map(packets)
                .count(),
            1
        );
    }

    #[test]
    fn binary_stays_as_it_is() {
        let expected = Stretch::Binary {
            offset: 0,
            bytes: &[1, 2, 3],
        };
        assert_eq!(stretches(&[1, 2, 3]), [expected]);
        assert_eq!(stretches(&[]), []);
    }
}
