//! An image opened for changing.

use super::add::add;
use super::beside::Original;
use super::delete::{DeleteMode, delete};
use super::id::ObjectId;
use super::image::{Image, open_regular};
use super::new_object::NewObject;
use super::primary::set_primary;
use super::storage::Disk;
use crate::{Error, ErrorKind, Result, Timestamp};
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// How often an image that others replace under us is opened again.
const ATTEMPTS: usize = 8;

/// An image under an exclusive lock, to be changed in place.
///
/// A crash in the middle of any change leaves the image as it was before or as
/// it was meant to be; a reader sees the one or the other. An error leaves it as
/// it was before, unless the disk itself failed behind the commit. Dropping the
/// editor releases the lock.
#[derive(Debug)]
pub struct Editor {
    image: Image,
    /// Where the file itself is, behind symbolic links.
    real_path: PathBuf,
}

impl Editor {
    /// Opens the image at `path` for changing.
    ///
    /// # Errors
    /// As [`Image::open`]; the file cannot be written
    /// ([`ErrorKind::Denied`]); or another editor has it open
    /// ([`ErrorKind::Unavailable`]).
    pub fn open(path: &Path) -> Result<Self> {
        for _ in 0..ATTEMPTS {
            let real_path = std::fs::canonicalize(path).map_err(|error| Error::io(path, error))?;
            let file = open_regular(path, OpenOptions::new().read(true).write(true))?;
            lock(&file, path)?;
            // Whoever held the lock before may have put another file under the
            // name: then the lock is on a file that nobody finds any more.
            if is_at(&file, &real_path) {
                let image = Image::load(path.to_owned(), file)?;
                return Ok(Self { image, real_path });
            }
        }
        Err(busy(path))
    }

    /// The image as it is now.
    pub fn image(&self) -> &Image {
        &self.image
    }

    /// Adds an object at the end and tells its ID. In a deterministic image
    /// `when` is not used.
    ///
    /// # Errors
    /// No slot is free, the object breaks a rule of the format, its data cannot
    /// be read or written. The image is then as before.
    pub fn add(
        &mut self,
        object: &NewObject,
        data: &mut dyn Read,
        when: Timestamp,
    ) -> Result<ObjectId> {
        let id = self.change(|disk, image| add(disk, image.table(), object, data, when))?;
        self.reload()?;
        Ok(id)
    }

    /// Deletes an object. What is linked to it stays.
    ///
    /// # Errors
    /// There is no such object, or the file cannot be written.
    pub fn delete(&mut self, id: ObjectId, mode: DeleteMode, when: Timestamp) -> Result<()> {
        self.change(|disk, image| delete(disk, image.table(), id, mode, when))?;
        self.reload()
    }

    /// Makes a system partition the primary one, by way of a copy of the whole
    /// file. Nothing happens if it is already.
    ///
    /// # Errors
    /// The object is no system partition, or the copy cannot be written.
    pub fn set_primary(&mut self, id: ObjectId, when: Timestamp) -> Result<()> {
        let path = self.image.path();
        let original = Original {
            file: self.image.file(),
            real_path: &self.real_path,
        };
        let replaced = set_primary(&original, path, self.image.table(), id, when)
            .map_err(|error| error.at(path.display()))?;
        if let Some(file) = replaced {
            self.image = Image::load(path.to_owned(), file)?;
        }
        Ok(())
    }

    fn change<T>(&self, change: impl FnOnce(&Disk<'_>, &Image) -> Result<T>) -> Result<T> {
        let path = self.image.path();
        let disk = Disk {
            file: self.image.file(),
            path,
        };
        change(&disk, &self.image).map_err(|error| error.at(path.display()))
    }

    fn reload(&mut self) -> Result<()> {
        self.image.reload()
    }
}

/// Takes the exclusive lock, without waiting.
pub(super) fn lock(file: &File, path: &Path) -> Result<()> {
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(()),
        Err(Errno::WOULDBLOCK) => Err(busy(path)),
        Err(error) => Err(Error::new(ErrorKind::Unsupported, "cannot be locked")
            .at(path.display())
            .because(std::io::Error::from(error))
            .hint("its file system keeps no locks; change a copy elsewhere")),
    }
}

fn busy(path: &Path) -> Error {
    Error::new(
        ErrorKind::Unavailable,
        "is being written by another program",
    )
    .at(path.display())
    .hint("try again when that program has finished")
}

/// True if the open file is the one that the path names.
fn is_at(file: &File, path: &Path) -> bool {
    let (Ok(own), Ok(named)) = (file.metadata(), std::fs::metadata(path)) else {
        return false;
    };
    (own.dev(), own.ino()) == (named.dev(), named.ino())
}
