//! rPGP, the crate `pgp`.

use super::{MADE, SIGNED, certificate, key, message};
use pgp::composed::{
    CleartextSignedMessage, Deserializable, KeyType, SecretKeyParamsBuilder, SignedPublicKey,
};
use pgp::types::Password;
use sifseal_conformance_tests::craft::{Frame, Hand, Key, armor};
use sifseal_core::openpgp::HashAlgorithm;

/// True if rPGP reads the message and its signature verifies.
fn accepts(message: &str, certificate: &[u8]) -> bool {
    let key = SignedPublicKey::from_bytes(certificate).unwrap();
    CleartextSignedMessage::from_string(message)
        .is_ok_and(|(message, _)| message.verify(&key).is_ok())
}

/// Shows that the tests below can see a bad signature.
#[test]
fn rpgp_does_the_mathematics() {
    let ada = key();
    let message = message(&ada.signs(SIGNED));
    assert!(accepts(&message, &certificate(&ada)));
    assert!(!accepts(
        &message.replace("hello", "goodbye"),
        &certificate(&ada)
    ));
}

#[test]
fn rpgp_signs_blanks_at_line_ends_and_does_not_verify_them() {
    let key = SecretKeyParamsBuilder::default()
        .key_type(KeyType::Ed25519Legacy)
        .can_sign(true)
        .primary_user_id("Ada".into())
        .build()
        .unwrap()
        .generate(rand::rngs::OsRng)
        .unwrap();
    let verifies = |text: &str| {
        let message =
            CleartextSignedMessage::sign(rand::rngs::OsRng, text, &*key, &Password::empty());
        message.unwrap().verify(&key.to_public_key()).is_ok()
    };
    assert!(verifies("one\ntwo"));
    assert!(!verifies("one \ntwo"));
    assert!(!verifies("one\t\ntwo"));
}

#[test]
fn rpgp_has_no_policy() {
    let rsa = Key::new(MADE, Hand::rsa(1024));
    for signature in [
        rsa.signs(SIGNED).hash(HashAlgorithm::Sha1),
        rsa.signs(SIGNED).hash(HashAlgorithm::Md5),
        rsa.signs(MADE.plus(-1)),
    ] {
        assert!(accepts(&message(&signature), &certificate(&rsa)));
    }
}

/// The one opinion that it has.
#[test]
fn rpgp_refuses_short_hashes_with_ed25519() {
    let ada = key();
    let signature = ada.signs(SIGNED).hash(HashAlgorithm::Sha1);
    assert!(!accepts(&message(&signature), &certificate(&ada)));
}

#[test]
fn rpgp_takes_any_hash_header_that_it_knows_or_none() {
    let ada = key();
    let frame = Frame::new("hello").signed(&ada.signs(SIGNED));
    for headers in [&["Hash: SHA512"][..], &[]] {
        let message = frame.clone().headers(headers).message();
        assert!(accepts(&message, &certificate(&ada)), "{headers:?}");
    }
}

#[test]
fn rpgp_refuses_a_blank_line_behind_a_message() {
    let ada = key();
    let message = message(&ada.signs(SIGNED)) + "\n";
    assert!(!accepts(&message, &certificate(&ada)));
}

#[test]
fn rpgp_reads_only_the_first_armored_block_of_a_file() {
    let file: String = (0..3)
        .map(|_| armor("PUBLIC KEY BLOCK", &certificate(&key())))
        .collect();
    let (keys, _) = SignedPublicKey::from_armor_many(file.as_bytes()).unwrap();
    assert_eq!(keys.filter(Result::is_ok).count(), 1);
}

/// Unlike Sequoia.
#[test]
fn rpgp_takes_a_carriage_return_alone_as_a_part_of_its_line() {
    let ada = key();
    let message = Frame::new("one\rtwo").signed(&ada.signs(SIGNED)).message();
    assert!(accepts(&message, &certificate(&ada)));
}
