//! Deleting an object from an image in place.
//!
//! | step | what a crash after it leaves |
//! |---|---|
//! | header without architecture, for the primary partition; sync | the image, its architecture "unknown" until the next change repairs it |
//! | the byte `used` becomes zero; sync | **the object is gone** |
//! | its data becomes zero, for [`DeleteMode::Zero`]; sync | |
//! | slot becomes zero, header; sync | |
//! | the file is cut off, for [`DeleteMode::Compact`]; sync | all |
//!
//! The architecture goes first, because without a primary partition nothing tells
//! a stale one from an overlay's, while one that is missing can be found again.
//!
//! Zeroing before the commit would be wrong: a crash would leave an object of
//! other bytes. The price is that after a crash in the middle the deleted data can
//! still be there, in a file that no longer names it.

use super::add::size_field;
use super::architecture::Architecture;
use super::descriptor::Descriptor;
use super::id::ObjectId;
use super::kinds::PartitionType;
use super::raw::{DESCRIPTOR_SIZE, USED_OFFSET};
use super::storage::Disk;
use super::table::{Table, data_end};
use super::{MAX_READ, not_found};
use crate::{Result, Timestamp};
use zerocopy::IntoBytes;

/// What becomes of a deleted object's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DeleteMode {
    /// It stays in the file; nothing refers to it.
    #[default]
    Plain,
    /// It is overwritten with zeros.
    Zero,
    /// What lies behind the last object that is left is cut off.
    Compact,
}

/// Deletes an object from the image that `table` was read from.
pub(super) fn delete(
    disk: &Disk<'_>,
    table: &Table,
    id: ObjectId,
    mode: DeleteMode,
    when: Timestamp,
) -> Result<()> {
    let when = table.header.time_of_change(when);
    let object = table.object(id).ok_or_else(|| not_found(id))?;
    let slot = table.header.slot_offset(object.slot());
    let was_primary = object.partition_type() == Some(PartitionType::PrimarySystem);

    if was_primary {
        let mut header = *table.header.raw();
        header.architecture = Architecture::Unknown.to_field();
        disk.write_at(header.as_bytes(), 0)?;
        disk.sync()?;
    }

    disk.write_at(&[0], slot + USED_OFFSET as u64)?;
    disk.sync()?;

    if mode == DeleteMode::Zero {
        // Until the zeros are on the disk, the slot tells where they belong.
        zero(disk, object)?;
        disk.sync()?;
    }
    disk.write_at(&[0; DESCRIPTOR_SIZE], slot)?;

    let others = table.objects().filter(|other| other.id() != id);
    let end = data_end(&table.header, others);
    let header = table.changed_header(when, |header| {
        header.descriptors_free = i64::from(table.free_slots() + 1).into();
        if mode == DeleteMode::Compact {
            header.data_size = size_field(end - table.header.data_offset());
        }
        if was_primary {
            header.architecture = Architecture::Unknown.to_field();
        }
    });
    disk.write_at(header.as_bytes(), 0)?;
    disk.sync()?;

    if mode == DeleteMode::Compact {
        disk.set_len(end)?;
        disk.sync()?;
    }
    Ok(())
}

fn zero(disk: &Disk<'_>, object: &Descriptor) -> Result<()> {
    let zeros = vec![0; MAX_READ];
    let mut place = object.offset();
    while place < object.end() {
        let left = object.end() - place;
        let piece = usize::try_from(left).map_or(MAX_READ, |left| left.min(MAX_READ));
        disk.write_at(zeros.get(..piece).unwrap_or_default(), place)?;
        place += piece as u64;
    }
    Ok(())
}
