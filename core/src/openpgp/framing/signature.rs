//! What an engine tells about one signature packet (RFC 9580, section 5.2).

use crate::Timestamp;
use crate::openpgp::{Fingerprint, HashAlgorithm, KeyFlags, KeyHandle, RevocationReason};

/// A signature packet of version 3, 4 or 6, as an engine reads it.
///
/// Facts come from the hashed area alone, because anyone can write into the other
/// one; a repeated subpacket's last one counts (section 5.2.3.9). Issuers and
/// embedded signatures come from both, hashed first: an issuer is only a hint, and
/// an embedded signature stands for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignaturePacket<'a> {
    /// 3, 4 or 6.
    pub version: u8,
    /// The signature type (section 5.2.1).
    pub kind: u8,
    /// OpenPGP's number of the public-key algorithm.
    pub algorithm_id: u8,
    /// The hash algorithm.
    pub hash: HashAlgorithm,
    /// When it says it was made.
    pub created: Option<Timestamp>,
    /// For how many seconds after that it holds.
    pub expires_after: Option<u32>,
    /// For how many seconds after the key's creation the key holds.
    pub key_expires_after: Option<u32>,
    /// What the key may be used for.
    pub key_flags: Option<KeyFlags>,
    /// True if it marks its user ID as the primary one.
    pub primary_user_id: bool,
    /// Why something was revoked.
    pub revocation_reason: Option<RevocationReason>,
    /// Everyone it names as its maker.
    pub issuers: Vec<KeyHandle>,
    /// What is marked critical and understood by nobody here.
    pub unknown_critical: Vec<String>,
    /// The bodies of embedded signatures.
    pub embedded: Vec<&'a [u8]>,
    /// What version 6 hashes first; empty otherwise.
    pub salt: &'a [u8],
    /// What the signature itself adds at the end of what is hashed.
    pub trailer: Vec<u8>,
    /// The first two octets of the digest.
    pub digest_prefix: [u8; 2],
    /// The values of the public-key algorithm.
    pub values: &'a [u8],
}

impl SignaturePacket<'_> {
    /// True if it names this key as its maker, or nobody.
    pub fn may_be_by(&self, key: &Fingerprint) -> bool {
        self.issuers.is_empty() || self.issuers.iter().any(|issuer| issuer.matches(key))
    }
}
