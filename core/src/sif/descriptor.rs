//! Descriptors: what the table says of each data object.

use super::extra::Extra;
use super::header::text;
use super::id::{GroupId, Link, ObjectId};
use super::kinds::{DataType, PartitionType};
use super::malformed;
use super::raw::RawDescriptor;
use super::{MAX_ALIGNMENT, raw};
use crate::{Result, Timestamp};
use std::fmt;
use std::ops::Range;
use zerocopy::IntoBytes;

/// The checked descriptor of one data object.
#[derive(Clone, PartialEq, Eq)]
pub struct Descriptor {
    raw: RawDescriptor,
    slot: u32,
    id: ObjectId,
    group: Option<GroupId>,
    link: Link,
    offset: u64,
    size: u64,
}

impl Descriptor {
    /// Checks a used slot by itself and against a file of this many bytes; what
    /// it shares with its neighbours is for the table to check.
    pub(super) fn check(raw: RawDescriptor, slot: u32, file_len: u64) -> Result<Self> {
        let id = ObjectId::new(raw.id.get())
            .ok_or_else(|| malformed(format!("the object in slot {} has no ID", slot + 1)))?;

        let field = raw.group.get();
        let group = GroupId::from_field(field)
            .ok_or_else(|| malformed(format!("object {id}: {field:#010x} is no group")))?;
        let field = raw.link.get();
        let link = Link::from_field(field)
            .ok_or_else(|| malformed(format!("object {id}: {field:#010x} is no link")))?;

        let (offset, size) = (raw.offset.get(), raw.size.get());
        let (Ok(offset), Ok(size)) = (u64::try_from(offset), u64::try_from(size)) else {
            let what = format!("object {id} cannot have {size} bytes at {offset}");
            return Err(malformed(what));
        };
        // An empty object has no place in the file, and its aligned offset may
        // lie past the end.
        let limit = match size {
            0 => file_len + MAX_ALIGNMENT,
            _ => file_len,
        };
        let end = offset.saturating_add(size);
        if end > limit {
            let what = format!("object {id} ends at {end}, the file at {file_len}");
            return Err(malformed(what).hint("the file was cut short, or its table lies"));
        }

        Ok(Self {
            raw,
            slot,
            id,
            group,
            link,
            offset,
            size,
        })
    }

    /// The object's number.
    pub fn id(&self) -> ObjectId {
        self.id
    }

    /// The group that the object belongs to.
    pub fn group(&self) -> Option<GroupId> {
        self.group
    }

    /// What the object is linked to, which need not exist.
    pub fn link(&self) -> Link {
        self.link
    }

    /// What the object is.
    pub fn data_type(&self) -> DataType {
        DataType::from_number(self.raw.data_type.get())
    }

    /// Where the object's data begins in the file.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The bytes of the object's data.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Where the object's data ends in the file; the byte there is not its own.
    pub fn end(&self) -> u64 {
        self.offset + self.size
    }

    /// The size with the alignment gap before it, as the file says: unchecked.
    pub fn size_with_padding(&self) -> i64 {
        self.raw.size_with_padding.get()
    }

    /// When the object was made.
    pub fn created(&self) -> Timestamp {
        Timestamp(self.raw.created.get())
    }

    /// When the object's descriptor was last changed. No signature covers it
    /// (W-8).
    pub fn modified(&self) -> Timestamp {
        Timestamp(self.raw.modified.get())
    }

    /// The user ID of the maker, in images of early tools; zero today.
    pub fn uid(&self) -> i64 {
        self.raw.uid.get()
    }

    /// The group ID of the maker, in images of early tools; zero today.
    pub fn gid(&self) -> i64 {
        self.raw.gid.get()
    }

    /// The object's name, often empty: text from a stranger, to be printed
    /// through [`Shown`](crate::Shown) only.
    pub fn name(&self) -> String {
        text(&self.raw.name)
    }

    /// The metadata that the object's type calls for.
    pub fn extra(&self) -> Extra {
        Extra::read(self.data_type(), &self.raw.extra)
    }

    /// The bytes that a signature over the object covers. The object's own
    /// number is not among them but `relative_id`, its distance from the
    /// smallest number in its group.
    pub fn integrity_bytes(&self, relative_id: u32) -> Vec<u8> {
        let raw = &self.raw;
        let relative_id = relative_id.to_le_bytes();
        // Whatever the byte `used` holds, it is signed as the truth value one.
        let parts: [&[u8]; 10] = [
            raw.data_type.as_bytes(),
            &[1],
            &relative_id,
            raw.link.as_bytes(),
            raw.size.as_bytes(),
            raw.created.as_bytes(),
            raw.uid.as_bytes(),
            raw.gid.as_bytes(),
            &raw.name,
            &raw.extra,
        ];
        parts.concat()
    }

    /// What kind of partition the object is, if it is one.
    pub fn partition_type(&self) -> Option<PartitionType> {
        match self.extra() {
            Extra::Partition { kind, .. } => Some(kind),
            _ => None,
        }
    }

    pub(super) fn slot(&self) -> u32 {
        self.slot
    }

    pub(super) fn raw(&self) -> &raw::RawDescriptor {
        &self.raw
    }

    /// The bytes of the file that are the object's own.
    pub(super) fn range(&self) -> Range<u64> {
        self.offset..self.end()
    }
}

impl fmt::Debug for Descriptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Descriptor")
            .field("id", &self.id)
            .field("data_type", &self.data_type())
            .field("group", &self.group)
            .field("link", &self.link)
            .field("offset", &self.offset)
            .field("size", &self.size)
            .field("name", &self.name())
            .field("created", &self.created())
            .field("modified", &self.modified())
            .finish_non_exhaustive()
    }
}
