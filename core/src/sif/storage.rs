//! The few things that are done to an image's file.
//!
//! They stand behind a trait so that the tests can write down what an editor
//! does, and replay every way in which a crash could cut it off.

use crate::{Error, Result};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// A file that is read and written at positions.
pub(super) trait Storage {
    /// Reads at most `buf.len()` bytes; zero at the end of the file.
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Writes all of `bytes`.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Cuts the file off, or extends it with zeros.
    fn set_len(&self, len: u64) -> io::Result<()>;

    /// Returns when everything before has reached the disk.
    fn sync(&self) -> io::Result<()>;

    /// The bytes in the file.
    fn len(&self) -> io::Result<u64>;
}

impl Storage for File {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        FileExt::read_at(self, buf, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        File::set_len(self, len)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_all()
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }
}

/// A file that a changed copy can replace in one step.
pub(super) trait Replaceable {
    /// The copy, which nobody else sees.
    type Copy;
    /// What stands under the name afterwards.
    type File;

    /// Makes a copy beside the file.
    fn copy(&self) -> Result<Self::Copy>;

    /// The copy's bytes.
    fn storage(copy: &Self::Copy) -> &dyn Storage;

    /// Puts the copy, which must have reached the disk, under the file's name.
    fn replace(&self, copy: Self::Copy) -> Result<Self::File>;
}

/// Reads until `buf` is full or the file ends; how many bytes there were.
pub(super) fn read_full(file: &dyn Storage, buf: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut done = 0;
    while let Some(rest) = buf.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, offset + done as u64) {
            Ok(0) => break,
            Ok(read) => done += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// A file with the path that its errors name.
pub(super) struct Disk<'a> {
    pub(super) file: &'a dyn Storage,
    pub(super) path: &'a Path,
}

impl Disk<'_> {
    pub(super) fn read_full(&self, buf: &mut [u8], offset: u64) -> Result<usize> {
        self.named(read_full(self.file, buf, offset))
    }

    pub(super) fn write_at(&self, bytes: &[u8], offset: u64) -> Result<()> {
        self.named(self.file.write_at(bytes, offset))
    }

    pub(super) fn set_len(&self, len: u64) -> Result<()> {
        self.named(self.file.set_len(len))
    }

    pub(super) fn sync(&self) -> Result<()> {
        self.named(self.file.sync())
    }

    pub(super) fn len(&self) -> Result<u64> {
        self.named(self.file.len())
    }

    fn named<T>(&self, result: io::Result<T>) -> Result<T> {
        result.map_err(|error| Error::io(self.path, error))
    }
}
