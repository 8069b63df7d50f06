//! The engine itself: each method leads to the room where the work is done.

use crate::{certificate, clearsign, generate, lock, merge, outline, ring, signature};
use sifseal_core::openpgp::cleartext::CleartextMessage;
use sifseal_core::openpgp::{
    Certificate, CertificateFacts, Fingerprint, HashAlgorithm, Key, Keyring, SignatureFacts,
    TransferableSecretKey,
};
use sifseal_core::traits::{Engine, EngineDescription, KeyAlgorithm, KeySpec, Signer};
use sifseal_core::{Context, Result, Secret};

/// rPGP as a sifseal engine. It keeps nothing between calls.
#[derive(Debug, Clone, Copy, Default)]
pub struct RpgpEngine;

impl RpgpEngine {
    /// The name in the configuration.
    pub const NAME: &'static str = "rpgp";
}

impl Engine for RpgpEngine {
    fn describe(&self) -> EngineDescription {
        EngineDescription {
            name: Self::NAME,
            library: format!("rPGP {}", pgp::VERSION),
            generates: &[KeyAlgorithm::Rsa(4096), KeyAlgorithm::Ed25519],
        }
    }

    fn read_keys(&self, bytes: &[u8]) -> Keyring {
        ring::read(bytes)
    }

    fn certificate_facts(&self, certificate: &Certificate) -> Result<CertificateFacts> {
        certificate::facts(&certificate.bytes)
    }

    fn certificate_of(&self, key: &TransferableSecretKey) -> Result<Certificate> {
        Ok(Certificate {
            outline: key.outline.clone(),
            bytes: outline::public_bytes(key.bytes.expose())?,
        })
    }

    fn merge(&self, older: &Key, newer: &Key) -> Result<Key> {
        merge::merge(older, newer)
    }

    fn armor(&self, key: &Key) -> Result<Secret> {
        crate::armor::armor(key)
    }

    fn generate(
        &self,
        cx: &Context<'_>,
        spec: &KeySpec,
        passphrase: Option<&Secret>,
    ) -> Result<TransferableSecretKey> {
        generate::generate(cx, spec, passphrase)
    }

    fn relock(
        &self,
        key: &TransferableSecretKey,
        old: Option<&Secret>,
        new: Option<&Secret>,
    ) -> Result<TransferableSecretKey> {
        lock::relock(key, old, new)
    }

    fn unlock(
        &self,
        key: &TransferableSecretKey,
        which: &Fingerprint,
        passphrase: Option<&Secret>,
    ) -> Result<Box<dyn Signer>> {
        lock::unlock(key, which, passphrase)
    }

    fn clearsign(
        &self,
        cx: &Context<'_>,
        signer: &dyn Signer,
        hash: HashAlgorithm,
        text: &str,
    ) -> Result<String> {
        clearsign::clearsign(cx, signer, hash, text)
    }

    fn signature_facts(
        &self,
        message: &CleartextMessage<'_>,
        certificates: &[&Certificate],
    ) -> Result<Vec<SignatureFacts>> {
        signature::facts(message, certificates)
    }
}
