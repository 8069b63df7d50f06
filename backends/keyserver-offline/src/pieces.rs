//! Where in a file each certificate lies, found in one pass through a window.
//!
//! A bundle may be larger than memory should hold, so a file is read in windows that
//! end where a key ends, and the engine is given one window at a time. What it finds is
//! located again by the bytes of its primary key: a *piece* of the file, from there to
//! the next key, is what a lookup reads later on. In armored text a piece is one block,
//! however many certificates are in it.
//!
//! A file with damage in it is read all the same: the engine finds its way past junk. But
//! where it searches for keys it may take random octets for one, so it is given only the
//! stretch up to where undamaged keys follow each other again.

mod stretch;
mod window;

pub(crate) use window::{Digest, digest};

use memchr::memmem;
use sifseal_core::openpgp::framing::{Packet, armor};
use sifseal_core::openpgp::{Fingerprint, Key};
use sifseal_core::traits::Engine;
use sifseal_core::{Context, Result};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::time::Duration;
use stretch::Stretch;
use window::Window;

/// The largest file that is read. A bundle of 100,000 certificates with a few
/// signatures from others is about 300 MiB.
pub(crate) const MAX_FILE: u64 = 512 << 20;

/// How much is read at a time, and so the largest certificate in binary. The largest
/// that people really use have some megabytes of signatures; those that were flooded
/// with millions are beyond, and of no use to anybody.
const WINDOW: usize = 16 << 20;

/// How much of a window of junk is looked at again with the next one: more than any
/// primary key, which might begin in its end.
const OVERLAP: usize = 64 << 10;

/// The largest armored block; one block of `gpg --armor --export` holds all keys.
pub(crate) const MAX_BLOCK: usize = 64 << 20;

const BEGIN: &[u8] = b"-----BEGIN PGP ";

/// A part of a file that holds at least one certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) bytes: Range<u64>,
    /// Fingerprints of every primary key and subkey in it.
    pub(crate) keys: Vec<Fingerprint>,
    pub(crate) user_ids: Vec<String>,
}

impl Piece {
    fn new(bytes: Range<u64>) -> Self {
        Self {
            bytes,
            keys: Vec::new(),
            user_ids: Vec::new(),
        }
    }

    fn add(&mut self, key: &Key) {
        let outline = key.outline();
        self.keys.push(outline.fingerprint);
        self.keys.extend(&outline.subkeys);
        self.user_ids.extend(outline.user_ids.iter().cloned());
    }
}

/// What is in a file.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    pub(crate) pieces: Vec<Piece>,
    /// Of the whole file; absent if its beginning holds no certificate and the rest
    /// was not read.
    pub(crate) digest: Option<Digest>,
}

/// Reads a file from its beginning.
///
/// # Errors
/// What the system says, and `Timeout` from the context.
pub(crate) fn read(cx: &Context<'_>, engine: &dyn Engine, file: &File) -> Result<Contents, Stop> {
    read_by(cx, engine, file, WINDOW)
}

fn read_by(
    cx: &Context<'_>,
    engine: &dyn Engine,
    file: &File,
    window_len: usize,
) -> Result<Contents, Stop> {
    let mut window = Window::new(file)?;
    window.fill(window_len)?;
    let is_armored = is_armored(window.rest());
    let mut pieces = Vec::new();
    loop {
        cx.budget(Duration::MAX)?;
        let found = if is_armored {
            armored(engine, &mut window)?
        } else {
            binary(engine, &mut window, window_len)?
        };
        pieces.extend(found.pieces);
        let is_first = window.start() == 0;
        window.done += found.consumed;
        if window.is_last && window.rest().is_empty() {
            let digest = Some(window.digest());
            return Ok(Contents { pieces, digest });
        }
        if is_first && !window.is_last && !found.is_certificates {
            return Ok(Contents::default());
        }
        // Moving the rest takes time, so that waits until there is more room than rest.
        if window.done > window.rest().len() {
            window.fill(window_len)?;
        }
    }
}

/// Why a file was not read to its end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The system refused; only this file is lost.
    File(io::Error),
    /// The whole operation is over.
    Operation(sifseal_core::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

impl From<sifseal_core::Error> for Stop {
    fn from(error: sifseal_core::Error) -> Self {
        Self::Operation(error)
    }
}

/// True if a file that begins so is read as armored text: as core reads it, a first
/// packet decides.
pub(crate) fn is_armored(beginning: &[u8]) -> bool {
    let is_binary = Packet::first(beginning).is_some_and(|packet| packet.is_primary());
    !is_binary && next_block(beginning, 0).is_some()
}

/// What a window holds.
struct Found {
    pieces: Vec<Piece>,
    /// How much of the window is done with.
    consumed: usize,
    /// It is from a file of certificates, even if none of them could be used.
    is_certificates: bool,
}

/// The blocks in a window of text.
fn armored(engine: &dyn Engine, window: &mut Window<'_>) -> io::Result<Found> {
    let mut end = last_block(window.rest());
    if end == 0 && !window.is_last {
        window.fill(MAX_BLOCK)?;
        end = last_block(window.rest());
    }
    if window.is_last || end == 0 {
        end = window.rest().len();
    }
    let text = window.rest().get(..end).unwrap_or_default();
    Ok(Found {
        pieces: blocks(engine, window, text, 0).collect(),
        consumed: end,
        is_certificates: true,
    })
}

/// Every block that holds keys, of a text that stands somewhere in a window.
fn blocks<'a>(
    engine: &'a dyn Engine,
    window: &'a Window<'_>,
    text: &'a [u8],
    at: usize,
) -> impl Iterator<Item = Piece> + 'a {
    armor::blocks(text).into_iter().filter_map(move |block| {
        let start = at + block.offset;
        let mut piece = Piece::new(window.range(start..start + block.raw.len()));
        for key in &engine.read_keys(block.raw).keys {
            piece.add(key);
        }
        (!piece.keys.is_empty()).then_some(piece)
    })
}

/// The keys at the beginning of a window of packets: undamaged ones, or what can be
/// found in a damaged stretch.
fn binary(engine: &dyn Engine, window: &mut Window<'_>, window_len: usize) -> io::Result<Found> {
    let mut stretch = Stretch::at_beginning_of(engine, window);
    if matches!(stretch, Stretch::Open(_)) && window.done > 0 {
        // There may be more in sight from a whole window.
        window.fill(window_len)?;
        stretch = Stretch::at_beginning_of(engine, window);
    }
    let (window, rest) = (&*window, window.rest());
    let (Stretch::Complete(end) | Stretch::Open(end)) = stretch;
    let bytes = rest.get(..end).unwrap_or_default();
    let ring = engine.read_keys(bytes);
    let starts = locate(bytes, &ring.keys);
    let mut pieces = pieces_at(window, bytes, &ring.keys, &starts);

    // Somebody appended armored text to a binary file.
    for junk in &ring.junk {
        if next_block(&junk.bytes, 0).is_some() {
            pieces.extend(blocks(engine, window, &junk.bytes, junk.offset));
        }
    }
    let mut is_certificates = true;
    let mut consumed = end;
    if let Stretch::Open(end) = stretch {
        is_certificates = !pieces.is_empty();
        // If junk takes up half of the window, a key before it is complete; else it is
        // larger than any that is of use.
        let half = window.start() + end as u64 / 2;
        pieces.retain(|piece| piece.bytes.end <= half);
        consumed = end.saturating_sub(OVERLAP.min(end / 2)).max(1);
    }
    Ok(Found {
        pieces,
        consumed,
        is_certificates,
    })
}

/// A piece for each key: its own bytes if they stand there in a row, else all up to the
/// next key (some packets are dropped when a key is read).
fn pieces_at(window: &Window<'_>, bytes: &[u8], keys: &[Key], starts: &[usize]) -> Vec<Piece> {
    let piece = |(place, (key, start)): (usize, (&Key, &usize))| {
        let own = key.bytes();
        let rest = bytes.get(*start..).unwrap_or_default();
        let end = match starts.get(place + 1) {
            _ if rest.starts_with(own) => start + own.len(),
            Some(next) => *next,
            None => bytes.len(),
        };
        let mut piece = Piece::new(window.range(*start..end));
        piece.add(key);
        piece
    };
    keys.iter().zip(starts).enumerate().map(piece).collect()
}

/// Where each key begins. An engine keeps the bytes of packets as they stand, so the
/// primary key's are in the input, in the order of the keys.
fn locate(bytes: &[u8], keys: &[Key]) -> Vec<usize> {
    let mut at = 0;
    keys.iter()
        .map(|key| {
            let primary = Packet::first(key.bytes()).map_or(&[][..], |packet| packet.raw);
            let rest = bytes.get(at..).unwrap_or_default();
            let start = at + memmem::find(rest, primary).unwrap_or(0);
            at = start + primary.len();
            start
        })
        .collect()
}

/// Where the next block begins, at the beginning of a line.
fn next_block(text: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    memmem::find_iter(rest, BEGIN)
        .map(|at| from + at)
        .find(|at| begins_line(text, *at))
}

/// Where the last block begins; 0 if that is the first or there is none.
fn last_block(text: &[u8]) -> usize {
    memmem::rfind_iter(text, BEGIN)
        .find(|at| begins_line(text, *at))
        .unwrap_or(0)
}

fn begins_line(text: &[u8], at: usize) -> bool {
    const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();
    let before = text.get(..at).unwrap_or_default();
    let before = before.strip_suffix(BYTE_ORDER_MARK).unwrap_or(before);
    before.last().is_none_or(|byte| *byte == b'\n')
}

#[cfg(test)]
mod tests;
