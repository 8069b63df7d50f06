//! The numbered kinds of the format by name: what an object is, and what its
//! metadata says of it.
//!
//! Every kind keeps a number that it does not know, so that an image with
//! tomorrow's objects can be listed, copied and verified today. The names are
//! those of the reference implementation's listing.

use std::fmt;

macro_rules! numbered {
    (
        $(#[$doc:meta])*
        $name:ident, unknown $unknown:literal:
        $($(#[$variant_doc:meta])* $variant:ident = $number:literal, $text:literal;)+
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// A number that the format does not assign.
            Other(i32),
        }

        impl $name {
            /// All that have a name, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The kind with this number.
            pub fn from_number(number: i32) -> Self {
                match number {
                    $($number => Self::$variant,)+
                    other => Self::Other(other),
                }
            }

            /// The number in the file.
            pub fn number(self) -> i32 {
                match self {
                    $(Self::$variant => $number,)+
                    Self::Other(number) => number,
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(match self {
                    $(Self::$variant => $text,)+
                    Self::Other(_) => $unknown,
                })
            }
        }
    };
}

numbered! {
    /// What a data object is.
    DataType, unknown "Unknown":
    /// A definition file.
    DefFile = 0x4001, "Def.FILE";
    /// Environment variables.
    EnvVars = 0x4002, "Env.Vars";
    /// Labels, in JSON.
    Labels = 0x4003, "JSON.Labels";
    /// A file system.
    Partition = 0x4004, "FS";
    /// A signature.
    Signature = 0x4005, "Signature";
    /// Some other JSON.
    GenericJson = 0x4006, "JSON.Generic";
    /// Any bytes.
    Generic = 0x4007, "Generic/Raw";
    /// A cryptographic message: how an encrypted partition is unlocked.
    CryptoMessage = 0x4008, "Cryptographic Message";
    /// A software bill of materials.
    Sbom = 0x4009, "SBOM";
    /// The index from which the blobs of an OCI image are reached.
    OciRootIndex = 0x400a, "OCI.RootIndex";
    /// A blob of an OCI image.
    OciBlob = 0x400b, "OCI.Blob";
}

numbered! {
    /// The file system in a partition.
    FsType, unknown "Unknown":
    /// SquashFS, read only.
    Squashfs = 1, "Squashfs";
    /// ext3, writable.
    Ext3 = 2, "Ext3";
    /// An archive of immutable objects.
    Archive = 3, "Archive";
    /// Bytes without a file system.
    Raw = 4, "Raw";
    /// SquashFS inside an encrypted device.
    EncryptedSquashfs = 5, "Encrypted squashfs";
    /// SquashFS encrypted by gocryptfs.
    GocryptfsSquashfs = 6, "Gocryptfs squashfs";
}

numbered! {
    /// What a partition is for.
    PartitionType, unknown "Unknown":
    /// An operating system.
    System = 1, "System";
    /// The operating system that the container runs; an image has at most one.
    PrimarySystem = 2, "*System";
    /// Data.
    Data = 3, "Data";
    /// An overlay over the operating system.
    Overlay = 4, "Overlay";
}

numbered! {
    /// The hash algorithm of a signature object, as its descriptor claims.
    SignatureHash, unknown "Unknown":
    /// SHA-256.
    Sha256 = 1, "SHA-256";
    /// SHA-384.
    Sha384 = 2, "SHA-384";
    /// SHA-512.
    Sha512 = 3, "SHA-512";
    /// BLAKE2s with 256 bits.
    Blake2s = 4, "BLAKE2s-256";
    /// BLAKE2b with 256 bits.
    Blake2b = 5, "BLAKE2b-256";
}

numbered! {
    /// How a cryptographic message is written.
    CryptoFormat, unknown "Unknown":
    /// OpenPGP.
    OpenPgp = 1, "OpenPGP";
    /// PEM.
    Pem = 2, "PEM";
}

numbered! {
    /// What a cryptographic message says.
    MessageType, unknown "Unknown":
    /// An OpenPGP cleartext signature.
    ClearSignature = 0x100, "Clear Signature";
    /// Something encrypted with RSA-OAEP.
    RsaOaep = 0x200, "RSA-OAEP";
}

numbered! {
    /// How a software bill of materials is written.
    SbomFormat, unknown "unknown":
    /// CycloneDX, JSON.
    CycloneDxJson = 1, "cyclonedx-json";
    /// CycloneDX, XML.
    CycloneDxXml = 2, "cyclonedx-xml";
    /// GitHub's dependency snapshot, JSON.
    GitHubJson = 3, "github-json";
    /// SPDX, JSON.
    SpdxJson = 4, "spdx-json";
    /// SPDX, RDF in XML.
    SpdxRdf = 5, "spdx-rdf";
    /// SPDX, tags and values.
    SpdxTagValue = 6, "spdx-tag-value";
    /// SPDX, YAML.
    SpdxYaml = 7, "spdx-yaml";
    /// Syft's own JSON.
    SyftJson = 8, "syft-json";
    /// Trivy's own JSON.
    TrivyJson = 9, "trivy-json";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_number_survives_the_way_there_and_back() {
        for number in [i32::MIN, -1, 0, 0x4000, 0x400c, i32::MAX] {
            assert_eq!(DataType::from_number(number), DataType::Other(number));
            assert_eq!(DataType::from_number(number).number(), number);
        }
    }

    #[test]
    fn the_eleven_data_types_follow_each_other_from_0x4001() {
        let numbers: Vec<_> = DataType::ALL.iter().map(|kind| kind.number()).collect();
        assert_eq!(numbers, (0x4001..=0x400b).collect::<Vec<_>>());
        assert!(
            DataType::ALL
                .iter()
                .all(|kind| DataType::from_number(kind.number()) == *kind)
        );
    }

    #[test]
    fn a_name_fills_the_column_it_is_given() {
        assert_eq!(format!("{:<6}|", DataType::Partition), "FS    |");
    }
}
