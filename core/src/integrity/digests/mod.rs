//! Digests: the algorithms that may be used, and how a digest is written.
//!
//! Of the objects of an image they are computed by a [`DigestPlan`], in one pass
//! over the data.

mod plan;
mod read;
#[cfg(test)]
mod testing;

pub use plan::{DigestPlan, Digests};

use crate::sif::SignatureHash;
use crate::{Error, ErrorKind, Result};
use sha2::Digest as _;
use std::fmt;
use std::str::FromStr;

/// A digest algorithm of signed metadata: SHA-224 and better. Weaker ones cannot be
/// said at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum DigestAlgorithm {
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Sha512_224,
    Sha512_256,
}

impl DigestAlgorithm {
    pub(super) const ALL: [Self; 6] = [
        Self::Sha224,
        Self::Sha256,
        Self::Sha384,
        Self::Sha512,
        Self::Sha512_224,
        Self::Sha512_256,
    ];

    /// The name in signed metadata, as the Go library spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha224 => "sha224",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
            Self::Sha512_224 => "sha512_224",
            Self::Sha512_256 => "sha512_256",
        }
    }

    /// The algorithm that a signature object's descriptor names, if it is one of
    /// ours: BLAKE2 has a number in the format, and is none.
    pub fn of_signature(hash: SignatureHash) -> Option<Self> {
        match hash {
            SignatureHash::Sha256 => Some(Self::Sha256),
            SignatureHash::Sha384 => Some(Self::Sha384),
            SignatureHash::Sha512 => Some(Self::Sha512),
            _ => None,
        }
    }

    /// The digest's length in bytes.
    pub fn length(self) -> usize {
        match self {
            Self::Sha224 | Self::Sha512_224 => 28,
            Self::Sha256 | Self::Sha512_256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The digest of bytes in memory.
    pub fn digest(self, bytes: &[u8]) -> Digest {
        let mut hasher = Hasher::new(self);
        hasher.update(bytes);
        hasher.finish()
    }
}

/// A digest with its algorithm, written `sha256:<lower-case hexadecimal>`.
#[derive(Clone, PartialEq, Eq)]
pub struct Digest {
    algorithm: DigestAlgorithm,
    value: Vec<u8>,
}

impl Digest {
    /// The algorithm.
    pub fn algorithm(&self) -> DigestAlgorithm {
        self.algorithm
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm.name(), hex::encode(&self.value))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl FromStr for Digest {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let malformed = || Error::new(ErrorKind::Malformed, "digest malformed");
        let (name, digits) = text.split_once(':').ok_or_else(malformed)?;
        let algorithm = DigestAlgorithm::ALL
            .into_iter()
            .find(|algorithm| algorithm.name() == name)
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::Unsupported,
                    format!("hash algorithm unsupported: {name}"),
                )
            })?;
        let value = hex::decode(digits).map_err(|_| malformed())?;
        if value.len() != algorithm.length() {
            return Err(malformed());
        }
        Ok(Self { algorithm, value })
    }
}

enum Hasher {
    Sha224(sha2::Sha224),
    Sha256(sha2::Sha256),
    Sha384(sha2::Sha384),
    Sha512(sha2::Sha512),
    Sha512_224(sha2::Sha512_224),
    Sha512_256(sha2::Sha512_256),
}

/// The same expression for whichever hasher it is.
macro_rules! each {
    ($hasher:expr, $inner:ident => $body:expr) => {
        match $hasher {
            Hasher::Sha224($inner) => $body,
            Hasher::Sha256($inner) => $body,
            Hasher::Sha384($inner) => $body,
            Hasher::Sha512($inner) => $body,
            Hasher::Sha512_224($inner) => $body,
            Hasher::Sha512_256($inner) => $body,
        }
    };
}

impl Hasher {
    fn new(algorithm: DigestAlgorithm) -> Self {
        match algorithm {
            DigestAlgorithm::Sha224 => Self::Sha224(sha2::Sha224::new()),
            DigestAlgorithm::Sha256 => Self::Sha256(sha2::Sha256::new()),
            DigestAlgorithm::Sha384 => Self::Sha384(sha2::Sha384::new()),
            DigestAlgorithm::Sha512 => Self::Sha512(sha2::Sha512::new()),
            DigestAlgorithm::Sha512_224 => Self::Sha512_224(sha2::Sha512_224::new()),
            DigestAlgorithm::Sha512_256 => Self::Sha512_256(sha2::Sha512_256::new()),
        }
    }

    fn algorithm(&self) -> DigestAlgorithm {
        match self {
            Self::Sha224(_) => DigestAlgorithm::Sha224,
            Self::Sha256(_) => DigestAlgorithm::Sha256,
            Self::Sha384(_) => DigestAlgorithm::Sha384,
            Self::Sha512(_) => DigestAlgorithm::Sha512,
            Self::Sha512_224(_) => DigestAlgorithm::Sha512_224,
            Self::Sha512_256(_) => DigestAlgorithm::Sha512_256,
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        each!(self, inner => inner.update(bytes));
    }

    fn finish(self) -> Digest {
        let algorithm = self.algorithm();
        let value = each!(self, inner => inner.finalize().to_vec());
        Digest { algorithm, value }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-4 example values for the message "abc".
    const ABC: [&str; 6] = [
        "sha224:23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "sha384:cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
        "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "sha512_224:4634270f707b6a54daae7530460842e20e37ed265ceee9a43e8924aa",
        "sha512_256:53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23",
    ];

    #[test]
    fn every_algorithm_gives_the_standards_example_value() {
        for (algorithm, expected) in DigestAlgorithm::ALL.into_iter().zip(ABC) {
            assert_eq!(algorithm.digest(b"abc").to_string(), expected);
            assert_eq!(expected.parse::<Digest>().unwrap().to_string(), expected);
        }
    }

    #[test]
    fn weak_unknown_and_malformed_digests_cannot_be_said() {
        for text in [
            "md5:900150983cd24fb0d6963f7d28e17f72",
            "sha1:a9993e364706816aba3e25717850c26c9cd0d89d",
            "sha256",
            "sha256:",
            "sha256:00",
            "sha256:zz",
            "",
        ] {
            assert!(text.parse::<Digest>().is_err(), "{text}");
        }
    }
}
