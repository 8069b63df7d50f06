//! What a legacy signature leaves open, in plain words.

use crate::sif::ObjectId;
use std::fmt;

/// One thing that the legacy signatures of a verification do not protect. Whoever
/// can write to the image can change it, and the image stays verified.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unprotected {
    /// The header.
    Header,
    /// The descriptors.
    Descriptors,
    /// Which object of which image the signed data is: the link is in a descriptor.
    Place,
    /// The digest's algorithm, which an unsigned field names.
    HashAlgorithm,
    /// Where one object of a group ends and the next begins.
    GroupBoundaries,
    /// Objects that nobody asked about.
    OtherObjects(Vec<ObjectId>),
}

impl Unprotected {
    /// The name, as reports use it; never changes.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Descriptors => "descriptors",
            Self::Place => "place",
            Self::HashAlgorithm => "hash-algorithm",
            Self::GroupBoundaries => "group-boundaries",
            Self::OtherObjects(_) => "other-objects",
        }
    }
}

impl fmt::Display for Unprotected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header => {
                f.write_str("the image's header: launch script, architecture, UUID and times")
            }
            Self::Descriptors => f.write_str(
                "the objects' descriptors: their names, types, owners, times and links, \
                 and of partitions the file system, the purpose and the architecture",
            ),
            Self::Place => f.write_str(
                "the place of the data: what was signed as one object of one image can stand \
                 as another object, or in another image",
            ),
            Self::HashAlgorithm => {
                f.write_str("the choice of the hash algorithm: it is read from an unsigned field")
            }
            Self::GroupBoundaries => f.write_str(
                "where in a group one object ends and the next begins: the signature is over \
                 the data of all its objects as one run of bytes",
            ),
            Self::OtherObjects(objects) => {
                let ids: Vec<_> = objects.iter().map(ToString::to_string).collect();
                write!(f, "objects that were not asked about: {}", ids.join(", "))
            }
        }
    }
}
