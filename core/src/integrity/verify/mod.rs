//! Verifying an image: from its bytes to a [`Report`].
//!
//! The steps follow the flow of data. Questions come from a selector; every
//! signature object is read and taken apart ([`read`]); the signers' certificates are
//! looked up, all at once; engine facts and the policy say which signatures are
//! authentic ([`judge`]); what those are over is hashed, each object once, and
//! compared ([`modern`], [`legacy`]); and the answers follow. No step stops at a bad
//! signature: it is noted, and the next one is looked at (W-25).
//!
//! A verification goes by modern signatures or by legacy ones, never by both: see
//! [`kind`].

mod judge;
mod kind;
mod legacy;
mod modern;
mod read;

use super::digests::DigestPlan;
use super::report::{
    Bearing, Question, QuestionReport, Refusal, Report, SignatureKind, SignatureReport,
};
use super::select::Selection;
use super::sources::CertificateSources;
use super::verdict::{self, Asked, Requirement};
use crate::policy::Policy;
use crate::sif::{DataType, Descriptor, Image, ObjectId, PartitionType};
use crate::traits::ObjectSelector;
use crate::{Context, ErrorKind, Result};
use judge::{Judge, Judged, KnownSigners};
use kind::{About, Kind, Scope};
use legacy::Legacy;
use modern::Modern;

/// How an image is to be verified.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct VerifyOptions {
    /// The rules for single signatures.
    pub policy: Policy,
    /// Whose signatures are demanded.
    pub requirement: Requirement,
    /// What it counts for that a key was found on a keyserver.
    pub remote: RemoteTrust,
}

/// What it counts for that the signer's key was found on a keyserver and nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RemoteTrust {
    /// As much as if it were in a key store: whoever signed can be shown, and that is
    /// all that was asked.
    #[default]
    Accept,
    /// The same, with a warning.
    Warn,
    /// Nothing, unless the signer is among those demanded by fingerprint (W-4).
    Reject,
}

impl RemoteTrust {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Accept, Self::Warn, Self::Reject];

    /// The name in configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Warn => "warn",
            Self::Reject => "reject",
        }
    }
}

impl VerifyOptions {
    /// These rules, this demand.
    pub fn new(policy: Policy, requirement: Requirement) -> Self {
        Self {
            policy,
            requirement,
            remote: RemoteTrust::default(),
        }
    }

    /// The same, with keys from keyservers counting for this much.
    #[must_use]
    pub fn trusting_remote(mut self, remote: RemoteTrust) -> Self {
        self.remote = remote;
        self
    }
}

/// Verifies what a selector asks about. Legacy signatures do not count.
///
/// # Errors
/// Only if the question could not be answered: the image or a key store cannot be
/// read, or the context says to stop. A refused image is an `Ok` report.
pub fn verify(
    cx: &Context<'_>,
    image: &Image,
    selector: &dyn ObjectSelector,
    sources: &CertificateSources<'_>,
    options: &VerifyOptions,
) -> Result<Report> {
    verify_by::<Modern>(cx, image, selector, sources, options)
}

/// Verifies what a selector asks about by legacy signatures, and by no others: for
/// images older than 2020, where nothing better is to be had. The report says what
/// stays unprotected.
///
/// A question about an object is answered by the signatures over that object alone,
/// one about a group by those over the group as a whole.
///
/// # Errors
/// As [`verify`].
pub fn verify_legacy(
    cx: &Context<'_>,
    image: &Image,
    selector: &dyn ObjectSelector,
    sources: &CertificateSources<'_>,
    options: &VerifyOptions,
) -> Result<Report> {
    verify_by::<Legacy>(cx, image, selector, sources, options)
}

fn verify_by<K: Kind>(
    cx: &Context<'_>,
    image: &Image,
    selector: &dyn ObjectSelector,
    sources: &CertificateSources<'_>,
    options: &VerifyOptions,
) -> Result<Report> {
    let read = read::read_signatures(image, sources.engine)?;
    let known = KnownSigners::look_up(cx, sources, &read, options)?;
    let judge = Judge {
        cx,
        image,
        engine: sources.engine,
        known: &known,
        options,
    };
    let judged: Vec<_> = read
        .into_iter()
        .map(|read| judge.judge::<K>(read))
        .collect();

    let questions = match questions(K::KIND, image, selector)? {
        Ok(questions) => questions,
        Err(refusal) => {
            return Ok(Report {
                kind: K::KIND,
                signatures: judged.into_iter().map(|judged| judged.report).collect(),
                questions: vec![],
                image: Some(refusal),
                unprotected: vec![],
                keyserver_failures: known.failures,
            });
        }
    };
    let scope = Scope::of(&questions);
    let signatures = compare(cx, image, judged, &scope)?;
    let questions = questions
        .into_iter()
        .map(|asked| answer(asked, &signatures, &options.requirement))
        .collect();
    Ok(Report {
        kind: K::KIND,
        signatures,
        questions,
        image: None,
        unprotected: K::unprotected(image, &scope),
        keyserver_failures: known.failures,
    })
}

/// What is asked; or why nothing can be asked of this image. A group selected as a
/// whole is one question; single objects are one each.
fn questions(
    kind: SignatureKind,
    image: &Image,
    selector: &dyn ObjectSelector,
) -> Result<std::result::Result<Vec<Asked>, Refusal>> {
    let selections = match selector.select(image.table()) {
        Ok(selections) => selections,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Ok(Err(Refusal::NotThere {
                what: error.what().to_owned(),
                hint: error.hint_text().map(str::to_owned),
            }));
        }
        Err(error) => return Err(error.at(image.path().display())),
    };
    if let Some(refusal) = against_image(image) {
        return Ok(Err(refusal));
    }
    let ask = |selection: &Selection, question, objects: &[ObjectId]| Asked {
        kind,
        question,
        group: selection.group(),
        objects: objects.to_vec(),
    };
    Ok(Ok(selections
        .iter()
        .flat_map(|selection| {
            let objects = selection.objects();
            if selection.is_whole_group() {
                return vec![ask(selection, Question::Group(selection.group()), objects)];
            }
            objects
                .iter()
                .map(|object| ask(selection, Question::Object(*object), &[*object]))
                .collect()
        })
        .collect()))
}

/// What is wrong with an image that no signature could make good: whoever signs it is
/// better told than left to find out.
pub fn against_image(image: &Image) -> Option<Refusal> {
    // Every object must be in a group, or it could be exchanged unnoticed beside
    // signed ones; signatures are in none.
    let stray = image
        .objects()
        .find(|object| object.group().is_none() && object.data_type() != DataType::Signature);
    if let Some(stray) = stray {
        return Some(Refusal::ObjectWithoutGroup(stray.id()));
    }
    // Programs differ in which of several they would run.
    let primary: Vec<_> = image
        .objects()
        .filter(|object| object.partition_type() == Some(PartitionType::PrimarySystem))
        .map(Descriptor::id)
        .collect();
    (primary.len() > 1).then_some(Refusal::PrimaryAmbiguous(primary))
}

/// Hashes what the authentic signatures are over, and notes what has changed.
fn compare<K: Kind>(
    cx: &Context<'_>,
    image: &Image,
    judged: Vec<Judged<K>>,
    scope: &Scope,
) -> Result<Vec<SignatureReport>> {
    let mut plan = DigestPlan::default();
    for about in judged
        .iter()
        .filter_map(|judged| about(judged, image, scope))
    {
        K::plan(&about, &mut plan);
    }
    let digests = plan.run(cx, image)?;
    Ok(judged
        .into_iter()
        .map(|judged| {
            let compared = about(&judged, image, scope).map(|about| K::compare(&about, &digests));
            let mut report = judged.report;
            if let Some(compared) = compared {
                report.covered = compared.covered;
                report.coverage = compared.coverage;
                report.faults.extend(compared.fault);
            }
            report
        })
        .collect())
}

fn about<'a, K: Kind>(
    judged: &'a Judged<K>,
    image: &'a Image,
    scope: &'a Scope,
) -> Option<About<'a, K::Statement>> {
    Some(About {
        statement: judged.statement.as_ref()?,
        link: judged.report.link,
        image,
        scope,
    })
}

fn answer(
    asked: Asked,
    signatures: &[SignatureReport],
    requirement: &Requirement,
) -> QuestionReport {
    let bearing: Vec<_> = signatures
        .iter()
        .filter_map(|signature| {
            let standing = verdict::standing(&asked, signature, requirement)?;
            Some((signature, standing))
        })
        .collect();
    QuestionReport {
        refusal: verdict::answer(&asked, &bearing, requirement),
        signatures: bearing
            .iter()
            .map(|(signature, standing)| Bearing {
                object: signature.object,
                standing: *standing,
            })
            .collect(),
        question: asked.question,
        objects: asked.objects,
    }
}
