//! Cleartext signatures: made, read, refused; by software keys and by strangers.

use crate::support::*;
use sifseal_core::openpgp::{
    Fingerprint, HashAlgorithm, KeyHandle, Maths, TransferableSecretKey, cleartext,
};
use sifseal_core::traits::{Engine, RawSignature, Signer};
use sifseal_core::{Context, Error, ErrorKind, Result};

const TEXT: &str = "{\"version\":1}\n- a dash\n\n--- three\nFrom me\nübung";

#[test]
fn what_is_signed_verifies_and_says_what_it_is() {
    for key in [ed25519(), rsa()] {
        let message = clearsign(&key, TEXT);
        let certificate = certificate(&key);
        assert_eq!(cleartext::read(message.as_bytes()).unwrap().text, TEXT);
        assert!(message.ends_with("-----END PGP SIGNATURE-----"));

        let facts = &signature_facts(&message, &[&certificate])[0];
        assert_eq!(facts.version, 4);
        assert_eq!(facts.kind, 0x01);
        assert_eq!(facts.hash, HashAlgorithm::Sha256);
        assert_eq!(facts.created, Some(NOW));
        assert_eq!(facts.expires_after, None);
        let fingerprint = key.fingerprint();
        assert_eq!(
            facts.issuers,
            [
                KeyHandle::Fingerprint(fingerprint),
                KeyHandle::KeyId(fingerprint.key_id())
            ]
        );
        assert!(facts.unknown_critical.is_empty());
        assert_eq!(
            only_trial(&message, &certificate),
            (fingerprint, Maths::Good)
        );
    }
}

/// Integers lose leading zeros, so one key in 256 has a short value somewhere.
#[test]
fn fifty_fresh_keys_sign_and_verify() {
    for round in 0..50 {
        let key = ed25519();
        let certificate = certificate(&key);
        for text in 0..10 {
            let message = clearsign(&key, &format!("{round}/{text}"));
            assert_eq!(only_trial(&message, &certificate).1, Maths::Good);
        }
    }
}

#[test]
fn three_rsa_keys_sign_and_verify_with_each_hash() {
    for key in [rsa(), fresh_rsa(), fresh_rsa()] {
        let signer = signer(&key);
        for hash in signer.accepted_hashes() {
            let message = ENGINE
                .clearsign(&cx(), signer.as_ref(), *hash, TEXT)
                .unwrap();
            assert!(message.contains(&format!("\nHash: {hash}\n")));
            assert_eq!(only_trial(&message, &certificate(&key)).1, Maths::Good);
        }
    }
}

#[test]
fn the_same_key_text_and_time_give_the_same_message() {
    for key in [ed25519(), rsa()] {
        assert_eq!(clearsign(&key, TEXT), clearsign(&key, TEXT));
    }
}

#[test]
fn a_changed_text_is_bad() {
    let key = ed25519();
    let message = clearsign(&key, "object 1 is good").replace("good", "evil");
    assert_eq!(only_trial(&message, &certificate(&key)).1, Maths::Bad);
}

#[test]
fn a_key_that_is_no_issuer_is_not_tried() {
    let message = clearsign(&ed25519(), TEXT);
    let stranger = certificate(&ed25519());
    assert!(signature_facts(&message, &[&stranger])[0].trials.is_empty());
    assert!(signature_facts(&message, &[])[0].trials.is_empty());
}

#[test]
fn line_ends_of_the_transport_do_not_matter() {
    let key = ed25519();
    let message = clearsign(&key, TEXT).replace('\n', "\r\n");
    assert_eq!(only_trial(&message, &certificate(&key)).1, Maths::Good);
}

#[test]
fn an_empty_text_can_be_signed() {
    let key = ed25519();
    let message = clearsign(&key, "");
    assert_eq!(cleartext::read(message.as_bytes()).unwrap().text, "");
    assert_eq!(only_trial(&message, &certificate(&key)).1, Maths::Good);
}

#[test]
fn text_that_the_frame_would_change_is_refused() {
    let key = ed25519();
    for text in ["a\rb", "a\n", "a \nb", "a\t", "a \r\nb", "a\r\n"] {
        let error = ENGINE
            .clearsign(&cx(), signer(&key).as_ref(), HashAlgorithm::Sha256, text)
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{text:?}");
    }
}

#[test]
fn a_hash_that_the_signer_does_not_take_is_refused() {
    let key = ed25519();
    let error = ENGINE
        .clearsign(&cx(), signer(&key).as_ref(), HashAlgorithm::Sha1, TEXT)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

/// A device with a P-521 key that takes SHA-256, which rPGP refuses there: to
/// ECDSA a digest is a number, and zeros in front of it change nothing.
#[derive(Debug)]
struct ShortHashes(Box<dyn Signer>);

impl Signer for ShortHashes {
    fn public_key(&self) -> &[u8] {
        self.0.public_key()
    }

    fn fingerprint(&self) -> Fingerprint {
        self.0.fingerprint()
    }

    fn accepted_hashes(&self) -> &[HashAlgorithm] {
        &[HashAlgorithm::Sha256]
    }

    fn sign_digest(
        &self,
        cx: &Context<'_>,
        _hash: HashAlgorithm,
        digest: &[u8],
    ) -> Result<RawSignature> {
        let number = [&[0; 32], digest].concat();
        self.0.sign_digest(cx, HashAlgorithm::Sha512, &number)
    }
}

#[test]
fn every_kind_of_key_signs_and_a_short_hash_is_only_a_fact() {
    use pgp::composed::{KeyType, SecretKeyParamsBuilder};
    use pgp::crypto::ecc_curve::ECCCurve;
    use pgp::ser::Serialize;
    let curves = [
        ECCCurve::P256,
        ECCCurve::P384,
        ECCCurve::P521,
        ECCCurve::Secp256k1,
    ];
    let kinds = curves.map(KeyType::ECDSA).into_iter();
    for kind in kinds.chain([KeyType::Ed25519, KeyType::Ed448]) {
        for version in [pgp::types::KeyVersion::V4, pgp::types::KeyVersion::V6] {
            let made = SecretKeyParamsBuilder::default()
                .version(version)
                .key_type(kind.clone())
                .can_sign(true)
                .can_certify(true)
                .primary_user_id("Eve".into())
                .build()
                .unwrap()
                .generate(rand::rngs::OsRng)
                .unwrap();
            let key = only_secret_key(&made.to_bytes().unwrap());
            let certificate = certificate(&key);
            let facts = certificate_facts(&certificate);
            assert_eq!(
                facts.user_ids[0].signatures[0].maths,
                Maths::Good,
                "{kind:?}"
            );
            let signer = signer(&key);
            for hash in signer.accepted_hashes() {
                let message = ENGINE
                    .clearsign(&cx(), signer.as_ref(), *hash, TEXT)
                    .unwrap();
                assert_eq!(
                    only_trial(&message, &certificate).1,
                    Maths::Good,
                    "{kind:?}"
                );
            }
            if kind == KeyType::ECDSA(ECCCurve::P521) {
                let short = ShortHashes(signer);
                let message = ENGINE
                    .clearsign(&cx(), &short, HashAlgorithm::Sha256, TEXT)
                    .unwrap();
                assert_eq!(only_trial(&message, &certificate).1, Maths::Good);
            }
        }
    }
}

/// A signer as an agent or a device would be: it knows a digest and nothing else.
#[derive(Debug)]
struct Device {
    inner: Box<dyn Signer>,
    mood: Mood,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Mood {
    Honest,
    Denies,
    SignsSomethingElse,
    AnswersOtherKind,
    LiesAboutItsKey,
}

impl Signer for Device {
    fn public_key(&self) -> &[u8] {
        self.inner.public_key()
    }

    fn fingerprint(&self) -> Fingerprint {
        match self.mood {
            Mood::LiesAboutItsKey => Fingerprint::V4([0; 20]),
            _ => self.inner.fingerprint(),
        }
    }

    fn accepted_hashes(&self) -> &[HashAlgorithm] {
        self.inner.accepted_hashes()
    }

    fn sign_digest(
        &self,
        cx: &Context<'_>,
        hash: HashAlgorithm,
        digest: &[u8],
    ) -> Result<RawSignature> {
        match self.mood {
            Mood::Denies => Err(Error::new(ErrorKind::Denied, "the button was not pressed")),
            Mood::SignsSomethingElse => self.inner.sign_digest(cx, hash, &vec![7; digest.len()]),
            Mood::AnswersOtherKind => Ok(RawSignature::EcDsa {
                r: vec![1],
                s: vec![1],
            }),
            Mood::Honest | Mood::LiesAboutItsKey => self.inner.sign_digest(cx, hash, digest),
        }
    }
}

fn device(key: &TransferableSecretKey, mood: Mood) -> Device {
    Device {
        inner: signer(key),
        mood,
    }
}

#[test]
fn any_signer_can_sign() {
    for key in [ed25519(), rsa()] {
        let device = device(&key, Mood::Honest);
        let message = ENGINE
            .clearsign(&cx(), &device, HashAlgorithm::Sha512, TEXT)
            .unwrap();
        assert_eq!(only_trial(&message, &certificate(&key)).1, Maths::Good);
    }
}

#[test]
fn a_signers_own_error_comes_through_and_a_faulty_signature_does_not() {
    for key in [ed25519(), rsa()] {
        let refusal = |mood| {
            ENGINE
                .clearsign(&cx(), &device(&key, mood), HashAlgorithm::Sha256, TEXT)
                .unwrap_err()
        };
        let denied = refusal(Mood::Denies);
        assert_eq!(denied.kind(), ErrorKind::Denied);
        assert_eq!(denied.to_string(), "the button was not pressed");

        let faulty = refusal(Mood::SignsSomethingElse);
        assert_eq!(faulty.kind(), ErrorKind::Backend);
        assert!(faulty.to_string().contains("does not verify"));

        assert_eq!(refusal(Mood::AnswersOtherKind).kind(), ErrorKind::Backend);
        assert_eq!(refusal(Mood::LiesAboutItsKey).kind(), ErrorKind::Malformed);
    }
}
