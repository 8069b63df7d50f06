//! What an engine reports: facts, without judgement.
//!
//! An [`Engine`](crate::traits::Engine) does mathematics and reads fields. It
//! never says "valid": two OpenPGP libraries would disagree about that.
//! [`crate::policy`] turns these facts and a clock into a verdict, and never
//! learns which engine they came from. Everything is kept in the order of the
//! packets, so that the facts of two engines can be compared for equality.

use super::{Fingerprint, HashAlgorithm, KeyHandle, KeyId, PublicKeyAlgorithm};
use crate::Timestamp;

/// Whether a signature is mathematically good, that and nothing more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Maths {
    /// The signature was made over these bytes by this key.
    Good,
    /// It was not.
    Bad,
    /// This engine cannot tell, because it lacks the algorithm that is named.
    Unsupported(String),
}

impl Maths {
    /// What the engine lacks, if that is why it cannot tell.
    pub fn lack(&self) -> Option<&str> {
        match self {
            Self::Unsupported(what) => Some(what),
            Self::Good | Self::Bad => None,
        }
    }
}

/// The facts about one signature over a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureFacts {
    /// The signature's version: 3, 4 or 6.
    pub version: u8,
    /// The signature type (RFC 9580, section 5.2.1): 0x01 for text.
    pub kind: u8,
    /// The hash algorithm of the signature itself.
    pub hash: HashAlgorithm,
    /// When it says it was made; absent if it does not say.
    pub created: Option<Timestamp>,
    /// For how many seconds after that it is good; absent if for ever.
    pub expires_after: Option<u32>,
    /// Everyone it names as its maker, hashed or not, in packet order.
    pub issuers: Vec<KeyHandle>,
    /// Subpackets and notations marked critical that nobody here understands.
    pub unknown_critical: Vec<String>,
    /// What came of trying each certificate's key that answers to an issuer.
    pub trials: Vec<Trial>,
}

/// One key tried on a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The certificate's primary fingerprint.
    pub certificate: Fingerprint,
    /// The fingerprint of the key in it that was tried: primary or a subkey.
    pub key: Fingerprint,
    /// What came of it.
    pub maths: Maths,
}

/// The facts about a certificate and every self-signature on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFacts {
    /// The primary key.
    pub primary: KeyFacts,
    /// Signatures directly on the primary key: direct-key signatures (0x1F) and
    /// revocations (0x20) by the key itself.
    pub on_primary: Vec<SelfSignature>,
    /// User IDs, each with the primary key's own signatures on it.
    pub user_ids: Vec<UserIdFacts>,
    /// Subkeys, each with the primary key's signatures on it.
    pub subkeys: Vec<SubkeyFacts>,
}

impl CertificateFacts {
    /// The facts about the key with this fingerprint, primary or subkey.
    pub fn key(&self, fingerprint: &Fingerprint) -> Option<&KeyFacts> {
        std::iter::once(&self.primary)
            .chain(self.subkeys.iter().map(|subkey| &subkey.key))
            .find(|key| key.fingerprint == *fingerprint)
    }
}

/// The facts about one public key packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFacts {
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// The key's version: 4 or 6.
    pub version: u8,
    /// Its algorithm.
    pub algorithm: PublicKeyAlgorithm,
    /// Its length in bits: of the modulus for RSA and DSA, of the field for
    /// curves (256 for Ed25519).
    pub bits: u32,
    /// When it says it was made.
    pub created: Timestamp,
}

impl KeyFacts {
    /// The key's 64-bit ID.
    pub fn key_id(&self) -> KeyId {
        self.fingerprint.key_id()
    }
}

/// A user ID and the primary key's own statements about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserIdFacts {
    /// The bytes, not necessarily UTF-8.
    pub value: Vec<u8>,
    /// Certifications and revocations by the primary key, in packet order.
    pub signatures: Vec<SelfSignature>,
}

/// A subkey and the primary key's statements about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubkeyFacts {
    /// The subkey.
    pub key: KeyFacts,
    /// Bindings and revocations by the primary key, in packet order.
    pub signatures: Vec<SelfSignature>,
}

/// What a self-signature is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SelfSignatureKind {
    /// 0x10 to 0x13 on a user ID.
    Certification,
    /// 0x30 on a user ID.
    CertificationRevocation,
    /// 0x1F on the primary key.
    DirectKey,
    /// 0x20 on the primary key.
    KeyRevocation,
    /// 0x18 on a subkey.
    SubkeyBinding,
    /// 0x28 on a subkey.
    SubkeyRevocation,
}

/// One signature by the primary key on its own certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelfSignature {
    /// What it is about.
    pub kind: SelfSignatureKind,
    /// Whether it is mathematically good.
    pub maths: Maths,
    /// Its hash algorithm.
    pub hash: HashAlgorithm,
    /// When it was made; absent if it does not say.
    pub created: Option<Timestamp>,
    /// For how many seconds after `created` the signature holds.
    pub expires_after: Option<u32>,
    /// For how many seconds after the *key's* creation the key holds.
    pub key_expires_after: Option<u32>,
    /// What the key may be used for; absent if nothing is said.
    pub key_flags: Option<KeyFlags>,
    /// True if it marks its user ID as the primary one.
    pub primary_user_id: bool,
    /// Why something was revoked; absent if no reason is given.
    pub revocation_reason: Option<RevocationReason>,
    /// The subkey's answer to a binding (0x19), if there is one.
    pub back_signature: Option<BackSignature>,
    /// Subpackets and notations marked critical that nobody here understands.
    pub unknown_critical: Vec<String>,
}

/// A subkey's own signature over its primary key (0x19), without which anyone
/// could adopt a stranger's signing subkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackSignature {
    /// Whether it is mathematically good.
    pub maths: Maths,
    /// Its hash algorithm.
    pub hash: HashAlgorithm,
    /// When it was made; absent if it does not say.
    pub created: Option<Timestamp>,
    /// For how many seconds after `created` it holds.
    pub expires_after: Option<u32>,
    /// Subpackets and notations marked critical that nobody here understands.
    pub unknown_critical: Vec<String>,
}

/// What a key may be used for (RFC 9580, section 5.2.3.29): the first octet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyFlags(pub u8);

impl KeyFlags {
    /// May certify other keys.
    pub fn certify(self) -> bool {
        self.0 & 0x01 != 0
    }

    /// May sign data.
    pub fn sign(self) -> bool {
        self.0 & 0x02 != 0
    }
}

/// Why a key or user ID was revoked (RFC 9580, section 5.2.3.31).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationReason {
    /// 0: not said.
    Unspecified,
    /// 1: replaced by another key.
    Superseded,
    /// 2: somebody else may have the secret.
    Compromised,
    /// 3: no longer used.
    Retired,
    /// 32: the user ID is no longer right.
    UserIdInvalid,
    /// Any other number.
    Other(u8),
}

impl RevocationReason {
    /// The reason with this number.
    pub fn from_id(id: u8) -> Self {
        match id {
            0 => Self::Unspecified,
            1 => Self::Superseded,
            2 => Self::Compromised,
            3 => Self::Retired,
            32 => Self::UserIdInvalid,
            other => Self::Other(other),
        }
    }

    /// True if the revocation only says "from now on" and leaves older
    /// signatures standing.
    pub fn is_soft(self) -> bool {
        matches!(self, Self::Superseded | Self::Retired)
    }
}
