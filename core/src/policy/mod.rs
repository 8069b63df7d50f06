//! The one place that says whether a signature is good.
//!
//! An engine reports facts; [`judge`] turns facts and a clock into a list of
//! [`Problem`]s. No problem, good signature. It is a pure function: the same
//! facts and the same time give the same verdict, whichever library found them.
//!
//! # The rules
//!
//! **The signature** must be mathematically good by a key that was found, be a
//! signature over text, name a `Hash` header that is the one it uses, use
//! SHA-224 or better, say when it was made, not be dated before its key or in the
//! future, not have expired, and carry no critical subpacket or notation that
//! nobody here understands.
//!
//! **The key** must be RSA of 2048 bits or more, or an elliptic curve; no DSA, no
//! ElGamal. It must be allowed to sign: where key flags say something, they must
//! say *sign*; where nothing is said, a primary key may.
//!
//! **When.** The key is judged at the time of the signature (or at the present,
//! [`JudgedAt::Now`], which is Apptainer's rule, W-6). What counts is the newest
//! sound self-signature that is not newer than that time. Where every
//! self-signature is newer (keys are refreshed and old self-signatures dropped)
//! the oldest counts, if the key itself is older than the signature.
//!
//! **Expiry**: a key that had expired at that time has a problem; one that expired
//! later has not.
//!
//! **Revocation**: as superseded or retired it touches later signatures only; as
//! compromised, with another reason or none, it touches all.
//!
//! **Subkeys** must be bound by the primary key and bind it in turn (back
//! signature, RFC 9580, section 5.2.1.9); the primary key's revocation, expiry and
//! strength count for them too. A primary key that may only certify is no problem
//! for its signing subkey (W-23).
//!
//! **Self-signatures** count if they are mathematically good and use SHA-224 or
//! better; with SHA-1 if they were made before February 2023 (W-7). Revocations
//! count whatever their hash.
//!
//! **User IDs** decide nothing. A certificate without any (keys.openpgp.org strips
//! unconfirmed ones) verifies, and is shown by its fingerprint.

mod key;
mod problem;
mod user_id;

pub use problem::Problem;
pub use user_id::shown_user_id;

use crate::Timestamp;
use crate::openpgp::{
    CertificateFacts, Fingerprint, HashAlgorithm, KeyFacts, Maths, PublicKeyAlgorithm,
    SignatureFacts,
};

/// RSA below this is refused: NIST SP 800-131A disallows less since 2014.
pub const MINIMUM_RSA_BITS: u32 = 2048;

/// SHA-1 self-signatures made from this day on are refused: 2023-02-01, the day
/// from which Sequoia refuses them and rPGP's companion `rpgpie` too; the first
/// chosen-prefix collision is of 2020, but keys are slow to be refreshed.
pub const SHA1_SELF_SIGNATURES_UNTIL: Timestamp = Timestamp(1_675_209_600);

/// How far a signer's clock may run ahead of ours, in seconds.
pub const CLOCK_TOLERANCE: i64 = 15 * 60;

/// The time at which a key is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum JudgedAt {
    /// When the signature says it was made, as OpenPGP means it.
    #[default]
    Signing,
    /// At the present: an expired key spoils its old signatures.
    Now,
}

/// What may be chosen about the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Policy {
    /// The time at which keys are judged.
    pub at: JudgedAt,
}

impl Policy {
    /// The default rules, with keys judged at this time.
    pub fn judging_at(at: JudgedAt) -> Self {
        Self { at }
    }
}

/// What the policy says of one signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The key that made it; `None` if no key that was found did.
    pub signer: Option<SigningKey>,
    /// Everything that is wrong with it; empty for a good signature.
    pub problems: Vec<Problem>,
}

impl Judgement {
    /// True if there is nothing against the signature.
    pub fn is_good(&self) -> bool {
        self.problems.is_empty()
    }
}

/// A key within a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SigningKey {
    /// The primary key's fingerprint: the signer's identity.
    pub certificate: Fingerprint,
    /// The fingerprint of the key that signed: the primary's own or a subkey's.
    pub key: Fingerprint,
}

/// Judges one signature.
///
/// `hash_headers` are the algorithms that the message's `Hash` headers name;
/// `certificates` holds the facts of every certificate that was tried.
pub fn judge(
    policy: &Policy,
    now: Timestamp,
    signature: &SignatureFacts,
    hash_headers: &[HashAlgorithm],
    certificates: &[CertificateFacts],
) -> Judgement {
    let mut problems = problems_of_signature(now, signature, hash_headers);
    let at = match policy.at {
        JudgedAt::Now => now,
        JudgedAt::Signing => signature.created.unwrap_or(now),
    };

    let good = signature
        .trials
        .iter()
        .filter(|trial| trial.maths == Maths::Good);
    let best = good
        .filter_map(|trial| {
            let facts = certificates
                .iter()
                .find(|facts| facts.primary.fingerprint == trial.certificate)?;
            let signer = SigningKey {
                certificate: trial.certificate,
                key: trial.key,
            };
            Some((signer, problems_of_key(facts, &trial.key, signature, at)))
        })
        .min_by_key(|(_, problems)| problems.len());

    match best {
        Some((signer, mut of_key)) => {
            if !of_key.contains(&Problem::KeyRevoked)
                && is_revoked_anywhere(signature, certificates)
            {
                of_key.push(Problem::KeyRevoked);
            }
            problems.extend(of_key);
            Judgement {
                signer: Some(signer),
                problems,
            }
        }
        None => {
            problems.insert(0, why_nobody_signed(signature));
            Judgement {
                signer: None,
                problems,
            }
        }
    }
}

/// True if a certificate that holds the signing key revokes it for all time. A thief
/// can bind a stolen subkey into a certificate of their own, where nothing speaks
/// against it; the owner's revocation must reach the key there too.
fn is_revoked_anywhere(signature: &SignatureFacts, certificates: &[CertificateFacts]) -> bool {
    signature
        .trials
        .iter()
        .filter(|trial| trial.maths == Maths::Good)
        .any(|trial| {
            certificates
                .iter()
                .filter(|facts| facts.primary.fingerprint == trial.certificate)
                .any(|facts| key::is_revoked_for_ever(facts, &trial.key))
        })
}

/// No key made it: none was found, none could be tried, or all failed.
fn why_nobody_signed(signature: &SignatureFacts) -> Problem {
    let unsupported = signature
        .trials
        .iter()
        .find_map(|trial| match &trial.maths {
            Maths::Unsupported(what) => Some(what.clone()),
            _ => None,
        });
    if signature.trials.is_empty() {
        Problem::UnknownSigner(signature.issuers.clone())
    } else if let Some(what) = unsupported {
        Problem::Unsupported(what)
    } else {
        Problem::BadSignature
    }
}

fn problems_of_signature(
    now: Timestamp,
    signature: &SignatureFacts,
    hash_headers: &[HashAlgorithm],
) -> Vec<Problem> {
    /// A signature over a text document (RFC 9580, section 5.2.1.2).
    const TEXT: u8 = 0x01;
    let mut problems = Vec::new();
    if signature.kind != TEXT {
        problems.push(Problem::NotATextSignature(signature.kind));
    }
    if !is_strong(signature.hash) {
        problems.push(Problem::WeakHash(signature.hash));
    }
    if !hash_headers.contains(&signature.hash) {
        problems.push(Problem::HashHeaderMismatch(signature.hash));
    }
    match signature.created {
        None => problems.push(Problem::Undated),
        Some(created) => {
            if created > now.plus(CLOCK_TOLERANCE) {
                problems.push(Problem::FromTheFuture(created));
            }
            if let Some(seconds) = signature.expires_after
                && created.plus(seconds.into()) <= now
            {
                problems.push(Problem::SignatureExpired(created.plus(seconds.into())));
            }
        }
    }
    problems.extend(
        signature
            .unknown_critical
            .iter()
            .cloned()
            .map(Problem::UnknownCritical),
    );
    problems
}

fn problems_of_key(
    certificate: &CertificateFacts,
    key: &Fingerprint,
    signature: &SignatureFacts,
    at: Timestamp,
) -> Vec<Problem> {
    let mut problems = key::problems_of_primary(certificate, at);
    if *key == certificate.primary.fingerprint {
        problems.extend(key::problems_of_primary_as_signer(certificate, at));
    } else {
        problems.extend(key::problems_of_subkey(certificate, key, at));
    }
    let keys = [Some(&certificate.primary), certificate.key(key)];
    for facts in keys.into_iter().flatten() {
        if let Some(weakness) = weakness(facts)
            && !problems.contains(&weakness)
        {
            problems.push(weakness);
        }
        if signature.created.is_some_and(|made| made < facts.created)
            && !problems.contains(&Problem::BeforeItsKey)
        {
            problems.push(Problem::BeforeItsKey);
        }
    }
    problems
}

/// What is wrong with a key by its kind and length alone.
fn weakness(key: &KeyFacts) -> Option<Problem> {
    let weak = match key.algorithm {
        PublicKeyAlgorithm::Rsa => key.bits < MINIMUM_RSA_BITS,
        PublicKeyAlgorithm::Dsa | PublicKeyAlgorithm::ElGamal => true,
        _ => false,
    };
    weak.then(|| Problem::WeakKey(key.algorithm.clone(), key.bits))
}

/// Hashes that may carry a new statement.
fn is_strong(hash: HashAlgorithm) -> bool {
    !matches!(
        hash,
        HashAlgorithm::Md5
            | HashAlgorithm::Sha1
            | HashAlgorithm::Ripemd160
            | HashAlgorithm::Other(_)
    )
}

#[cfg(test)]
mod tests;
