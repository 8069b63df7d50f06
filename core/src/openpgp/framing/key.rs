//! What an engine tells about one key packet (RFC 9580, sections 5.5.2 and 5.5.3).

use crate::openpgp::{KeyFacts, Maths, PublicKeyAlgorithm};
use crate::{Error, ErrorKind};
use std::fmt;

/// A key packet, primary or subkey, as an engine reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPacket<'a> {
    /// What its public fields say.
    pub facts: KeyFacts,
    /// OpenPGP's number of its algorithm.
    pub algorithm_id: u8,
    /// The body of the public-key packet, as it stands.
    pub public: &'a [u8],
    /// What follows it in a secret-key packet; empty in a public one.
    pub secret: &'a [u8],
}

impl KeyPacket<'_> {
    /// How its secret part is guarded; `None` if it has none.
    pub fn guard(&self) -> Option<Guard> {
        (!self.secret.is_empty()).then(|| Guard::read(self.secret))
    }

    /// What an engine says that lacks what it takes to verify with this key: the
    /// algorithm, the curve, or room for a modulus of this length.
    pub fn lacking(&self) -> Maths {
        Maths::Unsupported(match self.facts.algorithm {
            PublicKeyAlgorithm::Rsa => format!("RSA of {} bits", self.facts.bits),
            ref other => other.to_string(),
        })
    }
}

/// Why a key packet is of no use. Its text is what is said about the junk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFault {
    /// It ends before its values do.
    CutShort,
    /// It is of a version other than 4 and 6.
    Version(u8),
    /// The values of its algorithm are malformed, or nothing tells where they end
    /// and a secret part begins.
    Values {
        /// OpenPGP's number of the algorithm.
        algorithm: u8,
    },
    /// Something stands behind its values.
    TooLong,
    /// A secret key packet has nothing behind the public fields.
    NoSecretPart,
    /// It is too long to have a fingerprint, or its SHA-1 shows a collision
    /// attack.
    NoFingerprint,
}

impl fmt::Display for KeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CutShort => f.write_str("a key packet is cut short"),
            Self::Version(version) => {
                write!(f, "a key of version {version}, which is not supported")
            }
            Self::Values { algorithm } => write!(
                f,
                "a key whose values are malformed (public-key algorithm {algorithm})"
            ),
            Self::TooLong => f.write_str("a key packet is longer than its values"),
            Self::NoSecretPart => f.write_str("a secret key packet has no secret part"),
            Self::NoFingerprint => f.write_str("a key without a fingerprint"),
        }
    }
}

impl From<KeyFault> for Error {
    fn from(fault: KeyFault) -> Self {
        Self::new(ErrorKind::Malformed, fault.to_string())
    }
}

/// How the secret part of one packet is guarded: what its first octets say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guard {
    /// Not at all.
    Open,
    /// By a passphrase.
    Passphrase,
    /// It is not here; the text says where it is instead.
    Elsewhere(String),
}

impl Guard {
    /// Reads the beginning of a secret part.
    ///
    /// GnuPG marks a secret that it does not have by a string-to-key specifier
    /// of type 101 with the letters `GNU` and a mode (GnuPG's `doc/DETAILS`).
    pub fn read(secret: &[u8]) -> Self {
        match *secret {
            [0, ..] => Self::Open,
            [253..=255, _, 101, _, b'G', b'N', b'U', mode, ref rest @ ..] => {
                Self::Elsewhere(place(mode, rest))
            }
            _ => Self::Passphrase,
        }
    }
}

fn place(mode: u8, rest: &[u8]) -> String {
    match (mode, rest.split_first()) {
        (1, _) => "the secret part was left out of this copy".to_owned(),
        (2, Some((len, serial))) => {
            let serial = serial.get(..usize::from(*len)).unwrap_or(serial);
            format!("smart card {}", hex::encode_upper(serial))
        }
        (2, None) => "a smart card".to_owned(),
        _ => "somewhere that GnuPG knows".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stub_says_where_the_secret_is() {
        let dummy = Guard::read(b"\xFF\x00\x65\x00GNU\x01");
        assert!(matches!(dummy, Guard::Elsewhere(text) if text.contains("left out")));
        let card = Guard::read(b"\xFF\x00\x65\x00GNU\x02\x02\xD2\x76");
        assert_eq!(card, Guard::Elsewhere("smart card D276".to_owned()));
    }

    #[test]
    fn a_guard_is_read_off_its_first_octets() {
        assert_eq!(Guard::read(&[0, 1, 2]), Guard::Open);
        assert_eq!(Guard::read(&[254, 9, 3, 8]), Guard::Passphrase);
        assert_eq!(Guard::read(&[]), Guard::Passphrase);
    }
}
