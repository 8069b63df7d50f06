//! What is told of a certificate that a search found.

use sifseal_core::Timestamp;
use sifseal_core::openpgp::{Certificate, PublicKeyAlgorithm};
use sifseal_core::policy::{KeyStanding, standings};
use sifseal_core::traits::{Engine, SearchHit};

/// One line of an answer. Expiry and revocation are as the policy sees them now; of a
/// certificate whose self-signatures cannot be read nothing is said about them.
pub(crate) fn hit(engine: &dyn Engine, certificate: &Certificate, now: Timestamp) -> SearchHit {
    let outline = &certificate.outline;
    let standing = engine
        .certificate_facts(certificate)
        .ok()
        .and_then(|facts| standings(&facts, now).into_iter().next());
    SearchHit {
        fingerprint: Some(outline.fingerprint),
        key: outline.fingerprint.to_string(),
        algorithm: number(&outline.algorithm),
        bits: Some(outline.bits),
        created: Some(outline.created),
        expires: standing.as_ref().and_then(|standing| standing.expires),
        flags: standing.as_ref().map(flags).unwrap_or_default(),
        user_ids: outline.user_ids.clone(),
    }
}

fn flags(standing: &KeyStanding) -> String {
    let revoked = standing.is_revoked().then_some('r');
    let expired = standing.is_expired().then_some('e');
    revoked.into_iter().chain(expired).collect()
}

/// OpenPGP's number (RFC 9580, section 9.1); of several for one algorithm the first.
fn number(algorithm: &PublicKeyAlgorithm) -> Option<u8> {
    Some(match algorithm {
        PublicKeyAlgorithm::Rsa => 1,
        PublicKeyAlgorithm::ElGamal => 16,
        PublicKeyAlgorithm::Dsa => 17,
        PublicKeyAlgorithm::Ecdh(_) => 18,
        PublicKeyAlgorithm::Ecdsa(_) => 19,
        PublicKeyAlgorithm::EdDsaLegacy => 22,
        PublicKeyAlgorithm::X25519 => 25,
        PublicKeyAlgorithm::X448 => 26,
        PublicKeyAlgorithm::Ed25519 => 27,
        PublicKeyAlgorithm::Ed448 => 28,
        PublicKeyAlgorithm::Other(number) => *number,
        _ => return None,
    })
}
