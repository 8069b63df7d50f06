//! The global header: who the image is, and where its table and data lie.

use super::architecture::Architecture;
use super::raw::{MAGIC, RawHeader, VERSION};
use super::{MAX_ALIGNMENT, MAX_DESCRIPTORS, malformed};
use crate::sif::raw::{DESCRIPTOR_SIZE, HEADER_SIZE};
use crate::{Result, Timestamp};
use std::fmt;
use uuid::Uuid;

/// The checked header of an image.
#[derive(Clone, PartialEq, Eq)]
pub struct Header {
    raw: RawHeader,
    descriptors_total: u32,
    descriptors_offset: u64,
    data_offset: u64,
}

impl Header {
    /// Checks everything that the header promises against a file of this many
    /// bytes, before anything is allocated for it (W-12).
    ///
    /// The two counters `descriptors free` and `data size` are not checked: a
    /// crash can leave them stale, and nothing here relies on them.
    pub(super) fn check(raw: RawHeader, file_len: u64) -> Result<Self> {
        if raw.magic != MAGIC {
            return Err(malformed("invalid SIF magic").hint("the file is not a SIF image"));
        }
        if raw.version != VERSION {
            let hint = "this program reads version 01 of the format";
            return Err(malformed("incompatible SIF version").hint(hint));
        }

        let total = raw.descriptors_total.get();
        let size = raw.descriptors_size.get();
        let descriptors_total = u32::try_from(total)
            .ok()
            .filter(|total| *total <= MAX_DESCRIPTORS)
            .ok_or_else(|| {
                malformed(format!(
                    "reading descriptors: {total} of them are said to be there; at most {MAX_DESCRIPTORS} are read"
                ))
            })?;
        if u64::try_from(size) != Ok(table_size(descriptors_total)) {
            let what = format!(
                "reading descriptors: the header gives {size} bytes to {descriptors_total} descriptors of {DESCRIPTOR_SIZE}"
            );
            return Err(malformed(what));
        }

        let offset = raw.descriptors_offset.get();
        let descriptors_offset = u64::try_from(offset)
            .ok()
            .filter(|offset| *offset >= HEADER_SIZE as u64)
            .ok_or_else(|| {
                malformed(format!(
                    "reading descriptors: the table cannot begin at {offset}"
                ))
            })?;
        let table_end = descriptors_offset.saturating_add(table_size(descriptors_total));
        if table_end > file_len {
            let what = format!(
                "reading descriptors: the table ends at {table_end}, the file at {file_len}"
            );
            return Err(malformed(what));
        }

        let offset = raw.data_offset.get();
        let data_offset = u64::try_from(offset)
            .ok()
            .filter(|offset| (table_end..=file_len + MAX_ALIGNMENT).contains(offset))
            .ok_or_else(|| {
                malformed(format!(
                    "the data section cannot begin at {offset}, with the descriptors ending at {table_end} and the file at {file_len}"
                ))
            })?;

        Ok(Self {
            raw,
            descriptors_total,
            descriptors_offset,
            data_offset,
        })
    }

    /// The text before the magic, which lets a shell run the image: without the
    /// zeros that fill the field, other bytes as they stand.
    pub fn launch_script(&self) -> String {
        text(&self.raw.launch_script)
    }

    /// The version of the format, `01`.
    pub fn version(&self) -> String {
        text(&self.raw.version)
    }

    /// The architecture of the primary system partition. No signature covers
    /// it (W-8).
    pub fn architecture(&self) -> Architecture {
        Architecture::from_field(self.raw.architecture)
    }

    /// The image's UUID; nil in a deterministic image.
    pub fn id(&self) -> Uuid {
        Uuid::from_bytes(self.raw.id)
    }

    /// When the image was made.
    pub fn created(&self) -> Timestamp {
        Timestamp(self.raw.created.get())
    }

    /// When the image was last changed.
    pub fn modified(&self) -> Timestamp {
        Timestamp(self.raw.modified.get())
    }

    /// The free slots as the header counts them: stale after a crash, see
    /// [`Image::free_slots`](super::Image::free_slots).
    pub fn descriptors_free(&self) -> i64 {
        self.raw.descriptors_free.get()
    }

    /// The slots of the descriptor table, free ones included.
    pub fn descriptors_total(&self) -> u32 {
        self.descriptors_total
    }

    /// Where the descriptor table begins.
    pub fn descriptors_offset(&self) -> u64 {
        self.descriptors_offset
    }

    /// The bytes of the descriptor table.
    pub fn descriptors_size(&self) -> u64 {
        table_size(self.descriptors_total)
    }

    /// Where the data section begins.
    pub fn data_offset(&self) -> u64 {
        self.data_offset
    }

    /// The bytes of the data section as the header counts them: stale after a
    /// crash.
    pub fn data_size(&self) -> i64 {
        self.raw.data_size.get()
    }

    /// True if the image carries no UUID and no time, so that making it again
    /// gives the same bytes. Changes then leave no time behind either.
    pub fn is_deterministic(&self) -> bool {
        self.id().is_nil()
            && self.created() == Timestamp::GO_ZERO
            && self.modified() == Timestamp::GO_ZERO
    }

    /// The bytes that every signature covers: launch script, magic, version,
    /// UUID.
    pub fn integrity_bytes(&self) -> Vec<u8> {
        let raw = &self.raw;
        let parts: [&[u8]; 4] = [&raw.launch_script, &raw.magic, &raw.version, &raw.id];
        parts.concat()
    }

    pub(super) fn raw(&self) -> &RawHeader {
        &self.raw
    }

    /// Where this slot of the table begins.
    pub(super) fn slot_offset(&self, slot: u32) -> u64 {
        self.descriptors_offset + table_size(slot)
    }

    /// The time that a change leaves in the image.
    pub(super) fn time_of_change(&self, when: Timestamp) -> Timestamp {
        if self.is_deterministic() {
            Timestamp::GO_ZERO
        } else {
            when
        }
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Header")
            .field("id", &self.id())
            .field("architecture", &self.architecture())
            .field("created", &self.created())
            .field("modified", &self.modified())
            .field("descriptors_total", &self.descriptors_total)
            .field("data_offset", &self.data_offset)
            .finish_non_exhaustive()
    }
}

/// The bytes of a table with this many slots.
pub(super) fn table_size(slots: u32) -> u64 {
    u64::from(slots) * DESCRIPTOR_SIZE as u64
}

/// The text in a field that zeros fill up.
pub(super) fn text(field: &[u8]) -> String {
    let end = field.iter().rposition(|byte| *byte != 0);
    let used = end.map_or(&[][..], |last| &field[..=last]);
    String::from_utf8_lossy(used).into_owned()
}
