//! The two fixed structures of a SIF file, byte for byte.
//!
//! All numbers are little-endian and nothing is padded, so that a structure *is*
//! its bytes in the file.

use zerocopy::little_endian::{I32, I64, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// The first ten bytes after the launch script.
pub(super) const MAGIC: [u8; 10] = *b"SIF_MAGIC\0";

/// The only version of the format.
pub(super) const VERSION: [u8; 3] = *b"01\0";

/// The bytes of a header, and of one slot of the descriptor table.
pub(super) const HEADER_SIZE: usize = size_of::<RawHeader>();
pub(super) const DESCRIPTOR_SIZE: usize = size_of::<RawDescriptor>();

/// Where the byte `used` lies in a slot: the one that commits every change.
pub(super) const USED_OFFSET: usize = std::mem::offset_of!(RawDescriptor, used);

/// The global header, at offset 0.
#[derive(Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub(super) struct RawHeader {
    pub(super) launch_script: [u8; 32],
    pub(super) magic: [u8; 10],
    pub(super) version: [u8; 3],
    pub(super) architecture: [u8; 3],
    pub(super) id: [u8; 16],
    pub(super) created: I64,
    pub(super) modified: I64,
    pub(super) descriptors_free: I64,
    pub(super) descriptors_total: I64,
    pub(super) descriptors_offset: I64,
    pub(super) descriptors_size: I64,
    pub(super) data_offset: I64,
    pub(super) data_size: I64,
}

/// One slot of the descriptor table.
#[derive(Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub(super) struct RawDescriptor {
    pub(super) data_type: I32,
    pub(super) used: u8,
    pub(super) id: U32,
    pub(super) group: U32,
    pub(super) link: U32,
    pub(super) offset: I64,
    pub(super) size: I64,
    pub(super) size_with_padding: I64,
    pub(super) created: I64,
    pub(super) modified: I64,
    pub(super) uid: I64,
    pub(super) gid: I64,
    pub(super) name: [u8; 128],
    pub(super) extra: [u8; 384],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_structures_have_the_sizes_of_the_format() {
        assert_eq!(HEADER_SIZE, 128);
        assert_eq!(DESCRIPTOR_SIZE, 585);
        assert_eq!(USED_OFFSET, 4);
    }
}
