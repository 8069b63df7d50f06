//! The only place that verifies anything: a key, a signature's values, a digest.
//!
//! It is Sequoia's lowest level (`Key::verify`), below its policy, its judgement of
//! dates and its cache. What comes back is an error with many causes; those that
//! mean "I cannot" are told apart from those that mean "it is bad".

use crate::failure::is_lack;
use crate::values::{Forms, Values};
use crate::{capability, key_packet};
use sequoia_openpgp::Error as SequoiaError;
use sequoia_openpgp::crypto::mpi;
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{Key4, PublicParts, UnspecifiedRole};
use sequoia_openpgp::types::PublicKeyAlgorithm as Algorithm;
use sifseal_core::openpgp::framing::{KeyPacket, SignaturePacket};
use sifseal_core::openpgp::{HashAlgorithm, Maths, PublicKeyAlgorithm};
use std::time::SystemTime;

/// Whether the values of `signature` are a signature by `key` over `digest`.
pub(crate) fn verify_digest(
    key: &KeyPacket<'_>,
    signature: &SignaturePacket<'_>,
    digest: &[u8],
) -> Maths {
    let Some(own) = public_key(key).filter(|own| capability::lack(own.mpis()).is_none()) else {
        return key.lacking();
    };
    let Some(values) = signature_values(signature.algorithm_id, signature.values) else {
        return Maths::Bad;
    };
    if !capability::has_usual_sizes(own.mpis()) {
        return Maths::Bad;
    }
    match own.verify(&values, signature.hash.id().into(), digest) {
        Ok(()) => Maths::Good,
        Err(error) if is_lack(&error) => key.lacking(),
        Err(error) if lacks_combination(key, signature.hash, &error) => {
            Maths::Unsupported(format!("{} with {}", key.facts.algorithm, signature.hash))
        }
        Err(_) => Maths::Bad,
    }
}

/// Whether the values of a signature are well-formed and end with the packet;
/// `None` for an algorithm that is not known here.
pub(crate) fn values_are_whole(algorithm_id: u8, values: &[u8]) -> Option<bool> {
    Forms::of_signature(algorithm_id.into())
        .map(|forms| Values::read(forms, values).is_some_and(|read| read.len == values.len()))
}

/// Sequoia's form of a signature's values; `None` if they are malformed.
fn signature_values(algorithm_id: u8, values: &[u8]) -> Option<mpi::Signature> {
    let algorithm = algorithm_id.into();
    Values::read(Forms::of_signature(algorithm)?, values)
        .filter(|read| read.len == values.len())?
        .to_signature(algorithm)
}

/// Sequoia's form of a key; `None` for an algorithm that is not known here or does
/// not sign. Neither its version nor its time matters for verifying.
fn public_key(key: &KeyPacket<'_>) -> Option<Key<PublicParts, UnspecifiedRole>> {
    let algorithm = Algorithm::from(key.algorithm_id);
    let values = key_packet::values(key)?.to_key(algorithm)?;
    let key = Key4::new(SystemTime::UNIX_EPOCH, algorithm, values).ok()?;
    Some(key.into())
}

/// True if it is the hash that cannot be used with the key: Sequoia's `crypto-rust`
/// knows no RSA signature over a digest by SHA-3.
fn lacks_combination(
    key: &KeyPacket<'_>,
    hash: HashAlgorithm,
    error: &sequoia_openpgp::anyhow::Error,
) -> bool {
    key.facts.algorithm == PublicKeyAlgorithm::Rsa
        && matches!(hash, HashAlgorithm::Sha3_256 | HashAlgorithm::Sha3_512)
        && matches!(error.downcast_ref(), Some(SequoiaError::InvalidArgument(_)))
}
