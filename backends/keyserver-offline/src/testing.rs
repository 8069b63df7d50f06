//! Real keys for the tests, and places to put them.

use crate::OfflineKeyserver;
use sha2::{Digest as _, Sha256};
use sifseal_core::openpgp::cleartext::CleartextMessage;
use sifseal_core::openpgp::framing::{Packet, tag, write};
use sifseal_core::openpgp::{
    Certificate, CertificateFacts, Fingerprint, HashAlgorithm, Key, KeyHandle, Keyring, PublicKey,
    PublicValues, SignatureFacts, TransferableSecretKey,
};
use sifseal_core::traits::{
    Engine, EngineDescription, KeyAlgorithm, KeySpec, Keyserver, Nobody, RawSignature, Signer,
};
use sifseal_core::{Context, Result, Secret, Timestamp};
use sifseal_engine_rpgp::RpgpEngine;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

static NOT_CANCELLED: AtomicBool = AtomicBool::new(false);

/// When the keys of the tests were made.
pub(crate) const MADE: Timestamp = Timestamp(1_600_000_000);

pub(crate) fn context_at(now: Timestamp) -> Context<'static> {
    Context {
        now,
        deadline: None,
        cancelled: &NOT_CANCELLED,
        ui: &Nobody,
    }
}

/// The present, in which files that were just written are not settled.
pub(crate) fn now() -> Context<'static> {
    context_at(Timestamp::now())
}

/// An hour later: every file that the test wrote is settled.
pub(crate) fn later() -> Context<'static> {
    context_at(Timestamp::now().plus(3600))
}

/// A new key with this user ID, for ever.
pub(crate) fn key(user_id: &str) -> TransferableSecretKey {
    key_for(user_id, None)
}

pub(crate) fn key_for(user_id: &str, expires_after: Option<u32>) -> TransferableSecretKey {
    let spec = KeySpec {
        user_id: user_id.to_owned(),
        algorithm: KeyAlgorithm::Ed25519,
        expires_after,
    };
    RpgpEngine.generate(&context_at(MADE), &spec, None).unwrap()
}

pub(crate) fn public(key: &TransferableSecretKey) -> Certificate {
    RpgpEngine.certificate_of(key).unwrap()
}

/// A new certificate with this user ID.
pub(crate) fn certificate(user_id: &str) -> Certificate {
    public(&key(user_id))
}

/// The certificate with one more user ID, which nobody certified: a newer version, as
/// far as merging is concerned.
pub(crate) fn newer(certificate: &Certificate, user_id: &str) -> Certificate {
    let mut bytes = certificate.bytes.clone();
    write(tag::USER_ID, user_id.as_bytes(), &mut bytes);
    only(&bytes)
}

/// The one certificate in these bytes.
pub(crate) fn only(bytes: &[u8]) -> Certificate {
    let mut all = all(bytes);
    assert_eq!(all.len(), 1);
    all.remove(0)
}

/// Every certificate in these bytes, and nothing else is in them.
pub(crate) fn all(bytes: &[u8]) -> Vec<Certificate> {
    let ring = RpgpEngine.read_keys(bytes);
    assert_eq!(ring.junk, []);
    ring.keys
        .into_iter()
        .map(|key| match key {
            Key::Certificate(certificate) => certificate,
            Key::Secret(_) => panic!("a secret key"),
        })
        .collect()
}

pub(crate) fn armored(certificate: &Certificate) -> Vec<u8> {
    let armored = RpgpEngine.armor(&Key::Certificate(certificate.clone()));
    armored.unwrap().expose().to_vec()
}

/// The certificate with its own revocation on it.
pub(crate) fn revoked(key: &TransferableSecretKey) -> Certificate {
    let signer = RpgpEngine.unlock(key, &key.fingerprint(), None).unwrap();
    let subpacket = |kind: u8, body: &[u8]| [&[body.len() as u8 + 1, kind], body].concat();
    let made = MADE.plus(1000).to_openpgp().unwrap().to_be_bytes();
    let issuer = [&[4][..], key.fingerprint().as_bytes()].concat();
    let hashed = [subpacket(2, &made), subpacket(33, &issuer)].concat();
    // RFC 9580, sections 5.2.3 and 5.2.4: version 4, key revocation, EdDSA, SHA-256.
    let fields = [&[4, 0x20, 22, 8, 0, hashed.len() as u8], &hashed[..]].concat();
    let public = signer.public_key();
    let digest = Sha256::new()
        .chain_update([0x99])
        .chain_update((public.len() as u16).to_be_bytes())
        .chain_update(public)
        .chain_update(&fields)
        .chain_update([4, 0xFF])
        .chain_update((fields.len() as u32).to_be_bytes())
        .finalize();
    let signature = signer.sign_digest(&now(), HashAlgorithm::Sha256, &digest);
    let RawSignature::EdDsa(values) = signature.unwrap() else {
        panic!("an Ed25519 key");
    };
    let integer = |bytes: &[u8]| {
        let start = bytes.iter().position(|byte| *byte != 0).unwrap();
        let bytes = &bytes[start..];
        let bits = bytes.len() * 8 - bytes[0].leading_zeros() as usize;
        [&(bits as u16).to_be_bytes()[..], bytes].concat()
    };
    let body = [
        &fields[..],
        &[0, 0],
        &digest[..2],
        &integer(&values[..32]),
        &integer(&values[32..]),
    ]
    .concat();
    let mut packet = Vec::new();
    write(tag::SIGNATURE, &body, &mut packet);
    // Directly behind the primary key, before the first user ID.
    let unrevoked = self::public(key).bytes;
    let primary = Packet::first(&unrevoked).unwrap().raw.len();
    let (before, after) = unrevoked.split_at(primary);
    only(&[before, &packet, after].concat())
}

pub(crate) fn server(path: &Path) -> OfflineKeyserver {
    OfflineKeyserver::open(path.to_owned(), Arc::new(RpgpEngine), None)
}

/// What a server that starts anew gives for a fingerprint, later.
pub(crate) fn fetched(path: &Path, key: &Fingerprint) -> Option<Vec<u8>> {
    let handle = KeyHandle::Fingerprint(*key);
    server(path).fetch(&later(), &handle).unwrap()
}

/// rPGP, counting how many keys it reads.
#[derive(Debug, Default)]
pub(crate) struct CountingEngine {
    keys_read: AtomicUsize,
}

impl CountingEngine {
    /// How many keys were read since this was asked last.
    pub(crate) fn take(&self) -> usize {
        self.keys_read.swap(0, Ordering::Relaxed)
    }
}

impl Engine for CountingEngine {
    fn describe(&self) -> EngineDescription {
        RpgpEngine.describe()
    }

    fn read_keys(&self, bytes: &[u8]) -> Keyring {
        let ring = RpgpEngine.read_keys(bytes);
        self.keys_read.fetch_add(ring.keys.len(), Ordering::Relaxed);
        ring
    }

    fn certificate_facts(&self, certificate: &Certificate) -> Result<CertificateFacts> {
        RpgpEngine.certificate_facts(certificate)
    }

    fn certificate_of(&self, key: &TransferableSecretKey) -> Result<Certificate> {
        RpgpEngine.certificate_of(key)
    }

    fn public_key(&self, values: &PublicValues, created: Timestamp) -> Result<PublicKey> {
        RpgpEngine.public_key(values, created)
    }

    fn certify(&self, cx: &Context<'_>, signer: &dyn Signer, user_id: &str) -> Result<Certificate> {
        RpgpEngine.certify(cx, signer, user_id)
    }

    fn merge(&self, older: &Key, newer: &Key) -> Result<Key> {
        RpgpEngine.merge(older, newer)
    }

    fn own_statements(&self, certificate: &Certificate) -> Result<Certificate> {
        RpgpEngine.own_statements(certificate)
    }

    fn armor(&self, key: &Key) -> Result<Secret> {
        RpgpEngine.armor(key)
    }

    fn generate(
        &self,
        cx: &Context<'_>,
        spec: &KeySpec,
        passphrase: Option<&Secret>,
    ) -> Result<TransferableSecretKey> {
        RpgpEngine.generate(cx, spec, passphrase)
    }

    fn relock(
        &self,
        key: &TransferableSecretKey,
        old: Option<&Secret>,
        new: Option<&Secret>,
    ) -> Result<TransferableSecretKey> {
        RpgpEngine.relock(key, old, new)
    }

    fn unlock(
        &self,
        key: &TransferableSecretKey,
        which: &Fingerprint,
        passphrase: Option<&Secret>,
    ) -> Result<Box<dyn Signer>> {
        RpgpEngine.unlock(key, which, passphrase)
    }

    fn clearsign(
        &self,
        cx: &Context<'_>,
        signer: &dyn Signer,
        hash: HashAlgorithm,
        text: &str,
    ) -> Result<String> {
        RpgpEngine.clearsign(cx, signer, hash, text)
    }

    fn signature_facts(
        &self,
        message: &CleartextMessage,
        certificates: &[&Certificate],
    ) -> Result<Vec<SignatureFacts>> {
        RpgpEngine.signature_facts(message, certificates)
    }
}
