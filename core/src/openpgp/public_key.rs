//! A public key as whoever keeps the secret knows it: numbers, and no OpenPGP.

use super::Fingerprint;

/// The public values of a key that signs, big-endian, without any encoding around them:
/// the counterpart of [`RawSignature`](crate::traits::RawSignature).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublicValues {
    /// RSA.
    Rsa {
        /// The modulus.
        n: Vec<u8>,
        /// The exponent.
        e: Vec<u8>,
    },
    /// ECDSA.
    EcDsa {
        /// The curve.
        curve: EcDsaCurve,
        /// The point, uncompressed: 0x04, *x*, *y*.
        point: Vec<u8>,
    },
    /// Ed25519.
    Ed25519([u8; 32]),
}

/// A curve of ECDSA (RFC 9580, section 9.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum EcDsaCurve {
    NistP256,
    NistP384,
    NistP521,
}

impl EcDsaCurve {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::NistP256, Self::NistP384, Self::NistP521];

    /// Its object identifier, without tag and length.
    pub fn oid(self) -> &'static [u8] {
        match self {
            Self::NistP256 => b"\x2A\x86\x48\xCE\x3D\x03\x01\x07",
            Self::NistP384 => b"\x2B\x81\x04\x00\x22",
            Self::NistP521 => b"\x2B\x81\x04\x00\x23",
        }
    }

    /// How many octets a coordinate takes, and a number modulo the order.
    pub fn octets(self) -> usize {
        match self {
            Self::NistP256 => 32,
            Self::NistP384 => 48,
            Self::NistP521 => 66,
        }
    }
}

/// A public key as OpenPGP writes it, which is what a
/// [`Signer`](crate::traits::Signer) says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// The body of the public-key packet (RFC 9580, section 5.5.2).
    pub body: Vec<u8>,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
}
