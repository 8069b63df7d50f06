//! An image opened for reading.

use super::descriptor::Descriptor;
use super::header::Header;
use super::id::{GroupId, ObjectId};
use super::storage::{Disk, read_full};
use super::table::Table;
use super::{MAX_READ, malformed};
use crate::{Error, Result};
use rustix::fs::OFlags;
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// An image whose header and descriptor table were read and checked.
///
/// The data of its objects is read at positions, by any number of threads at
/// once, and never mapped: a file that shrinks meanwhile is an error, not a
/// signal.
#[derive(Debug)]
pub struct Image {
    path: PathBuf,
    file: File,
    table: Table,
}

impl Image {
    /// Opens the image at `path`.
    ///
    /// # Errors
    /// The file cannot be opened, is not a regular file, or is not a sound
    /// image: [`ErrorKind::Malformed`](crate::ErrorKind::Malformed).
    pub fn open(path: &Path) -> Result<Self> {
        let file = open_regular(path, OpenOptions::new().read(true))?;
        Self::load(path.to_owned(), file)
    }

    pub(super) fn load(path: PathBuf, file: File) -> Result<Self> {
        let table = Table::load(&Disk {
            file: &file,
            path: &path,
        })?;
        Ok(Self { path, file, table })
    }

    /// The path that the image was opened by.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The global header.
    pub fn header(&self) -> &Header {
        &self.table.header
    }

    /// The data objects, ascending by ID.
    pub fn objects(&self) -> impl ExactSizeIterator<Item = &Descriptor> {
        self.table.objects()
    }

    /// The object with this ID.
    pub fn object(&self, id: ObjectId) -> Option<&Descriptor> {
        self.table.object(id)
    }

    /// The objects of a group, ascending by ID.
    pub fn group_objects(&self, group: GroupId) -> impl Iterator<Item = &Descriptor> {
        self.table.group_objects(group)
    }

    /// The groups that any object is in, signatures not excepted (those of early
    /// tools are in groups), ascending.
    pub fn groups(&self) -> Vec<GroupId> {
        self.table.groups()
    }

    /// The primary system partition.
    pub fn primary_partition(&self) -> Option<&Descriptor> {
        self.table.primary_partition()
    }

    /// The slots of the descriptor table that no object uses: how many can be
    /// added.
    pub fn free_slots(&self) -> u32 {
        self.table.free_slots()
    }

    /// The bytes of the file when it was opened.
    pub fn file_len(&self) -> u64 {
        self.table.file_len
    }

    /// Reads the object's data from `offset` on, until `buf` is full or the
    /// object ends; how many bytes that were. Zero means the end.
    ///
    /// # Errors
    /// The file cannot be read, or has become shorter than the object.
    pub fn read_at(&self, object: &Descriptor, offset: u64, buf: &mut [u8]) -> Result<usize> {
        let left = object.size().saturating_sub(offset);
        let wanted = usize::try_from(left).map_or(buf.len(), |left| left.min(buf.len()));
        let Some(buf) = buf.get_mut(..wanted).filter(|buf| !buf.is_empty()) else {
            return Ok(0);
        };
        let read = read_full(&self.file, buf, object.offset() + offset)
            .map_err(|error| Error::io(&self.path, error))?;
        if read < wanted {
            let what = format!("object {} was cut short", object.id());
            return Err(malformed(what)
                .at(self.path.display())
                .hint("another program changed the file while it was read"));
        }
        Ok(read)
    }

    /// The object's data as a stream.
    pub fn data<'a>(&'a self, object: &'a Descriptor) -> ObjectReader<'a> {
        ObjectReader {
            image: self,
            object,
            offset: 0,
        }
    }

    /// All data of an object that must be small, such as a signature.
    ///
    /// # Errors
    /// The object has more than `limit` bytes, or cannot be read.
    pub fn read_small(&self, object: &Descriptor, limit: u64) -> Result<Vec<u8>> {
        let size = usize::try_from(object.size()).ok();
        let Some(size) = size.filter(|_| object.size() <= limit) else {
            let what = format!(
                "object {} has {} bytes; at most {limit} are read of a {}",
                object.id(),
                object.size(),
                object.data_type(),
            );
            return Err(malformed(what).at(self.path.display()));
        };
        let mut data = vec![0; size];
        self.read_at(object, 0, &mut data)?;
        Ok(data)
    }

    /// Reads header and table again after a change.
    pub(super) fn reload(&mut self) -> Result<()> {
        self.table = Table::load(&Disk {
            file: &self.file,
            path: &self.path,
        })?;
        Ok(())
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Header and descriptors without the data.
    pub fn table(&self) -> &Table {
        &self.table
    }
}

/// The data of one object, as a stream.
#[derive(Debug)]
pub struct ObjectReader<'a> {
    image: &'a Image,
    object: &'a Descriptor,
    offset: u64,
}

impl Read for ObjectReader<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let wanted = buf.len().min(MAX_READ);
        let buf = buf.get_mut(..wanted).unwrap_or_default();
        let read = self
            .image
            .read_at(self.object, self.offset, buf)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        self.offset += read as u64;
        Ok(read)
    }
}

/// Opens a regular file and nothing else. Without `O_NONBLOCK`, a named pipe
/// would keep us waiting for somebody to write to it.
pub(super) fn open_regular(path: &Path, options: &mut OpenOptions) -> Result<File> {
    let file = options
        .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
        .open(path)
        .map_err(|error| Error::io(path, error))?;
    let metadata = file.metadata().map_err(|error| Error::io(path, error))?;
    if !metadata.is_file() {
        return Err(malformed("not a regular file").at(path.display()));
    }
    Ok(file)
}
