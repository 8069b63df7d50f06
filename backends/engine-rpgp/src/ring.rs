//! From any bytes to single keys: binary or armored, one or many, with or without
//! rubbish between them.

use crate::armor::{Stretch, stretches};
use crate::outline::read_key;
use crate::packets::Frame;
use sifseal_core::openpgp::{Junk, Keyring};

/// Reads every key, and reports as junk what is none.
pub(crate) fn read(bytes: &[u8]) -> Keyring {
    let mut ring = Keyring::default();
    let stretches = stretches(bytes);
    let armored = stretches
        .iter()
        .any(|stretch| matches!(stretch, Stretch::Armored { .. }));
    for stretch in stretches {
        match stretch {
            // Around armored blocks there may be any text: a mail, a web page.
            Stretch::Binary { bytes, .. } if armored && is_text(bytes) => {}
            Stretch::Binary { offset, bytes } => read_binary(&mut ring, offset, bytes),
            Stretch::Armored {
                offset,
                block,
                packets,
            } => read_armored(&mut ring, offset, block, &packets),
            Stretch::Broken {
                offset,
                block,
                what,
            } => ring.junk.push(Junk {
                offset,
                bytes: block.to_vec(),
                what,
            }),
        }
    }
    ring
}

/// What is broken inside a block is reported with where the block stands; the
/// block's text as a whole is kept only if nothing in it was of use.
fn read_armored(ring: &mut Keyring, offset: usize, block: &[u8], packets: &[u8]) {
    let mut inside = Keyring::default();
    read_binary(&mut inside, 0, packets);
    let useless = inside.keys.is_empty();
    ring.keys.append(&mut inside.keys);
    if useless {
        let what = inside
            .junk
            .first()
            .map_or("an empty armored block", |junk| junk.what.as_str());
        ring.junk.push(Junk {
            offset,
            bytes: block.to_vec(),
            what: what.to_owned(),
        });
    } else {
        ring.junk
            .extend(inside.junk.into_iter().map(|junk| Junk { offset, ..junk }));
    }
}

fn read_binary(ring: &mut Keyring, offset: usize, bytes: &[u8]) {
    let mut at = 0;
    let mut junk_from = 0;
    let mut why = None;
    while at < bytes.len() {
        let found = key_at(bytes, at);
        match found {
            Some((end, Ok(key))) => {
                push_junk(ring, offset, bytes, junk_from..at, why.take());
                ring.keys.push(key);
                at = end;
                junk_from = end;
            }
            // Well-framed packets that are no key we can read: leave them as a whole
            // if a key or the end follows, so that they are reported once.
            Some((end, Err(error))) if end == bytes.len() || begins_key(bytes, end) => {
                why.get_or_insert_with(|| error.what().to_owned());
                at = end;
                push_junk(ring, offset, bytes, junk_from..at, why.take());
                junk_from = end;
            }
            _ => at += 1,
        }
    }
    push_junk(ring, offset, bytes, junk_from..at, why);
}

/// The packets of one key from here on: where they end, and the key.
fn key_at(
    bytes: &[u8],
    at: usize,
) -> Option<(usize, sifseal_core::Result<sifseal_core::openpgp::Key>)> {
    if !begins_key(bytes, at) {
        return None;
    }
    let mut end = at + Frame::first(bytes.get(at..)?)?.whole.len();
    while let Some(frame) = bytes.get(end..).and_then(Frame::first)
        && frame.continues_key()
    {
        end += frame.whole.len();
    }
    Some((end, read_key(bytes.get(at..end)?)))
}

/// True if a key packet of a known version begins here. Cheap, so that it can be
/// asked at every byte of a file.
fn begins_key(bytes: &[u8], at: usize) -> bool {
    bytes
        .get(at..)
        .and_then(Frame::first)
        .is_some_and(|frame| frame.starts_key() && matches!(frame.body.first(), Some(2..=6)))
}

fn push_junk(
    ring: &mut Keyring,
    offset: usize,
    bytes: &[u8],
    range: std::ops::Range<usize>,
    why: Option<String>,
) {
    if range.is_empty() {
        return;
    }
    let from = offset + range.start;
    let junk = bytes.get(range).unwrap_or_default();
    ring.junk.push(Junk {
        offset: from,
        bytes: junk.to_vec(),
        what: why.unwrap_or_else(|| format!("{} bytes that are no OpenPGP key", junk.len())),
    });
}

fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| {
        text.chars()
            .all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'))
    })
}
