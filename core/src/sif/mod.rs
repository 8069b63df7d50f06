//! SIF, the Singularity Image Format: one file that holds a container.
//!
//! A SIF file has three parts: a *header* of 128 bytes; a *table* of usually 48
//! *descriptors*, each of which names one *data object*, says what it is and
//! where its bytes lie; and the *data* itself. An object is a file system, a
//! definition file, a signature, and so on. Objects belong to *groups*, and a
//! signature is linked to the group that it covers.
//!
//! ```text
//!      0  header       128 bytes: launch script, magic, UUID, counters
//!   4096  descriptors  48 slots of 585 bytes, free ones zero
//!  32176  data         one object after the other, file systems aligned
//! ```
//!
//! Reading begins with [`Image::open`], which checks all that the file claims;
//! behind it the numbers can be trusted. [`create`] makes an image, and
//! [`Editor`] changes one in place, in such an order that a crash at any moment
//! leaves the image as it was before or as it was meant to be.

mod add;
mod architecture;
mod beside;
mod create;
mod delete;
mod descriptor;
mod draft;
mod editor;
mod extra;
mod header;
mod id;
mod image;
mod kinds;
mod new_object;
mod primary;
mod raw;
mod storage;
mod table;

pub use architecture::Architecture;
pub use create::{CreateOptions, create};
pub use delete::DeleteMode;
pub use descriptor::Descriptor;
pub use draft::Draft;
pub use editor::Editor;
pub use extra::Extra;
pub use header::Header;
pub use id::{GroupId, Link, ObjectId};
pub use image::{Image, ObjectReader};
pub use kinds::{
    CryptoFormat, DataType, FsType, MessageType, PartitionType, SbomFormat, SignatureHash,
};

pub use new_object::NewObject;
pub use table::Table;

use crate::{Error, ErrorKind};

/// The most descriptors that are read. Images have 48, those that hold whole OCI
/// images some hundreds; with this many the table takes 10 MB of memory.
pub const MAX_DESCRIPTORS: u32 = 16_384;

/// The largest alignment of an object: the largest page of today's processors.
/// By so much may an empty object, or an empty data section, lie past the end of
/// the file.
pub const MAX_ALIGNMENT: u64 = 1 << 30;

/// The most that is read or written at once, so that memory stays flat however
/// large an object is.
const MAX_READ: usize = 1 << 20;

/// What was asked for is not in the image.
fn not_found(id: ObjectId) -> Error {
    Error::new(
        ErrorKind::NotFound,
        format!("object {id}: object not found"),
    )
}

/// Bytes from outside are not what they should be.
fn malformed(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Malformed, what)
}

#[cfg(test)]
mod tests;
