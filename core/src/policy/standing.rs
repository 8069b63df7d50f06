//! How the keys of a certificate stand at a time, whether or not they signed
//! anything: for listings, and for choosing a key to sign with.

use super::{Policy, Problem, key};
use crate::Timestamp;
use crate::openpgp::{
    CertificateFacts, Fingerprint, HashAlgorithm, KeyHandle, Maths, SignatureFacts, Trial,
};

/// How one key, primary or subkey, stands at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyStanding {
    /// The key's own fingerprint.
    pub key: Fingerprint,
    /// When it ends: by its own statement or, of a subkey, with its primary key.
    pub expires: Option<Timestamp>,
    /// What a verifier would have against a signature that it made at that time.
    pub problems: Vec<Problem>,
}

impl KeyStanding {
    /// True if a signature that it makes would be accepted.
    pub fn may_sign(&self) -> bool {
        self.problems.is_empty()
    }

    /// True if it had expired.
    pub fn is_expired(&self) -> bool {
        self.problems
            .iter()
            .any(|problem| matches!(problem, Problem::KeyExpired(_)))
    }

    /// True if it was revoked.
    pub fn is_revoked(&self) -> bool {
        self.problems.contains(&Problem::KeyRevoked)
    }

    /// True if it is a key for signing data, whatever else is wrong with it.
    pub fn is_for_signing(&self) -> bool {
        !self.problems.iter().any(|problem| {
            matches!(
                problem,
                Problem::KeyCannotSign
                    | Problem::KeyNotBound
                    | Problem::BackSignatureMissing
                    // What would say what it is for cannot be checked.
                    | Problem::Unsupported(_)
            )
        })
    }
}

/// Every key of a certificate, the primary key first, then the subkeys in the order
/// of the packets.
pub fn standings(certificate: &CertificateFacts, at: Timestamp) -> Vec<KeyStanding> {
    let primary = certificate.primary.fingerprint;
    let end_of_primary = key::end_of_primary(certificate, at);
    let subkeys = certificate.subkeys.iter().map(|subkey| {
        let key = subkey.key.fingerprint;
        let own = key::end_of_subkey(certificate, &key, at);
        (key, own.into_iter().chain(end_of_primary).min())
    });
    std::iter::once((primary, end_of_primary))
        .chain(subkeys)
        .map(|(key, expires)| KeyStanding {
            key,
            expires,
            problems: super::judge(
                &Policy::default(),
                at,
                &flawless_signature(primary, key, at),
                &[FLAWLESS_HASH],
                std::slice::from_ref(certificate),
            )
            .problems,
        })
        .collect()
}

const FLAWLESS_HASH: HashAlgorithm = HashAlgorithm::Sha256;

/// A signature as good as can be: what the policy says against it, it says against
/// the key.
fn flawless_signature(
    certificate: Fingerprint,
    key: Fingerprint,
    made: Timestamp,
) -> SignatureFacts {
    SignatureFacts {
        version: 4,
        kind: 0x01,
        hash: FLAWLESS_HASH,
        created: Some(made),
        expires_after: None,
        issuers: vec![KeyHandle::Fingerprint(key)],
        unknown_critical: vec![],
        trials: vec![Trial {
            certificate,
            key,
            maths: Maths::Good,
        }],
    }
}
