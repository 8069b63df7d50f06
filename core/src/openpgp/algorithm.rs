//! OpenPGP's algorithm numbers by name.

use std::fmt;
use std::str::FromStr;

/// A hash algorithm of OpenPGP (RFC 9580, section 9.5), good or bad: what may be
/// used is for [`crate::policy`] to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum HashAlgorithm {
    Md5,
    Sha1,
    Ripemd160,
    Sha256,
    Sha384,
    Sha512,
    Sha224,
    Sha3_256,
    Sha3_512,
    /// A number that the RFC does not assign.
    Other(u8),
}

impl HashAlgorithm {
    const TABLE: [(Self, u8, &'static str); 9] = [
        (Self::Md5, 1, "MD5"),
        (Self::Sha1, 2, "SHA1"),
        (Self::Ripemd160, 3, "RIPEMD160"),
        (Self::Sha256, 8, "SHA256"),
        (Self::Sha384, 9, "SHA384"),
        (Self::Sha512, 10, "SHA512"),
        (Self::Sha224, 11, "SHA224"),
        (Self::Sha3_256, 12, "SHA3-256"),
        (Self::Sha3_512, 14, "SHA3-512"),
    ];

    /// The algorithm with this number.
    pub fn from_id(id: u8) -> Self {
        Self::TABLE
            .iter()
            .find(|(_, own, _)| *own == id)
            .map_or(Self::Other(id), |(algorithm, ..)| *algorithm)
    }

    /// The number in packets.
    pub fn id(self) -> u8 {
        match self {
            Self::Other(id) => id,
            known => Self::TABLE
                .iter()
                .find(|(algorithm, ..)| *algorithm == known)
                .map_or(0, |(_, id, _)| *id),
        }
    }
}

impl fmt::Display for HashAlgorithm {
    /// The name that stands in a `Hash:` header.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Self::TABLE.iter().find(|(algorithm, ..)| algorithm == self) {
            Some((.., name)) => f.write_str(name),
            None => write!(f, "hash algorithm {}", self.id()),
        }
    }
}

impl FromStr for HashAlgorithm {
    type Err = ();

    /// Reads the name of a `Hash:` header, of either case.
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::TABLE
            .iter()
            .find(|(.., name)| name.eq_ignore_ascii_case(text))
            .map(|(algorithm, ..)| *algorithm)
            .ok_or(())
    }
}

/// A public-key algorithm of OpenPGP (RFC 9580, section 9.1), with the curve
/// where there is one, as far as names and judgement need it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PublicKeyAlgorithm {
    /// Numbers 1 to 3.
    Rsa,
    /// Number 16 (and 20).
    ElGamal,
    /// Number 17.
    Dsa,
    /// Number 18, with the curve's name.
    Ecdh(String),
    /// Number 19, with the curve's name.
    Ecdsa(String),
    /// Number 22: Ed25519 as GnuPG and the Go libraries write it.
    EdDsaLegacy,
    /// Number 25.
    X25519,
    /// Number 26.
    X448,
    /// Number 27.
    Ed25519,
    /// Number 28.
    Ed448,
    /// Any other number.
    Other(u8),
}

impl fmt::Display for PublicKeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa => f.write_str("RSA"),
            Self::ElGamal => f.write_str("ElGamal"),
            Self::Dsa => f.write_str("DSA"),
            Self::Ecdh(curve) => write!(f, "ECDH {curve}"),
            Self::Ecdsa(curve) => write!(f, "ECDSA {curve}"),
            Self::EdDsaLegacy | Self::Ed25519 => f.write_str("Ed25519"),
            Self::X25519 => f.write_str("X25519"),
            Self::X448 => f.write_str("X448"),
            Self::Ed448 => f.write_str("Ed448"),
            Self::Other(id) => write!(f, "public-key algorithm {id}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hash_number_survives_the_way_there_and_back() {
        for id in 0..=255 {
            assert_eq!(HashAlgorithm::from_id(id).id(), id);
        }
    }

    #[test]
    fn a_hash_header_names_the_algorithm() {
        assert_eq!("SHA512".parse(), Ok(HashAlgorithm::Sha512));
        assert_eq!("sha256".parse(), Ok(HashAlgorithm::Sha256));
        assert_eq!("SHA9000".parse::<HashAlgorithm>(), Err(()));
    }
}
