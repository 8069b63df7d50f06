//! The only place that verifies anything: a digest, a key, a signature's values.
//!
//! No date, no usage, no strength is judged here. Where rPGP would refuse a hash
//! as too weak for a key, it is given the same mathematics in another form:
//! EdDSA takes the digest as a message of any length, and ECDSA as a number, to
//! which zeros in front add nothing.

use crate::failure::is_lack;
use crate::low_s::with_low_s;
use pgp::crypto::hash::HashAlgorithm as PgpHash;
use pgp::packet::{PacketHeader, PublicKey};
use pgp::types::{
    KeyDetails, Mpi, PacketHeaderVersion, PacketLength, SignatureBytes, Tag, VerifyingKey,
};
use sifseal_core::openpgp::framing::{COLLISION_ATTACK, KeyPacket, SignaturePacket};
use sifseal_core::openpgp::{HashAlgorithm, Maths, PublicKeyAlgorithm};
use std::borrow::Cow;

/// Whether the values of `signature` are a signature by `key` over `digest`.
pub(crate) fn verify_digest(
    key: &KeyPacket<'_>,
    signature: &SignaturePacket<'_>,
    digest: &[u8],
) -> Maths {
    let own = match public_key(key.public) {
        Ok(own) => own,
        // rPGP reads RSA keys of any values; what it refuses is too large for it.
        Err(error) if is_lack(&error) || key.facts.algorithm == PublicKeyAlgorithm::Rsa => {
            return key.lacking();
        }
        Err(_) => return Maths::Bad,
    };
    let Some(values) = values(signature.algorithm_id, signature.values) else {
        return Maths::Bad;
    };
    let values = with_low_s(own.public_params(), values);
    let (hash, digest) = unopinionated(key, signature.hash, digest);
    match own.verify(hash, &digest, &values) {
        Ok(()) => Maths::Good,
        Err(error) if is_lack(&error) => key.lacking(),
        Err(_) => Maths::Bad,
    }
}

/// The digest in a form that rPGP has no opinion about; see the module's text.
fn unopinionated<'a>(
    key: &KeyPacket<'_>,
    hash: HashAlgorithm,
    digest: &'a [u8],
) -> (PgpHash, Cow<'a, [u8]>) {
    let width = key.facts.bits.div_ceil(8) as usize;
    match key.algorithm_id {
        22 | 27 | 28 => (PgpHash::Sha512, digest.into()),
        19 if digest.len() < width => {
            let mut padded = vec![0; width - digest.len()];
            padded.extend(digest);
            (PgpHash::Sha512, padded.into())
        }
        _ => (pgp_hash(hash), digest.into()),
    }
}

/// rPGP's form of a public-key packet's body.
pub(crate) fn public_key(body: &[u8]) -> pgp::errors::Result<PublicKey> {
    let header = PacketHeader::from_parts(
        PacketHeaderVersion::New,
        Tag::PublicKey,
        PacketLength::Fixed(u32::try_from(body.len())?),
    )?;
    PublicKey::try_from_reader(header, body)
}

/// The digest of some octets, one piece after another.
///
/// # Errors
/// As [`PacketReader::digest`](sifseal_core::openpgp::framing::PacketReader::digest).
pub(crate) fn digest(hash: HashAlgorithm, pieces: &[&[u8]]) -> Result<Vec<u8>, String> {
    pgp_hash(hash)
        .digest(&pieces.concat())
        .map_err(|error| match error {
            pgp::crypto::hash::Error::Sha1HashCollision { .. } => COLLISION_ATTACK.to_owned(),
            _ => hash.to_string(),
        })
}

/// Whether the values of a signature are well-formed and end with the packet;
/// `None` for an algorithm that is not known here.
pub(crate) fn values_are_whole(signature: &SignaturePacket<'_>) -> Option<bool> {
    let known = matches!(signature.algorithm_id, 1..=3 | 17 | 19 | 22 | 27 | 28);
    known.then(|| values(signature.algorithm_id, signature.values).is_some())
}

/// The values of a signature as rPGP takes them; `None` if they are malformed.
fn values(algorithm: u8, bytes: &[u8]) -> Option<SignatureBytes> {
    let integers = match algorithm {
        27 if bytes.len() == 64 => return Some(SignatureBytes::Native(bytes.to_vec().into())),
        28 if bytes.len() == 114 => return Some(SignatureBytes::Native(bytes.to_vec().into())),
        1..=3 => 1,
        17 | 19 | 22 => 2,
        _ => return None,
    };
    let mut rest = bytes;
    let mut values = Vec::with_capacity(integers);
    for _ in 0..integers {
        let (bits, after) = rest.split_first_chunk()?;
        let len = usize::from(u16::from_be_bytes(*bits)).div_ceil(8);
        let (value, after) = after.split_at_checked(len)?;
        values.push(Mpi::from_slice(value));
        rest = after;
    }
    rest.is_empty().then_some(SignatureBytes::Mpis(values))
}

/// rPGP's name of a hash algorithm.
pub(crate) fn pgp_hash(hash: HashAlgorithm) -> PgpHash {
    PgpHash::from(hash.id())
}
