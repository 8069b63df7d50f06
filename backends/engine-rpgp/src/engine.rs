//! [`RpgpEngine`]: the contract on one side, the rooms of this crate on the other.

use crate::reader::Reader;
use crate::{armor, clearsign, generate, lock, signer};
use pgp::armor::BlockType;
use sifseal_core::openpgp::cleartext::CleartextMessage;
use sifseal_core::openpgp::framing::{
    Transferable, certificate_facts, certify, merge, outline, own_statements, public_key, ring,
    signature_facts,
};
use sifseal_core::openpgp::{
    Certificate, CertificateFacts, Fingerprint, HashAlgorithm, Key, Keyring, PublicKey,
    PublicKeyAlgorithm, PublicValues, SignatureFacts, TransferableSecretKey,
};
use sifseal_core::traits::{Engine, EngineDescription, KeyAlgorithm, KeySpec, Signer};
use sifseal_core::{Context, Result, Secret, Timestamp};

/// OpenPGP by rPGP. Without state: make one wherever it is needed.
#[derive(Debug, Clone, Copy, Default)]
pub struct RpgpEngine;

impl Engine for RpgpEngine {
    fn describe(&self) -> EngineDescription {
        EngineDescription {
            name: "rpgp",
            library: format!("rPGP {}", pgp::VERSION),
            generates: &[
                KeyAlgorithm::Rsa(2048),
                KeyAlgorithm::Rsa(3072),
                KeyAlgorithm::Rsa(4096),
                KeyAlgorithm::Ed25519,
            ],
            // rPGP reads these curves, and has no code for them.
            lacks: ["brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1"]
                .map(|curve| PublicKeyAlgorithm::Ecdsa(curve.to_owned()).to_string())
                .to_vec(),
        }
    }

    fn read_keys(&self, bytes: &[u8]) -> Keyring {
        ring::read(&Reader, bytes)
    }

    fn certificate_facts(&self, certificate: &Certificate) -> Result<CertificateFacts> {
        certificate_facts::read(&Reader, &certificate.bytes)
    }

    fn own_statements(&self, certificate: &Certificate) -> Result<Certificate> {
        own_statements::read(&Reader, &certificate.bytes)
    }

    fn certificate_of(&self, key: &TransferableSecretKey) -> Result<Certificate> {
        let transferable = Transferable::read(key.bytes.expose())?;
        Ok(outline::certificate(&Reader, &transferable)?)
    }

    fn merge(&self, older: &Key, newer: &Key) -> Result<Key> {
        merge::merge(&Reader, older, newer)
    }

    fn armor(&self, key: &Key) -> Result<Secret> {
        let kind = match key {
            Key::Certificate(_) => BlockType::PublicKey,
            Key::Secret(_) => BlockType::PrivateKey,
        };
        let mut text = armor::write(kind, key.bytes())?;
        Ok(Secret::new(std::mem::take(&mut *text)))
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
        let signer = signer::unlock(key, which, passphrase)?;
        Ok(Box::new(signer))
    }

    fn public_key(&self, values: &PublicValues, created: Timestamp) -> Result<PublicKey> {
        public_key::with_values(&Reader, values, created)
    }

    fn certify(&self, cx: &Context<'_>, signer: &dyn Signer, user_id: &str) -> Result<Certificate> {
        certify::certify(&Reader, cx, signer, user_id)
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
        message: &CleartextMessage,
        certificates: &[&Certificate],
    ) -> Result<Vec<SignatureFacts>> {
        signature_facts::read(&Reader, message, certificates)
    }
}
