//! The index as bytes: a header, then tables of fixed-size records, then two stretches
//! of text, then a checksum. All numbers are little-endian; nothing is padded.

use crate::pieces::{Digest, MAX_BLOCK, MAX_FILE};
use crate::query::{Query, Text};
use crate::stamp::Stamp;
use memchr::memmem;
use sha2::{Digest as _, Sha256};
use sifseal_core::Timestamp;
use sifseal_core::openpgp::{KeyHandle, KeyId};
use sifseal_core::traits::Engine;
use std::ffi::OsStr;
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path};
use zerocopy::little_endian::{I64, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// Another number for each change of the format.
const MAGIC: [u8; 16] = *b"sifseal index 1\n";

/// Which engine read the certificates, in which version. What one cannot read another
/// may, so that an index is good for one of them only.
pub(super) type Reader = [u8; 16];

pub(super) fn reader(engine: &dyn Engine) -> Reader {
    let description = engine.describe();
    let digest = Sha256::new()
        .chain_update(description.name)
        .chain_update([0])
        .chain_update(description.library)
        .finalize();
    let mut reader = Reader::default();
    reader
        .iter_mut()
        .zip(digest)
        .for_each(|(to, from)| *to = from);
    reader
}

#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct Header {
    magic: [u8; 16],
    reader: Reader,
    taken: I64,
    directories: U64,
    files: U64,
    pieces: U64,
    keys: U64,
    paths: U64,
    texts: U64,
}

/// A directory: its path ends in the paths where this says, and begins where the one
/// before ended.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub(super) struct DirectoryRecord {
    pub(super) stamp: Stamp,
    pub(super) path_end: U64,
}

/// A file, its path behind those of the directories, and where its pieces end.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub(super) struct FileRecord {
    pub(super) stamp: Stamp,
    /// Zeros if the file was not read to its end.
    pub(super) digest: Digest,
    pub(super) path_end: U64,
    pub(super) pieces_end: U64,
}

/// A piece of a file, and where its user IDs end in the texts.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub(super) struct PieceRecord {
    pub(super) start: U64,
    pub(super) len: U64,
    pub(super) text_end: U64,
}

/// A key, primary or subkey, in a piece. The table is sorted by the key ID.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    FromBytes,
    IntoBytes,
    KnownLayout,
    Immutable,
    Unaligned,
)]
#[repr(C)]
pub(super) struct KeyRecord {
    pub(super) id: [u8; 8],
    pub(super) piece: U32,
}

/// What stands behind each user ID in the texts.
pub(super) const BETWEEN: char = '\0';

/// The tables of an index that is being made.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) directories: Vec<DirectoryRecord>,
    pub(super) files: Vec<FileRecord>,
    pub(super) pieces: Vec<PieceRecord>,
    pub(super) keys: Vec<KeyRecord>,
    pub(super) paths: Vec<u8>,
    pub(super) texts: Vec<u8>,
}

/// An index whose numbers fit together.
#[derive(Debug)]
pub(crate) struct Index {
    bytes: Vec<u8>,
    reader: Reader,
    taken: Timestamp,
    directories: Range<usize>,
    files: Range<usize>,
    pieces: Range<usize>,
    keys: Range<usize>,
    paths: Range<usize>,
    texts: Range<usize>,
}

/// A part of a file in which an answer may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lead<'a> {
    pub(crate) path: &'a Path,
    pub(crate) stamp: Stamp,
    pub(crate) start: u64,
    pub(crate) len: usize,
}

impl Index {
    pub(super) fn encode(reader: Reader, taken: Timestamp, mut tables: Tables) -> Option<Self> {
        tables.keys.sort_unstable();
        tables.keys.dedup();
        let len = |len: usize| U64::new(len as u64);
        let header = Header {
            magic: MAGIC,
            reader,
            taken: I64::new(taken.0),
            directories: len(tables.directories.len()),
            files: len(tables.files.len()),
            pieces: len(tables.pieces.len()),
            keys: len(tables.keys.len()),
            paths: len(tables.paths.len()),
            texts: len(tables.texts.len()),
        };
        let mut bytes = [
            header.as_bytes(),
            tables.directories.as_bytes(),
            tables.files.as_bytes(),
            tables.pieces.as_bytes(),
            tables.keys.as_bytes(),
            &tables.paths,
            &tables.texts,
        ]
        .concat();
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        Self::decode(bytes)
    }

    /// Takes bytes for an index; `None` if they are none, or damaged.
    pub(crate) fn decode(bytes: Vec<u8>) -> Option<Self> {
        let (body, checksum) = bytes.split_last_chunk::<4>()?;
        if crc32fast::hash(body).to_le_bytes() != *checksum {
            return None;
        }
        let (header, _) = Header::ref_from_prefix(body).ok()?;
        if header.magic != MAGIC {
            return None;
        }
        let mut end = size_of::<Header>();
        let mut next = |count: U64, size: usize| -> Option<Range<usize>> {
            let start = end;
            let len = usize::try_from(count.get()).ok()?.checked_mul(size)?;
            end = start.checked_add(len)?;
            Some(start..end)
        };
        let index = Self {
            reader: header.reader,
            taken: Timestamp(header.taken.get()),
            directories: next(header.directories, size_of::<DirectoryRecord>())?,
            files: next(header.files, size_of::<FileRecord>())?,
            pieces: next(header.pieces, size_of::<PieceRecord>())?,
            keys: next(header.keys, size_of::<KeyRecord>())?,
            paths: next(header.paths, 1)?,
            texts: next(header.texts, 1)?,
            bytes: Vec::new(),
        };
        (end == body.len()).then_some(())?;
        let index = Self { bytes, ..index };
        index.is_sound().then_some(index)
    }

    /// The bytes as they are stored.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Which engine read the certificates.
    pub(super) fn reader(&self) -> Reader {
        self.reader
    }

    /// When it was begun to be made.
    pub(crate) fn taken(&self) -> Timestamp {
        self.taken
    }

    /// True if two indexes differ in nothing but their time.
    pub(crate) fn says_the_same_as(&self, other: &Self) -> bool {
        let said = |index: &Self| index.directories.start..index.texts.end;
        self.bytes.get(said(self)) == other.bytes.get(said(other))
            && self.keys == other.keys
            && self.texts == other.texts
    }

    pub(super) fn directories(&self) -> &[DirectoryRecord] {
        self.table(&self.directories)
    }

    pub(super) fn files(&self) -> &[FileRecord] {
        self.table(&self.files)
    }

    pub(super) fn pieces(&self) -> &[PieceRecord] {
        self.table(&self.pieces)
    }

    pub(super) fn keys(&self) -> &[KeyRecord] {
        self.table(&self.keys)
    }

    fn texts(&self) -> &[u8] {
        self.bytes.get(self.texts.clone()).unwrap_or_default()
    }

    fn table<T: FromBytes + Immutable + Unaligned + KnownLayout>(
        &self,
        range: &Range<usize>,
    ) -> &[T] {
        let bytes = self.bytes.get(range.clone()).unwrap_or_default();
        <[T]>::ref_from_bytes(bytes).unwrap_or_default()
    }

    /// The path of a directory.
    pub(super) fn directory_path(&self, place: usize) -> &Path {
        let ends = |place: usize| Some(self.directories().get(place)?.path_end);
        self.path(place.checked_sub(1).and_then(ends), ends(place))
    }

    /// The path of a file.
    pub(super) fn file_path(&self, place: usize) -> &Path {
        let ends = |place: usize| Some(self.files().get(place)?.path_end);
        let before = match place.checked_sub(1) {
            Some(before) => ends(before),
            None => self.directories().last().map(|last| last.path_end),
        };
        self.path(before, ends(place))
    }

    fn path(&self, start: Option<U64>, end: Option<U64>) -> &Path {
        let paths = self.bytes.get(self.paths.clone()).unwrap_or_default();
        let path = paths.get(range_of(start, end)).unwrap_or_default();
        Path::new(OsStr::from_bytes(path))
    }

    /// Which pieces belong to a file.
    pub(super) fn pieces_of(&self, file: usize) -> Range<usize> {
        let ends = |place: usize| Some(self.files().get(place)?.pieces_end);
        range_of(file.checked_sub(1).and_then(ends), ends(file))
    }

    /// The user IDs in a piece.
    pub(super) fn text_of(&self, piece: usize) -> &[u8] {
        let ends = |place: usize| Some(self.pieces().get(place)?.text_end);
        let range = range_of(piece.checked_sub(1).and_then(ends), ends(piece));
        self.texts().get(range).unwrap_or_default()
    }

    /// Where the answers to a question may be, in the order of the files.
    pub(crate) fn leads(&self, query: &Query) -> Vec<Lead<'_>> {
        let mut pieces = match query {
            Query::Handle(KeyHandle::Fingerprint(fingerprint)) => {
                self.with_id(fingerprint.key_id())
            }
            Query::Handle(KeyHandle::KeyId(id)) => self.with_id(*id),
            // A short ID is the end of a long one, which sorting does not help to find.
            Query::ShortId(id) => (self.keys().iter())
                .filter(|key| key.id.ends_with(id))
                .map(|key| key.piece.get() as usize)
                .collect(),
            Query::Text(text) => self.with_text(text),
        };
        pieces.sort_unstable();
        pieces.dedup();
        pieces
            .into_iter()
            .filter_map(|piece| self.lead(piece))
            .collect()
    }

    fn with_id(&self, id: KeyId) -> Vec<usize> {
        let keys = self.keys();
        let first = keys.partition_point(|key| key.id < id.0);
        let same = keys.get(first..).unwrap_or_default().iter();
        same.take_while(|key| key.id == id.0)
            .map(|key| key.piece.get() as usize)
            .collect()
    }

    fn with_text(&self, text: &Text) -> Vec<usize> {
        let pieces = self.pieces();
        let mut found = Vec::new();
        if text.needle().contains(BETWEEN) {
            return found;
        }
        for at in memmem::find_iter(self.texts(), text.needle()) {
            let after = found.last().copied().unwrap_or(0);
            let rest = pieces.get(after..).unwrap_or_default();
            let piece = after + rest.partition_point(|piece| piece.text_end.get() <= at as u64);
            if found.last() != Some(&piece) {
                found.push(piece);
            }
        }
        found
    }

    fn lead(&self, piece: usize) -> Option<Lead<'_>> {
        let files = self.files();
        let file = files.partition_point(|file| file.pieces_end.get() <= piece as u64);
        let record = self.pieces().get(piece)?;
        Some(Lead {
            path: self.file_path(file),
            stamp: files.get(file)?.stamp,
            start: record.start.get(),
            len: usize::try_from(record.len.get()).ok()?,
        })
    }

    /// Every number leads somewhere, and no path out of the place.
    fn is_sound(&self) -> bool {
        let (paths, texts) = (self.paths.len() as u64, self.texts.len() as u64);
        let (pieces, keys) = (self.pieces(), self.keys());
        let path_ends = (self.directories().iter().map(|record| record.path_end))
            .chain(self.files().iter().map(|record| record.path_end));
        let is_inside = |path: &Path| {
            path.components()
                .all(|component| matches!(component, Component::Normal(_)))
        };
        rise_to(path_ends, paths)
            && rise_to(
                self.files().iter().map(|file| file.pieces_end),
                pieces.len() as u64,
            )
            && rise_to(pieces.iter().map(|piece| piece.text_end), texts)
            && pieces
                .iter()
                .all(|piece| piece.len.get() <= MAX_BLOCK as u64 && piece.start.get() <= MAX_FILE)
            && keys.is_sorted()
            && keys
                .iter()
                .all(|key| (key.piece.get() as usize) < pieces.len())
            && (0..self.directories().len()).all(|place| is_inside(self.directory_path(place)))
            && (0..self.files().len()).all(|place| is_inside(self.file_path(place)))
    }
}

fn range_of(start: Option<U64>, end: Option<U64>) -> Range<usize> {
    let number = |value: Option<U64>| {
        value
            .and_then(|value| usize::try_from(value.get()).ok())
            .unwrap_or(0)
    };
    number(start)..number(end)
}

/// True if the numbers never fall, and end at the very end.
fn rise_to(numbers: impl Iterator<Item = U64>, end: u64) -> bool {
    let mut last = 0;
    for number in numbers {
        if number.get() < last {
            return false;
        }
        last = number.get();
    }
    last == end
}
