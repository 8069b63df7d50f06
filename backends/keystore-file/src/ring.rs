//! One keyring file as a row of pieces.
//!
//! An engine tells which keys a file holds and what it could not read. Here the
//! two are laid back onto the file: every byte belongs to one piece, which is one
//! key as it stands, one stretch of junk, or (in the middle) an *encoded* stretch,
//! of which it is only known that some keys came out of it: an armored export
//! that somebody appended, say. Rewriting copies every piece that is not changed,
//! so other keys stay byte for byte as they are (W-1).
//!
//! An encoded stretch is written as binary keys as soon as one of its keys
//! changes, and whenever something is added to the ring, since Apptainer and
//! GnuPG read no armor in the middle of a ring. What an engine reported as junk
//! in it comes after its keys then.

use sifseal_core::openpgp::{Fingerprint, Junk, Key};
use sifseal_core::traits::{Change, Engine};
use sifseal_core::{Error, ErrorKind, Result, Secret};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// A keyring file that was read.
#[derive(Debug)]
pub(crate) struct Ring<'a> {
    bytes: &'a [u8],
    keys: Vec<Key>,
    junk: Vec<Junk>,
    pieces: Vec<Piece>,
}

/// A stretch of the file, and which of the keys and junk it holds.
#[derive(Debug)]
struct Piece {
    bytes: Range<usize>,
    keys: Range<usize>,
    junk: Range<usize>,
    is_encoded: bool,
}

/// A key that is once or several times in a ring, as one.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) key: Key,
    /// Where the first of them begins, in bytes.
    pub(crate) offset: usize,
}

/// What to change when a ring is written anew.
#[derive(Debug, Default)]
pub(crate) struct Edits {
    keys: BTreeMap<usize, Edit>,
    added: Option<Key>,
    decode: bool,
}

#[derive(Debug)]
enum Edit {
    Drop,
    Put(Key),
}

impl<'a> Ring<'a> {
    pub(crate) fn read(engine: &dyn Engine, bytes: &'a [u8]) -> Self {
        let found = engine.read_keys(bytes);
        let pieces = lay_out(bytes, &found.keys, &found.junk);
        Self {
            bytes,
            keys: found.keys,
            junk: found.junk,
            pieces,
        }
    }

    /// Every key once, in the order of the file, duplicates merged; and a remark
    /// for each duplicate that would not be merged.
    pub(crate) fn entries(&self, engine: &dyn Engine) -> (Vec<Entry>, Vec<Junk>) {
        let mut entries: Vec<Entry> = Vec::new();
        let mut remarks = Vec::new();
        let mut known = HashMap::new();
        for piece in &self.pieces {
            let offset = piece.bytes.start;
            for key in self.keys.get(piece.keys.clone()).unwrap_or_default() {
                let at = *known.entry(key.fingerprint()).or_insert(entries.len());
                let Some(entry) = entries.get_mut(at) else {
                    let key = key.clone();
                    entries.push(Entry { key, offset });
                    continue;
                };
                match engine.merge(&entry.key, key) {
                    Ok(merged) => entry.key = merged,
                    Err(error) => remarks.push(remark(
                        offset,
                        format!(
                            "a second copy of {} is of no use: {error}",
                            key.fingerprint()
                        ),
                    )),
                }
            }
        }
        (entries, remarks)
    }

    /// What the engine could not read.
    pub(crate) fn take_junk(&mut self) -> Vec<Junk> {
        std::mem::take(&mut self.junk)
    }

    /// True if the ring holds this key with a secret part.
    pub(crate) fn has_secret(&self, fingerprint: &Fingerprint) -> bool {
        let is_it = |key: &Key| is_secret(key) && key.fingerprint() == *fingerprint;
        self.keys.iter().any(is_it)
    }

    /// Adds a key, or merges it into the one that is there. Duplicates become one
    /// on this occasion. Gives the key as it is stored afterwards, too.
    pub(crate) fn add(&self, engine: &dyn Engine, key: &Key) -> Result<(Edits, Change, Key)> {
        let mut edits = self.without_duplicates(engine);
        let Some(first) = self.places(key.fingerprint()).next() else {
            edits.added = Some(key.clone());
            edits.decode = true;
            return Ok((edits, Change::Added, key.clone()));
        };
        let stored = edits.now_at(&self.keys, first).ok_or_else(no_such_key)?;
        let merged = engine.merge(stored, key)?;
        if bytes_of(&merged) == bytes_of(stored) {
            return Ok((edits, Change::Unchanged, merged));
        }
        edits.keys.insert(first, Edit::Put(merged.clone()));
        edits.decode = true;
        Ok((edits, Change::Merged, merged))
    }

    /// Puts a key in the place of the one of the same kind, secret or not; other
    /// copies of that kind go, since they would be merged back into it.
    pub(crate) fn replace(&self, key: &Key) -> Result<Edits> {
        let same_kind =
            |place: &usize| self.keys.get(*place).map(is_secret) == Some(is_secret(key));
        let mut places = self.places(key.fingerprint()).filter(same_kind);
        let first = places.next().ok_or_else(no_such_key)?;
        let mut edits = Edits::default();
        edits.keys.insert(first, Edit::Put(key.clone()));
        edits.keys.extend(places.map(|place| (place, Edit::Drop)));
        Ok(edits)
    }

    /// Removes every copy of a key, and nothing else.
    pub(crate) fn remove(&self, fingerprint: &Fingerprint) -> Result<Edits> {
        let mut edits = Edits::default();
        let places = self.places(*fingerprint);
        edits.keys.extend(places.map(|place| (place, Edit::Drop)));
        if edits.keys.is_empty() {
            return Err(no_such_key());
        }
        Ok(edits)
    }

    /// The ring with its changes, read back before anybody relies on it: a torn
    /// packet among the junk could swallow what now comes after it.
    pub(crate) fn rewritten(&self, engine: &dyn Engine, edits: &Edits) -> Result<Secret> {
        let new = join(&self.parts(edits));
        let read_back = engine.read_keys(new.expose());
        if summary(read_back.keys.iter()) == summary(self.keys_after(edits)) {
            return Ok(new);
        }
        let what = "the keyring is damaged in such a way that the change would harm other keys";
        Err(Error::new(ErrorKind::Malformed, what)
            .hint("move the file away, and import the keys from it into a new one"))
    }

    fn places(&self, fingerprint: Fingerprint) -> impl Iterator<Item = usize> {
        let keys = self.keys.iter().enumerate();
        keys.filter(move |(_, key)| key.fingerprint() == fingerprint)
            .map(|(place, _)| place)
    }

    fn without_duplicates(&self, engine: &dyn Engine) -> Edits {
        let mut edits = Edits::default();
        let mut firsts = HashMap::new();
        for (place, key) in self.keys.iter().enumerate() {
            let first = *firsts.entry(key.fingerprint()).or_insert(place);
            if first == place {
                continue;
            }
            let kept = edits.now_at(&self.keys, first);
            // One that cannot be merged stays as it is; `entries` tells of it.
            if let Some(Ok(merged)) = kept.map(|kept| engine.merge(kept, key)) {
                edits.keys.insert(first, Edit::Put(merged));
                edits.keys.insert(place, Edit::Drop);
            }
        }
        edits
    }

    /// The bytes of the changed ring, piece by piece.
    fn parts<'b>(&'b self, edits: &'b Edits) -> Vec<&'b [u8]> {
        let mut parts: Vec<&[u8]> = Vec::new();
        // A new key comes after the last key and before junk at the end: what an
        // interrupted writer left there may claim to be longer than it is.
        let last = self.pieces.iter().rposition(|piece| !piece.keys.is_empty());
        let added = edits.added.as_ref().map(bytes_of);
        if last.is_none() {
            parts.extend(added);
        }
        for (at, piece) in self.pieces.iter().enumerate() {
            let is_touched = piece.keys.clone().any(|key| edits.keys.contains_key(&key));
            if is_touched || piece.is_encoded && edits.decode {
                parts.extend(edits.apply(&self.keys, piece.keys.clone()).map(bytes_of));
                let junk = self.junk.get(piece.junk.clone()).unwrap_or_default();
                parts.extend(junk.iter().map(|junk| junk.bytes.as_slice()));
            } else {
                parts.push(&self.bytes[piece.bytes.clone()]);
            }
            if Some(at) == last {
                parts.extend(added);
            }
        }
        parts
    }

    fn keys_after<'b>(&'b self, edits: &'b Edits) -> impl Iterator<Item = &'b Key> {
        let kept = edits.apply(&self.keys, 0..self.keys.len());
        kept.chain(&edits.added)
    }
}

impl Edits {
    /// The key at a place as it is after the edits, if it is still there.
    fn now_at<'b>(&'b self, keys: &'b [Key], place: usize) -> Option<&'b Key> {
        match self.keys.get(&place) {
            Some(Edit::Drop) => None,
            Some(Edit::Put(key)) => Some(key),
            None => keys.get(place),
        }
    }

    fn apply<'b>(&'b self, keys: &'b [Key], places: Range<usize>) -> impl Iterator<Item = &'b Key> {
        places.filter_map(|place| self.now_at(keys, place))
    }
}

/// Junk out of a secret ring may be the half of a secret key.
impl Drop for Ring<'_> {
    fn drop(&mut self) {
        wipe(&mut self.junk);
    }
}

/// Clears the bytes of junk, and leaves where and what it was.
pub(crate) fn wipe(junk: &mut [Junk]) {
    for junk in junk {
        drop(Secret::new(std::mem::take(&mut junk.bytes)));
    }
}

/// Something to be told of a place in a ring that is not for the engine to see.
pub(crate) fn remark(offset: usize, what: String) -> Junk {
    Junk {
        offset,
        bytes: Vec::new(),
        what,
    }
}

pub(crate) fn no_such_key() -> Error {
    Error::new(
        ErrorKind::NotFound,
        "no key matching given fingerprint found",
    )
}

/// Lays keys and junk onto the file, from its beginning and from its end, each as
/// long as the bytes agree. What remains between is one encoded stretch.
fn lay_out(bytes: &[u8], keys: &[Key], junk: &[Junk]) -> Vec<Piece> {
    let mut front = Vec::new();
    let mut back = Vec::new();
    let mut rest = Piece {
        bytes: 0..bytes.len(),
        keys: 0..keys.len(),
        junk: 0..junk.len(),
        is_encoded: true,
    };
    while let Some(piece) = first_piece(bytes, keys, junk, &rest) {
        rest.bytes.start = piece.bytes.end;
        rest.keys.start = piece.keys.end;
        rest.junk.start = piece.junk.end;
        front.push(piece);
    }
    while let Some(piece) = last_piece(bytes, keys, junk, &rest) {
        rest.bytes.end = piece.bytes.start;
        rest.keys.end = piece.keys.start;
        rest.junk.end = piece.junk.start;
        back.push(piece);
    }
    if !(rest.bytes.is_empty() && rest.keys.is_empty() && rest.junk.is_empty()) {
        front.push(rest);
    }
    front.extend(back.into_iter().rev());
    front
}

fn first_piece(bytes: &[u8], keys: &[Key], junk: &[Junk], rest: &Piece) -> Option<Piece> {
    let (key, bad) = (rest.keys.start, rest.junk.start);
    let ahead = &bytes[rest.bytes.clone()];
    if let Some(junk) = junk.get(rest.junk.clone())?.first()
        && junk.offset == rest.bytes.start
        && is_head_of(&junk.bytes, ahead)
    {
        let end = rest.bytes.start + junk.bytes.len();
        return Some(plain(rest.bytes.start..end, key..key, bad..bad + 1));
    }
    let found = bytes_of(keys.get(rest.keys.clone())?.first()?);
    let end = rest.bytes.start + found.len();
    is_head_of(found, ahead).then(|| plain(rest.bytes.start..end, key..key + 1, bad..bad))
}

fn last_piece(bytes: &[u8], keys: &[Key], junk: &[Junk], rest: &Piece) -> Option<Piece> {
    let (key, bad) = (rest.keys.end, rest.junk.end);
    let ahead = &bytes[rest.bytes.clone()];
    if let Some(junk) = junk.get(rest.junk.clone())?.last()
        && junk.offset.checked_add(junk.bytes.len()) == Some(rest.bytes.end)
        && is_tail_of(&junk.bytes, ahead)
    {
        return Some(plain(junk.offset..rest.bytes.end, key..key, bad - 1..bad));
    }
    let found = bytes_of(keys.get(rest.keys.clone())?.last()?);
    let start = rest.bytes.end.checked_sub(found.len())?;
    is_tail_of(found, ahead).then(|| plain(start..rest.bytes.end, key - 1..key, bad..bad))
}

fn plain(bytes: Range<usize>, keys: Range<usize>, junk: Range<usize>) -> Piece {
    Piece {
        bytes,
        keys,
        junk,
        is_encoded: false,
    }
}

fn is_head_of(part: &[u8], whole: &[u8]) -> bool {
    !part.is_empty() && whole.starts_with(part)
}

fn is_tail_of(part: &[u8], whole: &[u8]) -> bool {
    !part.is_empty() && whole.ends_with(part)
}

/// In one allocation, so that no copy of a secret is left behind.
fn join(parts: &[&[u8]]) -> Secret {
    Secret::new(parts.concat())
}

/// Which keys there are, for a comparison in which their order is no matter.
fn summary<'k>(keys: impl Iterator<Item = &'k Key>) -> Vec<(Fingerprint, bool)> {
    let mut summary: Vec<_> = keys
        .map(|key| (key.fingerprint(), is_secret(key)))
        .collect();
    summary.sort_unstable();
    summary
}

fn is_secret(key: &Key) -> bool {
    matches!(key, Key::Secret(_))
}

fn bytes_of(key: &Key) -> &[u8] {
    match key {
        Key::Certificate(certificate) => &certificate.bytes,
        Key::Secret(secret) => secret.bytes.expose(),
    }
}

#[cfg(test)]
mod tests;
