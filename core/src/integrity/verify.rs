//! Verifying an image: from its bytes to a [`Report`].
//!
//! The steps follow the flow of data. Questions come from a selector; every
//! signature object is read and taken apart; the signers' certificates are looked
//! up, all at once; engine facts and the policy say which signatures are authentic;
//! what those cover is hashed, each object once; and the answers follow. No step
//! stops at a bad signature: it is noted, and the next one is looked at (W-25).

use super::digests::{DigestPlan, Digests};
use super::metadata::SignedMetadata;
use super::report::{
    Coverage, CoveredObject, Fault, ObjectState, Question, QuestionReport, Refusal, Report,
    SignatureFormat, SignatureReport, Signer,
};
use super::select::Selection;
use super::sources::{CertificateSources, FoundCertificate};
use super::verdict::{self, Asked, Requirement};
use crate::openpgp::cleartext::{self, CleartextMessage};
use crate::openpgp::{Certificate, CertificateFacts, KeyHandle, SignatureFacts};
use crate::policy::{self, Policy};
use crate::sif::{DataType, Descriptor, Extra, GroupId, Image, Link, ObjectId};
use crate::traits::{Engine, ObjectSelector};
use crate::{Context, ErrorKind, Result};
use std::collections::BTreeSet;

/// A signature over the 48 objects that an image usually has room for is below
/// 16 KiB; this leaves room for tables twenty times as large.
const LARGEST_SIGNATURE: u64 = 256 << 10;

/// A signature names its maker by fingerprint and by key ID, in two places at most;
/// each name is looked up everywhere.
const MOST_ISSUERS: usize = 8;

/// What an old program wrote before the digest in a legacy signature.
const LEGACY_PREFIX: &str = "SIFHASH:";

/// How an image is to be verified.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct VerifyOptions {
    /// The rules for single signatures.
    pub policy: Policy,
    /// Whose signatures are demanded.
    pub requirement: Requirement,
}

impl VerifyOptions {
    /// These rules, this demand.
    pub fn new(policy: Policy, requirement: Requirement) -> Self {
        Self {
            policy,
            requirement,
        }
    }
}

/// Verifies what a selector asks about.
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
    let read = read_signatures(image, sources.engine)?;
    let found = look_up_signers(cx, sources, &read)?;
    let judged = read
        .into_iter()
        .map(|signature| judge(cx, image, signature, sources.engine, &found, options))
        .collect::<Result<Vec<_>>>()?;

    let selections = match selector.select(image) {
        Ok(selections) => selections,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let refusal = Refusal::NotThere(error.what().to_owned());
            return Ok(report_without_answers(judged, refusal));
        }
        Err(error) => return Err(error),
    };
    if let Some(stray) = object_without_group(image) {
        return Ok(report_without_answers(
            judged,
            Refusal::ObjectWithoutGroup(stray),
        ));
    }

    let in_question: BTreeSet<_> = selections
        .iter()
        .flat_map(Selection::objects)
        .copied()
        .collect();
    let signatures = check_coverage(cx, image, judged, &in_question)?;
    let questions = selections
        .iter()
        .flat_map(questions_of)
        .map(|(question, group, objects)| {
            let asked = Asked {
                question,
                group,
                objects: &objects,
            };
            answer(&asked, &signatures, &options.requirement)
        })
        .collect();
    Ok(Report {
        signatures,
        questions,
        image: None,
    })
}

/// The first object that is in no group. Every object must be in one, or it could be
/// exchanged unnoticed beside signed ones, so an image that has such an object is
/// never verified; signatures are in none.
pub fn object_without_group(image: &Image) -> Option<ObjectId> {
    image
        .objects()
        .find(|object| object.group().is_none() && object.data_type() != DataType::Signature)
        .map(Descriptor::id)
}

fn report_without_answers(judged: Vec<Judged>, refusal: Refusal) -> Report {
    Report {
        signatures: judged.into_iter().map(|judged| judged.report).collect(),
        questions: vec![],
        image: Some(refusal),
    }
}

/// A group selected as a whole is one question; single objects are one each.
fn questions_of(selection: &Selection) -> Vec<(Question, GroupId, Vec<ObjectId>)> {
    let group = selection.group();
    if selection.is_whole_group() {
        return vec![(Question::Group(group), group, selection.objects().to_vec())];
    }
    selection
        .objects()
        .iter()
        .map(|object| (Question::Object(*object), group, vec![*object]))
        .collect()
}

fn answer(
    asked: &Asked<'_>,
    signatures: &[SignatureReport],
    requirement: &Requirement,
) -> QuestionReport {
    let bearing: Vec<_> = signatures
        .iter()
        .filter(|signature| verdict::bears_on(signature, asked))
        .collect();
    QuestionReport {
        question: asked.question,
        objects: asked.objects.to_vec(),
        signatures: bearing.iter().map(|signature| signature.object).collect(),
        refusal: verdict::answer(asked, &bearing, requirement),
    }
}

/// A signature object whose message has been taken apart, before anything is known
/// about its signer.
struct ReadSignature {
    object: Descriptor,
    format: SignatureFormat,
    message: std::result::Result<Vec<u8>, Fault>,
    issuers: Vec<KeyHandle>,
}

fn read_signatures(image: &Image, engine: &dyn Engine) -> Result<Vec<ReadSignature>> {
    image
        .objects()
        .filter(|object| object.data_type() == DataType::Signature)
        .map(|object| read_signature(image, object, engine))
        .collect()
}

fn read_signature(
    image: &Image,
    object: &Descriptor,
    engine: &dyn Engine,
) -> Result<ReadSignature> {
    let mut read = ReadSignature {
        object: object.clone(),
        format: SignatureFormat::Unrecognised,
        message: Err(Fault::FormatNotRecognised),
        issuers: vec![],
    };
    let bytes = match image.read_small(object, LARGEST_SIGNATURE) {
        Ok(bytes) => bytes,
        // Too large to be a signature: that says something about this object only.
        Err(error) if object.size() > LARGEST_SIGNATURE => {
            read.message = Err(Fault::Malformed(error.what().to_owned()));
            return Ok(read);
        }
        Err(error) => return Err(error),
    };
    if cleartext::looks_like_cleartext(&bytes) {
        read.format = SignatureFormat::Cleartext;
        match cleartext::read(&bytes) {
            Ok(message) => {
                if message.text.starts_with(LEGACY_PREFIX) {
                    read.format = SignatureFormat::Legacy;
                }
                read.issuers = issuers_of(&message, engine);
                if read.issuers.len() > MOST_ISSUERS {
                    read.issuers.clear();
                    let what = "the signature names too many makers";
                    read.message = Err(Fault::Malformed(what.to_owned()));
                    return Ok(read);
                }
            }
            Err(error) => {
                read.message = Err(Fault::Malformed(error.to_string()));
                return Ok(read);
            }
        }
        read.message = Ok(bytes);
    } else if is_dsse(&bytes) {
        read.format = SignatureFormat::Dsse;
        read.message = Err(Fault::NotOpenPgp);
    }
    Ok(read)
}

/// Whom the signatures in a message name; unreadable ones name nobody, and are
/// reported when they are judged.
fn issuers_of(message: &CleartextMessage<'_>, engine: &dyn Engine) -> Vec<KeyHandle> {
    engine
        .signature_facts(message, &[])
        .unwrap_or_default()
        .into_iter()
        .flat_map(|signature| signature.issuers)
        .collect()
}

/// A DSSE envelope is a JSON object with a payload and signatures.
fn is_dsse(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(bytes).is_ok_and(|value| {
        ["payload", "payloadType", "signatures"]
            .iter()
            .all(|name| value.get(name).is_some())
    })
}

/// A certificate with what the engine found in it.
struct KnownSigner {
    found: FoundCertificate,
    facts: CertificateFacts,
}

/// Looks up everyone that any signature names, in one go.
fn look_up_signers(
    cx: &Context<'_>,
    sources: &CertificateSources<'_>,
    signatures: &[ReadSignature],
) -> Result<Vec<KnownSigner>> {
    let handles: BTreeSet<_> = signatures
        .iter()
        .flat_map(|signature| &signature.issuers)
        .copied()
        .collect();
    let handles: Vec<_> = handles.into_iter().collect();
    sources
        .find(cx, &handles)?
        .into_iter()
        .map(|found| {
            let facts = sources.engine.certificate_facts(&found.certificate)?;
            Ok(KnownSigner { found, facts })
        })
        .collect()
}

/// A signature after the policy has looked at it; what it covers is still open.
struct Judged {
    report: SignatureReport,
    metadata: Option<SignedMetadata>,
}

fn judge(
    cx: &Context<'_>,
    image: &Image,
    read: ReadSignature,
    engine: &dyn Engine,
    known: &[KnownSigner],
    options: &VerifyOptions,
) -> Result<Judged> {
    let mut report = SignatureReport {
        object: read.object.id(),
        link: read.object.link(),
        format: read.format,
        signer: None,
        issuers: read.issuers,
        hash: None,
        created: None,
        covered: vec![],
        coverage: Coverage::Nothing,
        faults: vec![],
        relaxed: vec![],
    };
    let mut metadata = None;
    match &read.message {
        Err(fault) => report.faults.push(fault.clone()),
        Ok(bytes) => {
            let message = cleartext::read(bytes)?;
            judge_message(cx, &message, engine, known, options, &mut report);
            check_descriptor_names_signer(&read.object, &mut report);
            if report.format == SignatureFormat::Legacy {
                report.faults.insert(0, Fault::Legacy);
            } else {
                metadata = read_metadata(image, &message, &mut report);
            }
        }
    }
    Ok(Judged { report, metadata })
}

fn judge_message(
    cx: &Context<'_>,
    message: &CleartextMessage<'_>,
    engine: &dyn Engine,
    known: &[KnownSigner],
    options: &VerifyOptions,
    report: &mut SignatureReport,
) {
    let certificates: Vec<&Certificate> = known
        .iter()
        .map(|signer| &signer.found.certificate)
        .collect();
    let signatures = match engine.signature_facts(message, &certificates) {
        Ok(signatures) => signatures,
        Err(error) => {
            report.faults.push(Fault::Malformed(error.to_string()));
            return;
        }
    };
    // More than one in a block would need a rule of its own for which one counts.
    let [signature] = &signatures[..] else {
        report.faults.push(Fault::NotOneSignature(signatures.len()));
        return;
    };
    report.hash = Some(signature.hash);
    report.created = signature.created;

    let facts: Vec<_> = known.iter().map(|signer| signer.facts.clone()).collect();
    let judgement = policy::judge(&options.policy, cx.now, signature, &message.hashes, &facts);
    report
        .faults
        .extend(judgement.problems.into_iter().map(Fault::Policy));
    report.relaxed = judgement.relaxed;
    report.signer = signer_of(cx, signature, judgement.signer, known);
}

/// Who made the signature; or, where the mathematics failed for everyone, the one
/// whose key it claims to be by, so that a person can see whom it was tried with.
fn signer_of(
    cx: &Context<'_>,
    signature: &SignatureFacts,
    judged: Option<policy::SigningKey>,
    known: &[KnownSigner],
) -> Option<Signer> {
    let (certificate, key) = judged
        .map(|signer| (signer.certificate, signer.key))
        .or_else(|| {
            signature
                .trials
                .first()
                .map(|trial| (trial.certificate, trial.key))
        })?;
    let known = known
        .iter()
        .find(|signer| signer.found.certificate.fingerprint() == certificate)?;
    Some(Signer {
        fingerprint: certificate,
        key,
        user_id: policy::shown_user_id(&known.facts, cx.now),
        origin: known.found.origin,
    })
}

/// The descriptor of a signature names the signer's primary key; it is not signed,
/// so it must not say anything else than the signature itself.
fn check_descriptor_names_signer(object: &Descriptor, report: &mut SignatureReport) {
    let Some(signer) = &report.signer else { return };
    let entity = match object.extra() {
        Extra::Signature { entity, .. } => entity,
        _ => None,
    };
    if entity != Some(signer.fingerprint) {
        report.faults.push(Fault::SignerMismatch);
    }
}

/// Reads the signed document and compares the header; only of an authentic
/// signature, because anyone else's document means nothing.
fn read_metadata(
    image: &Image,
    message: &CleartextMessage<'_>,
    report: &mut SignatureReport,
) -> Option<SignedMetadata> {
    if !report.faults.is_empty() {
        return None;
    }
    let metadata = match SignedMetadata::from_json(&message.text) {
        Ok(metadata) => metadata,
        Err(error) => {
            report.faults.push(Fault::Malformed(error.to_string()));
            return None;
        }
    };
    let header = image.header().integrity_bytes();
    if metadata.header.algorithm().digest(&header) != metadata.header {
        report.faults.push(Fault::HeaderChanged);
    }
    Some(metadata)
}

/// Hashes what the authentic signatures cover, and notes what has changed.
fn check_coverage(
    cx: &Context<'_>,
    image: &Image,
    judged: Vec<Judged>,
    in_question: &BTreeSet<ObjectId>,
) -> Result<Vec<SignatureReport>> {
    let mut plan = DigestPlan::default();
    for signature in &judged {
        for (id, signed) in covered_by(image, signature) {
            if let Some(object) = id.and_then(|id| in_group(image, signature, id))
                && in_question.contains(&object.id())
                // Its size is one of the signed fields: what a changed descriptor
                // points at may have no end.
                && descriptor_fits(object, signed)
            {
                plan.need(object.id(), signed.data.algorithm());
            }
        }
    }
    let digests = plan.run(cx, image)?;
    Ok(judged
        .into_iter()
        .map(|signature| with_coverage(image, signature, in_question, &digests))
        .collect())
}

/// What an authentic signature says it covers, each with its ID in this image.
fn covered_by<'a>(
    image: &Image,
    signature: &'a Judged,
) -> impl Iterator<Item = (Option<ObjectId>, &'a super::metadata::SignedObject)> {
    let first = linked_group(signature)
        .and_then(|group| image.group_objects(group).map(Descriptor::id).min());
    signature
        .metadata
        .iter()
        .filter(|_| signature.report.is_authentic())
        .flat_map(|metadata| &metadata.objects)
        .map(move |signed| (first.and_then(|first| signed.id(first)), signed))
}

fn linked_group(signature: &Judged) -> Option<GroupId> {
    match signature.report.link {
        Link::Group(group) => Some(group),
        _ => None,
    }
}

fn in_group<'a>(image: &'a Image, signature: &Judged, id: ObjectId) -> Option<&'a Descriptor> {
    let group = linked_group(signature)?;
    image
        .object(id)
        .filter(|object| object.group() == Some(group))
}

fn with_coverage(
    image: &Image,
    mut signature: Judged,
    in_question: &BTreeSet<ObjectId>,
    digests: &Digests,
) -> SignatureReport {
    let covered: Vec<_> = covered_by(image, &signature)
        .filter_map(|(id, signed)| {
            // An ID beyond all numbers is no object that could be named.
            let id = id?;
            let state = match in_group(image, &signature, id) {
                None => ObjectState::Missing,
                Some(_) if !in_question.contains(&id) => ObjectState::NotAsked,
                Some(object) => compare(object, signed, digests),
            };
            Some(CoveredObject { id, state })
        })
        .collect();
    let beyond = covered_by(image, &signature).any(|(id, _)| id.is_none());
    if beyond {
        signature.report.faults.push(Fault::Malformed(
            "signed metadata: an object ID is out of range".to_owned(),
        ));
    }
    let group: Vec<_> = linked_group(&signature)
        .map(|group| image.group_objects(group).map(Descriptor::id).collect())
        .unwrap_or_default();
    let report = &mut signature.report;
    report.coverage = match covered.iter().map(|covered| covered.id) {
        _ if covered.is_empty() => Coverage::Nothing,
        ids if ids.clone().eq(group.iter().copied()) => Coverage::Full,
        _ => Coverage::Partial,
    };
    report.covered = covered;
    signature.report
}

fn compare(
    object: &Descriptor,
    signed: &super::metadata::SignedObject,
    digests: &Digests,
) -> ObjectState {
    if !descriptor_fits(object, signed) {
        ObjectState::DescriptorChanged
    } else if digests.of(object.id(), signed.data.algorithm()) != Some(&signed.data) {
        ObjectState::DataChanged
    } else {
        ObjectState::Intact
    }
}

fn descriptor_fits(object: &Descriptor, signed: &super::metadata::SignedObject) -> bool {
    let descriptor = object.integrity_bytes(signed.relative_id);
    signed.descriptor.algorithm().digest(&descriptor) == signed.descriptor
}
