//! Certificates that most tests begin with.

use sifseal_conformance_tests::craft::{CertificateDraft, Hand, Key};
use sifseal_conformance_tests::workshop::{NOW, at};
use sifseal_core::openpgp::{Certificate, Fingerprint, KeyHandle};
use sifseal_core::traits::{Engine, SearchHit};
use sifseal_core::{Context, Timestamp};

pub(crate) const MADE: Timestamp = Timestamp(NOW.0 - 86_400);

pub(crate) fn cx() -> Context<'static> {
    at(NOW)
}

pub(crate) fn key() -> Key {
    Key::new(MADE, Hand::ed25519_legacy())
}

pub(crate) fn certificate<'k>(key: &'k Key, user_id: &'k str) -> CertificateDraft<'k> {
    CertificateDraft::of(key).user_id(user_id, &key.certifies(MADE))
}

pub(crate) fn ada(key: &Key) -> Vec<u8> {
    certificate(key, "Ada <ada@example.com>").bytes()
}

pub(crate) fn by_fingerprint(key: &Key) -> KeyHandle {
    KeyHandle::Fingerprint(key.fingerprint())
}

pub(crate) fn by_id(key: &Key) -> KeyHandle {
    KeyHandle::KeyId(key.fingerprint().key_id())
}

/// The one certificate in these bytes.
pub(crate) fn read(engine: &dyn Engine, bytes: &[u8]) -> Certificate {
    let mut keys = engine.read_keys(bytes).keys;
    assert_eq!(keys.len(), 1);
    match keys.remove(0) {
        sifseal_core::openpgp::Key::Certificate(certificate) => certificate,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn hit(fingerprint: Fingerprint, user_id: &str) -> SearchHit {
    SearchHit {
        fingerprint: Some(fingerprint),
        key: fingerprint.to_string(),
        algorithm: None,
        bits: None,
        created: None,
        expires: None,
        flags: String::new(),
        user_ids: vec![user_id.to_owned()],
    }
}
