//! What a new key is like.

use crate::support::*;
use sifseal_core::openpgp::{HashAlgorithm, KeyFlags, Maths, Protection, PublicKeyAlgorithm};
use sifseal_core::traits::{Engine, KeyAlgorithm};
use sifseal_core::{ErrorKind, Timestamp};

#[test]
fn a_new_key_is_what_was_asked_for() {
    for (key, algorithm, bits) in [
        (ed25519(), PublicKeyAlgorithm::EdDsaLegacy, 256),
        (rsa(), PublicKeyAlgorithm::Rsa, 2048),
    ] {
        assert_eq!(key.outline.algorithm, algorithm);
        assert_eq!(key.outline.bits, bits);
        assert_eq!(key.outline.created, NOW);
        assert_eq!(key.outline.user_ids, ["Ada (test) <ada@example.com>"]);
        assert_eq!(key.outline.subkeys.len(), 1);
        assert_eq!(key.protection, Protection::Open);
    }
}

#[test]
fn a_new_key_says_good_things_about_itself_and_only_those() {
    for key in [ed25519(), rsa()] {
        let facts = certificate_facts(&certificate(&key));
        assert_eq!(facts.primary.created, NOW);
        assert!(facts.on_primary.is_empty());

        let [certification] = facts.user_ids[0].signatures.as_slice() else {
            panic!("one certification");
        };
        assert_eq!(certification.maths, Maths::Good);
        assert_eq!(certification.hash, HashAlgorithm::Sha512);
        assert_eq!(certification.created, Some(NOW));
        assert_eq!(certification.key_flags, Some(KeyFlags(0x03)));
        assert!(certification.primary_user_id);
        assert_eq!(certification.key_expires_after, None);
        assert!(certification.unknown_critical.is_empty());

        let [binding] = facts.subkeys[0].signatures.as_slice() else {
            panic!("one binding");
        };
        assert_eq!(binding.maths, Maths::Good);
        assert_eq!(binding.key_flags, Some(KeyFlags(0x0C)));
        assert_eq!(binding.back_signature, None);
    }
}

#[test]
fn an_expiry_is_written_on_both_keys() {
    let mut spec = spec(KeyAlgorithm::Ed25519);
    spec.expires_after = Some(86_400);
    let key = ENGINE.generate(&cx(), &spec, None).unwrap();
    let facts = certificate_facts(&certificate(&key));
    assert_eq!(
        facts.user_ids[0].signatures[0].key_expires_after,
        Some(86_400)
    );
    assert_eq!(
        facts.subkeys[0].signatures[0].key_expires_after,
        Some(86_400)
    );
}

#[test]
fn what_cannot_be_made_is_refused_with_the_reason() {
    let refusal = |algorithm| {
        let error = ENGINE.generate(&cx(), &spec(algorithm), None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        error.to_string()
    };
    assert!(refusal(KeyAlgorithm::Rsa(1024)).contains("not safe"));
    assert!(refusal(KeyAlgorithm::Rsa(16385)).contains("16384"));

    let before_1970 = ENGINE.generate(&cx_at(Timestamp(-1)), &spec(KeyAlgorithm::Ed25519), None);
    assert_eq!(before_1970.unwrap_err().kind(), ErrorKind::Unsupported);
}

#[test]
fn a_passphrase_locks_every_secret_part_w2() {
    let passphrase = secret("correct horse");
    let key = ENGINE
        .generate(&cx(), &spec(KeyAlgorithm::Ed25519), Some(&passphrase))
        .unwrap();
    assert_eq!(key.protection, Protection::Passphrase);
    // The subkey alone must be enough to make the whole key count as open.
    let half = ENGINE.relock(&key, Some(&passphrase), None).unwrap();
    assert_eq!(half.protection, Protection::Open);
}
