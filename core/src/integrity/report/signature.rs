//! What is known of one signature object.

use super::{Fault, Question, Refusal};
use crate::Timestamp;
use crate::openpgp::{Fingerprint, HashAlgorithm, KeyHandle};
use crate::policy::Problem;
use crate::sif::{Link, ObjectId};
use std::fmt;

/// How a signature's data is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureFormat {
    /// An OpenPGP cleartext message around JSON.
    Cleartext,
    /// An OpenPGP cleartext message around `SIFHASH:`, as before 2020: it covers
    /// object data only, no header and no descriptor.
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
    /// True if it is by a known key, is valid, and (of a modern one) fits this image's
    /// header.
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

    /// Everything that it has against it, as far as a question about these objects
    /// goes: its own faults, and the objects in question that are not as they were
    /// signed. A question about a group concerns everything that is covered.
    pub fn problems(&self, question: Question, objects: &[ObjectId]) -> Vec<Refusal> {
        let faults = self.faults.iter().cloned();
        let mut problems: Vec<_> = faults
            .map(|fault| Refusal::Signature(self.object, fault))
            .collect();
        let whole = matches!(question, Question::Group(_));
        for covered in &self.covered {
            if (whole || objects.contains(&covered.id))
                && let Some(problem) = self.problem_with(*covered)
                && !problems.contains(&problem)
            {
                problems.push(problem);
            }
        }
        problems
    }

    /// The first of its [`problems`](Self::problems).
    pub fn against(&self, question: Question, objects: &[ObjectId]) -> Option<Refusal> {
        self.problems(question, objects).into_iter().next()
    }

    fn problem_with(&self, covered: CoveredObject) -> Option<Refusal> {
        match (covered.state, self.link) {
            (ObjectState::GroupDataChanged, Link::Group(group)) => {
                Some(Refusal::GroupDataChanged(group))
            }
            (ObjectState::Missing, _) => Some(Refusal::SignedObjectMissing(covered.id)),
            (ObjectState::DescriptorChanged, _) => Some(Refusal::DescriptorChanged(covered.id)),
            (ObjectState::DataChanged | ObjectState::GroupDataChanged, _) => {
                Some(Refusal::DataChanged(covered.id))
            }
            (
                ObjectState::Intact
                | ObjectState::DataIntact
                | ObjectState::GroupDataIntact
                | ObjectState::NotAsked,
                _,
            ) => None,
        }
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
    /// The data is unchanged; a legacy signature says nothing of the descriptor.
    DataIntact,
    /// The data of the group as a whole is unchanged; a legacy signature says nothing
    /// of which part of it is this object's.
    GroupDataIntact,
    /// The data of the group as a whole has changed; a legacy signature does not say
    /// in which object.
    GroupDataChanged,
}

impl ObjectState {
    /// True if everything that its signature covers of the object is unchanged.
    pub fn is_intact(self) -> bool {
        matches!(
            self,
            Self::Intact | Self::DataIntact | Self::GroupDataIntact
        )
    }
}
