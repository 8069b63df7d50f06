//! The public fields of a key packet (RFC 9580, section 5.5.2), public or secret,
//! primary or subkey, versions 4 and 6.
//!
//! Sequoia's fingerprint of a key is made of the key as Sequoia would write it. Old
//! Go programs wrote keys otherwise, so the fingerprint here is Sequoia's digest of
//! the octets as they stand.

use crate::digest;
use crate::values::{Forms, Values};
use sequoia_openpgp::types::{Curve, PublicKeyAlgorithm as Algorithm};
use sifseal_core::Timestamp;
use sifseal_core::openpgp::framing::covered::framed_key;
use sifseal_core::openpgp::framing::{KeyFault, KeyPacket, Packet, tag};
use sifseal_core::openpgp::{Fingerprint, HashAlgorithm, KeyFacts, PublicKeyAlgorithm};

/// Reads a key packet.
pub(crate) fn read<'a>(packet: &Packet<'a>) -> Result<KeyPacket<'a>, KeyFault> {
    let fields = Fields::read(packet)?;
    let fingerprint = fingerprint(fields.version, fields.public).ok_or(KeyFault::NoFingerprint)?;
    let (algorithm, bits) = fields.algorithm_and_bits();
    Ok(KeyPacket {
        facts: KeyFacts {
            fingerprint,
            version: fields.version,
            algorithm,
            bits,
            created: fields.created,
        },
        algorithm_id: fields.algorithm_id,
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

/// The values of a key that was read; `None` for an algorithm that is not known
/// here.
pub(crate) fn values<'a>(key: &KeyPacket<'a>) -> Option<Values<'a>> {
    let forms = Forms::of_key(key.algorithm_id.into())?;
    Values::read(forms, key.public.get(head_len(key.facts.version)?..)?)
}

/// How many octets stand before the values.
fn head_len(version: u8) -> Option<usize> {
    match version {
        4 => Some(6),
        6 => Some(10),
        _ => None,
    }
}

struct Fields<'a> {
    version: u8,
    created: Timestamp,
    algorithm_id: u8,
    /// `None` for an algorithm that is not known here.
    values: Option<Values<'a>>,
    public: &'a [u8],
    secret: &'a [u8],
}

impl<'a> Fields<'a> {
    fn read(packet: &Packet<'a>) -> Result<Self, KeyFault> {
        let &[version, t0, t1, t2, t3, algorithm, ref rest @ ..] = packet.body else {
            return Err(KeyFault::CutShort);
        };
        let head = head_len(version).ok_or(KeyFault::Version(version))?;
        let malformed = KeyFault::Values { algorithm };
        let values_end = |rest| values_end(version, algorithm, rest, packet.is_secret());
        let (values, len) = values_end(rest).ok_or(malformed)?;
        let (public, secret) = packet
            .body
            .split_at_checked(head + len)
            .ok_or(KeyFault::CutShort)?;
        match (packet.is_secret(), secret.is_empty()) {
            (false, false) => return Err(KeyFault::TooLong),
            (true, true) => return Err(KeyFault::NoSecretPart),
            _ => {}
        }
        Ok(Self {
            version,
            created: Timestamp(u32::from_be_bytes([t0, t1, t2, t3]).into()),
            algorithm_id: algorithm,
            values,
            public,
            secret,
        })
    }

    /// Core's name of the algorithm, and its length.
    fn algorithm_and_bits(&self) -> (PublicKeyAlgorithm, u32) {
        let other = (PublicKeyAlgorithm::Other(self.algorithm_id), 0);
        let Some(values) = &self.values else {
            return other;
        };
        let modulus = || u32::try_from(values.first_number().bits()).unwrap_or(u32::MAX);
        let curve = || named(&values.curve());
        #[allow(deprecated)]
        match self.algorithm_id.into() {
            Algorithm::RSAEncryptSign | Algorithm::RSAEncrypt | Algorithm::RSASign => {
                (PublicKeyAlgorithm::Rsa, modulus())
            }
            Algorithm::ElGamalEncrypt | Algorithm::ElGamalEncryptSign => {
                (PublicKeyAlgorithm::ElGamal, modulus())
            }
            Algorithm::DSA => (PublicKeyAlgorithm::Dsa, modulus()),
            Algorithm::ECDH => {
                let (name, bits) = curve();
                (PublicKeyAlgorithm::Ecdh(name), bits)
            }
            Algorithm::ECDSA => {
                let (name, bits) = curve();
                (PublicKeyAlgorithm::Ecdsa(name), bits)
            }
            Algorithm::EdDSA => (PublicKeyAlgorithm::EdDsaLegacy, curve().1),
            Algorithm::X25519 => (PublicKeyAlgorithm::X25519, 256),
            Algorithm::X448 => (PublicKeyAlgorithm::X448, 448),
            Algorithm::Ed25519 => (PublicKeyAlgorithm::Ed25519, 256),
            Algorithm::Ed448 => (PublicKeyAlgorithm::Ed448, 448),
            _ => other,
        }
    }
}

/// The values, and how many octets they take from the end of the fixed fields.
/// `None` if they are malformed, or if nothing tells where they end and a secret
/// part begins.
fn values_end(
    version: u8,
    algorithm: u8,
    rest: &[u8],
    is_secret: bool,
) -> Option<(Option<Values<'_>>, usize)> {
    // Version 6 says how long its values are.
    let told = match version {
        6 => {
            let (len, rest) = rest.split_first_chunk()?;
            Some(rest.get(..u32::from_be_bytes(*len) as usize)?)
        }
        _ => None,
    };
    let bytes = told.unwrap_or(rest);
    match Forms::of_key(algorithm.into()) {
        Some(forms) => {
            let values = Values::read(forms, bytes)?;
            let len = values.len;
            (told.is_none() || len == bytes.len()).then_some((Some(values), len))
        }
        None => (told.is_some() || !is_secret).then_some((None, bytes.len())),
    }
}

/// `None` if the SHA-1 of a version 4 key shows a collision attack, or if the key
/// is longer than its frame can say.
fn fingerprint(version: u8, public: &[u8]) -> Option<Fingerprint> {
    let algorithm = match version {
        6 => HashAlgorithm::Sha256,
        _ if public.len() > usize::from(u16::MAX) => return None,
        _ => HashAlgorithm::Sha1,
    };
    let digest = digest::of(algorithm, &[&framed_key(version, public)]).ok()?;
    Fingerprint::from_bytes(&digest)
}

/// A curve's name and length; Sequoia knows neither of some that others write.
fn named(curve: &Curve) -> (String, u32) {
    let (name, bits) = match curve.oid() {
        b"\x2B\x81\x04\x00\x0A" => ("secp256k1", 256),
        b"\x2B\x65\x71" => ("Ed448", 448),
        b"\x2B\x65\x6F" => ("X448", 448),
        _ => match curve.bits() {
            Ok(bits) => return (curve.to_string(), u32::try_from(bits).unwrap_or(0)),
            Err(_) => ("an unknown curve", 0),
        },
    };
    (name.to_owned(), bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A version 4 RSA key whose modulus has 2047 bits while its length says 2048,
    /// as old Go programs wrote it.
    #[test]
    fn a_wrong_bit_length_changes_neither_length_nor_fingerprint() {
        let mut body = vec![4, 0, 0, 0, 1, 1, 0x08, 0x00, 0x7F];
        body.extend([0xFF; 255]);
        body.extend([0, 17, 1, 0, 1]);
        let key = read_public(&body).unwrap();
        assert_eq!(key.facts.bits, 2047);
        assert_eq!(key.public, body);
        let framed = framed_key(4, &body);
        let expected = digest::of(HashAlgorithm::Sha1, &[&framed]).unwrap();
        assert_eq!(key.facts.fingerprint.as_bytes(), expected);
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
