//! Certificates made around keys whose secrets are in devices: the same from every
//! engine, and good for every engine.

use crate::support::*;
use ed25519_dalek::Signer as _;
use p256::ecdsa::signature::hazmat::PrehashSigner as _;
use rsa::traits::PublicKeyParts as _;
use sifseal_conformance_tests::craft::{self, Hand};
use sifseal_conformance_tests::{Gpg, require_gpg};
use sifseal_core::openpgp::{
    Certificate, EcDsaCurve, Fingerprint, HashAlgorithm, KeyFlags, KeyHandle, Maths, PublicKey,
    PublicValues, SelfSignatureKind,
};
use sifseal_core::traits::{RawSignature, Signer};
use sifseal_core::{Context, Error, ErrorKind, Result, Timestamp};
use std::sync::LazyLock;

const CREATED: Timestamp = Timestamp(1_600_000_000);
/// What PKCS#1 v1.5 writes before a SHA-256 digest (RFC 8017, section 9.2, note 1).
const SHA256_INFO: &[u8] =
    b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20";
const USER_ID: &str = "Release Team <release@example.org>";

/// A device that knows no OpenPGP, and the numbers by which it is known.
#[derive(Debug)]
struct Device {
    hand: Hand,
    public: PublicKey,
    is_faulty: bool,
}

fn values(hand: &Hand) -> PublicValues {
    match hand {
        Hand::Ed25519Legacy(key) | Hand::Ed25519(key) => {
            PublicValues::Ed25519(key.verifying_key().to_bytes())
        }
        Hand::P256(key) => PublicValues::EcDsa {
            curve: EcDsaCurve::NistP256,
            point: key
                .verifying_key()
                .to_encoded_point(false)
                .as_bytes()
                .to_vec(),
        },
        Hand::Rsa(key) => PublicValues::Rsa {
            n: key.n().to_bytes_be(),
            e: key.e().to_bytes_be(),
        },
        Hand::Ed448(_) => panic!("no device here has such a key"),
    }
}

fn device(engine: &Subject, hand: Hand) -> Device {
    Device {
        public: engine.public_key(&values(&hand), CREATED).unwrap(),
        hand,
        is_faulty: false,
    }
}

/// One of each kind; the RSA key is made once, because that is slow.
fn hands() -> [Hand; 3] {
    static RSA: LazyLock<Hand> = LazyLock::new(|| Hand::rsa(2048));
    [Hand::ed25519_legacy(), Hand::p256(), RSA.clone()]
}

impl Signer for Device {
    fn public_key(&self) -> &[u8] {
        &self.public.body
    }

    fn fingerprint(&self) -> Fingerprint {
        self.public.fingerprint
    }

    fn accepted_hashes(&self) -> &[HashAlgorithm] {
        &[HashAlgorithm::Sha256]
    }

    fn sign_digest(
        &self,
        _: &Context<'_>,
        _: HashAlgorithm,
        digest: &[u8],
    ) -> Result<RawSignature> {
        let digest: &[u8] = if self.is_faulty { &[7; 32] } else { digest };
        Ok(match &self.hand {
            Hand::Ed25519Legacy(key) | Hand::Ed25519(key) => {
                RawSignature::EdDsa(key.sign(digest).to_vec())
            }
            Hand::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign_prehash(digest).unwrap();
                let (r, s) = signature.split_bytes();
                RawSignature::EcDsa {
                    r: r.to_vec(),
                    s: s.to_vec(),
                }
            }
            Hand::Rsa(key) => {
                let padding = rsa::Pkcs1v15Sign {
                    hash_len: Some(32),
                    prefix: SHA256_INFO.into(),
                };
                RawSignature::Rsa(key.sign(padding, digest).unwrap())
            }
            Hand::Ed448(_) => panic!("no device here has such a key"),
        })
    }
}

fn certified(device: &Device) -> Certificate {
    some_engine().certify(&cx(), device, USER_ID).unwrap()
}

#[test]
fn the_same_numbers_and_time_are_the_same_key_to_every_engine() {
    for hand in hands() {
        let key = agreed(|engine| engine.public_key(&values(&hand), CREATED).unwrap());
        let by_hand = craft::Key::new(CREATED, hand);
        assert_eq!(key.body, by_hand.body());
        assert_eq!(key.fingerprint, by_hand.fingerprint());
    }
}

#[test]
fn another_time_is_another_key() {
    let values = values(&Hand::p256());
    let at = |time| agreed(|engine| engine.public_key(&values, time).unwrap().fingerprint);
    assert_ne!(at(CREATED), at(CREATED.plus(1)));
}

#[test]
fn numbers_that_are_no_key_are_refused() {
    for engine in subjects() {
        let refusal = |values: PublicValues, created| -> ErrorKind {
            engine.public_key(&values, created).unwrap_err().kind()
        };
        let point = |point: &[u8]| PublicValues::EcDsa {
            curve: EcDsaCurve::NistP256,
            point: point.to_vec(),
        };
        assert_eq!(refusal(point(&[4; 64]), CREATED), ErrorKind::Malformed);
        assert_eq!(refusal(point(&[3; 65]), CREATED), ErrorKind::Malformed);
        assert_eq!(refusal(point(&[]), CREATED), ErrorKind::Malformed);
        let (n, e) = (vec![1; 9000], vec![3]);
        let rsa = PublicValues::Rsa { n, e };
        assert_eq!(refusal(rsa, CREATED), ErrorKind::Malformed);
        let ed25519 = PublicValues::Ed25519([9; 32]);
        assert_eq!(refusal(ed25519, Timestamp(-1)), ErrorKind::Unsupported);
    }
}

/// RSA and Ed25519 have no randomness in them: the certificate is told by its bytes.
#[test]
fn the_same_certificate_comes_from_every_engine_and_whenever_it_is_made() {
    for hand in [Hand::ed25519_legacy(), hands()[2].clone()] {
        let device = device(&some_engine(), hand);
        let certificate = agreed(|engine| engine.certify(&cx(), &device, USER_ID).unwrap());
        let later = Context {
            now: NOW.plus(1_000_000),
            ..cx()
        };
        let again = agreed(|engine| engine.certify(&later, &device, USER_ID).unwrap());
        assert_eq!(certificate, again);
    }
}

#[test]
fn a_certificate_says_what_a_key_that_signs_must_say_and_every_engine_believes_it() {
    for hand in hands() {
        let device = device(&some_engine(), hand);
        let certificate = certified(&device);
        assert_eq!(agreed_certificate(&certificate.bytes), certificate);
        assert_eq!(certificate.fingerprint(), device.fingerprint());
        assert_eq!(certificate.outline.user_ids, [USER_ID]);

        let facts = agreed_facts(&certificate);
        assert_eq!(facts.primary.created, CREATED);
        assert!(facts.on_primary.is_empty() && facts.subkeys.is_empty());
        let [user_id] = &facts.user_ids[..] else {
            panic!("one user ID");
        };
        let [own] = &user_id.signatures[..] else {
            panic!("one self-signature");
        };
        assert_eq!(own.kind, SelfSignatureKind::Certification);
        assert_eq!(own.maths, Maths::Good);
        assert_eq!(own.hash, HashAlgorithm::Sha256);
        assert_eq!(own.created, Some(CREATED));
        assert_eq!(own.key_flags, Some(KeyFlags(0x03)));
        assert!(own.primary_user_id);
        assert_eq!((own.expires_after, own.key_expires_after), (None, None));
        assert!(own.unknown_critical.is_empty());
    }
}

#[test]
fn what_the_device_signs_verifies_with_the_certificate() {
    for (maker, reader) in makers_and_readers() {
        for hand in hands() {
            let device = device(&maker, hand);
            let certificate = maker.certify(&cx(), &device, USER_ID).unwrap();
            let message = maker.message_by(&device, "text");
            let facts = &reader.signatures(&message, &[&certificate])[0];
            assert!(
                facts
                    .issuers
                    .contains(&KeyHandle::Fingerprint(device.fingerprint()))
            );
            assert_eq!(
                reader.only_trial(&message, &certificate),
                (device.fingerprint(), Maths::Good)
            );
        }
    }
}

#[test]
fn gpg_takes_the_certificate_and_finds_the_signature_good() {
    if require_gpg().is_none() {
        return;
    }
    for hand in hands() {
        let gpg = Gpg::new().unwrap();
        let device = device(&some_engine(), hand);
        gpg.run(&["--import"], &certified(&device).bytes);
        assert_eq!(gpg.fingerprints(), [device.fingerprint().to_string()]);
        let message = some_engine().message_by(&device, "text");
        let status = gpg.verify(&message);
        let good = format!("VALIDSIG {}", device.fingerprint());
        assert!(status.contains(&good), "{status}");
    }
}

#[test]
fn a_user_id_is_one_line_and_not_empty() {
    for engine in subjects() {
        let device = device(&engine, Hand::ed25519_legacy());
        for user_id in ["", "a\nb", "\u{1b}[2K"] {
            let error = engine.certify(&cx(), &device, user_id).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed, "{user_id:?}");
        }
    }
}

#[test]
fn a_device_that_errs_gets_no_certificate() {
    for engine in subjects() {
        for hand in hands() {
            let device = Device {
                is_faulty: true,
                ..device(&engine, hand)
            };
            let error = engine.certify(&cx(), &device, USER_ID).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Backend);
            assert!(error.to_string().contains("does not verify"), "{error}");
        }
        let mut device = device(&engine, Hand::ed25519_legacy());
        device.public.fingerprint = Fingerprint::V4([7; 20]);
        let error: Error = engine.certify(&cx(), &device, USER_ID).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed);
    }
}

#[test]
fn an_answer_of_another_kind_of_key_is_told() {
    for engine in subjects() {
        let device = Device {
            hand: Hand::p256(),
            ..device(&engine, Hand::ed25519_legacy())
        };
        let error = engine.certify(&cx(), &device, USER_ID).unwrap_err();
        assert!(error.to_string().contains("another kind"), "{error}");
    }
}
