//! What can be wrong with a signature, each with a name for reports and a
//! sentence for people.

use super::rule::{Relaxations, Rule};
use super::{RELAXED_MINIMUM_BITS, hash_is_aged};
use crate::Timestamp;
use crate::openpgp::{HashAlgorithm, KeyHandle, PublicKeyAlgorithm};
use std::fmt;

/// One thing that is wrong with a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// No key that answers to the signature's issuers was found.
    UnknownSigner(Vec<KeyHandle>),
    /// The key is there, and the signature was not made by it over this text.
    BadSignature,
    /// The engine lacks an algorithm, so nothing can be said.
    Unsupported(String),
    /// The signature is of another type than "text".
    NotATextSignature(u8),
    /// The signature uses a hash that can be forged.
    WeakHash(HashAlgorithm),
    /// The message's `Hash` headers do not name the signature's hash.
    HashHeaderMismatch(HashAlgorithm),
    /// The signature does not say when it was made.
    Undated,
    /// The signature says it will be made in the future.
    FromTheFuture(Timestamp),
    /// The signature says it is older than its key.
    BeforeItsKey,
    /// The signature itself has expired.
    SignatureExpired(Timestamp),
    /// Something critical in the signature is not understood.
    UnknownCritical(String),
    /// The key is too short or of a kind that is given up.
    WeakKey(PublicKeyAlgorithm, u32),
    /// The key holds by self-signatures alone whose hash can be forged.
    WeakSelfSignature(HashAlgorithm),
    /// The key had expired.
    KeyExpired(Timestamp),
    /// The key was revoked.
    KeyRevoked,
    /// The key is not one that may sign data.
    KeyCannotSign,
    /// No sound self-signature makes the key part of its certificate.
    KeyNotBound,
    /// The signing subkey does not say that it belongs to its primary key.
    BackSignatureMissing,
}

impl Problem {
    /// The rule that is broken.
    pub fn rule(&self) -> Rule {
        match self {
            Self::UnknownSigner(_) => Rule::UnknownSigner,
            Self::BadSignature => Rule::BadSignature,
            Self::Unsupported(_) => Rule::UnsupportedAlgorithm,
            Self::NotATextSignature(_) => Rule::NotATextSignature,
            Self::WeakHash(_) => Rule::WeakHash,
            Self::HashHeaderMismatch(_) => Rule::HashHeaderMismatch,
            Self::Undated => Rule::SignatureUndated,
            Self::FromTheFuture(_) => Rule::SignatureFromTheFuture,
            Self::BeforeItsKey => Rule::SignatureBeforeKey,
            Self::SignatureExpired(_) => Rule::SignatureExpired,
            Self::UnknownCritical(_) => Rule::UnknownCritical,
            Self::WeakKey(..) => Rule::WeakKey,
            Self::WeakSelfSignature(_) => Rule::WeakSelfSignature,
            Self::KeyExpired(_) => Rule::KeyExpired,
            Self::KeyRevoked => Rule::KeyRevoked,
            Self::KeyCannotSign => Rule::KeyCannotSign,
            Self::KeyNotBound => Rule::KeyNotBound,
            Self::BackSignatureMissing => Rule::BackSignatureMissing,
        }
    }

    /// The rule's name, as reports and configuration use it; never changes.
    pub fn name(&self) -> &'static str {
        self.rule().name()
    }

    /// True if it does not count where its rule is relaxed. A relaxed rule still
    /// has a floor: below it, forging takes hours and not institutes.
    pub(super) fn yields_to(&self, relaxed: &Relaxations) -> bool {
        let above_the_floor = match self {
            Self::WeakHash(hash) | Self::WeakSelfSignature(hash) => hash_is_aged(*hash),
            Self::WeakKey(PublicKeyAlgorithm::Rsa | PublicKeyAlgorithm::Dsa, bits) => {
                *bits >= RELAXED_MINIMUM_BITS
            }
            Self::WeakKey(..) => false,
            _ => true,
        };
        above_the_floor && relaxed.contains(self.rule())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownSigner(issuers) => {
                f.write_str("signature made by unknown entity")?;
                if let Some(issuer) = best_name(issuers) {
                    write!(f, " {issuer}")?;
                }
                Ok(())
            }
            Self::BadSignature => f.write_str("the signature does not match the signed text"),
            Self::Unsupported(what) => write!(f, "cannot be checked: {what}"),
            Self::NotATextSignature(kind) => {
                write!(f, "signature type {kind:#04x} is not the one for text")
            }
            Self::WeakHash(hash) => write!(f, "{hash} is too weak for a signature"),
            Self::HashHeaderMismatch(hash) => {
                write!(
                    f,
                    "hash algorithm mismatch with cleartext message headers: the signature uses {hash}"
                )
            }
            Self::Undated => f.write_str("the signature does not say when it was made"),
            Self::FromTheFuture(_) => f.write_str("the signature is dated in the future"),
            Self::BeforeItsKey => f.write_str("the signature is dated before its key was made"),
            Self::SignatureExpired(_) => f.write_str("signature expired"),
            Self::UnknownCritical(what) => {
                write!(f, "the signature demands what is not understood: {what}")
            }
            Self::WeakKey(algorithm, bits) => {
                write!(f, "the key is too weak: {algorithm}, {bits} bits")
            }
            Self::WeakSelfSignature(hash) => {
                write!(f, "the key's self-signatures use {hash}, which is too weak")
            }
            Self::KeyExpired(_) => f.write_str("key expired"),
            Self::KeyRevoked => f.write_str("signature made by revoked key"),
            Self::KeyCannotSign => f.write_str("the key is not one for signing"),
            Self::KeyNotBound => {
                f.write_str("no sound self-signature binds the key to its certificate")
            }
            Self::BackSignatureMissing => {
                f.write_str("the signing subkey does not sign for its primary key")
            }
        }
    }
}

/// The most exact of several names: a fingerprint rather than a key ID.
fn best_name(issuers: &[KeyHandle]) -> Option<&KeyHandle> {
    issuers
        .iter()
        .find(|issuer| matches!(issuer, KeyHandle::Fingerprint(_)))
        .or_else(|| issuers.first())
}
