//! Cleartext signatures: made, read, refused; by software keys and by strangers.

use crate::support::*;
use sifseal_core::openpgp::{
    Fingerprint, HashAlgorithm, KeyHandle, Maths, TransferableSecretKey, cleartext,
};
use sifseal_core::traits::{RawSignature, Signer};
use sifseal_core::{Context, Error, ErrorKind, Result};

const TEXT: &str = "{\"version\":1}\n- a dash\n\n--- three\nFrom me\nübung";

#[test]
fn what_is_signed_verifies_and_says_what_it_is() {
    for (maker, reader) in makers_and_readers() {
        for key in maker.keys() {
            let message = maker.message(&key, TEXT);
            let certificate = reader.certificate(&key);
            assert_eq!(cleartext::read(message.as_bytes()).unwrap().text, TEXT);
            assert!(message.starts_with("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{"));
            assert!(message.ends_with("-----END PGP SIGNATURE-----"));

            let facts = &reader.signatures(&message, &[&certificate])[0];
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
                reader.only_trial(&message, &certificate),
                (fingerprint, Maths::Good)
            );
        }
    }
}

/// Integers lose leading zeros, so one signature in 128 has a short value.
#[test]
fn fifty_fresh_keys_sign_and_verify() {
    for (maker, reader) in makers_and_readers() {
        for round in 0..50 {
            let key = maker.ed25519();
            let certificate = reader.certificate(&key);
            let signer = maker.signer(&key);
            for text in 0..10 {
                let message = maker.message_by(&*signer, &format!("{round}/{text}"));
                assert_eq!(reader.only_trial(&message, &certificate).1, Maths::Good);
            }
        }
    }
}

#[test]
fn a_key_of_one_engine_signs_in_another() {
    for (maker, other) in makers_and_readers() {
        for key in maker.keys() {
            let signer = other.signer(&key);
            let certificate = maker.certificate(&key);
            for text in 0..30 {
                let message = other.message_by(&*signer, &text.to_string());
                assert_eq!(maker.only_trial(&message, &certificate).1, Maths::Good);
            }
        }
    }
}

#[test]
fn a_signer_of_one_engine_is_any_signer_to_another() {
    for (maker, other) in makers_and_readers() {
        for key in maker.keys() {
            let message = other.message_by(&*maker.signer(&key), TEXT);
            let certificate = maker.certificate(&key);
            assert_eq!(maker.only_trial(&message, &certificate).1, Maths::Good);
        }
    }
}

#[test]
fn fresh_rsa_keys_sign_and_verify_with_each_hash() {
    for (maker, reader) in makers_and_readers() {
        for key in [maker.rsa(), maker.fresh_rsa()] {
            let signer = maker.signer(&key);
            for hash in signer.accepted_hashes() {
                let message = maker.message_with(signer.as_ref(), *hash, TEXT);
                assert!(message.contains(&format!("\nHash: {hash}\n")));
                let certificate = reader.certificate(&key);
                assert_eq!(reader.only_trial(&message, &certificate).1, Maths::Good);
            }
        }
    }
}

#[test]
fn the_same_key_text_and_time_give_the_same_message() {
    for engine in subjects() {
        for key in engine.keys() {
            assert_eq!(engine.message(&key, TEXT), engine.message(&key, TEXT));
        }
    }
}

#[test]
fn a_changed_text_is_bad() {
    for (maker, reader) in makers_and_readers() {
        for key in maker.keys() {
            let message = maker
                .message(&key, "object 1 is good")
                .replace("good", "evil");
            let certificate = reader.certificate(&key);
            assert_eq!(reader.only_trial(&message, &certificate).1, Maths::Bad);
        }
    }
}

#[test]
fn a_key_that_is_no_issuer_is_not_tried() {
    for engine in subjects() {
        let message = engine.message(&engine.ed25519(), TEXT);
        let stranger = engine.certificate(&engine.ed25519());
        for certificates in [&[&stranger][..], &[]] {
            let facts = engine.signatures(&message, certificates);
            assert!(facts[0].trials.is_empty());
        }
    }
}

#[test]
fn line_ends_of_the_transport_do_not_matter() {
    for (maker, reader) in makers_and_readers() {
        let key = maker.ed25519();
        let message = maker.message(&key, TEXT).replace('\n', "\r\n");
        let certificate = reader.certificate(&key);
        assert_eq!(reader.only_trial(&message, &certificate).1, Maths::Good);
    }
}

#[test]
fn line_ends_inside_the_text_do_not_matter_and_an_empty_text_can_be_signed() {
    for (maker, reader) in makers_and_readers() {
        let key = maker.ed25519();
        let certificate = reader.certificate(&key);
        for text in ["", "one\r\ntwo\nthree", "\n\n-"] {
            let message = maker.message(&key, text);
            let read = cleartext::read(message.as_bytes()).unwrap();
            assert_eq!(read.text, text.replace("\r\n", "\n"));
            assert_eq!(reader.only_trial(&message, &certificate).1, Maths::Good);
        }
    }
}

#[test]
fn text_that_the_frame_would_change_is_refused() {
    for engine in subjects() {
        let signer = engine.signer(&engine.ed25519());
        for text in ["a\rb", "a\n", "a \nb", "a\t", "a \r\nb", "a\r\n"] {
            let error = engine
                .clearsign(&cx(), signer.as_ref(), HashAlgorithm::Sha256, text)
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed, "{text:?}");
        }
    }
}

#[test]
fn a_hash_that_the_signer_does_not_take_is_refused() {
    for engine in subjects() {
        let signer = engine.signer(&engine.ed25519());
        let error = engine
            .clearsign(&cx(), signer.as_ref(), HashAlgorithm::Sha1, TEXT)
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        let directly = signer.sign_digest(&cx(), HashAlgorithm::Sha1, &[0; 20]);
        assert_eq!(directly.unwrap_err().kind(), ErrorKind::Unsupported);
        let short = signer.sign_digest(&cx(), HashAlgorithm::Sha256, &[0; 31]);
        assert_eq!(short.unwrap_err().kind(), ErrorKind::Malformed);
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

fn device(engine: &Subject, key: &TransferableSecretKey, mood: Mood) -> Device {
    Device {
        inner: engine.signer(key),
        mood,
    }
}

#[test]
fn any_signer_can_sign() {
    for (maker, reader) in makers_and_readers() {
        for key in maker.keys() {
            let device = device(&maker, &key, Mood::Honest);
            let message = maker.message_with(&device, HashAlgorithm::Sha512, TEXT);
            let certificate = reader.certificate(&key);
            assert_eq!(reader.only_trial(&message, &certificate).1, Maths::Good);
        }
    }
}

#[test]
fn a_signers_own_error_comes_through_and_a_faulty_signature_does_not() {
    for engine in subjects() {
        for key in engine.keys() {
            let refusal = |mood| {
                let device = device(&engine, &key, mood);
                engine
                    .clearsign(&cx(), &device, HashAlgorithm::Sha256, TEXT)
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
}
