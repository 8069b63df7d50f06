//! Adding an object to an image in place.
//!
//! | step | what a crash after it leaves |
//! |---|---|
//! | data, past the last object; sync | bytes that nothing refers to |
//! | descriptor into a free slot, unused; sync | a slot that nobody reads |
//! | the one byte `used`; sync | **the object**, with the header's counters stale |
//! | header; sync | all |
//!
//! Counters in the header serve information only. Its architecture follows the
//! object, so that in between it says what it said before: for the first
//! primary partition "unknown", which the next change to the image repairs.

use super::descriptor::Descriptor;
use super::id::ObjectId;
use super::new_object::{NewObject, no_slot};
use super::raw::USED_OFFSET;
use super::storage::Disk;
use super::table::Table;
use crate::{Result, Timestamp};
use std::io::Read;
use zerocopy::IntoBytes;

/// Adds `object` to the image that `table` was read from.
pub(super) fn add(
    disk: &Disk<'_>,
    table: &Table,
    object: &NewObject,
    data: &mut dyn Read,
    when: Timestamp,
) -> Result<ObjectId> {
    let when = table.header.time_of_change(when);
    let (slot, id) = table.free_slot().ok_or_else(no_slot)?;
    let architecture = object.header_architecture(table.primary_partition().is_some())?;
    let mut descriptor = object.descriptor(id, when)?;

    let prepared: Result<_> = (|| {
        object.write_data(disk, table.data_end(), data, &mut descriptor)?;
        // What could not be read again must not be committed.
        let checked = Descriptor::check(descriptor, slot, disk.len()?)?;
        disk.sync()?;
        disk.write_at(descriptor.as_bytes(), table.header.slot_offset(slot))?;
        disk.sync()?;
        Ok(checked)
    })();
    let checked = prepared.inspect_err(|_| {
        // The first error is the one to tell of; what stays is out of use.
        let _ = disk.set_len(table.file_len);
    })?;

    disk.write_at(&[1], table.header.slot_offset(slot) + USED_OFFSET as u64)?;
    disk.sync()?;

    let header = table.changed_header(when, |header| {
        header.descriptors_free = i64::from(table.free_slots() - 1).into();
        header.data_size = size_field(checked.end() - table.header.data_offset());
        if let Some(architecture) = architecture {
            header.architecture = architecture.to_field();
        }
    });
    disk.write_at(header.as_bytes(), 0)?;
    disk.sync()?;
    Ok(id)
}

/// A size that a check has bounded, as the field holds it.
pub(super) fn size_field(size: u64) -> zerocopy::little_endian::I64 {
    i64::try_from(size).unwrap_or(i64::MAX).into()
}
