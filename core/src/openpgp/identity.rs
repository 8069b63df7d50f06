//! What names a key: a fingerprint is an identity, a key ID only a question.

use crate::{Error, ErrorKind, Result};
use std::fmt;
use std::str::FromStr;

/// The fingerprint of a key: 20 bytes (version 4) or 32 bytes (version 6),
/// RFC 9580, section 5.5.4.
///
/// Printed as upper-case hexadecimal digits, as Apptainer and GnuPG do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fingerprint {
    /// SHA-1 of a version 4 key.
    V4([u8; 20]),
    /// SHA-256 of a version 6 key.
    V6([u8; 32]),
}

impl Fingerprint {
    /// The fingerprint of this many bytes; `None` for any length but 20 and 32.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes.len() {
            20 => Some(Self::V4(bytes.try_into().ok()?)),
            32 => Some(Self::V6(bytes.try_into().ok()?)),
            _ => None,
        }
    }

    /// The bytes, most significant first.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::V4(bytes) => bytes,
            Self::V6(bytes) => bytes,
        }
    }

    /// The 64-bit key ID that old signatures carry instead: the last 8 bytes of
    /// a version 4 fingerprint, the first 8 of a version 6 one.
    pub fn key_id(&self) -> KeyId {
        let bytes = match self {
            Self::V4(bytes) => &bytes[12..],
            Self::V6(bytes) => &bytes[..8],
        };
        let mut id = [0; 8];
        id.copy_from_slice(bytes);
        KeyId(id)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode_upper(self.as_bytes()))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl FromStr for Fingerprint {
    type Err = Error;

    /// Reads 40 or 64 hexadecimal digits of either case, with or without `0x`,
    /// and with blanks between groups as GnuPG prints them.
    fn from_str(text: &str) -> Result<Self> {
        hex_digits(text)
            .and_then(|bytes| Self::from_bytes(&bytes))
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::Malformed,
                    format!("`{text}` is not a fingerprint"),
                )
                .hint("a fingerprint has 40 hexadecimal digits (64 for a version 6 key)")
            })
    }
}

/// The 64-bit key ID of a key. Two keys can share one: it is good for a query
/// and never for an identity (W-3, W-4, W-18).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 8]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode_upper(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

impl FromStr for KeyId {
    type Err = Error;

    /// Reads 16 hexadecimal digits of either case, with or without `0x`.
    fn from_str(text: &str) -> Result<Self> {
        hex_digits(text)
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or_else(|| {
                Error::new(ErrorKind::Malformed, format!("`{text}` is not a key ID"))
                    .hint("a key ID has 16 hexadecimal digits")
            })
    }
}

/// How a signature names its maker: by fingerprint, or by key ID alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyHandle {
    /// The whole fingerprint (Issuer Fingerprint, RFC 9580, section 5.2.3.35).
    Fingerprint(Fingerprint),
    /// The key ID (Issuer Key ID, section 5.2.3.12); all that old ones have.
    KeyId(KeyId),
}

impl KeyHandle {
    /// True if a key with this fingerprint answers to the handle.
    pub fn matches(&self, fingerprint: &Fingerprint) -> bool {
        match self {
            Self::Fingerprint(own) => own == fingerprint,
            Self::KeyId(id) => *id == fingerprint.key_id(),
        }
    }
}

impl fmt::Display for KeyHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fingerprint(fingerprint) => fingerprint.fmt(f),
            Self::KeyId(id) => id.fmt(f),
        }
    }
}

fn hex_digits(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    let text = text
        .strip_prefix("0x")
        .or_else(|| text.strip_prefix("0X"))
        .unwrap_or(text);
    let digits: String = text.chars().filter(|c| *c != ' ').collect();
    hex::decode(digits).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84";

    #[test]
    fn a_fingerprint_is_read_in_every_customary_spelling() {
        let expected: Fingerprint = TEXT.parse().unwrap();
        for spelling in [
            "12045c8c0b1004d058de4beda20c27ee7ff7ba84",
            "0x12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84",
            "1204 5C8C 0B10 04D0 58DE  4BED A20C 27EE 7FF7 BA84",
        ] {
            assert_eq!(spelling.parse::<Fingerprint>().unwrap(), expected);
        }
        assert_eq!(expected.to_string(), TEXT);
    }

    #[test]
    fn a_key_id_is_no_fingerprint_and_the_other_way_round() {
        assert!("A20C27EE7FF7BA84".parse::<Fingerprint>().is_err());
        assert!(TEXT.parse::<KeyId>().is_err());
        assert!("".parse::<Fingerprint>().is_err());
        assert!("é".parse::<KeyId>().is_err());
    }

    #[test]
    fn the_key_id_of_version_4_is_the_end_and_keeps_leading_zeros_w18() {
        let fingerprint: Fingerprint = "12045C8C0B1004D058DE4BED0000000E7FF7BA84".parse().unwrap();
        assert_eq!(fingerprint.key_id().to_string(), "0000000E7FF7BA84");
    }

    #[test]
    fn the_key_id_of_version_6_is_the_beginning() {
        let fingerprint = Fingerprint::V6([7; 32]);
        assert_eq!(fingerprint.key_id(), KeyId([7; 8]));
    }
}
