//! A file as a window that moves over it, and as a number.

use super::MAX_FILE;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use zeroize::Zeroizing;

/// The content of a file, as a number.
pub(crate) type Digest = [u8; 32];

/// The digest of a whole file.
///
/// # Errors
/// What the system says.
pub(crate) fn digest(file: &File) -> io::Result<Digest> {
    let mut hasher = Sha256::new();
    let mut buffer = Zeroizing::new(vec![0; step(file)?]);
    let mut at = 0;
    while at <= MAX_FILE {
        let read = file.read_at(&mut buffer, at)?;
        if read == 0 {
            break;
        }
        hasher.update(buffer.get(..read).unwrap_or_default());
        at += read as u64;
    }
    Ok(hasher.finalize().into())
}

/// How much is read at once: a small file in one go, and with room for its end. Most
/// files are small, and clearing a large buffer for each would take longest of all.
fn step(file: &File) -> io::Result<usize> {
    const LEAST: usize = 4 << 10;
    const MOST: usize = 1 << 20;
    let size = usize::try_from(file.metadata()?.len()).unwrap_or(MOST);
    Ok(size.saturating_add(1).clamp(LEAST, MOST))
}

/// A stretch of a file in memory. It may hold somebody's secret key.
pub(super) struct Window<'a> {
    file: &'a File,
    /// Where in the file the buffer begins.
    start: u64,
    buffer: Zeroizing<Vec<u8>>,
    /// The buffer reaches to the end of the file.
    pub(super) is_last: bool,
    hasher: Sha256,
    /// How much is read at once.
    step: usize,
    /// How much of the buffer is done with.
    pub(super) done: usize,
}

impl<'a> Window<'a> {
    pub(super) fn new(file: &'a File) -> io::Result<Self> {
        Ok(Self {
            file,
            step: step(file)?,
            start: 0,
            buffer: Zeroizing::new(Vec::new()),
            is_last: false,
            hasher: Sha256::new(),
            done: 0,
        })
    }

    pub(super) fn rest(&self) -> &[u8] {
        self.buffer.get(self.done..).unwrap_or_default()
    }

    /// Where in the file the rest begins.
    pub(super) fn start(&self) -> u64 {
        self.start + self.done as u64
    }

    pub(super) fn range(&self, bytes: Range<usize>) -> Range<u64> {
        self.start() + bytes.start as u64..self.start() + bytes.end as u64
    }

    /// The digest of all that was read.
    pub(super) fn digest(self) -> Digest {
        self.hasher.finalize().into()
    }

    /// Reads on until the rest holds `len` bytes or the file ends.
    pub(super) fn fill(&mut self, len: usize) -> io::Result<()> {
        if self.is_last {
            return Ok(());
        }
        self.buffer.drain(..self.done);
        self.start += self.done as u64;
        self.done = 0;
        while !self.is_last && self.buffer.len() < len {
            let old = self.buffer.len();
            let room = self.step.min(len - old);
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
            let new = self.buffer.get(old..).unwrap_or_default();
            self.hasher.update(new);
        }
        Ok(())
    }
}
