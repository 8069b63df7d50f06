//! What a verification found: every signature, every question, then the verdict.
//!
//! A report is data. The table on the terminal, the JSON and the exit status are
//! views of the same one.

use crate::Timestamp;
use crate::openpgp::{Fingerprint, HashAlgorithm, KeyHandle};
use crate::policy::Problem;
use crate::sif::{GroupId, Link, ObjectId};
use std::fmt;

/// The outcome of verifying one image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Every signature object of the image, in ascending order of IDs.
    pub signatures: Vec<SignatureReport>,
    /// Every question that was asked, with its answer.
    pub questions: Vec<QuestionReport>,
    /// What stands against the image as a whole, before any signature is looked at.
    pub image: Option<Refusal>,
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

/// The answer to one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuestionReport {
    /// What was asked about.
    pub question: Question,
    /// The objects that it concerns, ascending.
    pub objects: Vec<ObjectId>,
    /// The signature objects that bear on it, ascending.
    pub signatures: Vec<ObjectId>,
    /// Why the answer is no; `None` for yes.
    pub refusal: Option<Refusal>,
}

/// How a signature's data is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureFormat {
    /// An OpenPGP cleartext message around JSON.
    Cleartext,
    /// An OpenPGP cleartext message around `SIFHASH:`, as before 2020: it covers
    /// object data only, no header and no descriptor (W-8).
    Legacy,
    /// A DSSE envelope, which is not OpenPGP.
    Dsse,
    /// Something else.
    Unrecognised,
}

/// Where a certificate was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// In the user's own key store.
    Local,
    /// In the machine's key ring.
    Global,
    /// On a keyserver.
    Remote,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Local => "[LOCAL]",
            Self::Global => "[GLOBAL]",
            Self::Remote => "[REMOTE]",
        })
    }
}

/// Who made a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// The certificate's primary fingerprint.
    pub fingerprint: Fingerprint,
    /// The fingerprint of the key that signed, primary or subkey.
    pub key: Fingerprint,
    /// The user ID to show; a stranger's text. `None` if there is none.
    pub user_id: Option<String>,
    /// Where the certificate came from.
    pub origin: Origin,
}

/// All that is known about one signature object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureReport {
    /// The signature object's own ID.
    pub object: ObjectId,
    /// What its descriptor links it to.
    pub link: Link,
    /// How it is written.
    pub format: SignatureFormat,
    /// Who made it: of a bad signature, whose key it was tried with and found to
    /// be; `None` if nobody who is known did.
    pub signer: Option<Signer>,
    /// Everyone it names as its maker.
    pub issuers: Vec<KeyHandle>,
    /// Its hash algorithm, as far as it could be read.
    pub hash: Option<HashAlgorithm>,
    /// When it says it was made.
    pub created: Option<Timestamp>,
    /// The objects that it covers, ascending. Empty if it is not authentic: then it
    /// covers nothing.
    pub covered: Vec<CoveredObject>,
    /// How much of its group it covers.
    pub coverage: Coverage,
    /// What is wrong with the signature as a whole; empty if it is authentic.
    pub faults: Vec<Fault>,
    /// What the policy would have against it, were the rule not relaxed.
    pub relaxed: Vec<Problem>,
}

impl SignatureReport {
    /// True if it is by a known key, was valid, and fits this image's header.
    pub fn is_authentic(&self) -> bool {
        self.faults.is_empty()
    }

    /// What it says of an object; `None` if it does not cover it.
    pub fn state_of(&self, object: ObjectId) -> Option<ObjectState> {
        self.covered
            .iter()
            .find(|covered| covered.id == object)
            .map(|covered| covered.state)
    }

    /// What it has against it, as far as a question about these objects goes: a fault
    /// of its own, or an object in question that is not as it was signed. A question
    /// about a group concerns everything that is covered.
    pub fn against(&self, question: Question, objects: &[ObjectId]) -> Option<Refusal> {
        if let Some(fault) = self.faults.first() {
            return Some(Refusal::Signature(self.object, fault.clone()));
        }
        let whole = matches!(question, Question::Group(_));
        self.covered
            .iter()
            .filter(|covered| whole || objects.contains(&covered.id))
            .find_map(|covered| match covered.state {
                ObjectState::Intact | ObjectState::NotAsked => None,
                ObjectState::Missing => Some(Refusal::SignedObjectMissing(covered.id)),
                ObjectState::DescriptorChanged => Some(Refusal::DescriptorChanged(covered.id)),
                ObjectState::DataChanged => Some(Refusal::DataChanged(covered.id)),
            })
    }
}

/// How much of its group an authentic signature covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    /// It is not authentic, or linked to no group.
    Nothing,
    /// Some of the group's objects.
    Partial,
    /// Exactly the group's objects.
    Full,
}

/// One object that a signature covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CoveredObject {
    /// Its ID.
    pub id: ObjectId,
    /// Whether it is as it was when it was signed.
    pub state: ObjectState,
}

/// Whether a covered object is as it was when it was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectState {
    /// Descriptor and data are unchanged.
    Intact,
    /// The descriptor has changed.
    DescriptorChanged,
    /// The data has changed.
    DataChanged,
    /// There is no such object in the group any more.
    Missing,
    /// Nobody asked about it, so it was not read.
    NotAsked,
}

/// What is wrong with one signature as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// It is a DSSE envelope, and only OpenPGP keys are at hand.
    NotOpenPgp,
    /// It is a legacy signature, which counts only when asked for.
    Legacy,
    /// It is written in no known way.
    FormatNotRecognised,
    /// It could not be read; the text says why.
    Malformed(String),
    /// It holds more than one OpenPGP signature, or none.
    NotOneSignature(usize),
    /// The policy has something against it.
    Policy(Problem),
    /// Its descriptor names another signer than the one who made it.
    SignerMismatch,
    /// The image's header is not the one that was signed.
    HeaderChanged,
}

impl Fault {
    /// The rule's name, as reports use it; never changes.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotOpenPgp => "not-openpgp",
            Self::Legacy => "legacy-signature",
            Self::FormatNotRecognised => "format-not-recognised",
            Self::Malformed(_) => "signature-malformed",
            Self::NotOneSignature(_) => "not-one-signature",
            Self::Policy(problem) => problem.name(),
            Self::SignerMismatch => "signer-mismatch",
            Self::HeaderChanged => "header-changed",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOpenPgp => {
                f.write_str("key material not provided for DSSE envelope signature (not OpenPGP)")
            }
            Self::Legacy => f.write_str("legacy signature, which does not count by default"),
            Self::FormatNotRecognised => f.write_str("signature format not recognized"),
            Self::Malformed(what) => f.write_str(what),
            Self::NotOneSignature(count) => {
                write!(f, "it holds {count} OpenPGP signatures instead of one")
            }
            Self::Policy(problem) => problem.fmt(f),
            Self::SignerMismatch => {
                f.write_str("fingerprint in descriptor does not correspond to signing entity")
            }
            Self::HeaderChanged => f.write_str("header integrity compromised"),
        }
    }
}

/// Why an image, or an answer, is refused. `Display` gives the Go library's words
/// where it has some.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// What was asked about is not in the image.
    NotThere(String),
    /// An object is in no group, so that no signature can cover it.
    ObjectWithoutGroup(ObjectId),
    /// No signature bears on the question.
    NoSignature(Question),
    /// Only legacy signatures bear on the question.
    OnlyLegacy(Question),
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
            Self::NotThere(_) => "not-there",
            Self::ObjectWithoutGroup(_) => "object-without-group",
            Self::NoSignature(_) => "no-signature",
            Self::OnlyLegacy(_) => "only-legacy-signatures",
            Self::Signature(_, fault) => fault.name(),
            Self::NotSigned(_) => "object-not-signed",
            Self::SignedObjectMissing(_) => "signed-object-missing",
            Self::DescriptorChanged(_) => "descriptor-changed",
            Self::DataChanged(_) => "data-changed",
            Self::NotSignedBy(..) => "not-signed-by",
            Self::TooFewSigners { .. } => "too-few-signers",
        }
    }

    /// What the person can do about it, where there is something to do.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::OnlyLegacy(_) => Some(
                "the signature was made by a program older than Singularity 3.6 and does not \
                 protect the image's header and descriptors; ask for a newly signed image",
            ),
            Self::Signature(_, Fault::Policy(Problem::UnknownSigner(_))) => Some(
                "if you know and trust the signer, import the certificate with \
                 `sifseal key import FILE` and verify again",
            ),
            _ => None,
        }
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Group(group) => write!(f, "object group {group}"),
            Self::Object(object) => write!(f, "object {object}"),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotThere(what) => f.write_str(what),
            Self::ObjectWithoutGroup(id) => write!(
                f,
                "non-signature object not associated with object group: object {id}"
            ),
            Self::NoSignature(question) => write!(f, "signature not found for {question}"),
            Self::OnlyLegacy(question) => write!(
                f,
                "signature not found for {question} (there is a legacy one, which does not count)"
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
