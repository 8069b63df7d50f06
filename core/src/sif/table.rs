//! Header and descriptor table together, read and checked as one.
//!
//! Everything that a stranger's file can lie about is checked here, once;
//! behind this module the numbers are true (W-12).

use super::add::size_field;
use super::architecture::Architecture;
use super::descriptor::Descriptor;
use super::extra::Extra;
use super::header::Header;
use super::id::{GroupId, ObjectId};
use super::kinds::PartitionType;
use super::malformed;
use super::raw::{DESCRIPTOR_SIZE, HEADER_SIZE, RawDescriptor, RawHeader};
use super::storage::Disk;
use crate::{Error, Result, Timestamp};
use std::collections::BTreeSet;
use std::ops::Range;
use zerocopy::{FromBytes, IntoBytes};

/// The checked header and the used descriptors of an image: all that can be known of it
/// without reading data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub(super) header: Header,
    /// Ascending by ID.
    objects: Vec<Descriptor>,
    pub(super) file_len: u64,
}

impl Table {
    /// Reads and checks.
    pub(super) fn load(disk: &Disk<'_>) -> Result<Self> {
        Self::load_nameless(disk).map_err(|error| error.at(disk.path.display()))
    }

    /// The table of an image that is elsewhere: its header's 128 bytes, the 585 bytes of
    /// each used descriptor, and the length of its file. For whoever chooses objects
    /// without having the image.
    ///
    /// # Errors
    /// `Malformed`, as for an image with these bytes.
    pub fn from_parts<'a>(
        header: &[u8],
        descriptors: impl IntoIterator<Item = &'a [u8]>,
        file_len: u64,
    ) -> Result<Self> {
        Self::check(read_header(header, file_len)?, descriptors, file_len)
    }

    /// The bytes of the header and of each used descriptor, as they stand in the image.
    pub fn parts(&self) -> (&[u8], impl ExactSizeIterator<Item = &[u8]>) {
        let descriptors = self.objects.iter().map(|object| object.raw().as_bytes());
        (self.header.raw().as_bytes(), descriptors)
    }

    fn load_nameless(disk: &Disk<'_>) -> Result<Self> {
        let file_len = disk.len()?;
        let header = load_header(disk, file_len)?;

        let mut bytes = vec![0; usize::try_from(header.descriptors_size()).map_err(too_large)?];
        let read = disk.read_full(&mut bytes, header.descriptors_offset())?;
        if read < bytes.len() {
            return Err(malformed("reading descriptors: the file was cut short"));
        }
        Self::check(header, bytes.chunks_exact(DESCRIPTOR_SIZE), file_len)
    }

    fn check<'a>(
        header: Header,
        descriptors: impl IntoIterator<Item = &'a [u8]>,
        file_len: u64,
    ) -> Result<Self> {
        let mut objects = Vec::new();
        for (slot, bytes) in (0..).zip(descriptors) {
            let raw = RawDescriptor::read_from_bytes(bytes)
                .map_err(|_| malformed("reading descriptors: a slot of the wrong size"))?;
            if raw.used != 0 {
                objects.push(Descriptor::check(raw, slot, file_len)?);
            }
        }
        objects.sort_by_key(Descriptor::id);
        check_ids(&objects)?;
        check_places(&header, &objects)?;

        Ok(Self {
            header,
            objects,
            file_len,
        })
    }

    /// The global header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The data objects, ascending by ID.
    pub fn objects(&self) -> impl ExactSizeIterator<Item = &Descriptor> {
        self.objects.iter()
    }

    /// The object with this ID.
    pub fn object(&self, id: ObjectId) -> Option<&Descriptor> {
        let index = self
            .objects
            .binary_search_by_key(&id, Descriptor::id)
            .ok()?;
        self.objects.get(index)
    }

    /// The objects of a group, ascending by ID.
    pub fn group_objects(&self, group: GroupId) -> impl Iterator<Item = &Descriptor> {
        self.objects()
            .filter(move |object| object.group() == Some(group))
    }

    /// The groups that any object is in, signatures not excepted (those of early
    /// tools are in groups), ascending.
    pub fn groups(&self) -> Vec<GroupId> {
        let groups: BTreeSet<_> = self.objects().filter_map(Descriptor::group).collect();
        groups.into_iter().collect()
    }

    /// The length of the image's file when it was opened.
    pub fn file_len(&self) -> u64 {
        self.file_len
    }

    /// Slots that no object uses.
    pub(super) fn free_slots(&self) -> u32 {
        let used = u32::try_from(self.objects.len()).unwrap_or(u32::MAX);
        self.header.descriptors_total().saturating_sub(used)
    }

    /// The first free slot with the ID that an object in it gets. Where early
    /// tools numbered objects otherwise, a slot whose ID is taken is passed over.
    pub(super) fn free_slot(&self) -> Option<(u32, ObjectId)> {
        let used: BTreeSet<_> = self.objects.iter().map(Descriptor::slot).collect();
        (0..self.header.descriptors_total())
            .filter(|slot| !used.contains(slot))
            .filter_map(|slot| Some((slot, ObjectId::new(slot + 1)?)))
            .find(|(_, id)| self.object(*id).is_none())
    }

    /// The primary system partition.
    pub fn primary_partition(&self) -> Option<&Descriptor> {
        let primary = Some(PartitionType::PrimarySystem);
        self.objects
            .iter()
            .find(|object| object.partition_type() == primary)
    }

    /// The header after a change at this time, with what a crash left stale put
    /// right: the counters, and an architecture that the primary partition knows.
    pub(super) fn changed_header(
        &self,
        when: Timestamp,
        change: impl FnOnce(&mut RawHeader),
    ) -> RawHeader {
        let mut header = *self.header.raw();
        header.descriptors_free = i64::from(self.free_slots()).into();
        header.data_size = size_field(self.data_size());
        if self.header.architecture() == Architecture::Unknown
            && let Some(Extra::Partition { arch, .. }) =
                self.primary_partition().map(Descriptor::extra)
        {
            header.architecture = arch.to_field();
        }
        header.modified = when.0.into();
        change(&mut header);
        header
    }

    /// The header's count of bytes in the data section if it can be true. It can
    /// be larger than what the objects need: deleting the last one leaves it.
    fn data_size(&self) -> u64 {
        let begin = self.header.data_offset();
        let needed = self.data_end() - begin;
        let there = self.file_len.saturating_sub(begin).max(needed);
        u64::try_from(self.header.data_size())
            .ok()
            .filter(|size| (needed..=there).contains(size))
            .unwrap_or(needed)
    }

    /// The end of the last object in the file, at least the data section's
    /// beginning.
    pub(super) fn data_end(&self) -> u64 {
        data_end(&self.header, &self.objects)
    }
}

/// See [`Table::data_end`].
pub(super) fn data_end<'a>(
    header: &Header,
    objects: impl IntoIterator<Item = &'a Descriptor>,
) -> u64 {
    objects
        .into_iter()
        .map(Descriptor::end)
        .fold(header.data_offset(), u64::max)
}

fn load_header(disk: &Disk<'_>, file_len: u64) -> Result<Header> {
    let mut bytes = [0; HEADER_SIZE];
    let read = disk.read_full(&mut bytes, 0)?;
    if read < HEADER_SIZE {
        let what = format!("reading global header: the file has only {read} bytes");
        return Err(malformed(what).hint("the file is not a SIF image"));
    }
    read_header(&bytes, file_len)
}

fn read_header(bytes: &[u8], file_len: u64) -> Result<Header> {
    let raw = RawHeader::read_from_bytes(bytes)
        .map_err(|_| malformed("reading global header: wrong size"))?;
    Header::check(raw, file_len)
}

fn check_ids(objects: &[Descriptor]) -> Result<()> {
    for pair in objects.windows(2) {
        if let [one, other] = pair
            && one.id() == other.id()
        {
            return Err(malformed(format!("two objects have the ID {}", one.id())));
        }
    }
    Ok(())
}

/// No object may lie in the header, in the table or in another object: each byte
/// of the file has one meaning.
fn check_places(header: &Header, objects: &[Descriptor]) -> Result<()> {
    let table = header.descriptors_offset()..header.slot_offset(header.descriptors_total());
    let mut by_place: Vec<_> = objects.iter().filter(|object| object.size() > 0).collect();
    by_place.sort_by_key(|object| object.offset());

    for object in &by_place {
        let own = object.range();
        if overlap(&own, &(0..HEADER_SIZE as u64)) || overlap(&own, &table) {
            let what = format!("object {} lies inside the image's own tables", object.id());
            return Err(malformed(what));
        }
    }
    for pair in by_place.windows(2) {
        if let [one, next] = pair
            && overlap(&one.range(), &next.range())
        {
            let what = format!("objects {} and {} overlap", one.id(), next.id());
            return Err(malformed(what));
        }
    }
    Ok(())
}

fn overlap(one: &Range<u64>, other: &Range<u64>) -> bool {
    one.start < other.end && other.start < one.end
}

fn too_large(_: std::num::TryFromIntError) -> Error {
    malformed("reading descriptors: the table does not fit into memory")
}
