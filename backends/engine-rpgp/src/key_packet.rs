//! The public fields of a key packet (RFC 9580, section 5.5.2), public or secret,
//! primary or subkey, versions 4 and 6.
//!
//! The fields are walked here and not by rPGP, so that a key with an algorithm
//! or a curve that rPGP lacks keeps its fingerprint, its length and its place.

use pgp::crypto::hash::HashAlgorithm;
use sifseal_core::Timestamp;
use sifseal_core::openpgp::framing::covered::framed_key;
use sifseal_core::openpgp::framing::{KeyFault, KeyPacket, Packet, tag};
use sifseal_core::openpgp::{Fingerprint, KeyFacts, PublicKeyAlgorithm};

/// Reads a key packet.
pub(crate) fn read<'a>(packet: &Packet<'a>) -> Result<KeyPacket<'a>, KeyFault> {
    let fields = Fields::read(packet)?;
    let fingerprint = fingerprint(fields.version, fields.public).ok_or(KeyFault::NoFingerprint)?;
    Ok(KeyPacket {
        facts: KeyFacts {
            fingerprint,
            version: fields.version,
            algorithm: fields.material.algorithm,
            bits: fields.material.bits,
            created: fields.created,
        },
        algorithm_id: fields.material.id,
        public: fields.public,
        secret: fields.secret,
    })
}

/// Reads the body of a public-key packet.
pub(crate) fn read_public(body: &[u8]) -> Result<KeyPacket<'_>, KeyFault> {
    read(&Packet {
        tag: tag::PUBLIC_KEY,
        raw: body,
        body,
    })
}

/// True if a key packet can be read. It is asked at every octet of a damaged
/// ring, so it makes no fingerprint.
pub(crate) fn is_readable(packet: &Packet<'_>) -> bool {
    Fields::read(packet).is_ok()
}

struct Fields<'a> {
    version: u8,
    created: Timestamp,
    material: Material,
    public: &'a [u8],
    secret: &'a [u8],
}

impl<'a> Fields<'a> {
    fn read(packet: &Packet<'a>) -> Result<Self, KeyFault> {
        let body = packet.body;
        let &[version, t0, t1, t2, t3, id, ref rest @ ..] = body else {
            return Err(KeyFault::CutShort);
        };
        let (head, material) = match version {
            4 => (6, Material::read(id, rest, packet.is_secret())),
            6 => (10, read_version6(id, rest)),
            other => return Err(KeyFault::Version(other)),
        };
        let material = material.ok_or(KeyFault::Values { algorithm: id })?;
        let (public, secret) = body
            .split_at_checked(head + material.len)
            .ok_or(KeyFault::CutShort)?;
        if !packet.is_secret() && !secret.is_empty() {
            return Err(KeyFault::TooLong);
        }
        if packet.is_secret() && secret.is_empty() {
            return Err(KeyFault::NoSecretPart);
        }
        Ok(Self {
            version,
            created: Timestamp(u32::from_be_bytes([t0, t1, t2, t3]).into()),
            material,
            public,
            secret,
        })
    }
}

/// `None` if the SHA-1 of a version 4 key shows a collision attack, or if the
/// key is longer than its frame can say.
fn fingerprint(version: u8, public: &[u8]) -> Option<Fingerprint> {
    let algorithm = match version {
        6 => HashAlgorithm::Sha256,
        _ if public.len() > usize::from(u16::MAX) => return None,
        _ => HashAlgorithm::Sha1,
    };
    let digest = algorithm.digest(&framed_key(version, public)).ok()?;
    Fingerprint::from_bytes(&digest)
}

/// Version 6 says how long its values are.
fn read_version6(algorithm_id: u8, rest: &[u8]) -> Option<Material> {
    let (len, rest) = rest.split_first_chunk()?;
    let values = rest.get(..u32::from_be_bytes(*len) as usize)?;
    let material = Material::read(algorithm_id, values, false)?;
    (material.len == values.len()).then_some(material)
}

/// The values of one algorithm.
struct Material {
    id: u8,
    algorithm: PublicKeyAlgorithm,
    bits: u32,
    len: usize,
}

impl Material {
    /// `None` if the values are malformed, or if nothing tells where they end
    /// and a secret part begins.
    fn read(algorithm_id: u8, values: &[u8], followed_by_secret: bool) -> Option<Self> {
        let mut walk = Walk { rest: values };
        let (algorithm, bits) = match algorithm_id {
            1..=3 => (PublicKeyAlgorithm::Rsa, walk.integers(2)?),
            16 | 20 => (PublicKeyAlgorithm::ElGamal, walk.integers(3)?),
            17 => (PublicKeyAlgorithm::Dsa, walk.integers(4)?),
            18 => {
                let curve = walk.curve()?;
                walk.integers(1)?;
                let kdf_len = *walk.take(1)?.first()?;
                walk.take(kdf_len.into())?;
                (PublicKeyAlgorithm::Ecdh(curve.name), curve.bits)
            }
            19 => {
                let curve = walk.curve()?;
                walk.integers(1)?;
                (PublicKeyAlgorithm::Ecdsa(curve.name), curve.bits)
            }
            22 => {
                let curve = walk.curve()?;
                walk.integers(1)?;
                (PublicKeyAlgorithm::EdDsaLegacy, curve.bits)
            }
            25 => (PublicKeyAlgorithm::X25519, walk.fixed(32, 256)?),
            26 => (PublicKeyAlgorithm::X448, walk.fixed(56, 448)?),
            27 => (PublicKeyAlgorithm::Ed25519, walk.fixed(32, 256)?),
            28 => (PublicKeyAlgorithm::Ed448, walk.fixed(57, 448)?),
            other if !followed_by_secret => {
                walk.rest = &[];
                (PublicKeyAlgorithm::Other(other), 0)
            }
            _ => return None,
        };
        Some(Self {
            id: algorithm_id,
            algorithm,
            bits,
            len: values.len() - walk.rest.len(),
        })
    }
}

struct Walk<'a> {
    rest: &'a [u8],
}

impl<'a> Walk<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(taken)
    }

    /// Walks over that many multiprecision integers (section 3.2) and gives the
    /// length of the first one in bits, counted and not as it claims.
    fn integers(&mut self, count: usize) -> Option<u32> {
        let mut first = None;
        for _ in 0..count {
            let bits = u16::from_be_bytes(self.take(2)?.try_into().ok()?);
            let value = self.take(usize::from(bits).div_ceil(8))?;
            first.get_or_insert_with(|| bit_len(value));
        }
        first
    }

    fn fixed(&mut self, len: usize, bits: u32) -> Option<u32> {
        self.take(len).map(|_| bits)
    }

    fn curve(&mut self) -> Option<Curve> {
        let len = *self.take(1)?.first()?;
        self.take(len.into()).map(Curve::from_oid)
    }
}

fn bit_len(value: &[u8]) -> u32 {
    let leading: u32 = value
        .iter()
        .position(|byte| *byte != 0)
        .map_or(value.len() as u32 * 8, |zeros| {
            zeros as u32 * 8 + value[zeros].leading_zeros()
        });
    value.len() as u32 * 8 - leading
}

struct Curve {
    name: String,
    bits: u32,
}

impl Curve {
    /// The curves of RFC 9580, section 9.2, and those that GnuPG adds.
    fn from_oid(oid: &[u8]) -> Self {
        let (name, bits) = match oid {
            b"\x2A\x86\x48\xCE\x3D\x03\x01\x07" => ("NIST P-256", 256),
            b"\x2B\x81\x04\x00\x22" => ("NIST P-384", 384),
            b"\x2B\x81\x04\x00\x23" => ("NIST P-521", 521),
            b"\x2B\x81\x04\x00\x0A" => ("secp256k1", 256),
            b"\x2B\x24\x03\x03\x02\x08\x01\x01\x07" => ("brainpoolP256r1", 256),
            b"\x2B\x24\x03\x03\x02\x08\x01\x01\x0B" => ("brainpoolP384r1", 384),
            b"\x2B\x24\x03\x03\x02\x08\x01\x01\x0D" => ("brainpoolP512r1", 512),
            b"\x2B\x06\x01\x04\x01\xDA\x47\x0F\x01" => ("Ed25519", 256),
            b"\x2B\x06\x01\x04\x01\x97\x55\x01\x05\x01" => ("Curve25519", 256),
            b"\x2B\x65\x71" => ("Ed448", 448),
            b"\x2B\x65\x6F" => ("X448", 448),
            _ => ("an unknown curve", 0),
        };
        Self {
            name: name.to_owned(),
            bits,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_counted_and_not_believed() {
        assert_eq!(bit_len(&[]), 0);
        assert_eq!(bit_len(&[0, 0]), 0);
        assert_eq!(bit_len(&[0x01, 0xFF]), 9);
        assert_eq!(bit_len(&[0, 0x80]), 8);
    }

    /// A version 4 RSA key whose modulus has 2047 bits while its length says 2048.
    #[test]
    fn a_modulus_of_2047_bits_is_not_rounded_up() {
        let mut body = vec![4, 0, 0, 0, 1, 1, 0x08, 0x00, 0x7F];
        body.extend([0xFF; 255]);
        body.extend([0, 17, 1, 0, 1]);
        assert_eq!(read_public(&body).unwrap().facts.bits, 2047);
    }

    #[test]
    fn an_unknown_algorithm_is_still_a_key() {
        let body = [4, 0, 0, 0, 1, 99, 1, 2, 3];
        let key = read_public(&body).unwrap();
        assert_eq!(key.facts.algorithm, PublicKeyAlgorithm::Other(99));
        assert_eq!(key.public, body);
    }

    #[test]
    fn other_versions_and_other_lengths_are_told_apart() {
        let fault = |body: &[u8]| read_public(body).unwrap_err();
        assert_eq!(fault(&[3, 0, 0, 0, 1, 0, 0, 1]), KeyFault::Version(3));
        let long = [&[4, 0, 0, 0, 1, 27][..], &[9; 33]].concat();
        assert_eq!(fault(&long), KeyFault::TooLong);
        let short = [&[4, 0, 0, 0, 1, 27][..], &[9; 31]].concat();
        assert_eq!(fault(&short), KeyFault::Values { algorithm: 27 });
    }
}
