//! Making another system partition the primary one.
//!
//! Two descriptors and the header change together, and no single byte commits
//! them: between two writes the image would have two primary partitions, or none.
//! So a copy of the image is changed beside it, reaches the disk, and then takes
//! its name. A crash leaves the one or the other, and perhaps a file
//! `.….sif-new`.

use super::extra::set_partition_type;
use super::id::ObjectId;
use super::kinds::{DataType, PartitionType};
use super::storage::{Disk, Replaceable};
use super::table::Table;
use super::{malformed, not_found};
use crate::{Result, Timestamp};
use std::path::Path;
use zerocopy::IntoBytes;

/// Bytes and where they belong.
type Write = (u64, Vec<u8>);

/// Makes `id` the primary partition of the image that `table` was read from. The
/// image's new file, or `None` if nothing had to change.
pub(super) fn set_primary<F: Replaceable>(
    file: &F,
    path: &Path,
    table: &Table,
    id: ObjectId,
    when: Timestamp,
) -> Result<Option<F::File>> {
    let writes = writes(table, id, when)?;
    if writes.is_empty() {
        return Ok(None);
    }
    let copy = file.copy()?;
    let disk = Disk {
        file: F::storage(&copy),
        path,
    };
    for (offset, bytes) in writes {
        disk.write_at(&bytes, offset)?;
    }
    disk.sync()?;
    file.replace(copy).map(Some)
}

fn writes(table: &Table, id: ObjectId, when: Timestamp) -> Result<Vec<Write>> {
    let when = table.header.time_of_change(when);
    let object = table.object(id).ok_or_else(|| not_found(id))?;
    if object.data_type() != DataType::Partition {
        return Err(malformed(format!(
            "object {id}: data object not a partition"
        )));
    }
    match object.partition_type() {
        Some(PartitionType::PrimarySystem) => return Ok(Vec::new()),
        Some(PartitionType::System) => {}
        _ => {
            let what = format!("object {id}: data object not a system partition");
            return Err(malformed(what));
        }
    }

    let mut writes = Vec::new();
    let mut architecture = table.header.raw().architecture;
    for other in table.objects() {
        let kind = match other.partition_type() {
            _ if other.id() == id => PartitionType::PrimarySystem,
            Some(PartitionType::PrimarySystem) => PartitionType::System,
            _ => continue,
        };
        let mut raw = *other.raw();
        let own_architecture = set_partition_type(&mut raw.extra, kind);
        raw.modified = when.0.into();
        if other.id() == id {
            architecture = own_architecture;
        }
        let slot = table.header.slot_offset(other.slot());
        writes.push((slot, raw.as_bytes().to_vec()));
    }
    let header = table.changed_header(when, |header| header.architecture = architecture);
    writes.push((0, header.as_bytes().to_vec()));
    Ok(writes)
}
