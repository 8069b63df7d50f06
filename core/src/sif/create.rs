//! Making a new image.

use super::architecture::Architecture;
use super::beside::{file_beside, sync_directory};
use super::header::table_size;
use super::id::ObjectId;
use super::new_object::{NewObject, no_slot};
use super::raw::{DESCRIPTOR_SIZE, MAGIC, RawDescriptor, RawHeader, VERSION};
use super::storage::{Disk, Storage};
use super::table::Table;
use super::{MAX_DESCRIPTORS, malformed};
use crate::{Error, ErrorKind, Result, Timestamp};
use std::io::Read;
use std::path::Path;
use uuid::Uuid;
use zerocopy::IntoBytes;

/// Where the descriptor table of a new image begins.
const DESCRIPTORS_OFFSET: u64 = 4096;

/// What is to be said of a new image as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateOptions {
    /// The text before the magic, at most 31 bytes; `#!/usr/bin/env
    /// run-singularity\n` lets a shell run the image.
    pub launch_script: String,
    /// The UUID.
    pub id: Uuid,
    /// When the image, and what it holds, was made.
    pub time: Timestamp,
    /// How many objects it can hold, at most
    /// [`MAX_DESCRIPTORS`](super::MAX_DESCRIPTORS).
    pub capacity: u32,
    /// Who may do what with the file, less what the process's umask forbids.
    pub mode: u32,
    /// Whether a file that is there already is replaced.
    pub overwrite: bool,
}

impl CreateOptions {
    /// The slots of an image where nothing is said.
    pub const CAPACITY: u32 = 48;

    /// An image of this time, with a random UUID.
    pub fn new(time: Timestamp) -> Self {
        Self {
            launch_script: String::new(),
            id: Uuid::new_v4(),
            time,
            capacity: Self::CAPACITY,
            mode: 0o755,
            overwrite: false,
        }
    }

    /// An image without UUID and times: the same objects give the same bytes.
    pub fn deterministic() -> Self {
        Self {
            id: Uuid::nil(),
            ..Self::new(Timestamp::GO_ZERO)
        }
    }
}

/// Makes an image of these objects, with IDs from 1 on.
///
/// It is written beside `path` and takes the name when it is whole and on the
/// disk; where something fails, nothing is left.
///
/// # Errors
/// Something is at `path` already and is not to be replaced
/// ([`ErrorKind::Denied`]), an object breaks a rule of the format, data cannot be
/// read or written.
pub fn create(
    path: &Path,
    options: &CreateOptions,
    objects: Vec<(NewObject, Box<dyn Read + '_>)>,
) -> Result<()> {
    if !options.overwrite && path.symlink_metadata().is_ok() {
        return Err(exists(path));
    }
    // A symbolic link stays, and what it points to is replaced.
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let file = file_beside(&target, options.mode)?;
    write(file.as_file(), path, options, objects).map_err(|error| error.at(path.display()))?;

    let persisted = match options.overwrite {
        true => file.persist(&target),
        false => file.persist_noclobber(&target),
    };
    persisted.map_err(|error| match error.error.kind() {
        std::io::ErrorKind::AlreadyExists => exists(path),
        _ => Error::io(path, error.error),
    })?;
    sync_directory(&target)
}

fn exists(path: &Path) -> Error {
    Error::new(ErrorKind::Denied, "there is a file of that name already").at(path.display())
}

fn write(
    file: &dyn Storage,
    path: &Path,
    options: &CreateOptions,
    objects: Vec<(NewObject, Box<dyn Read + '_>)>,
) -> Result<()> {
    let disk = Disk { file, path };
    let mut header = empty_header(options)?;
    let mut slots = Vec::with_capacity(objects.len());
    let mut end = DESCRIPTORS_OFFSET + table_size(options.capacity);
    let mut has_primary = false;

    for (slot, (object, mut data)) in (0..options.capacity + 1).zip(objects) {
        let id = ObjectId::new(slot + 1).filter(|_| slot < options.capacity);
        let mut descriptor = object.descriptor(id.ok_or_else(no_slot)?, options.time)?;
        if let Some(architecture) = object.header_architecture(has_primary)? {
            header.architecture = architecture.to_field();
        }
        has_primary |= object.is_primary();
        object.write_data(&disk, end, &mut data, &mut descriptor)?;
        descriptor.used = 1;
        let padded = descriptor.size_with_padding.get();
        end += padded.unsigned_abs();
        header.data_size += padded;
        header.descriptors_free -= 1;
        slots.push(descriptor);
    }

    let mut table = slots.as_bytes().to_vec();
    table.resize(options.capacity as usize * DESCRIPTOR_SIZE, 0);
    disk.write_at(&table, DESCRIPTORS_OFFSET)?;
    disk.write_at(header.as_bytes(), 0)?;
    // What could not be read again must not get its name.
    Table::load(&disk)?;
    disk.sync()
}

fn empty_header(options: &CreateOptions) -> Result<RawHeader> {
    if options.capacity > MAX_DESCRIPTORS {
        return Err(malformed("descriptor capacity not supported")
            .hint(format!("the most are {MAX_DESCRIPTORS}")));
    }
    let mut launch_script = [0; 32];
    // The last byte stays zero: readers take the field for a C string.
    let Some(place) = launch_script[..31].get_mut(..options.launch_script.len()) else {
        return Err(malformed("launch script too large").hint("it has at most 31 bytes"));
    };
    place.copy_from_slice(options.launch_script.as_bytes());

    let capacity = i64::from(options.capacity);
    let table = size_of::<RawDescriptor>() as i64 * capacity;
    Ok(RawHeader {
        launch_script,
        magic: MAGIC,
        version: VERSION,
        architecture: Architecture::Unknown.to_field(),
        id: options.id.into_bytes(),
        created: options.time.0.into(),
        modified: options.time.0.into(),
        descriptors_free: capacity.into(),
        descriptors_total: capacity.into(),
        descriptors_offset: (DESCRIPTORS_OFFSET as i64).into(),
        descriptors_size: table.into(),
        data_offset: (DESCRIPTORS_OFFSET as i64 + table).into(),
        data_size: 0.into(),
    })
}
