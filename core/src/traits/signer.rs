//! One private key, wherever it lives.

use crate::openpgp::{Fingerprint, HashAlgorithm};
use crate::{Context, Result};
use std::fmt::Debug;

/// A private key that turns a digest into a raw signature.
///
/// This is the one thing that a software key, a card, an agent, an HSM and a
/// cloud service have in common. Everything else about a signature (packets,
/// subpackets, armor) is the [`Engine`](super::Engine)'s, so whoever implements
/// this writes no OpenPGP.
pub trait Signer: Debug + Send + Sync {
    /// The *body* of the OpenPGP public-key packet of this key (RFC 9580, section
    /// 5.5.2, from the version octet on, without a packet header). For a signing
    /// subkey it is the subkey's.
    fn public_key(&self) -> &[u8];

    /// This key's own fingerprint, subkey or primary.
    fn fingerprint(&self) -> Fingerprint;

    /// The hash algorithms it can sign with, best first; never empty.
    fn accepted_hashes(&self) -> &[HashAlgorithm];

    /// Signs a digest.
    ///
    /// - `digest` has the length that `hash` makes.
    /// - For RSA the implementation pads by PKCS#1 v1.5 with the `DigestInfo` of
    ///   `hash`; for Ed25519 the digest itself is the message (RFC 9580, section
    ///   5.2.3.3).
    ///
    /// # Errors
    /// `Unsupported` for a hash it did not announce, `Locked`, `Denied`,
    /// `Unavailable` and `Timeout` as their names say.
    fn sign_digest(
        &self,
        cx: &Context<'_>,
        hash: HashAlgorithm,
        digest: &[u8],
    ) -> Result<RawSignature>;
}

/// The values that a signature algorithm gives, big-endian, without any
/// encoding around them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RawSignature {
    /// The integer *s* of PKCS#1 v1.5.
    Rsa(Vec<u8>),
    /// The integers of ECDSA.
    EcDsa {
        /// The first one.
        r: Vec<u8>,
        /// The second one.
        s: Vec<u8>,
    },
    /// The 64 bytes of Ed25519 (or 114 of Ed448), *R* before *S*, whatever the
    /// packet makes of them.
    EdDsa(Vec<u8>),
}
