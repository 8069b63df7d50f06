//! From what is known of each signature to the answer to a question.
//!
//! By default every signature linked to the group must be authentic, over what it
//! covers, and at least one must cover exactly the group's objects (for a question
//! about one object: must cover it). A valid signature over some of the objects
//! does no harm beside a full one. A [`Requirement`] narrows that to certain
//! signers, or relaxes it to a number of them; all other signatures are then
//! reported and do not decide.
//!
//! A verification goes by one kind of signatures, modern or legacy. Those of the other
//! kind have no say, neither for the image nor against it. What cannot be read
//! might be of either kind, and counts against both.

use super::report::{Coverage, Fault, Question, Refusal, SignatureKind, SignatureReport, Standing};
use crate::openpgp::Fingerprint;
use crate::sif::{GroupId, Link, ObjectId};
use std::collections::BTreeSet;
use std::num::NonZeroUsize;

/// Whose signatures a verification demands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Requirement {
    /// The signers that count, by their certificates' fingerprints (a subkey's is
    /// nobody's name: anyone can adopt it); anyone, if empty.
    pub signed_by: Vec<Fingerprint>,
    /// How many of them must have signed.
    pub threshold: Threshold,
}

/// How many signers must have signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Threshold {
    /// All of them: every named signer; or, where nobody is named, every signature
    /// that there is.
    #[default]
    All,
    /// At least this many different ones.
    AtLeast(NonZeroUsize),
}

/// One question, with what it is about.
pub(super) struct Asked {
    pub(super) kind: SignatureKind,
    pub(super) question: Question,
    pub(super) group: GroupId,
    pub(super) objects: Vec<ObjectId>,
}

/// A signature that has to do with a question.
pub(super) type Bearing<'a> = (&'a SignatureReport, Standing);

/// What say a signature has in a question; `None` if it has nothing to do with it.
pub(super) fn standing(
    asked: &Asked,
    signature: &SignatureReport,
    requirement: &Requirement,
) -> Option<Standing> {
    use SignatureKind::{Legacy, Modern};
    let other_kind = signature.faults.contains(&match asked.kind {
        Modern => Fault::Legacy,
        Legacy => Fault::NotLegacy,
    });
    let standing = match (asked.kind, asked.question, signature.link) {
        // An image's signature objects link to the group as a whole, even one over a
        // single object; only legacy ones link to an object itself.
        (Modern, _, Link::Group(group)) if group == asked.group => Standing::Counts,
        (Modern, _, Link::Object(id)) if other_kind && asked.objects.contains(&id) => {
            Standing::OtherKind
        }
        (Legacy, Question::Group(group), Link::Group(linked)) if group == linked => {
            Standing::Counts
        }
        // Whatever is linked to an object claims to be a legacy signature, also if
        // it is none: the Go library refuses it.
        (Legacy, Question::Object(id), Link::Object(linked)) if id == linked => {
            return Some(counts_if_asked_for(signature, requirement));
        }
        (Legacy, Question::Object(_), Link::Group(group)) if group == asked.group => {
            Standing::OtherObjects(signature.link)
        }
        (Legacy, Question::Group(_), Link::Object(id)) if asked.objects.contains(&id) => {
            Standing::OtherObjects(signature.link)
        }
        _ => return None,
    };
    Some(match standing {
        _ if other_kind => Standing::OtherKind,
        Standing::Counts => counts_if_asked_for(signature, requirement),
        other => other,
    })
}

fn counts_if_asked_for(signature: &SignatureReport, requirement: &Requirement) -> Standing {
    let named = &requirement.signed_by;
    if named.is_empty() || named.iter().any(|who| is_by(signature, who)) {
        Standing::Counts
    } else {
        Standing::NotAskedFor
    }
}

/// Answers one question. `bearing` are the signatures that have to do with it, in
/// order.
pub(super) fn answer(
    asked: &Asked,
    bearing: &[Bearing<'_>],
    requirement: &Requirement,
) -> Option<Refusal> {
    let fitting = |standing| matches!(standing, Standing::Counts | Standing::NotAskedFor);
    if !bearing.iter().any(|(_, standing)| fitting(*standing)) {
        return Some(no_signature(asked, bearing));
    }
    let counting: Vec<_> = bearing
        .iter()
        .filter(|(_, standing)| *standing == Standing::Counts)
        .map(|(signature, _)| *signature)
        .collect();
    match (&requirement.signed_by[..], requirement.threshold) {
        ([], Threshold::All) => every_signature(asked, &counting),
        (named, Threshold::All) => every_named_signer(asked, &counting, named),
        (_, Threshold::AtLeast(need)) => enough_signers(asked, &counting, need),
    }
}

/// There is none that fits the question; says what there is instead.
fn no_signature(asked: &Asked, bearing: &[Bearing<'_>]) -> Refusal {
    let mut elsewhere: Vec<_> = bearing
        .iter()
        .filter_map(|(_, standing)| match standing {
            Standing::OtherObjects(link) => Some(*link),
            _ => None,
        })
        .collect();
    elsewhere.dedup();
    match asked.kind {
        _ if !elsewhere.is_empty() => Refusal::LegacyElsewhere(asked.question, elsewhere),
        _ if bearing.is_empty() => Refusal::NoSignature(asked.question),
        SignatureKind::Modern => Refusal::OnlyLegacy(asked.question),
        SignatureKind::Legacy => Refusal::OnlyModern(asked.question),
    }
}

fn every_signature(asked: &Asked, signatures: &[&SignatureReport]) -> Option<Refusal> {
    signatures
        .iter()
        .find_map(|signature| against(asked, signature))
        .or_else(|| {
            let covered = signatures.iter().any(|signature| covers(asked, signature));
            (!covered).then(|| not_covered(asked, signatures))
        })
}

fn every_named_signer(
    asked: &Asked,
    signatures: &[&SignatureReport],
    named: &[Fingerprint],
) -> Option<Refusal> {
    let missing: Vec<_> = named
        .iter()
        .copied()
        .filter(|who| {
            !signatures
                .iter()
                .any(|signature| is_by(signature, who) && satisfies(asked, signature))
        })
        .collect();
    let first = missing.first()?;
    // A signature by the one who is missed says more than that it is missed.
    let theirs = signatures
        .iter()
        .filter(|signature| is_by(signature, first))
        .find_map(|signature| against(asked, signature));
    Some(theirs.unwrap_or(Refusal::NotSignedBy(asked.question, missing)))
}

/// Counts people, not signatures: a signer who signs twice is still one.
fn enough_signers(
    asked: &Asked,
    signatures: &[&SignatureReport],
    need: NonZeroUsize,
) -> Option<Refusal> {
    let need = need.get();
    let signers: BTreeSet<_> = signatures
        .iter()
        .filter(|signature| satisfies(asked, signature))
        .filter_map(|signature| signature.signer.as_ref())
        .map(|signer| signer.fingerprint)
        .collect();
    if signers.len() >= need {
        return None;
    }
    let reason = signatures
        .iter()
        .find_map(|signature| against(asked, signature))
        .filter(|_| signers.is_empty() && need == 1);
    Some(reason.unwrap_or(Refusal::TooFewSigners {
        question: asked.question,
        have: signers.len(),
        need,
    }))
}

fn is_by(signature: &SignatureReport, who: &Fingerprint) -> bool {
    signature
        .signer
        .as_ref()
        .is_some_and(|signer| signer.fingerprint == *who)
}

fn satisfies(asked: &Asked, signature: &SignatureReport) -> bool {
    covers(asked, signature) && against(asked, signature).is_none()
}

fn covers(asked: &Asked, signature: &SignatureReport) -> bool {
    match asked.question {
        Question::Group(_) => signature.coverage == Coverage::Full,
        Question::Object(object) => signature.state_of(object).is_some(),
    }
}

fn against(asked: &Asked, signature: &SignatureReport) -> Option<Refusal> {
    signature.against(asked.question, &asked.objects)
}

/// Names the first object that the most complete signature leaves out.
fn not_covered(asked: &Asked, signatures: &[&SignatureReport]) -> Refusal {
    signatures
        .iter()
        .max_by_key(|signature| signature.covered.len())
        .and_then(|best| {
            asked
                .objects
                .iter()
                .find(|object| best.state_of(**object).is_none())
        })
        .map_or(Refusal::NoSignature(asked.question), |object| {
            Refusal::NotSigned(*object)
        })
}

#[cfg(test)]
mod tests;
