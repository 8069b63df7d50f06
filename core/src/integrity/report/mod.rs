//! What a verification found: every signature, every question, then the verdict.
//!
//! A report is data. The table on the terminal, the JSON and the exit status are
//! views of the same one.

mod fault;
mod refusal;
mod signature;
mod unprotected;

pub use fault::Fault;
pub use refusal::Refusal;
pub use signature::{
    Coverage, CoveredObject, ObjectState, Origin, SignatureFormat, SignatureReport, Signer,
};
pub use unprotected::Unprotected;

use crate::keyservers::Failure;
use crate::sif::{GroupId, Link, ObjectId};
use std::fmt;

/// The kind of signatures that a verification goes by. It is always one of them:
/// signatures of the other kind are listed, and never counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureKind {
    /// Over header, descriptors and data: Singularity 3.6 and all that followed.
    Modern,
    /// Over data alone, as before.
    Legacy,
}

/// The outcome of verifying one image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The signatures that were gone by.
    pub kind: SignatureKind,
    /// Every signature object of the image, in ascending order of IDs.
    pub signatures: Vec<SignatureReport>,
    /// Every question that was asked, with its answer.
    pub questions: Vec<QuestionReport>,
    /// What stands against the image as a whole, before any signature is looked at.
    pub image: Option<Refusal>,
    /// What stays unprotected even if the image is verified, beyond what is so for
    /// every image; of legacy signatures only.
    pub unprotected: Vec<Unprotected>,
    /// Keyservers that were asked for a signer and could not help: where somebody is
    /// unknown, they may be why.
    pub keyserver_failures: Vec<Failure>,
}

impl Report {
    /// The first reason for which the image is not verified; `None` if it is.
    pub fn refusal(&self) -> Option<&Refusal> {
        self.image
            .as_ref()
            .or_else(|| self.questions.iter().find_map(|q| q.refusal.as_ref()))
    }

    /// True if every question was answered with yes, and there was one.
    pub fn is_verified(&self) -> bool {
        self.refusal().is_none() && !self.questions.is_empty()
    }

    /// The report about the signature in this object.
    pub fn signature(&self, object: ObjectId) -> Option<&SignatureReport> {
        self.signatures.iter().find(|s| s.object == object)
    }
}

/// What a verification asks about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// A group: exactly its objects must be covered.
    Group(GroupId),
    /// One object: a signature must cover it.
    Object(ObjectId),
}

/// A signature that has to do with a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bearing {
    /// The signature object.
    pub object: ObjectId,
    /// Whether it has a say.
    pub standing: Standing,
}

/// Whether a signature has a say in the answer to a question. One that has can also
/// speak against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It decides, with others.
    Counts,
    /// It is of the other [`SignatureKind`].
    OtherKind,
    /// It is a legacy signature over something else than what was asked about.
    OtherObjects(Link),
    /// It is not by a signer who was asked for.
    NotAskedFor,
}

/// The answer to one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuestionReport {
    /// What was asked about.
    pub question: Question,
    /// The objects that it concerns, ascending.
    pub objects: Vec<ObjectId>,
    /// The signature objects that bear on it, ascending.
    pub signatures: Vec<Bearing>,
    /// Why the answer is no; `None` for yes.
    pub refusal: Option<Refusal>,
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Group(group) => write!(f, "object group {group}"),
            Self::Object(object) => write!(f, "object {object}"),
        }
    }
}
