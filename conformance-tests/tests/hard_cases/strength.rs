//! Keys and hashes that are too weak, in messages and in self-signatures.

use crate::people::{TEXT, certificate, key, message, ordinary};
use crate::row::{MADE, SIGNED, row};
use sifseal_conformance_tests::craft::subpacket::embedded;
use sifseal_conformance_tests::craft::{CertificateDraft, Frame, Hand, Key, Place};
use sifseal_conformance_tests::gnupg::Said;
use sifseal_conformance_tests::gnupg::reason::{GENERAL, NO_KEY};
use sifseal_core::Timestamp;
use sifseal_core::openpgp::HashAlgorithm;
use std::sync::LazyLock;

/// Why a weak key or hash does not trouble GnuPG.
const NO_MINIMUM: &str = "GnuPG 2.2 has no minimum strength but for MD5 (W-7)";

/// The day before SHA-1 self-signatures are no longer believed: 2023-01-31.
const LAST_DAY_OF_SHA1: Timestamp = Timestamp(1_675_123_200);

/// Making an RSA key is slow, so the rows share one.
static RSA_2048: LazyLock<Key> = LazyLock::new(|| Key::new(MADE, Hand::rsa(2048)));

#[test]
fn rsa_of_1024_bits_is_too_weak() {
    let ada = Key::new(MADE, Hand::rsa(1024));
    row(message(&ada.signs(SIGNED)))
        .knowing(certificate(&ada))
        .refused(&["weak-key"])
        .gpg(&[Said::Good])
        .unlike_gpg(NO_MINIMUM)
        .check();
}

#[test]
fn rsa_of_2047_bits_is_too_weak() {
    let ada = Key::new(MADE, Hand::rsa(2047));
    row(message(&ada.signs(SIGNED)))
        .knowing(certificate(&ada))
        .refused(&["weak-key"])
        .gpg(&[Said::Good])
        .unlike_gpg(NO_MINIMUM)
        .check();
}

#[test]
fn rsa_of_2048_bits_is_good() {
    let ada = &*RSA_2048;
    row(message(&ada.signs(SIGNED)))
        .knowing(certificate(ada))
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_weak_primary_key_spoils_its_strong_subkey() {
    let (ada, sub) = (Key::new(MADE, Hand::rsa(1024)), key());
    row(message(&sub.signs(SIGNED)))
        .knowing(ordinary(&ada).subkey(&sub, &ada.binds(&sub, MADE)).bytes())
        .refused(&["weak-key"])
        .gpg(&[Said::Good])
        .unlike_gpg(NO_MINIMUM)
        .check();
}

#[test]
fn a_weak_subkey_does_not_touch_its_strong_primary_key() {
    let (ada, sub) = (key(), Key::new(MADE, Hand::rsa(1024)));
    let certificate = ordinary(&ada).subkey(&sub, &ada.binds(&sub, MADE)).bytes();
    row(message(&sub.signs(SIGNED)))
        .knowing(certificate.clone())
        .refused(&["weak-key"])
        .gpg(&[Said::Good])
        .unlike_gpg(NO_MINIMUM)
        .check();
    row(message(&ada.signs(SIGNED)))
        .knowing(certificate)
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_signature_with_sha1_is_too_weak() {
    for ada in [&*RSA_2048, &key()] {
        row(message(&ada.signs(SIGNED).hash(HashAlgorithm::Sha1)))
            .knowing(certificate(ada))
            .refused(&["weak-hash"])
            .gpg(&[Said::Good])
            .unlike_gpg(NO_MINIMUM)
            .check();
    }
}

#[test]
fn a_signature_with_md5_is_too_weak() {
    for ada in [&*RSA_2048, &key()] {
        row(message(&ada.signs(SIGNED).hash(HashAlgorithm::Md5)))
            .knowing(certificate(ada))
            .refused(&["weak-hash"])
            .gpg(&[Said::Error(GENERAL)])
            .check();
    }
}

/// Without any `Hash` header, MD5 is meant (RFC 4880, section 7).
#[test]
fn a_signature_with_md5_and_no_header_is_too_weak() {
    let ada = &*RSA_2048;
    let signature = ada.signs(SIGNED).hash(HashAlgorithm::Md5);
    row(Frame::new(TEXT).signed(&signature).headers(&[]).message())
        .knowing(certificate(ada))
        .refused(&["weak-hash", "hash-header-mismatch"])
        .gpg(&[Said::Error(GENERAL)])
        .check();
}

#[test]
fn a_signature_with_ripemd160_is_too_weak() {
    for ada in [&*RSA_2048, &key()] {
        row(message(&ada.signs(SIGNED).hash(HashAlgorithm::Ripemd160)))
            .knowing(certificate(ada))
            .refused(&["weak-hash"])
            .gpg(&[Said::Good])
            .unlike_gpg(NO_MINIMUM)
            .check();
    }
}

#[test]
fn every_hash_of_the_sha2_family_is_good() {
    for ada in [&*RSA_2048, &key()] {
        for hash in [
            HashAlgorithm::Sha224,
            HashAlgorithm::Sha256,
            HashAlgorithm::Sha384,
            HashAlgorithm::Sha512,
        ] {
            row(message(&ada.signs(SIGNED).hash(hash)))
                .knowing(certificate(ada))
                .good()
                .gpg(&[Said::Good])
                .check();
        }
    }
}

/// A certificate of a key made in 2015, certified with a hash at some time.
fn certified_with(ada: &Key, hash: HashAlgorithm, when: Timestamp) -> Vec<u8> {
    CertificateDraft::of(ada)
        .user_id("Ada", &ada.certifies(when).hash(hash))
        .bytes()
}

fn key_of_2015() -> Key {
    Key::new(Timestamp(1_420_070_400), Hand::ed25519_legacy())
}

#[test]
fn an_old_self_signature_with_sha1_is_believed() {
    let ada = key_of_2015();
    row(message(&ada.signs(SIGNED)))
        .knowing(certified_with(&ada, HashAlgorithm::Sha1, LAST_DAY_OF_SHA1))
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_new_self_signature_with_sha1_is_not_believed() {
    let ada = key_of_2015();
    let next_day = LAST_DAY_OF_SHA1.plus(86_400);
    row(message(&ada.signs(SIGNED)))
        .knowing(certified_with(&ada, HashAlgorithm::Sha1, next_day))
        .refused(&["weak-self-signature"])
        .gpg(&[Said::Good])
        .unlike_gpg(NO_MINIMUM)
        .check();
}

#[test]
fn a_self_signature_with_md5_is_never_believed() {
    let ada = key_of_2015();
    row(message(&ada.signs(SIGNED)))
        .knowing(certified_with(
            &ada,
            HashAlgorithm::Md5,
            Timestamp(1_420_070_400),
        ))
        .refused(&["key-not-bound"])
        .gpg(&[Said::Error(NO_KEY)])
        .check();
}

#[test]
fn a_binding_with_sha1_is_believed_by_its_age() {
    for (when, expected, unlike) in [
        (LAST_DAY_OF_SHA1, &[][..], None),
        (MADE, &["weak-self-signature"], Some(NO_MINIMUM)),
    ] {
        let (ada, sub) = (key_of_2015(), key_of_2015());
        let binding = ada.binds(&sub, when).hash(HashAlgorithm::Sha1);
        let certificate = CertificateDraft::of(&ada)
            .user_id("Ada", &ada.certifies(when))
            .subkey(&sub, &binding)
            .bytes();
        let row = row(message(&sub.signs(SIGNED)))
            .knowing(certificate)
            .refused(expected)
            .gpg(&[Said::Good]);
        match unlike {
            Some(because) => row.unlike_gpg(because).check(),
            None => row.check(),
        }
    }
}

#[test]
fn an_answer_with_md5_is_none() {
    let (ada, sub) = (key(), key());
    let answer = sub
        .answers(MADE)
        .hash(HashAlgorithm::Md5)
        .body(Place::Subkey(&ada, &sub));
    let binding = ada.binds_without_answer(MADE).with(embedded(&answer));
    row(message(&sub.signs(SIGNED)))
        .knowing(ordinary(&ada).subkey(&sub, &binding).bytes())
        .refused(&["back-signature-missing"])
        .gpg(&[Said::Error(GENERAL)])
        .check();
}
