//! Small helpers: a context, keys that are made once, readings that must succeed.

use sifseal_core::openpgp::{
    Certificate, CertificateFacts, HashAlgorithm, Key, Keyring, TransferableSecretKey,
};
use sifseal_core::traits::{Engine, KeyAlgorithm, KeySpec, Nobody, Signer};
use sifseal_core::{Context, Timestamp};
use sifseal_engine_rpgp::RpgpEngine;
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

pub(crate) const ENGINE: RpgpEngine = RpgpEngine;
pub(crate) const NOW: Timestamp = Timestamp(1_700_000_000);

static NOT_CANCELLED: AtomicBool = AtomicBool::new(false);

/// The circumstances of every test: a fixed time, nobody to ask.
pub(crate) fn cx() -> Context<'static> {
    cx_at(NOW)
}

pub(crate) fn cx_at(now: Timestamp) -> Context<'static> {
    Context {
        now,
        deadline: None,
        cancelled: &NOT_CANCELLED,
        ui: &Nobody,
    }
}

pub(crate) fn spec(algorithm: KeyAlgorithm) -> KeySpec {
    KeySpec {
        user_id: "Ada (test) <ada@example.com>".to_owned(),
        algorithm,
        expires_after: None,
    }
}

/// A fresh Ed25519 key, open.
pub(crate) fn ed25519() -> TransferableSecretKey {
    ENGINE
        .generate(&cx(), &spec(KeyAlgorithm::Ed25519), None)
        .unwrap()
}

static RSA: LazyLock<TransferableSecretKey> = LazyLock::new(fresh_rsa);

/// The one RSA key of this program, open: making one is slow.
pub(crate) fn rsa() -> TransferableSecretKey {
    RSA.clone()
}

pub(crate) fn fresh_rsa() -> TransferableSecretKey {
    ENGINE
        .generate(&cx(), &spec(KeyAlgorithm::Rsa(2048)), None)
        .unwrap()
}

pub(crate) fn certificate(key: &TransferableSecretKey) -> Certificate {
    ENGINE.certificate_of(key).unwrap()
}

pub(crate) fn signer(key: &TransferableSecretKey) -> Box<dyn Signer> {
    ENGINE.unlock(key, &key.fingerprint(), None).unwrap()
}

pub(crate) fn clearsign(key: &TransferableSecretKey, text: &str) -> String {
    ENGINE
        .clearsign(&cx(), signer(key).as_ref(), HashAlgorithm::Sha256, text)
        .unwrap()
}

pub(crate) fn certificate_facts(certificate: &Certificate) -> CertificateFacts {
    ENGINE.certificate_facts(certificate).unwrap()
}

/// The only key in these bytes, without any junk.
pub(crate) fn only_key(bytes: &[u8]) -> Key {
    let ring = clean_ring(bytes);
    assert_eq!(ring.keys.len(), 1, "one key");
    ring.keys.into_iter().next().unwrap()
}

pub(crate) fn only_certificate(bytes: &[u8]) -> Certificate {
    match only_key(bytes) {
        Key::Certificate(certificate) => certificate,
        Key::Secret(_) => panic!("a certificate was expected"),
    }
}

pub(crate) fn clean_ring(bytes: &[u8]) -> Keyring {
    let ring = ENGINE.read_keys(bytes);
    assert!(ring.junk.is_empty(), "no junk: {:?}", ring.junk);
    ring
}
