//! The state of a key at a time: bound, expired, revoked, allowed to sign.

use super::user_id::is_user_id_revoked;
use super::{Problem, SHA1_SELF_SIGNATURES_UNTIL, hash_is_aged, is_strong};
use crate::Timestamp;
use crate::openpgp::{
    BackSignature, CertificateFacts, Fingerprint, HashAlgorithm, KeyFacts, KeyFlags, Maths,
    SelfSignature, SelfSignatureKind, SubkeyFacts,
};

/// What is wrong with the primary key, whether it signed itself or a subkey did.
pub(super) fn problems_of_primary(certificate: &CertificateFacts, at: Timestamp) -> Vec<Problem> {
    let mut problems = Vec::new();
    if is_revoked(
        &certificate.on_primary,
        SelfSignatureKind::KeyRevocation,
        at,
    ) {
        problems.push(Problem::KeyRevoked);
    }
    let statements = Statements::about_primary(certificate, at);
    if statements.is_broken() {
        problems.push(why_not_bound(statements_about_primary(certificate)));
    }
    problems.extend(statements.aged_hash.map(Problem::WeakSelfSignature));
    let end = end_of_primary(certificate, at).filter(|end| *end <= at);
    problems.extend(end.map(Problem::KeyExpired));
    problems
}

/// When the primary key ends, by what holds at a time; `None` for never.
pub(super) fn end_of_primary(certificate: &CertificateFacts, at: Timestamp) -> Option<Timestamp> {
    let statements = Statements::about_primary(certificate, at);
    let seconds = statements.value(|statement| statement.key_expires_after)?;
    Some(end(&certificate.primary, seconds))
}

/// What keeps a primary key from signing data itself.
pub(super) fn problems_of_primary_as_signer(
    certificate: &CertificateFacts,
    at: Timestamp,
) -> Option<Problem> {
    let flags = Statements::about_primary(certificate, at).value(|statement| statement.key_flags);
    let may_sign = flags.is_none_or(KeyFlags::sign);
    (!may_sign).then_some(Problem::KeyCannotSign)
}

/// What is wrong with a signing subkey, apart from its primary key.
pub(super) fn problems_of_subkey(
    certificate: &CertificateFacts,
    key: &Fingerprint,
    at: Timestamp,
) -> Vec<Problem> {
    // A certificate may hold one subkey twice; all that is said of it counts.
    let copies: Vec<_> = copies_of_subkey(certificate, key).collect();
    let Some(subkey) = copies.first() else {
        return vec![Problem::KeyNotBound];
    };
    let mut problems = Vec::new();
    if copies
        .iter()
        .any(|copy| is_revoked(&copy.signatures, SelfSignatureKind::SubkeyRevocation, at))
    {
        problems.push(Problem::KeyRevoked);
    }
    let Some((binding, aged_hash)) = binding(certificate, key, at) else {
        problems.push(why_not_bound(bindings(certificate, key)));
        return problems;
    };
    problems.extend(aged_hash.map(Problem::WeakSelfSignature));
    if !binding.key_flags.is_some_and(KeyFlags::sign) {
        problems.push(Problem::KeyCannotSign);
    }
    problems.extend(back_signature_problem(binding.back_signature.as_ref(), at));
    let end = binding
        .key_expires_after
        .map(|seconds| end(&subkey.key, seconds))
        .filter(|end| *end <= at);
    problems.extend(end.map(Problem::KeyExpired));
    problems
}

/// When a subkey ends by its own binding; `None` for never.
pub(super) fn end_of_subkey(
    certificate: &CertificateFacts,
    key: &Fingerprint,
    at: Timestamp,
) -> Option<Timestamp> {
    let subkey = copies_of_subkey(certificate, key).next()?;
    let (binding, _) = binding(certificate, key, at)?;
    Some(end(&subkey.key, binding.key_expires_after?))
}

/// Why none of the statements that would bind a key is believed. Where the engine could not
/// check one, nobody knows whether it is sound, and the key is not accused of anything.
fn why_not_bound<'a>(mut statements: impl Iterator<Item = &'a SelfSignature>) -> Problem {
    match statements.find_map(|statement| statement.maths.lack()) {
        Some(what) => Problem::Unsupported(what.to_owned()),
        None => Problem::KeyNotBound,
    }
}

fn statements_about_primary(
    certificate: &CertificateFacts,
) -> impl Iterator<Item = &SelfSignature> {
    let certifications = certificate
        .user_ids
        .iter()
        .flat_map(|user_id| of_kind(&user_id.signatures, SelfSignatureKind::Certification));
    of_kind(&certificate.on_primary, SelfSignatureKind::DirectKey).chain(certifications)
}

/// The binding in force at a time; with its hash, if that is all that is wrong.
fn binding<'a>(
    certificate: &'a CertificateFacts,
    key: &'a Fingerprint,
    at: Timestamp,
) -> Option<(&'a SelfSignature, Option<HashAlgorithm>)> {
    let bindings: Vec<_> = bindings(certificate, key).collect();
    let sound = effective(&bindings, at, is_sound).map(|binding| (binding, None));
    sound.or_else(|| {
        effective(&bindings, at, is_sound_but_aged).map(|binding| (binding, Some(binding.hash)))
    })
}

fn bindings<'a>(
    certificate: &'a CertificateFacts,
    key: &'a Fingerprint,
) -> impl Iterator<Item = &'a SelfSignature> {
    copies_of_subkey(certificate, key)
        .flat_map(|copy| of_kind(&copy.signatures, SelfSignatureKind::SubkeyBinding))
}

fn back_signature_problem(back: Option<&BackSignature>, at: Timestamp) -> Option<Problem> {
    let holds = |back: &&BackSignature| {
        back.maths == Maths::Good
            && back.unknown_critical.is_empty()
            && back
                .created
                .is_some_and(|created| !has_expired(created, back.expires_after, at))
    };
    let Some(back) = back.filter(holds) else {
        return Some(Problem::BackSignatureMissing);
    };
    if hash_is_believable(back.hash, back.created) {
        None
    } else if hash_is_aged(back.hash) {
        Some(Problem::WeakSelfSignature(back.hash))
    } else {
        Some(Problem::BackSignatureMissing)
    }
}

fn copies_of_subkey<'a>(
    certificate: &'a CertificateFacts,
    key: &'a Fingerprint,
) -> impl Iterator<Item = &'a SubkeyFacts> {
    certificate
        .subkeys
        .iter()
        .filter(move |subkey| subkey.key.fingerprint == *key)
}

/// True if the certificate revokes the subkey for a reason that reaches back: only
/// then has its owner said that somebody else may have it. A whole certificate that
/// is revoked says so of all its keys.
pub(super) fn is_revoked_for_ever(certificate: &CertificateFacts, key: &Fingerprint) -> bool {
    const BEFORE_ALL_TIME: Timestamp = Timestamp(i64::MIN);
    is_revoked(
        &certificate.on_primary,
        SelfSignatureKind::KeyRevocation,
        BEFORE_ALL_TIME,
    ) || copies_of_subkey(certificate, key).any(|copy| {
        is_revoked(
            &copy.signatures,
            SelfSignatureKind::SubkeyRevocation,
            BEFORE_ALL_TIME,
        )
    })
}

/// The statements that say what a primary key is for, in the order in which they
/// are asked: a direct-key signature before the newest certification (RFC 9580,
/// section 5.2.3.10).
struct Statements<'a> {
    direct: Option<&'a SelfSignature>,
    certification: Option<&'a SelfSignature>,
    any_made: bool,
    /// The hash of the statements, if its age is all that is wrong with them.
    aged_hash: Option<HashAlgorithm>,
}

impl<'a> Statements<'a> {
    fn about_primary(certificate: &'a CertificateFacts, at: Timestamp) -> Self {
        let sound = Self::believed(certificate, at, is_sound);
        if !sound.is_broken() {
            return sound;
        }
        let aged = Self::believed(certificate, at, is_sound_but_aged);
        let hash = aged.value(|statement| Some(statement.hash));
        Self {
            aged_hash: hash,
            ..aged
        }
    }

    fn believed(certificate: &'a CertificateFacts, at: Timestamp, believe: Believe) -> Self {
        let direct: Vec<_> =
            of_kind(&certificate.on_primary, SelfSignatureKind::DirectKey).collect();
        let certifications = |with_revoked: bool| -> Vec<&SelfSignature> {
            certificate
                .user_ids
                .iter()
                .filter(|user_id| with_revoked || !is_user_id_revoked(user_id, at))
                .flat_map(|user_id| of_kind(&user_id.signatures, SelfSignatureKind::Certification))
                .collect()
        };
        let all = certifications(true);
        Self {
            direct: effective(&direct, at, believe),
            certification: effective(&certifications(false), at, believe)
                .or_else(|| effective(&all, at, believe)),
            any_made: !direct.is_empty() || !all.is_empty(),
            aged_hash: None,
        }
    }

    /// Self-signatures are there, and none of them is sound. A key with none at
    /// all (its user IDs were stripped) says nothing and is not broken.
    fn is_broken(&self) -> bool {
        self.any_made && self.direct.is_none() && self.certification.is_none()
    }

    /// The value that the first statement gives which gives one.
    fn value<T>(&self, read: impl Fn(&SelfSignature) -> Option<T>) -> Option<T> {
        self.direct
            .and_then(&read)
            .or_else(|| self.certification.and_then(&read))
    }
}

fn of_kind(
    signatures: &[SelfSignature],
    kind: SelfSignatureKind,
) -> impl Iterator<Item = &SelfSignature> {
    signatures
        .iter()
        .filter(move |signature| signature.kind == kind)
}

/// Whether a self-signature may be believed at a time.
type Believe = fn(&SelfSignature, Timestamp) -> bool;

/// The statement in force at a time: the newest that is believed and not newer;
/// where all are newer, the oldest.
fn effective<'a>(
    statements: &[&'a SelfSignature],
    at: Timestamp,
    believe: Believe,
) -> Option<&'a SelfSignature> {
    let believed = || {
        statements
            .iter()
            .copied()
            .filter(|statement| believe(statement, at))
    };
    believed()
        .filter(|statement| statement.created <= Some(at))
        .max_by_key(|statement| statement.created)
        .or_else(|| believed().min_by_key(|statement| statement.created))
}

/// True if a self-signature may be believed at a time.
pub(super) fn is_sound(signature: &SelfSignature, at: Timestamp) -> bool {
    holds(signature, at) && hash_is_believable(signature.hash, signature.created)
}

/// True if a self-signature could be believed but for the age of its hash.
fn is_sound_but_aged(signature: &SelfSignature, at: Timestamp) -> bool {
    holds(signature, at) && hash_is_aged(signature.hash)
}

fn holds(signature: &SelfSignature, at: Timestamp) -> bool {
    signature.maths == Maths::Good
        && signature.unknown_critical.is_empty()
        && signature
            .created
            .is_some_and(|created| !has_expired(created, signature.expires_after, at))
}

fn hash_is_believable(hash: HashAlgorithm, created: Option<Timestamp>) -> bool {
    is_strong(hash)
        || (hash == HashAlgorithm::Sha1
            && created.is_some_and(|created| created < SHA1_SELF_SIGNATURES_UNTIL))
}

fn has_expired(from: Timestamp, after: Option<u32>, at: Timestamp) -> bool {
    after.is_some_and(|seconds| from.plus(seconds.into()) <= at)
}

fn end(key: &KeyFacts, expires_after: u32) -> Timestamp {
    key.created.plus(expires_after.into())
}

/// A revocation counts from its date on if its reason is a soft one, and for ever,
/// backwards too, otherwise. No hash is too weak for it: refusing a revocation
/// would be the less careful choice.
fn is_revoked(signatures: &[SelfSignature], kind: SelfSignatureKind, at: Timestamp) -> bool {
    of_kind(signatures, kind)
        .filter(|signature| signature.maths == Maths::Good)
        .any(|signature| {
            let soft = signature
                .revocation_reason
                .is_some_and(|reason| reason.is_soft());
            !soft || signature.created.is_none_or(|created| created <= at)
        })
}
