//! Why an image, or the answer to a question, is refused.

use super::{Fault, Question};
use crate::openpgp::Fingerprint;
use crate::policy::Problem;
use crate::sif::{GroupId, Link, ObjectId};
use std::borrow::Cow;
use std::fmt;

/// Why an image, or an answer, is refused. `Display` gives the Go library's words
/// where it has some.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// What was asked about is not in the image.
    NotThere {
        /// What is missing.
        what: String,
        /// What could be asked about instead, if that can be said.
        hint: Option<String>,
    },
    /// More than one partition says that it is the one which the container runs.
    PrimaryAmbiguous(Vec<ObjectId>),
    /// An object is in no group, so that no signature can cover it.
    ObjectWithoutGroup(ObjectId),
    /// No signature bears on the question.
    NoSignature(Question),
    /// Only legacy signatures bear on the question.
    OnlyLegacy(Question),
    /// Legacy signatures were asked for, and there are only others.
    OnlyModern(Question),
    /// Legacy signatures were asked for, and those that there are have other links.
    LegacyElsewhere(Question, Vec<Link>),
    /// A signature is not authentic.
    Signature(ObjectId, Fault),
    /// No signature covers the object.
    NotSigned(ObjectId),
    /// A signature covers an object that is no longer there.
    SignedObjectMissing(ObjectId),
    /// An object's descriptor is not the one that was signed.
    DescriptorChanged(ObjectId),
    /// An object's data is not what was signed.
    DataChanged(ObjectId),
    /// The data of a group's objects is not what was signed as one run of bytes.
    GroupDataChanged(GroupId),
    /// A signer that was demanded has not signed.
    NotSignedBy(Question, Vec<Fingerprint>),
    /// Fewer signers than demanded have signed.
    TooFewSigners {
        /// What was asked about.
        question: Question,
        /// How many have signed.
        have: usize,
        /// How many were demanded.
        need: usize,
    },
}

impl Refusal {
    /// The reason's name, as reports use it; never changes.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotThere { .. } => "not-there",
            Self::ObjectWithoutGroup(_) => "object-without-group",
            Self::PrimaryAmbiguous(_) => "primary-ambiguous",
            // What is there is of no use for this question.
            Self::NoSignature(_) | Self::LegacyElsewhere(..) => "no-signature",
            Self::OnlyLegacy(_) => "only-legacy-signatures",
            Self::OnlyModern(_) => "only-modern-signatures",
            Self::Signature(_, fault) => fault.name(),
            Self::NotSigned(_) => "object-not-signed",
            Self::SignedObjectMissing(_) => "signed-object-missing",
            Self::DescriptorChanged(_) => "descriptor-changed",
            Self::DataChanged(_) => "data-changed",
            Self::GroupDataChanged(_) => "group-data-changed",
            Self::NotSignedBy(..) => "not-signed-by",
            Self::TooFewSigners { .. } => "too-few-signers",
        }
    }

    /// What the person can do about it, where there is something to do.
    pub fn hint(&self) -> Option<Cow<'_, str>> {
        let hint: Cow<'_, str> = match self {
            Self::NotThere { hint, .. } => return hint.as_deref().map(Cow::from),
            Self::OnlyLegacy(_) => {
                "the signature was made by a program older than Singularity 3.6. It protects \
                 the data of objects, and neither the image's header nor the descriptors: ask \
                 for a newly signed image, or accept that with `--legacy-insecure`"
                    .into()
            }
            Self::OnlyModern(_) => {
                "the image's signatures are not legacy ones, and protect more: verify without \
                 `--legacy-insecure`"
                    .into()
            }
            Self::ObjectWithoutGroup(id) => format!(
                "put it into a group: take it out (`sifseal sif del {id} IMAGE`), add it again \
                 (`sifseal sif add --groupid N`), and sign the image"
            )
            .into(),
            Self::LegacyElsewhere(_, links) => format!("verify with {}", flags(links)).into(),
            Self::Signature(_, Fault::Policy(Problem::UnknownSigner(_))) => {
                "if you know and trust the signer, get the certificate with \
                 `sifseal key pull FINGERPRINT` or `sifseal key import FILE` and verify again"
                    .into()
            }
            Self::Signature(_, Fault::RemoteKey) => {
                "anyone can put a key on a keyserver under any name: compare the fingerprint with \
                 the signer's own word, then `sifseal key pull FINGERPRINT` or `--signed-by \
                 FINGERPRINT`; `trust.remote` in the configuration asks for this"
                    .into()
            }
            Self::Signature(_, Fault::Policy(problem)) if problem.rule().is_relaxable() => format!(
                "the rule is `{0}`: ask the signer to sign anew, or accept it with \
                 `relax = [\"{0}\"]` under `[policy]` in the configuration",
                problem.rule()
            )
            .into(),
            Self::Signature(_, Fault::NotOpenPgp) => {
                "only OpenPGP signatures can be checked; this one is of another kind".into()
            }
            _ => return None,
        };
        Some(hint)
    }
}

/// How to ask about what signatures are linked to.
fn flags(links: &[Link]) -> String {
    let flags: Vec<_> = links
        .iter()
        .filter_map(|link| match link {
            Link::None => None,
            Link::Object(id) => Some(format!("`-i {id}`")),
            Link::Group(id) => Some(format!("`-g {id}`")),
        })
        .collect();
    flags.join(" and ")
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotThere { what, .. } => f.write_str(what),
            Self::PrimaryAmbiguous(ids) => {
                let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
                let ids = ids.join(", ");
                write!(f, "more than one primary system partition: objects {ids}")
            }
            Self::ObjectWithoutGroup(id) => write!(
                f,
                "non-signature object not associated with object group: object {id}"
            ),
            Self::NoSignature(question) => write!(f, "signature not found for {question}"),
            Self::OnlyLegacy(question) => write!(
                f,
                "signature not found for {question} (there is a legacy one, which does not count)"
            ),
            Self::OnlyModern(question) => write!(
                f,
                "signature not found for {question} (there is one that is not a legacy one)"
            ),
            Self::LegacyElsewhere(question, links) => write!(
                f,
                "signature not found for {question} (there are legacy ones for {})",
                links
                    .iter()
                    .filter_map(target)
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
            Self::Signature(_, Fault::NotOpenPgp) => Fault::NotOpenPgp.fmt(f),
            Self::Signature(_, Fault::HeaderChanged) => Fault::HeaderChanged.fmt(f),
            Self::Signature(id, fault) => write!(f, "signature object {id} not valid: {fault}"),
            Self::NotSigned(id) => write!(f, "object {id}: object not signed"),
            Self::SignedObjectMissing(id) => write!(f, "object {id}: signed object not found"),
            Self::DescriptorChanged(id) => {
                write!(f, "data object descriptor integrity compromised: {id}")
            }
            Self::DataChanged(id) => write!(f, "data object integrity compromised: {id}"),
            Self::GroupDataChanged(group) => {
                write!(
                    f,
                    "data object integrity compromised: in object group {group}"
                )
            }
            Self::NotSignedBy(question, fingerprints) => {
                let names: Vec<_> = fingerprints.iter().map(ToString::to_string).collect();
                write!(f, "{question} is not signed by {}", names.join(", "))
            }
            Self::TooFewSigners {
                question,
                have,
                need,
            } => write!(
                f,
                "{question} is validly signed by {have} of the {need} signers that are required"
            ),
        }
    }
}

/// What a signature with this link is for.
fn target(link: &Link) -> Option<String> {
    let question = match link {
        Link::None => return None,
        Link::Object(id) => Question::Object(*id),
        Link::Group(id) => Question::Group(*id),
    };
    Some(question.to_string())
}
