//! What a descriptor says of its object beyond the common fields: 384 bytes
//! whose meaning depends on the data type.

use super::architecture::Architecture;
use super::kinds::{
    CryptoFormat, DataType, FsType, MessageType, PartitionType, SbomFormat, SignatureHash,
};
use super::malformed;
use crate::Result;
use crate::openpgp::Fingerprint;
use zerocopy::little_endian::I32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// The size of the field in every descriptor.
pub(super) const EXTRA_SIZE: usize = 384;

/// The metadata of an object, by its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extra {
    /// Nothing. For a new OCI object: the digest of its data, computed on the
    /// way.
    None,
    /// Of a [`DataType::Partition`].
    Partition {
        /// The file system.
        fs: FsType,
        /// What the partition is for.
        kind: PartitionType,
        /// What it runs on.
        arch: Architecture,
    },
    /// Of a [`DataType::Signature`]. Nothing vouches for either field: they are
    /// claims, to be compared with the signature itself.
    Signature {
        /// The hash algorithm.
        hash: SignatureHash,
        /// The fingerprint of the signer's certificate.
        entity: Option<Fingerprint>,
    },
    /// Of a [`DataType::CryptoMessage`].
    CryptoMessage {
        /// How the message is written.
        format: CryptoFormat,
        /// What it says.
        message: MessageType,
    },
    /// Of a [`DataType::Sbom`].
    Sbom {
        /// How the bill of materials is written.
        format: SbomFormat,
    },
    /// Of a [`DataType::OciRootIndex`] or [`DataType::OciBlob`].
    OciBlob {
        /// The digest, as in `sha256:2dc6…`.
        digest: String,
    },
    /// Bytes that the data type gives no meaning to; at most 384, zeros at the
    /// end left out.
    Raw(Vec<u8>),
}

#[derive(FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct RawPartition {
    fs: I32,
    kind: I32,
    arch: [u8; 3],
}

#[derive(FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct RawSignature {
    hash: I32,
    entity: [u8; 256],
}

#[derive(FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct RawCryptoMessage {
    format: I32,
    message: I32,
}

impl Extra {
    /// Reads the field of an object of this type. Every content has a reading.
    pub(super) fn read(data_type: DataType, field: &[u8; EXTRA_SIZE]) -> Self {
        Self::read_typed(data_type, field).unwrap_or_else(|| {
            let end = field.iter().rposition(|byte| *byte != 0);
            match end {
                None => Self::None,
                Some(last) => Self::Raw(field[..=last].to_vec()),
            }
        })
    }

    fn read_typed(data_type: DataType, field: &[u8; EXTRA_SIZE]) -> Option<Self> {
        match data_type {
            DataType::Partition => {
                let (raw, _) = RawPartition::ref_from_prefix(field).ok()?;
                Some(Self::Partition {
                    fs: FsType::from_number(raw.fs.get()),
                    kind: PartitionType::from_number(raw.kind.get()),
                    arch: Architecture::from_field(raw.arch),
                })
            }
            DataType::Signature => {
                let (raw, _) = RawSignature::ref_from_prefix(field).ok()?;
                Some(Self::Signature {
                    hash: SignatureHash::from_number(raw.hash.get()),
                    entity: read_entity(&raw.entity),
                })
            }
            DataType::CryptoMessage => {
                let (raw, _) = RawCryptoMessage::ref_from_prefix(field).ok()?;
                Some(Self::CryptoMessage {
                    format: CryptoFormat::from_number(raw.format.get()),
                    message: MessageType::from_number(raw.message.get()),
                })
            }
            DataType::Sbom => {
                let (format, _) = I32::ref_from_prefix(field).ok()?;
                Some(Self::Sbom {
                    format: SbomFormat::from_number(format.get()),
                })
            }
            DataType::OciRootIndex | DataType::OciBlob => {
                let text = field.split(|byte| *byte == 0).next()?;
                let digest = std::str::from_utf8(text).ok()?;
                is_digest(digest).then(|| Self::OciBlob {
                    digest: digest.to_owned(),
                })
            }
            _ => None,
        }
    }

    /// The field for an object of this type.
    ///
    /// # Errors
    /// Metadata of another type, or too much of it.
    pub(super) fn write(&self, data_type: DataType) -> Result<[u8; EXTRA_SIZE]> {
        self.check_type(data_type)?;
        let mut field = [0; EXTRA_SIZE];
        match self {
            Self::None => {}
            Self::Partition { fs, kind, arch } => {
                if *arch == Architecture::Unknown {
                    return Err(malformed("unknown architecture"));
                }
                let raw = RawPartition {
                    fs: fs.number().into(),
                    kind: kind.number().into(),
                    arch: arch.to_field(),
                };
                put(&mut field, raw.as_bytes())?;
            }
            Self::Signature { hash, entity } => {
                put(&mut field, &hash.number().to_le_bytes())?;
                if let Some(entity) = entity {
                    put(&mut field[4..], entity.as_bytes())?;
                }
            }
            Self::CryptoMessage { format, message } => {
                let raw = RawCryptoMessage {
                    format: format.number().into(),
                    message: message.number().into(),
                };
                put(&mut field, raw.as_bytes())?;
            }
            Self::Sbom { format } => put(&mut field, &format.number().to_le_bytes())?,
            Self::OciBlob { digest } => {
                if !is_digest(digest) {
                    return Err(malformed(format!("`{digest}` is no digest")));
                }
                put(&mut field, digest.as_bytes())?;
            }
            Self::Raw(bytes) => put(&mut field, bytes)?,
        }
        Ok(field)
    }

    fn check_type(&self, data_type: DataType) -> Result<()> {
        let fits = match self {
            Self::None | Self::Raw(_) => true,
            Self::Partition { .. } => data_type == DataType::Partition,
            Self::Signature { .. } => data_type == DataType::Signature,
            Self::CryptoMessage { .. } => data_type == DataType::CryptoMessage,
            Self::Sbom { .. } => data_type == DataType::Sbom,
            Self::OciBlob { .. } => {
                matches!(data_type, DataType::OciRootIndex | DataType::OciBlob)
            }
        };
        if !fits {
            let what = format!("unexpected data type {data_type} for this metadata");
            return Err(malformed(what));
        }
        Ok(())
    }
}

/// Changes what a partition is for, and tells its architecture as it stands in
/// the file. Bytes behind a partition's metadata become zero, as the reference
/// writes it.
pub(super) fn set_partition_type(field: &mut [u8; EXTRA_SIZE], kind: PartitionType) -> [u8; 3] {
    let Ok((raw, rest)) = RawPartition::mut_from_prefix(field.as_mut_slice()) else {
        return Architecture::Unknown.to_field();
    };
    raw.kind = kind.number().into();
    rest.fill(0);
    raw.arch
}

fn put(field: &mut [u8], bytes: &[u8]) -> Result<()> {
    let Some(place) = field.get_mut(..bytes.len()) else {
        return Err(malformed("extra value too large"));
    };
    place.copy_from_slice(bytes);
    Ok(())
}

/// The reference knows only the 20 bytes of a version 4 fingerprint, and takes
/// all zero for none. A version 6 one fills 32 and leaves the rest zero.
fn read_entity(field: &[u8; 256]) -> Option<Fingerprint> {
    let (v4, rest) = field.split_first_chunk::<20>()?;
    if *v4 == [0; 20] {
        return None;
    }
    let (more, rest) = rest.split_first_chunk::<12>()?;
    if *more != [0; 12] && rest.iter().all(|byte| *byte == 0) {
        return Fingerprint::from_bytes(&field[..32]);
    }
    Some(Fingerprint::V4(*v4))
}

/// An algorithm's name and lower-case hexadecimal digits, as OCI writes digests.
fn is_digest(text: &str) -> bool {
    let Some((algorithm, digits)) = text.split_once(':') else {
        return false;
    };
    let named = algorithm
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let hexadecimal = digits
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    named && hexadecimal && !algorithm.is_empty() && digits.len() >= 32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back(data_type: DataType, extra: &Extra) -> Extra {
        Extra::read(data_type, &extra.write(data_type).unwrap())
    }

    #[test]
    fn the_metadata_of_every_type_survives_the_way_there_and_back() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        for (data_type, extra) in [
            (DataType::Generic, Extra::None),
            (DataType::Generic, Extra::Raw(vec![1, 0, 2])),
            (
                DataType::Partition,
                Extra::Partition {
                    fs: FsType::Squashfs,
                    kind: PartitionType::PrimarySystem,
                    arch: Architecture::Arm64,
                },
            ),
            (
                DataType::Signature,
                Extra::Signature {
                    hash: SignatureHash::Sha384,
                    entity: Some(Fingerprint::V4([7; 20])),
                },
            ),
            (
                DataType::Signature,
                Extra::Signature {
                    hash: SignatureHash::Other(99),
                    entity: Some(Fingerprint::V6([7; 32])),
                },
            ),
            (
                DataType::CryptoMessage,
                Extra::CryptoMessage {
                    format: CryptoFormat::Pem,
                    message: MessageType::RsaOaep,
                },
            ),
            (
                DataType::Sbom,
                Extra::Sbom {
                    format: SbomFormat::SpdxYaml,
                },
            ),
            (DataType::OciBlob, Extra::OciBlob { digest }),
        ] {
            assert_eq!(there_and_back(data_type, &extra), extra);
        }
    }

    #[test]
    fn a_partition_is_written_as_two_numbers_and_a_name() {
        let extra = Extra::Partition {
            fs: FsType::Raw,
            kind: PartitionType::System,
            arch: Architecture::I386,
        };
        let field = extra.write(DataType::Partition).unwrap();
        assert_eq!(field[..11], *b"\x04\0\0\0\x01\0\0\x0001\0");
        assert_eq!(field[11..], [0; 373]);
    }

    #[test]
    fn a_signature_of_zeros_names_nobody() {
        let mut field = [0; EXTRA_SIZE];
        field[0] = 1;
        assert_eq!(
            Extra::read(DataType::Signature, &field),
            Extra::Signature {
                hash: SignatureHash::Sha256,
                entity: None
            }
        );
    }

    #[test]
    fn metadata_of_another_type_is_refused() {
        let sbom = Extra::Sbom {
            format: SbomFormat::SpdxJson,
        };
        assert!(sbom.write(DataType::Partition).is_err());
        assert!(Extra::Raw(vec![1; 385]).write(DataType::Generic).is_err());
    }

    #[test]
    fn a_digest_that_is_none_is_only_bytes() {
        let mut field = [0; EXTRA_SIZE];
        field[..10].copy_from_slice(b"sha256:\x1b[2");
        assert_eq!(
            Extra::read(DataType::OciBlob, &field),
            Extra::Raw(b"sha256:\x1b[2".to_vec())
        );
    }
}
