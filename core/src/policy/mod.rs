//! The one place that says whether a signature is good.
//!
//! An engine reports facts; [`judge`] turns facts and a clock into a list of
//! [`Problem`]s, each the breach of one [`Rule`]. No problem, good signature. It is
//! a pure function: the same facts and the same time give the same verdict,
//! whichever library found them.
//!
//! # The rules
//!
//! Each rule has a name. Reports give it, and a site's configuration relaxes by it
//! those rules that can be relaxed (below).
//!
//! ## The signature
//!
//! - `unknown-signer`, `bad-signature`, `unsupported-algorithm`: it is mathematically
//!   good by a key that was found. The last of the three means that the engine at
//!   hand lacks an algorithm, so that nothing can be said.
//! - `not-a-text-signature`: it is a signature over text.
//! - `hash-header-mismatch`: a `Hash` header of the message names its hash.
//! - `weak-hash`: that hash is SHA-224 or better (W-7).
//! - `signature-undated`, `signature-before-key`, `signature-from-the-future`: it says
//!   when it was made, and that is neither before its key was made nor later than
//!   now, give or take [`CLOCK_TOLERANCE`].
//! - `signature-expired`: it has not expired by now.
//! - `unknown-critical`: it carries no critical subpacket or notation that nobody here
//!   understands.
//!
//! ## The key
//!
//! - `weak-key`: RSA of 2048 bits or more, or an elliptic curve; no DSA, no ElGamal.
//! - `key-cannot-sign`: where key flags say something, they say *sign*; where nothing
//!   is said, a primary key may.
//! - `key-expired`: it had not expired at the time of judgement.
//! - `key-revoked`: as superseded or retired it counts for later signatures only; as
//!   compromised, with another reason or none, for all.
//! - `key-not-bound`: its self-signatures, where there are any, are mathematically good.
//!   A certificate without user IDs (keys.openpgp.org strips unconfirmed ones)
//!   verifies all the same, and is shown by its fingerprint; user IDs decide nothing.
//! - `weak-self-signature`: a self-signature uses SHA-224 or better, or SHA-1 if it was
//!   made before February 2023 (W-7). Revocations count whatever their hash.
//! - `back-signature-missing`: a subkey that signs is bound by the primary key and binds
//!   it in turn (RFC 9580, section 5.2.1.9), or anyone could adopt it. Revocation,
//!   expiry and strength of the primary key count for its subkeys too; a primary key
//!   that may only certify is no problem for its signing subkey (W-23).
//!
//! ## When
//!
//! The key is judged at the time of the signature (or at the present,
//! [`JudgedAt::Now`], which is Apptainer's rule, W-6); never before the key was made.
//! What counts is the newest sound self-signature that is not newer than that time.
//! Where every self-signature is newer (keys are refreshed and old self-signatures
//! dropped) the oldest counts.
//!
//! # Relaxing a rule
//!
//! Old images outlive what was thought strong when they were signed. A site that must
//! go on using them can relax a rule by name; what breaks it is then reported as
//! [relaxed](Judgement::relaxed) and does not count. That is defensible where the
//! mathematics still say who made the signature:
//!
//! | rule | what relaxing it gives up |
//! |---|---|
//! | `weak-hash` | SHA-1 and RIPEMD-160 are accepted: whoever got the signer to sign a text of theirs may own a second text with that signature. Never MD5, where that takes seconds, nor a hash nobody knows. |
//! | `weak-self-signature` | the same for the statements that a key makes about itself. |
//! | `weak-key` | RSA and DSA from [`RELAXED_MINIMUM_BITS`] on are accepted: a state may have the key. Never less, which anyone can rent the machines for, and never ElGamal. |
//! | `key-expired` | a key counts beyond the end that its owner set. |
//! | `signature-expired` | a signature counts beyond the end that its maker set. |
//! | `signature-before-key` | a maker whose clock was wrong is believed; the date is the maker's claim in any case. |
//! | `hash-header-mismatch` | nothing cryptographic: the header is not signed, and the hash that was really used is judged. |
//!
//! Not relaxable are `bad-signature`, `unknown-signer`, `unsupported-algorithm`,
//! `key-not-bound` and `back-signature-missing`: there, nobody knows who signed.
//! `key-revoked`: its owner says not to trust it, and older signatures of a retired
//! key stand without relaxing. `key-cannot-sign` and `not-a-text-signature`: what was
//! made was not meant as the signature of a document. `signature-undated` and
//! `signature-from-the-future`: there is no time to judge the key at. And
//! `unknown-critical`: the maker demands that whoever does not understand refuses, and
//! what is not understood cannot be waived either.

mod key;
mod problem;
mod rule;
mod standing;
mod user_id;

pub use problem::Problem;
pub use rule::{Relaxations, Rule};
pub use standing::{KeyStanding, standings};
pub use user_id::{is_user_id_certified, is_user_id_revoked, shown_user_id};

use crate::Timestamp;
use crate::openpgp::{
    CertificateFacts, Fingerprint, HashAlgorithm, KeyFacts, Maths, PublicKeyAlgorithm,
    SignatureFacts,
};

/// RSA below this is refused: NIST SP 800-131A disallows less since 2014.
pub const MINIMUM_RSA_BITS: u32 = 2048;

/// RSA and DSA below this are refused also where `weak-key` is relaxed: a modulus of
/// 829 bits was factored in public in 2020.
pub const RELAXED_MINIMUM_BITS: u32 = 1024;

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
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Policy {
    /// The time at which keys are judged.
    pub at: JudgedAt,
    /// Rules that do not count.
    pub relaxed: Relaxations,
}

impl Policy {
    /// The default rules, with keys judged at this time.
    pub fn judging_at(at: JudgedAt) -> Self {
        Self {
            at,
            ..Self::default()
        }
    }

    /// The same with these rules relaxed.
    #[must_use]
    pub fn relaxing(self, relaxed: Relaxations) -> Self {
        Self { relaxed, ..self }
    }
}

/// What the policy says of one signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The key that made it; `None` if no key that was found did.
    pub signer: Option<SigningKey>,
    /// Everything that is wrong with it; empty for a good signature.
    pub problems: Vec<Problem>,
    /// What would be wrong with it, had its rule not been relaxed.
    pub relaxed: Vec<Problem>,
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

    let counts = |problem: &&Problem| !problem.yields_to(&policy.relaxed);
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
        .min_by_key(|(_, problems)| (problems.iter().filter(counts).count(), problems.len()));

    let signer = match best {
        Some((signer, mut of_key)) => {
            if !of_key.contains(&Problem::KeyRevoked)
                && is_revoked_anywhere(signature, certificates)
            {
                of_key.push(Problem::KeyRevoked);
            }
            problems.extend(of_key);
            Some(signer)
        }
        None => {
            problems.insert(0, why_nobody_signed(signature));
            None
        }
    };
    let (problems, relaxed) = problems.into_iter().partition(|problem| counts(&problem));
    Judgement {
        signer,
        problems,
        relaxed,
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
    let mut trials = signature.trials.iter();
    let unsupported = trials.find_map(|trial| trial.maths.lack());
    if signature.trials.is_empty() {
        Problem::UnknownSigner(signature.issuers.clone())
    } else if let Some(what) = unsupported {
        Problem::Unsupported(what.to_owned())
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
    let keys = [Some(&certificate.primary), certificate.key(key)];
    let keys = || keys.into_iter().flatten();
    // Before it was made, a key says nothing of itself.
    let at = keys().map(|key| key.created).fold(at, Timestamp::max);

    let mut found = key::problems_of_primary(certificate, at);
    if *key == certificate.primary.fingerprint {
        found.extend(key::problems_of_primary_as_signer(certificate, at));
    } else {
        found.extend(key::problems_of_subkey(certificate, key, at));
    }
    found.extend(keys().filter_map(weakness));
    if let Some(made) = signature.created
        && keys().any(|key| made < key.created)
    {
        found.push(Problem::BeforeItsKey);
    }
    // What is true of a subkey and of its primary key is said once.
    let mut problems = Vec::with_capacity(found.len());
    for problem in found {
        if !problems.contains(&problem) {
            problems.push(problem);
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

/// Hashes that were good once: collisions can be made, at a price.
fn hash_is_aged(hash: HashAlgorithm) -> bool {
    matches!(hash, HashAlgorithm::Sha1 | HashAlgorithm::Ripemd160)
}

#[cfg(test)]
mod tests;
