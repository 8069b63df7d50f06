//! The two kinds of signatures, told apart by the compiler.
//!
//! A verification is made for one [`Kind`]. What a signature states is a type of that
//! kind's own, so that a legacy digest can never stand where signed metadata is
//! expected, nor the other way about.

use super::super::digests::{DigestPlan, Digests};
use super::super::report::{Coverage, CoveredObject, Fault, Question, SignatureKind, Unprotected};
use super::super::verdict::Asked;
use crate::sif::{Descriptor, GroupId, Image, Link, ObjectId};
use std::collections::BTreeSet;

/// One kind of signatures: what they state, and what that is compared with.
pub(super) trait Kind {
    /// Which one it is.
    const KIND: SignatureKind;

    /// What a signature of the other kind has against it.
    const OTHER_KIND: Fault;

    /// What an authentic signature of this kind states.
    type Statement;

    /// Reads the statement out of the text of an authentic signature in `object`.
    fn read(image: &Image, object: &Descriptor, text: &str) -> Result<Self::Statement, Fault>;

    /// Plans the digests that the statement is to be compared with.
    fn plan(about: &About<'_, Self::Statement>, plan: &mut DigestPlan);

    /// Compares.
    fn compare(about: &About<'_, Self::Statement>, digests: &Digests) -> Compared;

    /// What stays unprotected even if all questions are answered with yes.
    fn unprotected(image: &Image, scope: &Scope) -> Vec<Unprotected>;
}

/// A statement, the link of its signature, and what they are about.
pub(super) struct About<'a, S> {
    pub(super) statement: &'a S,
    pub(super) link: Link,
    pub(super) image: &'a Image,
    pub(super) scope: &'a Scope,
}

/// What came of comparing a statement with the image.
pub(super) struct Compared {
    pub(super) covered: Vec<CoveredObject>,
    pub(super) coverage: Coverage,
    pub(super) fault: Option<Fault>,
}

/// What was asked about: nothing else is read.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// All objects that any question concerns.
    pub(super) objects: BTreeSet<ObjectId>,
    /// Those that were asked about by themselves.
    pub(super) single: BTreeSet<ObjectId>,
    /// Groups that were asked about as a whole.
    pub(super) groups: BTreeSet<GroupId>,
}

impl Scope {
    pub(super) fn of(questions: &[Asked]) -> Self {
        let mut scope = Self::default();
        for asked in questions {
            scope.objects.extend(&asked.objects);
            match asked.question {
                Question::Group(group) => scope.groups.insert(group),
                Question::Object(object) => scope.single.insert(object),
            };
        }
        scope
    }
}
