//! Keys for the tests, and older copies of them.

use crate::{NOW, context};
use sifseal_core::Secret;
use sifseal_core::openpgp::framing::Packet;
use sifseal_core::openpgp::{Certificate, Fingerprint, Key, TransferableSecretKey};
use sifseal_core::traits::{Engine, KeyAlgorithm, KeySpec};
use sifseal_core::{Context, Timestamp};
use sifseal_engine_rpgp::RpgpEngine;
use std::sync::Arc;

/// The engine that the stores of these tests have. That the engines read the same
/// keys is tested elsewhere.
pub fn engine() -> Arc<dyn Engine> {
    Arc::new(RpgpEngine)
}

/// A new key without a passphrase, made a day before [`NOW`].
fn new_key(user_id: &str, algorithm: KeyAlgorithm) -> TransferableSecretKey {
    let spec = KeySpec {
        user_id: user_id.to_owned(),
        algorithm,
        expires_after: None,
    };
    let cx = Context {
        now: Timestamp(NOW.0 - 86_400),
        ..context()
    };
    engine().generate(&cx, &spec, None).expect("a key")
}

/// A passphrase.
pub fn passphrase(text: &str) -> Secret {
    Secret::from(text.to_owned())
}

/// A new Ed25519 key with one subkey, locked with the passphrase `right`.
pub fn locked(user_id: &str) -> TransferableSecretKey {
    relocked(&open(user_id), None, "right")
}

/// The same, not locked.
pub fn open(user_id: &str) -> TransferableSecretKey {
    new_key(user_id, KeyAlgorithm::Ed25519)
}

/// A locked RSA key: in armor, more than any of the small stores takes.
pub fn large(user_id: &str) -> TransferableSecretKey {
    let key = new_key(user_id, KeyAlgorithm::Rsa(2048));
    relocked(&key, None, "right")
}

/// A key with another passphrase.
pub fn relocked(
    key: &TransferableSecretKey,
    old: Option<&str>,
    new: &str,
) -> TransferableSecretKey {
    let old = old.map(passphrase);
    engine()
        .relock(key, old.as_ref(), Some(&passphrase(new)))
        .expect("the old passphrase opens it")
}

/// Its certificate.
pub fn certificate_of(key: &TransferableSecretKey) -> Certificate {
    engine().certificate_of(key).expect("a certificate")
}

/// The same key as it was before its subkey was made: three packets.
pub fn older(key: &TransferableSecretKey) -> TransferableSecretKey {
    match only(head(key.bytes.expose())) {
        Key::Secret(key) => key,
        Key::Certificate(_) => panic!("it has its secret part"),
    }
}

/// The certificate of it.
pub fn older_certificate(certificate: &Certificate) -> Certificate {
    match only(head(&certificate.bytes)) {
        Key::Certificate(certificate) => certificate,
        Key::Secret(_) => panic!("it has no secret part"),
    }
}

/// Their fingerprints.
pub fn fingerprints<'k>(
    keys: impl IntoIterator<Item = &'k TransferableSecretKey>,
) -> Vec<Fingerprint> {
    let keys = keys.into_iter();
    keys.map(TransferableSecretKey::fingerprint).collect()
}

/// Primary key, user ID, self-signature.
fn head(key: &[u8]) -> &[u8] {
    let mut end = 0;
    for _ in 0..3 {
        end += Packet::first(&key[end..]).expect("a packet").raw.len();
    }
    &key[..end]
}

fn only(bytes: &[u8]) -> Key {
    let mut keys = engine().read_keys(bytes).keys;
    assert_eq!(keys.len(), 1);
    keys.remove(0)
}
