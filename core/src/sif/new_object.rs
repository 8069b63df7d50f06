//! A data object that is about to be written, and its way into the data section.

use super::architecture::Architecture;
use super::extra::Extra;
use super::id::{GroupId, Link, ObjectId};
use super::kinds::{DataType, PartitionType};
use super::raw::RawDescriptor;
use super::storage::Disk;
use super::{MAX_ALIGNMENT, MAX_READ, malformed};
use crate::{Error, ErrorKind, Result, Timestamp};
use sha2::{Digest, Sha256};
use std::io::Read;

/// What is to be said of a new object; its data comes from a reader beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewObject {
    /// What the object is.
    pub data_type: DataType,
    /// The group that it joins.
    pub group: Option<GroupId>,
    /// What it is linked to.
    pub link: Link,
    /// Its name, at most 128 bytes.
    pub name: String,
    /// Its metadata. An OCI object without any gets the digest of its data.
    pub extra: Extra,
    /// Its offset in the file will be a multiple of this, of at most
    /// [`MAX_ALIGNMENT`](super::MAX_ALIGNMENT); 0 and 1 leave it unaligned.
    pub alignment: u64,
    /// When it was made; `None` for the time of the change to the image.
    pub time: Option<Timestamp>,
}

impl NewObject {
    /// The alignment of a partition, so that it can be mounted from inside the
    /// image.
    pub const PARTITION_ALIGNMENT: u64 = 4096;

    /// An object of this type as the reference makes it where nothing is said:
    /// in group 1, a partition aligned, without name, link or metadata.
    pub fn new(data_type: DataType) -> Self {
        let alignment = match data_type {
            DataType::Partition => Self::PARTITION_ALIGNMENT,
            _ => 0,
        };
        Self {
            data_type,
            group: GroupId::new(1),
            link: Link::None,
            name: String::new(),
            extra: Extra::None,
            alignment,
            time: None,
        }
    }

    /// The descriptor as far as it is known before the data: unused, and without
    /// place or size.
    ///
    /// # Errors
    /// Something does not fit into its field.
    pub(super) fn descriptor(&self, id: ObjectId, when: Timestamp) -> Result<RawDescriptor> {
        if self.alignment > MAX_ALIGNMENT {
            let what = format!("the alignment {} is too large", self.alignment);
            return Err(malformed(what).hint(format!("the largest is {MAX_ALIGNMENT}")));
        }
        let mut name = [0; 128];
        let Some(place) = name.get_mut(..self.name.len()) else {
            return Err(malformed("name value too large").hint("a name has at most 128 bytes"));
        };
        place.copy_from_slice(self.name.as_bytes());
        let Some(link) = self.link.to_field() else {
            return Err(malformed(
                "nothing can be linked to an object with so large an ID",
            ));
        };
        let when = self.time.unwrap_or(when).0.into();

        Ok(RawDescriptor {
            data_type: self.data_type.number().into(),
            used: 0,
            id: id.get().into(),
            group: GroupId::to_field(self.group).into(),
            link: link.into(),
            offset: 0.into(),
            size: 0.into(),
            size_with_padding: 0.into(),
            created: when,
            modified: when,
            uid: 0.into(),
            gid: 0.into(),
            name,
            extra: self.extra.write(self.data_type)?,
        })
    }

    /// Writes the data at the first aligned place from `end` on, and puts place,
    /// size and digest into the descriptor.
    pub(super) fn write_data(
        &self,
        disk: &Disk<'_>,
        end: u64,
        data: &mut dyn Read,
        descriptor: &mut RawDescriptor,
    ) -> Result<()> {
        let offset = match self.alignment {
            0 => Some(end),
            alignment => end.checked_next_multiple_of(alignment),
        };
        let offset = offset.ok_or_else(too_far)?;
        let mut digest = self.wants_digest().then(Sha256::new);
        let size = copy(disk, offset, data, digest.as_mut())?;

        descriptor.offset = i64::try_from(offset).map_err(|_| too_far())?.into();
        descriptor.size = i64::try_from(size).map_err(|_| too_far())?.into();
        let padded = offset - end + size;
        descriptor.size_with_padding = i64::try_from(padded).map_err(|_| too_far())?.into();
        if let Some(digest) = digest {
            let digest = format!("sha256:{}", hex::encode(digest.finalize()));
            descriptor.extra = Extra::OciBlob { digest }.write(self.data_type)?;
        }
        Ok(())
    }

    /// What the header's architecture becomes by adding this object to an image
    /// with or without a primary partition; `None` for no change.
    ///
    /// An overlay speaks for the image only as long as there is no operating
    /// system to speak.
    ///
    /// # Errors
    /// The image would have two primary partitions.
    pub(super) fn header_architecture(&self, has_primary: bool) -> Result<Option<Architecture>> {
        let Extra::Partition { kind, arch, .. } = &self.extra else {
            return Ok(None);
        };
        match kind {
            PartitionType::PrimarySystem if has_primary => {
                let what = "image already contains a primary partition";
                Err(malformed(what).hint("delete it first, or add a system partition"))
            }
            PartitionType::PrimarySystem => Ok(Some(*arch)),
            PartitionType::Overlay if !has_primary => Ok(Some(*arch)),
            _ => Ok(None),
        }
    }

    pub(super) fn is_primary(&self) -> bool {
        let primary = PartitionType::PrimarySystem;
        matches!(&self.extra, Extra::Partition { kind, .. } if *kind == primary)
    }

    fn wants_digest(&self) -> bool {
        let oci = matches!(self.data_type, DataType::OciRootIndex | DataType::OciBlob);
        oci && self.extra == Extra::None
    }
}

/// The image has a slot for every object but this one.
pub(super) fn no_slot() -> Error {
    malformed("insufficient descriptor capacity to add data object(s) to image")
        .hint("delete objects that are not needed, or make an image with more descriptors")
}

fn too_far() -> Error {
    malformed("the object would end past the largest offset of the format")
}

/// Copies `data` to `offset` in pieces; how many bytes they were.
fn copy(
    disk: &Disk<'_>,
    offset: u64,
    data: &mut dyn Read,
    mut digest: Option<&mut Sha256>,
) -> Result<u64> {
    let mut buf = vec![0; MAX_READ];
    let mut size = 0_u64;
    loop {
        let read = match data.read(&mut buf) {
            Ok(0) => return Ok(size),
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => {
                let what = "the data of the new object could not be read";
                return Err(Error::new(ErrorKind::Io, what).because(error));
            }
        };
        let piece = buf.get(..read).unwrap_or_default();
        if let Some(digest) = digest.as_deref_mut() {
            digest.update(piece);
        }
        let place = offset.checked_add(size).ok_or_else(too_far)?;
        disk.write_at(piece, place)?;
        size += read as u64;
    }
}
