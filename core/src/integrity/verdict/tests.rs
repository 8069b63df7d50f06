//! The verdict on reports built by hand: a group of two objects, and signers.

use super::*;
use crate::integrity::report::{CoveredObject, ObjectState, Origin, SignatureFormat, Signer};
use crate::policy::Problem;

const ADA: Fingerprint = Fingerprint::V4([0xad; 20]);
const BOB: Fingerprint = Fingerprint::V4([0xb0; 20]);
const EVE: Fingerprint = Fingerprint::V4([0xee; 20]);

fn at_least(count: usize) -> Threshold {
    Threshold::AtLeast(NonZeroUsize::new(count).unwrap())
}

fn object(id: u32) -> ObjectId {
    ObjectId::new(id).unwrap()
}

fn group() -> GroupId {
    GroupId::new(1).unwrap()
}

/// A signature in object `id` by `who`, over these objects, all of them intact.
fn signature(id: u32, who: Fingerprint, covers: &[u32]) -> SignatureReport {
    SignatureReport {
        object: object(id),
        link: Link::Group(group()),
        format: SignatureFormat::Cleartext,
        signer: Some(Signer {
            fingerprint: who,
            key: who,
            user_id: None,
            origin: Origin::Local,
        }),
        issuers: vec![],
        hash: None,
        created: None,
        covered: covers
            .iter()
            .map(|id| CoveredObject {
                id: object(*id),
                state: ObjectState::Intact,
            })
            .collect(),
        coverage: if covers == [1, 2] {
            Coverage::Full
        } else {
            Coverage::Partial
        },
        faults: vec![],
        relaxed: vec![],
    }
}

fn with_fault(mut signature: SignatureReport, fault: Fault) -> SignatureReport {
    signature.faults.push(fault);
    signature.covered.clear();
    signature.coverage = Coverage::Nothing;
    signature
}

fn unknown(id: u32) -> SignatureReport {
    let mut signature = signature(id, EVE, &[]);
    signature.signer = None;
    with_fault(signature, Fault::Policy(Problem::UnknownSigner(vec![])))
}

fn changed(mut signature: SignatureReport, id: u32, state: ObjectState) -> SignatureReport {
    for covered in &mut signature.covered {
        if covered.id == object(id) {
            covered.state = state;
        }
    }
    signature
}

fn ask(
    kind: SignatureKind,
    question: Question,
    signatures: &[SignatureReport],
    requirement: &Requirement,
) -> Option<Refusal> {
    let asked = Asked {
        kind,
        question,
        group: group(),
        objects: match question {
            Question::Group(_) => vec![object(1), object(2)],
            Question::Object(object) => vec![object],
        },
    };
    let bearing: Vec<_> = signatures
        .iter()
        .filter_map(|signature| Some((signature, standing(&asked, signature, requirement)?)))
        .collect();
    answer(&asked, &bearing, requirement)
}

fn ask_group(signatures: &[SignatureReport], requirement: &Requirement) -> Option<Refusal> {
    let question = Question::Group(group());
    ask(SignatureKind::Modern, question, signatures, requirement)
}

fn ask_object(id: u32, signatures: &[SignatureReport]) -> Option<Refusal> {
    let question = Question::Object(object(id));
    let requirement = Requirement::default();
    ask(SignatureKind::Modern, question, signatures, &requirement)
}

fn default(signatures: &[SignatureReport]) -> Option<Refusal> {
    ask_group(signatures, &Requirement::default())
}

fn signed_by(who: &[Fingerprint], threshold: Threshold) -> Requirement {
    Requirement {
        signed_by: who.to_vec(),
        threshold,
    }
}

#[test]
fn one_full_signature_verifies_the_group_and_its_objects() {
    let signatures = [signature(3, ADA, &[1, 2])];
    assert_eq!(default(&signatures), None);
    assert_eq!(ask_object(2, &signatures), None);
}

#[test]
fn no_signature_is_no_verification() {
    assert_eq!(
        default(&[]).unwrap().to_string(),
        "signature not found for object group 1"
    );
}

#[test]
fn a_partial_signature_alone_leaves_the_first_other_object_unsigned() {
    let signatures = [signature(3, ADA, &[1])];
    assert_eq!(
        default(&signatures).unwrap().to_string(),
        "object 2: object not signed"
    );
    assert_eq!(ask_object(1, &signatures), None);
    assert_eq!(
        ask_object(2, &signatures),
        Some(Refusal::NotSigned(object(2)))
    );
}

#[test]
fn a_partial_signature_does_no_harm_beside_a_full_one() {
    let signatures = [signature(3, ADA, &[1]), signature(4, ADA, &[1, 2])];
    assert_eq!(default(&signatures), None);
}

#[test]
fn two_partial_signatures_do_not_make_a_full_one() {
    let signatures = [signature(3, ADA, &[1]), signature(4, BOB, &[2])];
    assert!(matches!(default(&signatures), Some(Refusal::NotSigned(_))));
}

#[test]
fn every_signature_must_be_good_unless_something_else_is_asked() {
    let signatures = [signature(3, ADA, &[1, 2]), unknown(4)];
    assert!(matches!(
        default(&signatures),
        Some(Refusal::Signature(id, Fault::Policy(Problem::UnknownSigner(_)))) if id == object(4)
    ));
    let any = signed_by(&[], at_least(1));
    assert_eq!(ask_group(&signatures, &any), None);
    let ada = signed_by(&[ADA], Threshold::All);
    assert_eq!(ask_group(&signatures, &ada), None);
}

#[test]
fn a_changed_object_refuses_the_group_and_the_object_but_not_its_neighbour() {
    let signatures = [changed(
        signature(3, ADA, &[1, 2]),
        1,
        ObjectState::DataChanged,
    )];
    assert_eq!(default(&signatures), Some(Refusal::DataChanged(object(1))));
    assert_eq!(
        ask_object(1, &signatures),
        Some(Refusal::DataChanged(object(1)))
    );
    assert_eq!(ask_object(2, &signatures), None);
}

#[test]
fn a_changed_object_spoils_a_partial_signature_beside_a_full_one_too() {
    let partial = changed(signature(3, ADA, &[1]), 1, ObjectState::DescriptorChanged);
    let signatures = [partial, signature(4, ADA, &[1, 2])];
    assert_eq!(
        default(&signatures),
        Some(Refusal::DescriptorChanged(object(1)))
    );
}

#[test]
fn a_signed_object_that_is_gone_refuses_the_group() {
    let gone = changed(signature(4, ADA, &[1, 2, 3]), 3, ObjectState::Missing);
    assert_eq!(
        default(&[gone]).unwrap().to_string(),
        "object 3: signed object not found"
    );
}

#[test]
fn all_named_signers_must_have_signed_everything() {
    let signatures = [signature(3, ADA, &[1, 2]), signature(4, BOB, &[1])];
    let both = signed_by(&[ADA, BOB], Threshold::All);
    assert_eq!(
        ask_group(&signatures, &both),
        Some(Refusal::NotSignedBy(Question::Group(group()), vec![BOB]))
    );
    let one = signed_by(&[ADA, BOB], at_least(1));
    assert_eq!(ask_group(&signatures, &one), None);
    let stranger = signed_by(&[EVE], at_least(1));
    assert!(ask_group(&signatures, &stranger).is_some());
}

#[test]
fn a_signer_who_signs_twice_is_one_signer() {
    let signatures = [signature(3, ADA, &[1, 2]), signature(4, ADA, &[1, 2])];
    let two = signed_by(&[], at_least(2));
    assert_eq!(
        ask_group(&signatures, &two),
        Some(Refusal::TooFewSigners {
            question: Question::Group(group()),
            have: 1,
            need: 2
        })
    );
}

#[test]
fn the_reason_why_a_named_signers_signature_fails_is_told() {
    let bad = with_fault(
        signature(3, ADA, &[1, 2]),
        Fault::Policy(Problem::BadSignature),
    );
    let refusal = ask_group(&[bad], &signed_by(&[ADA], Threshold::All));
    assert!(matches!(refusal, Some(Refusal::Signature(..))));
}

#[test]
fn an_invalid_signature_never_counts_for_anyone() {
    for fault in [
        Fault::Policy(Problem::KeyRevoked),
        Fault::SignerMismatch,
        Fault::HeaderChanged,
        Fault::NotOpenPgp,
    ] {
        let signatures = [with_fault(signature(3, ADA, &[1, 2]), fault.clone())];
        for requirement in [
            Requirement::default(),
            signed_by(&[], at_least(1)),
            signed_by(&[ADA], Threshold::All),
            signed_by(&[ADA], at_least(1)),
        ] {
            assert!(ask_group(&signatures, &requirement).is_some(), "{fault:?}");
        }
    }
}

#[test]
fn a_primary_key_and_its_subkey_are_one_signer() {
    let by_primary = signature(3, ADA, &[1, 2]);
    let mut by_subkey = signature(4, ADA, &[1, 2]);
    by_subkey.signer.as_mut().unwrap().key = EVE;
    let signatures = [by_primary, by_subkey];
    let two = signed_by(&[], at_least(2));
    assert_eq!(
        ask_group(&signatures, &two).unwrap().name(),
        "too-few-signers"
    );
}

/// A legacy signature in object `id` by Ada, linked like this.
fn legacy(id: u32, link: Link) -> SignatureReport {
    let covers: &[u32] = match link {
        Link::Object(object) => &[object.get()],
        _ => &[1, 2],
    };
    SignatureReport {
        link,
        format: SignatureFormat::Legacy,
        ..signature(id, ADA, covers)
    }
}

fn ask_legacy(question: Question, signatures: &[SignatureReport]) -> Option<Refusal> {
    let requirement = Requirement::default();
    ask(SignatureKind::Legacy, question, signatures, &requirement)
}

#[test]
fn legacy_signatures_are_named_and_do_not_count() {
    for link in [Link::Group(group()), Link::Object(object(1))] {
        let legacy = with_fault(legacy(3, link), Fault::Legacy);
        assert_eq!(
            default(std::slice::from_ref(&legacy)),
            Some(Refusal::OnlyLegacy(Question::Group(group())))
        );
        assert_eq!(default(&[legacy, signature(4, ADA, &[1, 2])]), None);
    }
}

#[test]
fn beside_a_legacy_signature_an_unknown_signer_spoils_the_default_verdict_and_no_other() {
    let legacy = with_fault(legacy(3, Link::Group(group())), Fault::Legacy);
    let signatures = [legacy, unknown(4), signature(5, ADA, &[1, 2])];
    assert_eq!(default(&signatures).unwrap().name(), "unknown-signer");
    assert_eq!(
        ask_group(&signatures, &signed_by(&[ADA], Threshold::All)),
        None
    );
    let two = ask_group(&signatures, &signed_by(&[], at_least(2)));
    assert_eq!(two.unwrap().name(), "too-few-signers");
}

#[test]
fn where_legacy_signatures_are_asked_for_the_others_do_not_count() {
    let modern = with_fault(signature(3, ADA, &[1, 2]), Fault::NotLegacy);
    let question = Question::Group(group());
    assert_eq!(
        ask_legacy(question, std::slice::from_ref(&modern)),
        Some(Refusal::OnlyModern(question))
    );
    let group_too = legacy(4, Link::Group(group()));
    assert_eq!(ask_legacy(question, &[modern, group_too]), None);
}

#[test]
fn a_legacy_signature_answers_only_for_what_it_is_linked_to() {
    let of_group = legacy(3, Link::Group(group()));
    let of_object = legacy(4, Link::Object(object(2)));
    let question = Question::Object(object(1));
    assert_eq!(
        ask_legacy(question, std::slice::from_ref(&of_group)),
        Some(Refusal::LegacyElsewhere(
            question,
            vec![Link::Group(group())]
        ))
    );
    assert_eq!(
        ask_legacy(question, std::slice::from_ref(&of_object)),
        Some(Refusal::NoSignature(question))
    );
    let question = Question::Group(group());
    let refusal = ask_legacy(question, std::slice::from_ref(&of_object)).unwrap();
    assert_eq!(refusal.name(), "no-signature");
    assert_eq!(refusal.hint().unwrap(), "verify with `-i 2`");
    assert_eq!(
        ask_legacy(Question::Object(object(2)), &[of_group, of_object]),
        None
    );
}

#[test]
fn what_is_linked_to_an_object_and_is_no_legacy_signature_spoils_the_legacy_verdict() {
    let good = legacy(3, Link::Object(object(2)));
    let mut modern = with_fault(signature(4, ADA, &[2]), Fault::NotLegacy);
    modern.link = Link::Object(object(2));
    let refusal = ask_legacy(Question::Object(object(2)), &[good, modern]);
    assert_eq!(refusal.unwrap().name(), "not-legacy-signature");
}

#[test]
fn what_cannot_be_read_spoils_both_verdicts() {
    let unreadable = with_fault(signature(3, ADA, &[]), Fault::FormatNotRecognised);
    let modern = [unreadable.clone(), signature(4, ADA, &[1, 2])];
    assert_eq!(default(&modern).unwrap().name(), "format-not-recognised");
    let legacy = [unreadable, legacy(4, Link::Group(group()))];
    let refusal = ask_legacy(Question::Group(group()), &legacy);
    assert_eq!(refusal.unwrap().name(), "format-not-recognised");
}

#[test]
fn a_good_signature_by_someone_who_was_not_asked_for_has_no_say() {
    let asked = Asked {
        kind: SignatureKind::Modern,
        question: Question::Group(group()),
        group: group(),
        objects: vec![object(1), object(2)],
    };
    let ada = signed_by(&[ADA], Threshold::All);
    let standing_of = |who| standing(&asked, &signature(3, who, &[1, 2]), &ada);
    assert_eq!(standing_of(ADA), Some(Standing::Counts));
    assert_eq!(standing_of(BOB), Some(Standing::NotAskedFor));
}
