//! Keys as they travel and as they are stored: bytes whose outline an engine has
//! read.
//!
//! A value of these types was parsed by an [`Engine`](crate::traits::Engine) and
//! holds exactly one key; what an outline says is not yet verified. Whether the
//! self-signatures are good is a question of its own, answered by
//! [`CertificateFacts`](super::CertificateFacts).

use super::{Fingerprint, KeyHandle, PublicKeyAlgorithm};
use crate::{Secret, Timestamp};

/// What can be read off a key without checking any signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// The primary key's fingerprint: the identity of the whole.
    pub fingerprint: Fingerprint,
    /// When the primary key says it was made.
    pub created: Timestamp,
    /// The primary key's algorithm.
    pub algorithm: PublicKeyAlgorithm,
    /// The primary key's length in bits, as Apptainer counts it (256 for
    /// Ed25519, the modulus for RSA).
    pub bits: u32,
    /// Fingerprints of the subkeys, in the order of the packets.
    pub subkeys: Vec<Fingerprint>,
    /// User IDs in the order of the packets; not checked, not to be printed
    /// without [`Shown`](crate::Shown). Bytes that are not UTF-8 are replaced.
    pub user_ids: Vec<String>,
}

impl Outline {
    /// True if the primary key or a subkey answers to the handle.
    pub fn answers_to(&self, handle: &KeyHandle) -> bool {
        handle.matches(&self.fingerprint) || self.subkeys.iter().any(|key| handle.matches(key))
    }
}

/// A certificate: a public key with its subkeys, user IDs and self-signatures
/// (RFC 9580, section 10.1, "transferable public key"), in binary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// What can be read off it.
    pub outline: Outline,
    /// The packets, without armor.
    pub bytes: Vec<u8>,
}

impl Certificate {
    /// The primary key's fingerprint.
    pub fn fingerprint(&self) -> Fingerprint {
        self.outline.fingerprint
    }
}

/// How the secret parts of a key are guarded.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protection {
    /// There is no secret part here.
    NoSecret,
    /// At least one secret part lies open.
    Open,
    /// Every secret part that is here is locked with a passphrase.
    Passphrase,
    /// The secret is elsewhere (a card, an agent, a token); the text says where.
    Elsewhere(String),
}

/// A transferable secret key (RFC 9580, section 10.2): a certificate's packets
/// with the secret parts, locked or not, in binary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferableSecretKey {
    /// What can be read off it.
    pub outline: Outline,
    /// How its secret parts are guarded.
    pub protection: Protection,
    /// The packets, without armor; wiped from memory when dropped.
    pub bytes: Secret,
}

impl TransferableSecretKey {
    /// The primary key's fingerprint.
    pub fn fingerprint(&self) -> Fingerprint {
        self.outline.fingerprint
    }
}

/// One key out of a file or a key ring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// Public parts only.
    Certificate(Certificate),
    /// With secret parts.
    Secret(TransferableSecretKey),
}

impl Key {
    /// What can be read off it.
    pub fn outline(&self) -> &Outline {
        match self {
            Self::Certificate(certificate) => &certificate.outline,
            Self::Secret(secret) => &secret.outline,
        }
    }

    /// The primary key's fingerprint.
    pub fn fingerprint(&self) -> Fingerprint {
        self.outline().fingerprint
    }

    /// The packets, without armor.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Certificate(certificate) => &certificate.bytes,
            Self::Secret(secret) => secret.bytes.expose(),
        }
    }
}

/// Everything that an engine found in a file of keys: the good ones, and what it
/// could not read, so that one broken key never hides the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keyring {
    /// The keys in the order in which they stand in the file.
    pub keys: Vec<Key>,
    /// What stood between them.
    pub junk: Vec<Junk>,
}

/// A part of a key ring that is no usable key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Junk {
    /// Where it begins, in bytes from the start of what was read.
    pub offset: usize,
    /// The bytes as they stand, so that rewriting the ring can keep them.
    pub bytes: Vec<u8>,
    /// What is wrong with it, in one line.
    pub what: String,
}
