//! Each rule once, on facts built by hand.

use super::*;
use crate::openpgp::{
    BackSignature, KeyFlags, KeyHandle, RevocationReason, SelfSignature, SelfSignatureKind,
    SubkeyFacts, Trial, UserIdFacts,
};

const DAY: i64 = 86_400;
const KEY_MADE: Timestamp = Timestamp(1_700_000_000);
const SIGNED: Timestamp = Timestamp(KEY_MADE.0 + 100 * DAY);
const NOW: Timestamp = Timestamp(KEY_MADE.0 + 1000 * DAY);

const PRIMARY: Fingerprint = Fingerprint::V4([1; 20]);
const SUBKEY: Fingerprint = Fingerprint::V4([2; 20]);

fn key(fingerprint: Fingerprint) -> KeyFacts {
    KeyFacts {
        fingerprint,
        version: 4,
        algorithm: PublicKeyAlgorithm::EdDsaLegacy,
        bits: 256,
        created: KEY_MADE,
    }
}

fn statement(kind: SelfSignatureKind, created: Timestamp) -> SelfSignature {
    SelfSignature {
        kind,
        maths: Maths::Good,
        hash: HashAlgorithm::Sha256,
        created: Some(created),
        expires_after: None,
        key_expires_after: None,
        key_flags: None,
        primary_user_id: false,
        revocation_reason: None,
        back_signature: None,
        unknown_critical: vec![],
    }
}

fn certification(created: Timestamp) -> SelfSignature {
    SelfSignature {
        key_flags: Some(KeyFlags(0x03)),
        ..statement(SelfSignatureKind::Certification, created)
    }
}

fn binding() -> SelfSignature {
    SelfSignature {
        key_flags: Some(KeyFlags(0x02)),
        back_signature: Some(BackSignature {
            maths: Maths::Good,
            hash: HashAlgorithm::Sha256,
            created: Some(KEY_MADE),
            expires_after: None,
            unknown_critical: vec![],
        }),
        ..statement(SelfSignatureKind::SubkeyBinding, KEY_MADE)
    }
}

fn certificate() -> CertificateFacts {
    CertificateFacts {
        primary: key(PRIMARY),
        on_primary: vec![],
        user_ids: vec![UserIdFacts {
            value: b"Ada <ada@example.com>".to_vec(),
            signatures: vec![certification(KEY_MADE)],
        }],
        subkeys: vec![SubkeyFacts {
            key: key(SUBKEY),
            signatures: vec![binding()],
        }],
    }
}

fn signature_by(key: Fingerprint) -> SignatureFacts {
    SignatureFacts {
        version: 4,
        kind: 0x01,
        hash: HashAlgorithm::Sha256,
        created: Some(SIGNED),
        expires_after: None,
        issuers: vec![KeyHandle::Fingerprint(key)],
        unknown_critical: vec![],
        trials: vec![Trial {
            certificate: PRIMARY,
            key,
            maths: Maths::Good,
        }],
    }
}

fn names_at(
    at: JudgedAt,
    signature: &SignatureFacts,
    facts: CertificateFacts,
) -> Vec<&'static str> {
    judge(
        &Policy::judging_at(at),
        NOW,
        signature,
        &[HashAlgorithm::Sha256],
        &[facts],
    )
    .problems
    .iter()
    .map(Problem::name)
    .collect()
}

fn names(signature: &SignatureFacts, facts: CertificateFacts) -> Vec<&'static str> {
    names_at(JudgedAt::Signing, signature, facts)
}

fn revocation(reason: Option<RevocationReason>, created: Timestamp) -> SelfSignature {
    SelfSignature {
        revocation_reason: reason,
        ..statement(SelfSignatureKind::KeyRevocation, created)
    }
}

#[test]
fn a_signature_with_nothing_against_it_is_good_by_primary_and_by_subkey() {
    assert_eq!(names(&signature_by(PRIMARY), certificate()), [""; 0]);
    assert_eq!(names(&signature_by(SUBKEY), certificate()), [""; 0]);
}

#[test]
fn the_judgement_names_certificate_and_key() {
    let judgement = judge(
        &Policy::default(),
        NOW,
        &signature_by(SUBKEY),
        &[HashAlgorithm::Sha256],
        &[certificate()],
    );
    let expected = SigningKey {
        certificate: PRIMARY,
        key: SUBKEY,
    };
    assert_eq!(judgement.signer, Some(expected));
    assert!(judgement.is_good());
}

#[test]
fn an_unknown_signer_is_named_by_the_most_exact_issuer() {
    let mut signature = signature_by(PRIMARY);
    signature.trials.clear();
    signature
        .issuers
        .insert(0, KeyHandle::KeyId(PRIMARY.key_id()));
    let judgement = judge(
        &Policy::default(),
        NOW,
        &signature,
        &[HashAlgorithm::Sha256],
        &[],
    );
    assert_eq!(judgement.signer, None);
    assert_eq!(
        judgement.problems[0].to_string(),
        format!("signature made by unknown entity {PRIMARY}")
    );
}

#[test]
fn bad_mathematics_are_a_bad_signature_whatever_else_is_fine() {
    let mut signature = signature_by(PRIMARY);
    signature.trials[0].maths = Maths::Bad;
    assert_eq!(names(&signature, certificate()), ["bad-signature"]);
}

#[test]
fn what_an_engine_cannot_compute_is_neither_good_nor_bad() {
    let mut signature = signature_by(PRIMARY);
    signature.trials[0].maths = Maths::Unsupported("curve X".into());
    assert_eq!(names(&signature, certificate()), ["unsupported-algorithm"]);
}

#[test]
fn of_two_keys_with_one_id_the_one_that_signed_decides() {
    let mut signature = signature_by(PRIMARY);
    let stranger = Trial {
        certificate: Fingerprint::V4([9; 20]),
        key: Fingerprint::V4([9; 20]),
        maths: Maths::Bad,
    };
    signature.trials.insert(0, stranger);
    assert_eq!(names(&signature, certificate()), [""; 0]);
}

#[test]
fn only_a_text_signature_counts() {
    let mut signature = signature_by(PRIMARY);
    signature.kind = 0x00;
    assert_eq!(names(&signature, certificate()), ["not-a-text-signature"]);
}

#[test]
fn weak_message_hashes_are_refused_w7() {
    for hash in [
        HashAlgorithm::Md5,
        HashAlgorithm::Sha1,
        HashAlgorithm::Ripemd160,
    ] {
        let mut signature = signature_by(PRIMARY);
        signature.hash = hash;
        let problems = names(&signature, certificate());
        assert!(problems.contains(&"weak-hash"), "{hash}: {problems:?}");
    }
}

#[test]
fn the_hash_header_must_name_the_hash_that_is_used() {
    let mut signature = signature_by(PRIMARY);
    signature.hash = HashAlgorithm::Sha512;
    assert_eq!(names(&signature, certificate()), ["hash-header-mismatch"]);
}

#[test]
fn dates_of_the_signature_are_checked() {
    let mut signature = signature_by(PRIMARY);
    signature.created = None;
    assert_eq!(names(&signature, certificate()), ["signature-undated"]);

    signature.created = Some(NOW.plus(CLOCK_TOLERANCE));
    assert_eq!(names(&signature, certificate()), [""; 0]);
    signature.created = Some(NOW.plus(CLOCK_TOLERANCE + 1));
    assert_eq!(
        names(&signature, certificate()),
        ["signature-from-the-future"]
    );

    signature.created = Some(KEY_MADE.plus(-1));
    assert_eq!(names(&signature, certificate()), ["signature-before-key"]);

    signature.created = Some(SIGNED);
    signature.expires_after = Some(60);
    assert_eq!(names(&signature, certificate()), ["signature-expired"]);
}

#[test]
fn what_is_critical_and_unknown_is_refused() {
    let mut signature = signature_by(PRIMARY);
    signature.unknown_critical.push("notation a@b".into());
    assert_eq!(names(&signature, certificate()), ["unknown-critical"]);
}

#[test]
fn short_and_given_up_keys_are_refused_w7() {
    let cases = [
        (PublicKeyAlgorithm::Rsa, 2047, true),
        (PublicKeyAlgorithm::Rsa, 2048, false),
        (PublicKeyAlgorithm::Dsa, 3072, true),
        (PublicKeyAlgorithm::Ecdsa("NIST P-256".into()), 256, false),
    ];
    for (algorithm, bits, weak) in cases {
        let mut facts = certificate();
        facts.primary.algorithm = algorithm.clone();
        facts.primary.bits = bits;
        let problems = names(&signature_by(PRIMARY), facts);
        assert_eq!(problems.contains(&"weak-key"), weak, "{algorithm} {bits}");
    }
}

#[test]
fn a_weak_primary_key_spoils_its_strong_subkey() {
    let mut facts = certificate();
    facts.primary.algorithm = PublicKeyAlgorithm::Rsa;
    facts.primary.bits = 1024;
    assert_eq!(names(&signature_by(SUBKEY), facts), ["weak-key"]);
}

#[test]
fn a_key_that_expired_after_signing_spoils_nothing_w6() {
    let mut facts = certificate();
    facts.user_ids[0].signatures[0].key_expires_after = Some(200 * 86_400);
    assert_eq!(names(&signature_by(PRIMARY), facts.clone()), [""; 0]);
    assert_eq!(
        names_at(JudgedAt::Now, &signature_by(PRIMARY), facts),
        ["key-expired"]
    );
}

#[test]
fn a_key_that_had_expired_before_signing_spoils_the_signature() {
    let mut facts = certificate();
    facts.user_ids[0].signatures[0].key_expires_after = Some(50 * 86_400);
    assert_eq!(
        names(&signature_by(PRIMARY), facts.clone()),
        ["key-expired"]
    );
    assert_eq!(names(&signature_by(SUBKEY), facts), ["key-expired"]);
}

#[test]
fn an_extension_of_the_expiry_before_signing_counts_and_one_after_does_not() {
    let mut facts = certificate();
    facts.user_ids[0].signatures[0].key_expires_after = Some(50 * 86_400);
    facts.user_ids[0]
        .signatures
        .push(certification(SIGNED.plus(-DAY)));
    assert_eq!(names(&signature_by(PRIMARY), facts.clone()), [""; 0]);

    facts.user_ids[0].signatures[1].created = Some(SIGNED.plus(DAY));
    assert_eq!(names(&signature_by(PRIMARY), facts), ["key-expired"]);
}

#[test]
fn where_every_self_signature_is_newer_than_the_signature_the_oldest_counts() {
    let mut facts = certificate();
    facts.user_ids[0].signatures[0].created = Some(SIGNED.plus(500 * DAY));
    assert_eq!(names(&signature_by(PRIMARY), facts), [""; 0]);
}

#[test]
fn a_hard_revocation_spoils_every_signature_and_a_soft_one_only_later_ones() {
    let before = SIGNED.plus(-DAY);
    let after = SIGNED.plus(DAY);
    let cases = [
        (Some(RevocationReason::Compromised), after, true),
        (Some(RevocationReason::Unspecified), after, true),
        (None, after, true),
        (Some(RevocationReason::Other(99)), after, true),
        (Some(RevocationReason::Superseded), after, false),
        (Some(RevocationReason::Retired), after, false),
        (Some(RevocationReason::Superseded), before, true),
        (Some(RevocationReason::Retired), before, true),
    ];
    for (reason, when, refused) in cases {
        let mut facts = certificate();
        facts.on_primary.push(revocation(reason, when));
        for key in [PRIMARY, SUBKEY] {
            let problems = names(&signature_by(key), facts.clone());
            assert_eq!(
                problems.contains(&"key-revoked"),
                refused,
                "{reason:?} {when:?} {problems:?}"
            );
        }
    }
}

#[test]
fn a_soft_revocation_spoils_older_signatures_when_judged_now() {
    let mut facts = certificate();
    facts.on_primary.push(revocation(
        Some(RevocationReason::Retired),
        SIGNED.plus(DAY),
    ));
    assert_eq!(
        names_at(JudgedAt::Now, &signature_by(PRIMARY), facts),
        ["key-revoked"]
    );
}

#[test]
fn a_revocation_that_is_not_the_keys_own_revokes_nothing() {
    let mut facts = certificate();
    let mut forged = revocation(None, SIGNED);
    forged.maths = Maths::Bad;
    facts.on_primary.push(forged);
    assert_eq!(names(&signature_by(PRIMARY), facts), [""; 0]);
}

#[test]
fn a_revocation_with_a_weak_hash_still_revokes() {
    let mut facts = certificate();
    let mut old = revocation(None, SIGNED);
    old.hash = HashAlgorithm::Sha1;
    facts.on_primary.push(old);
    assert_eq!(names(&signature_by(PRIMARY), facts), ["key-revoked"]);
}

#[test]
fn a_certify_only_primary_cannot_sign_but_its_subkey_can_w23() {
    let mut facts = certificate();
    facts.user_ids[0].signatures[0].key_flags = Some(KeyFlags(0x01));
    assert_eq!(
        names(&signature_by(PRIMARY), facts.clone()),
        ["key-cannot-sign"]
    );
    assert_eq!(names(&signature_by(SUBKEY), facts), [""; 0]);
}

#[test]
fn a_primary_key_that_says_nothing_of_its_use_may_sign() {
    let mut facts = certificate();
    facts.user_ids[0].signatures[0].key_flags = None;
    assert_eq!(names(&signature_by(PRIMARY), facts), [""; 0]);
}

#[test]
fn a_subkey_must_be_bound_both_ways() {
    let mut unbound = certificate();
    unbound.subkeys[0].signatures[0].maths = Maths::Bad;
    assert_eq!(names(&signature_by(SUBKEY), unbound), ["key-not-bound"]);

    let mut adopted = certificate();
    adopted.subkeys[0].signatures[0].back_signature = None;
    assert_eq!(
        names(&signature_by(SUBKEY), adopted),
        ["back-signature-missing"]
    );

    let mut forged = certificate();
    if let Some(back) = &mut forged.subkeys[0].signatures[0].back_signature {
        back.maths = Maths::Bad;
    }
    assert_eq!(
        names(&signature_by(SUBKEY), forged),
        ["back-signature-missing"]
    );

    let mut demanding = certificate();
    if let Some(back) = &mut demanding.subkeys[0].signatures[0].back_signature {
        back.unknown_critical = vec!["subpacket 100".to_owned()];
    }
    assert_eq!(
        names(&signature_by(SUBKEY), demanding),
        ["back-signature-missing"]
    );
}

#[test]
fn a_key_is_not_accused_of_what_nobody_could_check() {
    let unknown = || Maths::Unsupported("curve X".into());
    let mut primary = certificate();
    primary.user_ids[0].signatures[0].maths = unknown();
    assert_eq!(
        names(&signature_by(PRIMARY), primary.clone()),
        ["unsupported-algorithm"]
    );
    primary.user_ids[0].signatures[0].maths = Maths::Bad;
    assert_eq!(names(&signature_by(PRIMARY), primary), ["key-not-bound"]);

    let mut subkey = certificate();
    subkey.subkeys[0].signatures[0].maths = unknown();
    assert!(!standings(&subkey, NOW)[1].is_for_signing());
    assert_eq!(
        names(&signature_by(SUBKEY), subkey),
        ["unsupported-algorithm"]
    );
}

#[test]
fn a_subkeys_own_expiry_and_revocation_do_not_touch_the_primary_key() {
    let mut facts = certificate();
    facts.subkeys[0].signatures[0].key_expires_after = Some(86_400);
    facts.subkeys[0]
        .signatures
        .push(statement(SelfSignatureKind::SubkeyRevocation, SIGNED));
    assert_eq!(
        names(&signature_by(SUBKEY), facts.clone()),
        ["key-revoked", "key-expired"]
    );
    assert_eq!(names(&signature_by(PRIMARY), facts), [""; 0]);
}

#[test]
fn sha1_self_signatures_count_by_their_age_and_md5_never_w7() {
    let made = |hash, created| {
        let mut facts = certificate();
        facts.primary.created = Timestamp(1_000_000_000);
        facts.user_ids[0].signatures[0].hash = hash;
        facts.user_ids[0].signatures[0].created = Some(created);
        names(&signature_by(PRIMARY), facts)
    };
    let before = SHA1_SELF_SIGNATURES_UNTIL.plus(-1);
    assert_eq!(made(HashAlgorithm::Sha1, before), [""; 0]);
    assert_eq!(
        made(HashAlgorithm::Sha1, SHA1_SELF_SIGNATURES_UNTIL),
        ["weak-self-signature"]
    );
    assert_eq!(
        made(HashAlgorithm::Ripemd160, before),
        ["weak-self-signature"]
    );
    assert_eq!(made(HashAlgorithm::Md5, before), ["key-not-bound"]);
}

#[test]
fn a_certificate_whose_user_ids_were_stripped_still_verifies() {
    let mut facts = certificate();
    facts.user_ids.clear();
    assert_eq!(names(&signature_by(PRIMARY), facts.clone()), [""; 0]);
    assert_eq!(names(&signature_by(SUBKEY), facts.clone()), [""; 0]);
    assert_eq!(shown_user_id(&facts, NOW), None);
}

#[test]
fn the_shown_user_id_is_the_primary_one_and_never_a_revoked_one() {
    let mut facts = certificate();
    facts.user_ids.push(UserIdFacts {
        value: b"Ada at work".to_vec(),
        signatures: vec![SelfSignature {
            primary_user_id: true,
            ..certification(KEY_MADE)
        }],
    });
    assert_eq!(shown_user_id(&facts, NOW).as_deref(), Some("Ada at work"));

    facts.user_ids[1].signatures.push(statement(
        SelfSignatureKind::CertificationRevocation,
        SIGNED,
    ));
    assert_eq!(
        shown_user_id(&facts, NOW).as_deref(),
        Some("Ada <ada@example.com>")
    );
}

#[test]
fn a_user_id_that_the_key_never_certified_is_not_shown() {
    let mut facts = certificate();
    facts.user_ids[0].signatures[0].maths = Maths::Bad;
    assert_eq!(shown_user_id(&facts, NOW), None);
}

#[test]
fn a_stolen_subkey_stays_revoked_in_the_thiefs_certificate() {
    const THIEF: Fingerprint = Fingerprint::V4([6; 20]);
    let mut owner = certificate();
    owner.subkeys[0].signatures.push(SelfSignature {
        revocation_reason: Some(RevocationReason::Compromised),
        ..statement(SelfSignatureKind::SubkeyRevocation, NOW)
    });
    let mut thief = certificate();
    thief.primary.fingerprint = THIEF;
    let mut signature = signature_by(SUBKEY);
    let adopted = Trial {
        certificate: THIEF,
        ..signature.trials[0].clone()
    };
    signature.trials.push(adopted);
    let judgement = judge(
        &Policy::default(),
        NOW,
        &signature,
        &[HashAlgorithm::Sha256],
        &[owner, thief],
    );
    assert_eq!(judgement.problems, [Problem::KeyRevoked]);
}

#[test]
fn a_revocation_on_one_of_two_copies_of_a_subkey_revokes_both() {
    let mut facts = certificate();
    let mut copy = facts.subkeys[0].clone();
    copy.signatures
        .push(statement(SelfSignatureKind::SubkeyRevocation, SIGNED));
    facts.subkeys.push(copy);
    assert_eq!(names(&signature_by(SUBKEY), facts), ["key-revoked"]);
}

#[test]
fn a_reason_that_is_meant_for_user_ids_revokes_a_key_for_ever() {
    let mut facts = certificate();
    facts.on_primary.push(revocation(
        Some(RevocationReason::UserIdInvalid),
        SIGNED.plus(DAY),
    ));
    assert_eq!(names(&signature_by(PRIMARY), facts), ["key-revoked"]);
}

#[test]
fn a_signature_between_the_making_of_primary_key_and_subkey_is_before_its_key() {
    let mut facts = certificate();
    facts.subkeys[0].key.created = SIGNED.plus(DAY);
    assert_eq!(
        names(&signature_by(SUBKEY), facts),
        ["signature-before-key"]
    );
}

#[test]
fn an_aged_self_signature_still_says_what_the_key_is_for() {
    let mut facts = certificate();
    facts.user_ids[0].signatures[0].hash = HashAlgorithm::Sha1;
    facts.user_ids[0].signatures[0].key_flags = Some(KeyFlags(0x01));
    facts.user_ids[0].signatures[0].key_expires_after = Some(86_400);
    assert_eq!(
        names(&signature_by(PRIMARY), facts),
        ["weak-self-signature", "key-expired", "key-cannot-sign"]
    );
}

#[test]
fn an_aged_self_signature_says_nothing_beside_a_sound_one() {
    let mut facts = certificate();
    let mut aged = certification(SIGNED.plus(-DAY));
    aged.hash = HashAlgorithm::Sha1;
    aged.key_expires_after = Some(1);
    facts.user_ids[0].signatures.push(aged);
    assert_eq!(names(&signature_by(PRIMARY), facts), [""; 0]);
}

#[test]
fn bindings_and_back_signatures_have_their_age_too() {
    let mut binding = certificate();
    binding.subkeys[0].signatures[0].hash = HashAlgorithm::Sha1;
    assert_eq!(
        names(&signature_by(SUBKEY), binding),
        ["weak-self-signature"]
    );
    let mut back = certificate();
    if let Some(back) = &mut back.subkeys[0].signatures[0].back_signature {
        back.hash = HashAlgorithm::Sha1;
    }
    assert_eq!(names(&signature_by(SUBKEY), back), ["weak-self-signature"]);
    let mut md5 = certificate();
    md5.subkeys[0].signatures[0].hash = HashAlgorithm::Md5;
    assert_eq!(names(&signature_by(SUBKEY), md5), ["key-not-bound"]);
}

#[test]
fn a_self_signature_with_something_critical_and_unknown_binds_nothing() {
    let mut facts = certificate();
    facts.user_ids[0].signatures[0]
        .unknown_critical
        .push("notation a@b".into());
    assert_eq!(names(&signature_by(PRIMARY), facts), ["key-not-bound"]);
}

/// What counts and what does not, with these rules relaxed.
fn relaxing(
    rules: &[&str],
    signature: &SignatureFacts,
    facts: &CertificateFacts,
) -> (Vec<&'static str>, Vec<&'static str>) {
    let relaxed = Relaxations::named(rules.iter().copied()).unwrap();
    let judgement = judge(
        &Policy::default().relaxing(relaxed),
        NOW,
        signature,
        &[HashAlgorithm::Sha256],
        std::slice::from_ref(facts),
    );
    let names = |problems: &[Problem]| problems.iter().map(Problem::name).collect();
    (names(&judgement.problems), names(&judgement.relaxed))
}

/// A change to a good signature and its certificate.
type Spoil = fn(&mut SignatureFacts, &mut CertificateFacts);

#[test]
fn a_relaxed_rule_does_not_count_and_is_told_all_the_same() {
    let cases: [(&str, Spoil); 7] = [
        ("hash-header-mismatch", |signature, _| {
            signature.hash = HashAlgorithm::Sha512;
        }),
        ("key-expired", |_, facts| {
            facts.user_ids[0].signatures[0].key_expires_after = Some(60);
        }),
        ("signature-before-key", |signature, _| {
            signature.created = Some(KEY_MADE.plus(-DAY));
        }),
        ("signature-expired", |signature, _| {
            signature.expires_after = Some(60);
        }),
        ("weak-hash", |signature, _| {
            signature.hash = HashAlgorithm::Sha1;
        }),
        ("weak-key", |_, facts| {
            facts.primary.algorithm = PublicKeyAlgorithm::Rsa;
            facts.primary.bits = 1024;
        }),
        ("weak-self-signature", |_, facts| {
            facts.user_ids[0].signatures[0].hash = HashAlgorithm::Sha1;
        }),
    ];
    for (rule, spoil) in cases {
        let (mut signature, mut facts) = (signature_by(PRIMARY), certificate());
        spoil(&mut signature, &mut facts);
        let (against, relaxed) = relaxing(&[], &signature, &facts);
        assert!(against.contains(&rule), "{rule}: {against:?}");
        assert_eq!(relaxed, [""; 0]);
        // The hash of the case `weak-hash` stands in no header either.
        let others: Vec<_> = against.into_iter().filter(|name| *name != rule).collect();
        assert_eq!(
            relaxing(&[rule], &signature, &facts),
            (others, vec![rule]),
            "{rule}"
        );
    }
    let every = Rule::ALL.iter().filter(|rule| rule.is_relaxable());
    assert_eq!(every.count(), cases.len(), "each relaxable rule has a case");
}

#[test]
fn below_the_floor_nothing_is_relaxed() {
    let cases: [(&str, Spoil); 4] = [
        ("weak-hash", |signature, _| {
            signature.hash = HashAlgorithm::Md5;
        }),
        ("weak-key", |_, facts| {
            facts.primary.algorithm = PublicKeyAlgorithm::Rsa;
            facts.primary.bits = 1023;
        }),
        ("weak-key", |_, facts| {
            facts.primary.algorithm = PublicKeyAlgorithm::Dsa;
            facts.primary.bits = 768;
        }),
        ("weak-key", |_, facts| {
            facts.primary.algorithm = PublicKeyAlgorithm::ElGamal;
            facts.primary.bits = 4096;
        }),
    ];
    for (rule, spoil) in cases {
        let (mut signature, mut facts) = (signature_by(PRIMARY), certificate());
        spoil(&mut signature, &mut facts);
        let (against, _) = relaxing(&[rule], &signature, &facts);
        assert!(against.contains(&rule), "{rule}");
    }
}

#[test]
fn relaxing_expiry_lets_no_revoked_key_through() {
    let mut facts = certificate();
    facts.user_ids[0].signatures[0].key_expires_after = Some(60);
    facts.on_primary.push(revocation(None, NOW));
    assert_eq!(
        relaxing(&["key-expired"], &signature_by(PRIMARY), &facts),
        (vec!["key-revoked"], vec!["key-expired"])
    );
}

#[test]
fn of_two_certificates_the_one_counts_that_needs_no_relaxing() {
    let mut lapsed = certificate();
    lapsed.subkeys[0].signatures[0].key_expires_after = Some(60);
    let mut other = certificate();
    other.primary.fingerprint = Fingerprint::V4([7; 20]);
    let mut signature = signature_by(SUBKEY);
    signature.trials.push(Trial {
        certificate: other.primary.fingerprint,
        ..signature.trials[0].clone()
    });
    let relaxed = Relaxations::named(["key-expired"]).unwrap();
    let judgement = judge(
        &Policy::default().relaxing(relaxed),
        NOW,
        &signature,
        &[HashAlgorithm::Sha256],
        &[lapsed, other],
    );
    assert!(judgement.is_good() && judgement.relaxed.is_empty());
}

#[test]
fn a_listing_knows_what_has_expired_what_will_and_what_is_revoked() {
    let mut facts = certificate();
    let at = |facts: &CertificateFacts| standings(facts, NOW);
    assert_eq!(at(&facts)[0].expires, None);
    assert!(at(&facts).iter().all(KeyStanding::may_sign));

    // The subkey ends sooner than its primary key, then later.
    let primary_ends = NOW.plus(DAY);
    facts.user_ids[0].signatures[0].key_expires_after = Some(1001 * 86_400);
    facts.subkeys[0].signatures[0].key_expires_after = Some(900 * 86_400);
    let [primary, subkey] = &at(&facts)[..] else {
        panic!("two keys");
    };
    assert_eq!(primary.expires, Some(primary_ends));
    assert!(primary.may_sign() && !primary.is_expired());
    assert_eq!(subkey.expires, Some(NOW.plus(-100 * DAY)));
    assert!(subkey.is_expired() && subkey.is_for_signing() && !subkey.may_sign());
    facts.subkeys[0].signatures[0].key_expires_after = Some(2000 * 86_400);
    assert_eq!(at(&facts)[1].expires, Some(primary_ends));

    facts.on_primary.push(revocation(None, SIGNED));
    assert!(at(&facts).iter().all(KeyStanding::is_revoked));
}

#[test]
fn a_key_that_encrypts_is_not_one_for_signing() {
    let mut facts = certificate();
    facts.subkeys[0].signatures[0].key_flags = Some(KeyFlags(0x0C));
    assert!(!standings(&facts, NOW)[1].is_for_signing());
}
