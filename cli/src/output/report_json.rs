//! Verification reports as JSON: Apptainer's schema for `--json`, and our own for
//! `--format json` (docs/formats.md).

use super::exchanged::FailureJson;
use super::report_text::verified_objects;
use super::rfc3339;
use crate::config::Setting;
use serde::Serialize;
use sifseal_core::integrity::{
    Coverage, Fault, ObjectState, Origin, Question, QuestionReport, Refusal, Report,
    SignatureFormat, SignatureKind, SignatureReport, Standing, Unprotected,
};
use sifseal_core::policy::{Relaxations, Rule};
use sifseal_core::sif::{Image, Link, ObjectId};

/// What `apptainer verify --json` prints of an image.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ApptainerReport {
    signatures: usize,
    signer_keys: Option<Vec<SignerKey>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SignerKey {
    signer: KeyEntity,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct KeyEntity {
    partition: String,
    name: String,
    fingerprint: String,
    key_local: bool,
    key_check: bool,
    data_check: bool,
}

/// One entry for each object that a signature verified, or whose data it found
/// changed, question by question. Of a group's data as a whole nobody can tell in
/// which object it changed; so there is no entry then, as in Apptainer.
pub fn apptainer(image: &Image, report: &Report) -> ApptainerReport {
    let bearing: Vec<_> = report
        .questions
        .iter()
        .flat_map(|question| question.signatures.iter().map(move |it| (question, it)))
        .filter(|(_, bearing)| bearing.standing == Standing::Counts)
        .filter_map(|(question, bearing)| Some((question, report.signature(bearing.object)?)))
        .collect();
    let keys: Vec<_> = bearing
        .iter()
        .flat_map(|(question, signature)| signer_keys(image, question, signature))
        .collect();
    ApptainerReport {
        signatures: bearing.len(),
        signer_keys: (!keys.is_empty()).then_some(keys),
    }
}

fn signer_keys(
    image: &Image,
    question: &QuestionReport,
    signature: &SignatureReport,
) -> Vec<SignerKey> {
    let intact = verified_objects(question, signature);
    question
        .objects
        .iter()
        .filter_map(|id| {
            let data_check = intact.contains(id);
            let changed = signature.state_of(*id) == Some(ObjectState::DataChanged);
            (data_check || changed).then_some((*id, data_check))
        })
        .filter_map(|(id, data_check)| {
            let signer = signature.signer.as_ref();
            let name = signer.and_then(|signer| signer.user_id.clone());
            Some(SignerKey {
                signer: KeyEntity {
                    partition: image.object(id)?.data_type().to_string(),
                    name: name.unwrap_or_else(|| "unknown".to_owned()),
                    fingerprint: signer
                        .map(|signer| signer.fingerprint.to_string().to_lowercase())
                        .unwrap_or_default(),
                    key_local: signer.is_some_and(|signer| signer.origin == Origin::Local),
                    key_check: signature.is_authentic(),
                    data_check,
                },
            })
        })
        .collect()
}

/// Our own report on several images, `sifseal/verify/1`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VerifyDocument {
    schema: &'static str,
    policy: PolicyEntry,
    images: Vec<ImageReport>,
}

/// What of the policy is not the default.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PolicyEntry {
    relaxed: Vec<&'static str>,
    relaxed_in: String,
}

impl VerifyDocument {
    /// The document about these images, judged with these rules relaxed.
    pub fn new(images: Vec<ImageReport>, relaxed: &Setting<Relaxations>) -> Self {
        Self {
            schema: "sifseal/verify/1",
            policy: PolicyEntry {
                relaxed: relaxed.value.iter().map(Rule::name).collect(),
                relaxed_in: relaxed.origin.to_string(),
            },
            images,
        }
    }
}

/// One image in our own report.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageReport {
    image: String,
    verified: bool,
    /// Why the question could not be answered; absent where it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    reason: Option<Reason>,
    /// Whose signatures were gone by; absent where there is no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    signature_kind: Option<&'static str>,
    /// What legacy signatures leave open; absent for others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unprotected: Vec<Reason>,
    questions: Vec<QuestionEntry>,
    signatures: Vec<SignatureEntry>,
    /// Keyservers that could not help to find a signer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    keyserver_failures: Vec<FailureJson>,
}

#[derive(Serialize)]
struct Reason {
    name: &'static str,
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct QuestionEntry {
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<u32>,
    verified: bool,
    reason: Option<Reason>,
    objects: Vec<u32>,
    signatures: Vec<u32>,
    counted: Vec<u32>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SignatureEntry {
    object: u32,
    linked_group: Option<u32>,
    linked_object: Option<u32>,
    format: &'static str,
    authentic: bool,
    signer: Option<SignerEntry>,
    issuers: Vec<String>,
    hash: Option<String>,
    created: Option<String>,
    coverage: &'static str,
    objects: Vec<ObjectEntry>,
    faults: Vec<Reason>,
    relaxed: Vec<Reason>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SignerEntry {
    fingerprint: String,
    key: String,
    user_id: Option<String>,
    origin: &'static str,
}

#[derive(Serialize)]
struct ObjectEntry {
    id: u32,
    state: &'static str,
}

impl ImageReport {
    /// The report about an image that could be read.
    pub fn answered(image: &str, report: &Report) -> Self {
        Self {
            image: image.to_owned(),
            verified: report.is_verified(),
            error: None,
            reason: report.refusal().map(reason),
            signature_kind: Some(match report.kind {
                SignatureKind::Modern => "modern",
                SignatureKind::Legacy => "legacy",
            }),
            unprotected: report.unprotected.iter().map(unprotected).collect(),
            questions: report.questions.iter().map(question).collect(),
            signatures: report.signatures.iter().map(signature).collect(),
            keyserver_failures: report
                .keyserver_failures
                .iter()
                .map(FailureJson::from)
                .collect(),
        }
    }

    /// The report about an image for which there is no answer.
    pub fn unanswered(image: &str, error: &sifseal_core::Error) -> Self {
        Self {
            image: image.to_owned(),
            verified: false,
            error: Some(error.to_string()),
            reason: None,
            signature_kind: None,
            unprotected: vec![],
            questions: vec![],
            signatures: vec![],
            keyserver_failures: vec![],
        }
    }
}

fn reason(refusal: &Refusal) -> Reason {
    Reason {
        name: refusal.name(),
        text: refusal.to_string(),
    }
}

fn fault(fault: &Fault) -> Reason {
    Reason {
        name: fault.name(),
        text: fault.to_string(),
    }
}

fn unprotected(open: &Unprotected) -> Reason {
    Reason {
        name: open.name(),
        text: open.to_string(),
    }
}

fn numbers(ids: impl IntoIterator<Item = ObjectId>) -> Vec<u32> {
    ids.into_iter().map(ObjectId::get).collect()
}

fn question(report: &QuestionReport) -> QuestionEntry {
    let (group, object) = match report.question {
        Question::Group(group) => (Some(group.get()), None),
        Question::Object(object) => (None, Some(object.get())),
    };
    QuestionEntry {
        group,
        object,
        verified: report.refusal.is_none(),
        reason: report.refusal.as_ref().map(reason),
        objects: numbers(report.objects.iter().copied()),
        signatures: numbers(report.signatures.iter().map(|bearing| bearing.object)),
        counted: numbers(
            report
                .signatures
                .iter()
                .filter(|bearing| bearing.standing == Standing::Counts)
                .map(|bearing| bearing.object),
        ),
    }
}

fn signature(report: &SignatureReport) -> SignatureEntry {
    let (linked_group, linked_object) = match report.link {
        Link::None => (None, None),
        Link::Group(group) => (Some(group.get()), None),
        Link::Object(object) => (None, Some(object.get())),
    };
    SignatureEntry {
        object: report.object.get(),
        linked_group,
        linked_object,
        format: match report.format {
            SignatureFormat::Cleartext => "openpgp",
            SignatureFormat::Legacy => "openpgp-legacy",
            SignatureFormat::Dsse => "dsse",
            SignatureFormat::Unrecognised => "unrecognised",
        },
        authentic: report.is_authentic(),
        signer: report.signer.as_ref().map(|signer| SignerEntry {
            fingerprint: signer.fingerprint.to_string(),
            key: signer.key.to_string(),
            user_id: signer.user_id.clone(),
            origin: match signer.origin {
                Origin::Local => "local",
                Origin::Global => "global",
                Origin::Remote => "remote",
            },
        }),
        issuers: report.issuers.iter().map(ToString::to_string).collect(),
        hash: report.hash.map(|hash| hash.to_string()),
        created: report.created.and_then(rfc3339),
        coverage: match report.coverage {
            Coverage::Nothing => "nothing",
            Coverage::Partial => "partial",
            Coverage::Full => "full",
        },
        objects: report
            .covered
            .iter()
            .map(|covered| ObjectEntry {
                id: covered.id.get(),
                state: match covered.state {
                    ObjectState::Intact => "intact",
                    ObjectState::DescriptorChanged => "descriptor-changed",
                    ObjectState::DataChanged => "data-changed",
                    ObjectState::Missing => "missing",
                    ObjectState::NotAsked => "not-asked",
                    ObjectState::DataIntact => "data-intact",
                    ObjectState::GroupDataIntact => "group-data-intact",
                    ObjectState::GroupDataChanged => "group-data-changed",
                },
            })
            .collect(),
        faults: report.faults.iter().map(fault).collect(),
        relaxed: report
            .relaxed
            .iter()
            .map(|problem| Reason {
                name: problem.name(),
                text: problem.to_string(),
            })
            .collect(),
    }
}
