//! The values of an algorithm, in keys and in signatures (RFC 9580, sections
//! 5.2.3 and 5.5.5): where each one begins and ends.
//!
//! Sequoia's own parsers drop a packet whose integers do not begin at their
//! first set bit, and old Go programs wrote such integers into every other RSA
//! signature. So the values are cut out here, by their length in octets, which
//! was right, and given to Sequoia one by one; it strips their leading zeros.

use sequoia_openpgp::crypto::mpi::{self, MPI};
use sequoia_openpgp::types::{Curve, PublicKeyAlgorithm as Algorithm};

/// How one value is written.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// A multiprecision integer (section 3.2).
    Integer,
    /// Octets behind their number in one octet: a curve's name, and what ECDH
    /// derives its keys with.
    Counted,
    /// That many octets.
    Octets(usize),
}

use Form::{Counted, Integer, Octets};

/// How the values of one algorithm are written, in order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Forms(&'static [Form]);

impl Forms {
    /// Those of a public key; `None` for an algorithm that is not known here.
    pub(crate) fn of_key(algorithm: Algorithm) -> Option<Self> {
        #[allow(deprecated)]
        let forms: &[Form] = match algorithm {
            Algorithm::RSAEncryptSign | Algorithm::RSAEncrypt | Algorithm::RSASign => {
                &[Integer, Integer]
            }
            Algorithm::ElGamalEncrypt | Algorithm::ElGamalEncryptSign => {
                &[Integer, Integer, Integer]
            }
            Algorithm::DSA => &[Integer, Integer, Integer, Integer],
            Algorithm::ECDH => &[Counted, Integer, Counted],
            Algorithm::ECDSA | Algorithm::EdDSA => &[Counted, Integer],
            Algorithm::X25519 | Algorithm::Ed25519 => &[Octets(32)],
            Algorithm::X448 => &[Octets(56)],
            Algorithm::Ed448 => &[Octets(57)],
            _ => return None,
        };
        Some(Self(forms))
    }

    /// Those of a signature; `None` for an algorithm that is not known here.
    pub(crate) fn of_signature(algorithm: Algorithm) -> Option<Self> {
        #[allow(deprecated)]
        let forms: &[Form] = match algorithm {
            Algorithm::RSAEncryptSign | Algorithm::RSAEncrypt | Algorithm::RSASign => &[Integer],
            Algorithm::DSA | Algorithm::ECDSA | Algorithm::EdDSA => &[Integer, Integer],
            Algorithm::Ed25519 => &[Octets(64)],
            Algorithm::Ed448 => &[Octets(114)],
            _ => return None,
        };
        Some(Self(forms))
    }
}

/// Values at the beginning of some octets.
#[derive(Debug)]
pub(crate) struct Values<'a> {
    /// At most four, as many as the algorithm has.
    parts: [&'a [u8]; 4],
    /// How many octets they take together.
    pub(crate) len: usize,
}

impl<'a> Values<'a> {
    /// `None` if the octets end before the values do.
    pub(crate) fn read(forms: Forms, bytes: &'a [u8]) -> Option<Self> {
        let mut parts = [&[][..]; 4];
        let mut rest = bytes;
        for (part, form) in parts.iter_mut().zip(forms.0) {
            let len = match form {
                Integer => {
                    let (bits, values) = rest.split_first_chunk()?;
                    rest = values;
                    usize::from(u16::from_be_bytes(*bits)).div_ceil(8)
                }
                Counted => {
                    let (len, values) = rest.split_first()?;
                    rest = values;
                    usize::from(*len)
                }
                Octets(len) => *len,
            };
            (*part, rest) = rest.split_at_checked(len)?;
        }
        Some(Self {
            parts,
            len: bytes.len() - rest.len(),
        })
    }

    /// The first value as a number.
    pub(crate) fn first_number(&self) -> MPI {
        MPI::new(self.parts[0])
    }

    /// The curve whose name is the first value.
    pub(crate) fn curve(&self) -> Curve {
        Curve::from_oid(self.parts[0])
    }

    /// Sequoia's form of a public key with these values; `None` for an algorithm
    /// that does not sign.
    pub(crate) fn to_key(&self, algorithm: Algorithm) -> Option<mpi::PublicKey> {
        let [a, b, c, d] = self.parts;
        let number = MPI::new;
        #[allow(deprecated)]
        Some(match algorithm {
            Algorithm::RSAEncryptSign | Algorithm::RSAEncrypt | Algorithm::RSASign => {
                mpi::PublicKey::RSA {
                    n: number(a),
                    e: number(b),
                }
            }
            Algorithm::DSA => mpi::PublicKey::DSA {
                p: number(a),
                q: number(b),
                g: number(c),
                y: number(d),
            },
            Algorithm::ECDSA => mpi::PublicKey::ECDSA {
                curve: self.curve(),
                q: number(b),
            },
            Algorithm::EdDSA => mpi::PublicKey::EdDSA {
                curve: self.curve(),
                q: number(b),
            },
            Algorithm::Ed25519 => mpi::PublicKey::Ed25519 {
                a: a.try_into().ok()?,
            },
            Algorithm::Ed448 => mpi::PublicKey::Ed448 {
                a: Box::new(a.try_into().ok()?),
            },
            _ => return None,
        })
    }

    /// Sequoia's form of a signature with these values.
    pub(crate) fn to_signature(&self, algorithm: Algorithm) -> Option<mpi::Signature> {
        let [a, b, ..] = self.parts;
        let number = MPI::new;
        #[allow(deprecated)]
        Some(match algorithm {
            Algorithm::RSAEncryptSign | Algorithm::RSAEncrypt | Algorithm::RSASign => {
                mpi::Signature::RSA { s: number(a) }
            }
            Algorithm::DSA => mpi::Signature::DSA {
                r: number(a),
                s: number(b),
            },
            Algorithm::ECDSA => mpi::Signature::ECDSA {
                r: number(a),
                s: number(b),
            },
            Algorithm::EdDSA => mpi::Signature::EdDSA {
                r: number(a),
                s: number(b),
            },
            Algorithm::Ed25519 => mpi::Signature::Ed25519 {
                s: Box::new(a.try_into().ok()?),
            },
            Algorithm::Ed448 => mpi::Signature::Ed448 {
                s: Box::new(a.try_into().ok()?),
            },
            _ => return None,
        })
    }
}
