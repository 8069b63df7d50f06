//! Where the fields of a SIF image lie, as the format's reference writes them.

use std::ops::Range;

/// The length of a descriptor.
pub const DESCRIPTOR: usize = 585;

/// Bits that mark the number of a group, also in a link.
pub const GROUP_MARK: u32 = 0xF000_0000;

/// The fields of the header by name.
pub const HEADER: &[(&str, Range<usize>)] = &[
    ("launch", 0..32),
    ("magic", 32..42),
    ("version", 42..45),
    ("architecture", 45..48),
    ("uuid", 48..64),
    ("created", 64..72),
    ("modified", 72..80),
    ("free", 80..88),
    ("total", 88..96),
    ("table-offset", 96..104),
    ("table-size", 104..112),
    ("data-offset", 112..120),
    ("data-size", 120..128),
];

/// The fields of a descriptor by name, from its beginning. What follows `extra` are parts
/// of it: of a partition, and of a signature.
pub const FIELDS: &[(&str, Range<usize>)] = &[
    ("type", 0..4),
    ("used", 4..5),
    ("id", 5..9),
    ("group", 9..13),
    ("link", 13..17),
    ("offset", 17..25),
    ("size", 25..33),
    ("padded-size", 33..41),
    ("created", 41..49),
    ("modified", 49..57),
    ("uid", 57..65),
    ("gid", 65..73),
    ("name", 73..201),
    ("extra", 201..585),
    ("file-system", 201..205),
    ("partition-type", 205..209),
    ("partition-architecture", 209..212),
    ("signature-hash", 201..205),
    ("signer", 205..225),
];

/// The range of a named field.
pub fn find(table: &[(&str, Range<usize>)], name: &str) -> Option<Range<usize>> {
    table
        .iter()
        .find(|(own, _)| *own == name)
        .map(|(_, range)| range.clone())
}

/// The bytes of an image, with its parts found by the numbers in the file.
#[derive(Debug, Clone, Copy)]
pub struct Layout<'a>(pub &'a [u8]);

impl<'a> Layout<'a> {
    /// The bytes in a range, if the file has them.
    pub fn bytes(self, range: Range<usize>) -> Option<&'a [u8]> {
        self.0.get(range)
    }

    /// A little-endian number of up to eight bytes.
    pub fn number(self, range: Range<usize>) -> Option<u64> {
        let mut wide = [0; 8];
        let bytes = self.bytes(range)?;
        wide.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(u64::from_le_bytes(wide))
    }

    fn header(self, field: &str) -> Option<usize> {
        usize::try_from(self.number(find(HEADER, field)?)?).ok()
    }

    /// Where the slot with this number lies, counted from 0.
    pub fn slot(self, index: usize) -> Option<usize> {
        let offset = index.checked_mul(DESCRIPTOR)?;
        self.header("table-offset")?.checked_add(offset)
    }

    /// Where the descriptor of the object with this number lies.
    pub fn descriptor(self, id: u32) -> Option<usize> {
        self.slots().find(|at| self.is(*at, "id", id.into()))
    }

    /// A field of a descriptor.
    pub fn field(self, descriptor: usize, field: &str) -> Option<&'a [u8]> {
        self.bytes(range_of(descriptor, field)?)
    }

    /// Where the data of an object lies.
    pub fn data(self, id: u32) -> Option<Range<usize>> {
        let descriptor = self.descriptor(id)?;
        let offset = self.field_number(descriptor, "offset")?;
        let size = self.field_number(descriptor, "size")?;
        Some(offset..offset.checked_add(size)?)
    }

    /// The numbers of the objects of a group, ascending.
    pub fn group(self, group: u32) -> Vec<u32> {
        let mark = u64::from(group | GROUP_MARK);
        let mut ids: Vec<_> = self
            .slots()
            .filter(|at| self.is(*at, "group", mark))
            .filter_map(|at| u32::try_from(self.field_number(at, "id")?).ok())
            .collect();
        ids.sort_unstable();
        ids
    }

    /// Where the used slots lie.
    fn slots(self) -> impl Iterator<Item = usize> {
        let total = self.header("total").unwrap_or(0).min(1 << 16);
        (0..total)
            .filter_map(move |index| self.slot(index))
            .filter(move |at| self.is(*at, "used", 1))
    }

    fn is(self, descriptor: usize, field: &str, value: u64) -> bool {
        range_of(descriptor, field).and_then(|range| self.number(range)) == Some(value)
    }

    fn field_number(self, descriptor: usize, field: &str) -> Option<usize> {
        usize::try_from(self.number(range_of(descriptor, field)?)?).ok()
    }
}

/// Where a field of a descriptor that begins here lies.
pub fn range_of(descriptor: usize, field: &str) -> Option<Range<usize>> {
    let field = find(FIELDS, field)?;
    Some(descriptor.checked_add(field.start)?..descriptor.checked_add(field.end)?)
}
