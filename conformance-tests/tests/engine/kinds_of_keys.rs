//! Every kind of key that signs, in both versions, made by rPGP itself: an engine
//! signs and verifies with it, or says that it cannot.

use crate::support::*;
use pgp::composed::{KeyType, SecretKeyParamsBuilder};
use pgp::crypto::ecc_curve::ECCCurve;
use pgp::ser::Serialize;
use pgp::types::KeyVersion;
use sifseal_conformance_tests::workshop::at;
use sifseal_core::openpgp::{Fingerprint, HashAlgorithm, Maths};
use sifseal_core::traits::{RawSignature, Signer};
use sifseal_core::{Context, ErrorKind, Result, Timestamp};

fn made(kind: &KeyType, version: KeyVersion) -> Vec<u8> {
    SecretKeyParamsBuilder::default()
        .version(version)
        .key_type(kind.clone())
        .can_sign(true)
        .can_certify(true)
        .primary_user_id("Eve".into())
        .build()
        .unwrap()
        .generate(rand::rngs::OsRng)
        .unwrap()
        .to_bytes()
        .unwrap()
}

/// Sequoia does not know Bitcoin's curve.
fn lacks(engine: &Subject, kind: &KeyType) -> bool {
    engine.name() == "sequoia" && *kind == KeyType::ECDSA(ECCCurve::Secp256k1)
}

#[test]
fn every_kind_of_key_signs_with_each_of_its_hashes_for_every_reader() {
    let curves = [
        ECCCurve::P256,
        ECCCurve::P384,
        ECCCurve::P521,
        ECCCurve::Secp256k1,
    ];
    let kinds = curves.map(KeyType::ECDSA).into_iter();
    for kind in kinds.chain([KeyType::Ed25519, KeyType::Ed448]) {
        for version in [KeyVersion::V4, KeyVersion::V6] {
            let bytes = made(&kind, version);
            for (maker, reader) in makers_and_readers() {
                let key = maker.only_secret_key(&bytes);
                if lacks(&maker, &kind) {
                    let refused = maker.unlock(&key, &key.fingerprint(), None);
                    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Unsupported);
                    continue;
                }
                let certificate = reader.certificate(&key);
                let facts = reader.facts(&certificate);
                let signer = maker.signer(&key);
                for hash in signer.accepted_hashes() {
                    let message = maker
                        .clearsign(&at(Timestamp::now()), &*signer, *hash, "text")
                        .unwrap();
                    let maths = reader.only_trial(&message, &certificate).1;
                    let which = (maker.name(), reader.name(), &kind, version, hash);
                    if lacks(&reader, &kind) {
                        assert!(matches!(maths, Maths::Unsupported(_)), "{which:?}");
                    } else {
                        assert_eq!(maths, Maths::Good, "{which:?}");
                        let own = &facts.user_ids[0].signatures[0].maths;
                        assert_eq!(*own, Maths::Good, "{which:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn keys_of_both_versions_are_locked_and_opened_again() {
    let passphrase = secret("pass");
    for kind in [KeyType::Ed25519, KeyType::ECDSA(ECCCurve::P256)] {
        for version in [KeyVersion::V4, KeyVersion::V6] {
            let bytes = made(&kind, version);
            for (maker, reader) in makers_and_readers() {
                let key = maker.only_secret_key(&bytes);
                let locked = maker.relock(&key, None, Some(&passphrase)).unwrap();
                let opened = reader.relock(&locked, Some(&passphrase), None).unwrap();
                assert_eq!(opened, key);
            }
        }
    }
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
fn a_short_hash_is_only_a_fact() {
    let bytes = made(&KeyType::ECDSA(ECCCurve::P521), KeyVersion::V4);
    for (maker, reader) in makers_and_readers() {
        let key = maker.only_secret_key(&bytes);
        let device = ShortHashes(maker.signer(&key));
        let message = maker.message_by(&device, "text");
        let certificate = reader.certificate(&key);
        assert_eq!(reader.only_trial(&message, &certificate).1, Maths::Good);
    }
}
