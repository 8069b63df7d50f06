//! Where in a file each certificate lies, found in one pass through a window.
//!
//! A bundle may be larger than memory should hold, so a file is read in windows that
//! end where a key ends, and the engine is given one window at a time. What it finds is
//! located again by the bytes of its primary key: a *piece* of the file, from there to
//! the next key, is what a lookup reads later on. In armored text a piece is one block,
//! however many certificates are in it.
//!
//! A file with damage in it is read all the same: the engine finds its way past junk.
//! The last key of a window that may be cut is not believed but read again in the next.

use memchr::memmem;
use sha2::{Digest as _, Sha256};
use sifseal_core::openpgp::framing::{Packet, armor, tag};
use sifseal_core::openpgp::{Fingerprint, Junk, Key};
use sifseal_core::traits::Engine;
use sifseal_core::{Context, Result};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::time::Duration;
use zeroize::Zeroizing;

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

/// The content of a file, as a number.
pub(crate) type Digest = [u8; 32];

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
    let mut window = Window::new(file);
    window.fill(window_len)?;
    let is_armored = is_armored(&window.buffer);
    let mut pieces = Vec::new();
    loop {
        cx.budget(Duration::MAX)?;
        let found = if is_armored {
            armored(engine, &mut window)?
        } else {
            binary(engine, &window)
        };
        pieces.extend(found.pieces);
        if window.is_last {
            let digest = Some(window.hasher.finalize().into());
            return Ok(Contents { pieces, digest });
        }
        if window.start == 0 && !found.is_certificates {
            return Ok(Contents::default());
        }
        window.drain(found.consumed);
        window.fill(window_len)?;
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

/// The digest of a whole file.
///
/// # Errors
/// What the system says.
pub(crate) fn digest(file: &File) -> io::Result<Digest> {
    let mut hasher = Sha256::new();
    let mut buffer = Zeroizing::new(vec![0; 1 << 20]);
    let mut at = 0;
    loop {
        match file.read_at(&mut buffer, at)? {
            0 => return Ok(hasher.finalize().into()),
            read => {
                hasher.update(buffer.get(..read).unwrap_or_default());
                at += read as u64;
            }
        }
    }
}

/// True if a file that begins so is read as armored text: as core reads it, a first
/// packet decides.
pub(crate) fn is_armored(beginning: &[u8]) -> bool {
    let is_binary = Packet::first(beginning).is_some_and(|packet| packet.is_primary());
    !is_binary && next_block(beginning, 0).is_some()
}

/// A stretch of a file in memory. It may hold somebody's secret key.
struct Window<'a> {
    file: &'a File,
    /// Where in the file the buffer begins.
    start: u64,
    buffer: Zeroizing<Vec<u8>>,
    /// The buffer reaches to the end of the file.
    is_last: bool,
    hasher: Sha256,
}

impl<'a> Window<'a> {
    fn new(file: &'a File) -> Self {
        Self {
            file,
            start: 0,
            buffer: Zeroizing::new(Vec::new()),
            is_last: false,
            hasher: Sha256::new(),
        }
    }

    /// Reads on until the buffer holds `len` bytes or the file ends.
    fn fill(&mut self, len: usize) -> io::Result<()> {
        const STEP: usize = 1 << 20;
        while !self.is_last && self.buffer.len() < len {
            let old = self.buffer.len();
            let room = STEP.min(len - old);
            self.buffer.resize(old + room, 0);
            let at = self.start + old as u64;
            let into = self.buffer.get_mut(old..).unwrap_or_default();
            let read = match self.file.read_at(into, at) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
                Err(error) => return Err(error),
                Ok(read) => {
                    self.is_last = read == 0 || at + read as u64 > MAX_FILE;
                    read
                }
            };
            self.buffer.truncate(old + read);
            self.hasher
                .update(self.buffer.get(old..).unwrap_or_default());
        }
        Ok(())
    }

    fn drain(&mut self, len: usize) {
        let len = len.min(self.buffer.len());
        self.buffer.drain(..len);
        self.start += len as u64;
    }

    fn range(&self, bytes: Range<usize>) -> Range<u64> {
        self.start + bytes.start as u64..self.start + bytes.end as u64
    }
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
    let mut end = last_block(&window.buffer);
    if end == 0 && !window.is_last {
        window.fill(MAX_BLOCK)?;
        end = last_block(&window.buffer);
    }
    if window.is_last || end == 0 {
        end = window.buffer.len();
    }
    let text = window.buffer.get(..end).unwrap_or_default();
    let pieces = blocks(engine, text)
        .map(|(bytes, mut piece)| {
            piece.bytes = window.range(bytes);
            piece
        })
        .collect();
    Ok(Found {
        pieces,
        consumed: end,
        is_certificates: true,
    })
}

/// Every block of a text that holds keys, with where it stands.
fn blocks<'a>(
    engine: &'a dyn Engine,
    text: &'a [u8],
) -> impl Iterator<Item = (Range<usize>, Piece)> + 'a {
    armor::blocks(text).into_iter().filter_map(move |block| {
        let mut piece = Piece::new(0..0);
        for key in &engine.read_keys(block.raw).keys {
            piece.add(key);
        }
        let bytes = block.offset..block.offset + block.raw.len();
        (!piece.keys.is_empty()).then_some((bytes, piece))
    })
}

/// The keys in a window of packets.
fn binary(engine: &dyn Engine, window: &Window<'_>) -> Found {
    let whole = if window.is_last {
        window.buffer.len()
    } else {
        last_primary(engine, &window.buffer)
    };
    // Damage, or one very long key: what comes last may go on behind the window.
    let may_be_cut = whole == 0;
    let end = if may_be_cut {
        window.buffer.len()
    } else {
        whole
    };
    let bytes = window.buffer.get(..end).unwrap_or_default();
    let ring = engine.read_keys(bytes);
    let starts = locate(bytes, &ring.keys);
    let mut pieces = pieces_at(window, bytes, &ring.keys, &starts);

    // Somebody appended armored text to a binary file.
    let is_text = |junk: &&Junk| next_block(&junk.bytes, 0).is_some();
    for junk in ring.junk.iter().filter(is_text) {
        pieces.extend(blocks(engine, &junk.bytes).map(|(bytes, mut piece)| {
            piece.bytes = window.range(junk.offset + bytes.start..junk.offset + bytes.end);
            piece
        }));
    }
    let is_certificates = !pieces.is_empty();
    let consumed = if may_be_cut && !window.is_last {
        withdraw_last(window, starts.last().copied(), &mut pieces)
    } else {
        end
    };
    Found {
        pieces,
        consumed,
        is_certificates,
    }
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

/// Takes back what may go on behind a window, and tells where the next one begins.
fn withdraw_last(window: &Window<'_>, last: Option<usize>, pieces: &mut Vec<Piece>) -> usize {
    let len = window.buffer.len();
    if let Some(start) = last.filter(|start| *start > 0) {
        let cut = window.start + start as u64;
        pieces.retain(|piece| piece.bytes.end <= cut);
        return start;
    }
    // One key, or none, and no other in sight. If junk takes up half of the window, the
    // key is complete; else it is larger than any that is of use.
    let half = window.start + len as u64 / 2;
    pieces.retain(|piece| piece.bytes.end <= half);
    len.saturating_sub(OVERLAP.min(len / 2)).max(1)
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

/// Where the last primary key begins that whole packets lead to; 0 if that is the
/// first or there is none. Behind damage the packets lead anywhere, so they must begin
/// with a key, and end before one that is a key for the engine too.
fn last_primary(engine: &dyn Engine, bytes: &[u8]) -> usize {
    if !Packet::first(bytes).is_some_and(|packet| packet.is_primary()) {
        return 0;
    }
    let (mut at, mut last) = (0, None);
    while let Some(packet) = bytes.get(at..).and_then(Packet::first) {
        if !may_stand_in_a_key(packet.tag) {
            break;
        }
        if packet.is_primary() {
            last = Some((at, packet));
        }
        at += packet.raw.len();
    }
    last.filter(|(_, packet)| !engine.read_keys(packet.raw).keys.is_empty())
        .map_or(0, |(at, _)| at)
}

/// True for the packets of a key (RFC 9580, section 10.1) and those that are passed
/// over in it: types 40 to 63 are not critical (section 4.3).
fn may_stand_in_a_key(tag: u8) -> bool {
    matches!(
        tag,
        tag::SIGNATURE
            | tag::SECRET_KEY
            | tag::PUBLIC_KEY
            | tag::SECRET_SUBKEY
            | tag::MARKER
            | tag::TRUST
            | tag::USER_ID
            | tag::PUBLIC_SUBKEY
            | tag::USER_ATTRIBUTE
            | tag::PADDING
            | 40..=63
    )
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
