//! From what is known of each signature to the answer to a question.
//!
//! By default every signature linked to the group must be authentic, over what it
//! covers, and at least one must cover exactly the group's objects (for a question
//! about one object: must cover it). A valid signature over some of the objects
//! does no harm beside a full one. A [`Requirement`] narrows that to certain
//! signers, or relaxes it to a number of them; all other signatures are then
//! reported and do not decide.

use super::report::{Coverage, Fault, Question, Refusal, SignatureFormat, SignatureReport};
use crate::openpgp::Fingerprint;
use crate::sif::{GroupId, ObjectId};
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
pub(super) struct Asked<'a> {
    pub(super) question: Question,
    pub(super) group: GroupId,
    pub(super) objects: &'a [ObjectId],
}

/// Answers one question. `signatures` are those linked to the group, in order.
pub(super) fn answer(
    asked: &Asked<'_>,
    signatures: &[&SignatureReport],
    requirement: &Requirement,
) -> Option<Refusal> {
    let modern: Vec<_> = signatures
        .iter()
        .copied()
        .filter(|signature| signature.format != SignatureFormat::Legacy)
        .collect();
    if modern.is_empty() {
        return Some(if signatures.is_empty() {
            Refusal::NoSignature(asked.question)
        } else {
            Refusal::OnlyLegacy(asked.question)
        });
    }
    match (&requirement.signed_by[..], requirement.threshold) {
        ([], Threshold::All) => every_signature(asked, &modern),
        ([], Threshold::AtLeast(need)) => enough_signers(asked, &modern, need),
        (named, Threshold::All) => every_named_signer(asked, &modern, named),
        (named, Threshold::AtLeast(need)) => {
            let theirs: Vec<_> = modern
                .into_iter()
                .filter(|signature| named.iter().any(|who| is_by(signature, who)))
                .collect();
            enough_signers(asked, &theirs, need)
        }
    }
}

fn every_signature(asked: &Asked<'_>, signatures: &[&SignatureReport]) -> Option<Refusal> {
    signatures
        .iter()
        .find_map(|signature| against(asked, signature))
        .or_else(|| {
            let covered = signatures.iter().any(|signature| covers(asked, signature));
            (!covered).then(|| not_covered(asked, signatures))
        })
}

fn every_named_signer(
    asked: &Asked<'_>,
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
    asked: &Asked<'_>,
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

fn satisfies(asked: &Asked<'_>, signature: &SignatureReport) -> bool {
    covers(asked, signature) && against(asked, signature).is_none()
}

fn covers(asked: &Asked<'_>, signature: &SignatureReport) -> bool {
    match asked.question {
        Question::Group(_) => signature.coverage == Coverage::Full,
        Question::Object(object) => signature.state_of(object).is_some(),
    }
}

fn against(asked: &Asked<'_>, signature: &SignatureReport) -> Option<Refusal> {
    signature.against(asked.question, asked.objects)
}

/// Names the first object that the most complete signature leaves out.
fn not_covered(asked: &Asked<'_>, signatures: &[&SignatureReport]) -> Refusal {
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

/// True for signatures that bear on questions about this group. An image's
/// signature objects link to the group as a whole, even one over a single object.
pub(super) fn bears_on(signature: &SignatureReport, asked: &Asked<'_>) -> bool {
    use crate::sif::Link;
    match signature.link {
        Link::Group(group) => group == asked.group,
        // Only legacy signatures link to a single object.
        Link::Object(object) => {
            signature.faults.contains(&Fault::Legacy) && asked.objects.contains(&object)
        }
        Link::None => false,
    }
}

#[cfg(test)]
mod tests;
