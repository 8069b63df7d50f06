//! A key that a plugin signs with.

use crate::plugin::Plugin;
use sifseal_core::openpgp::framing::Transferable;
use sifseal_core::openpgp::{Certificate, Fingerprint, HashAlgorithm};
use sifseal_core::traits::{RawSignature, Signer};
use sifseal_core::{Context, Result};
use sifseal_plugin_protocol::{Ability, Sign};
use std::sync::Arc;

/// One key. What it is, the certificate says that was known before; the plugin only makes
/// numbers, and an engine checks them with that key before they go anywhere.
#[derive(Debug)]
pub(crate) struct PluginSigner {
    plugin: Arc<Plugin>,
    primary: Fingerprint,
    key: Fingerprint,
    public: Vec<u8>,
    hashes: Vec<HashAlgorithm>,
}

impl PluginSigner {
    /// A signer for a key of a certificate.
    ///
    /// # Errors
    /// What is wrong with what the plugin says: the certificate has no such key, or no
    /// hash is known.
    pub(crate) fn new(
        plugin: Arc<Plugin>,
        certificate: &Certificate,
        key: Fingerprint,
        hashes: &[String],
    ) -> Result<Self, String> {
        let primary = certificate.fingerprint();
        let public = public_key(certificate, &key)
            .ok_or_else(|| format!("it would sign with {key}, which is no key of {primary}"))?;
        let hashes: Vec<_> = hashes.iter().filter_map(|name| name.parse().ok()).collect();
        if hashes.is_empty() {
            return Err(format!("it names no hash algorithm for key {key}"));
        }
        Ok(Self {
            plugin,
            primary,
            key,
            public,
            hashes,
        })
    }
}

impl Signer for PluginSigner {
    fn public_key(&self) -> &[u8] {
        &self.public
    }

    fn fingerprint(&self) -> Fingerprint {
        self.key
    }

    fn accepted_hashes(&self) -> &[HashAlgorithm] {
        &self.hashes
    }

    fn sign_digest(
        &self,
        cx: &Context<'_>,
        hash: HashAlgorithm,
        digest: &[u8],
    ) -> Result<RawSignature> {
        let asked = Sign {
            primary: self.primary,
            key: self.key,
            hash,
            digest: digest.into(),
        };
        let values = self.plugin.ask(cx, Ability::KeyStore, &asked)?;
        Ok(values.into())
    }
}

/// The body of a key's packet. An outline lists the keys in the order of the packets.
fn public_key(certificate: &Certificate, key: &Fingerprint) -> Option<Vec<u8>> {
    let outline = &certificate.outline;
    let transferable = Transferable::read(&certificate.bytes).ok()?;
    let fingerprints = std::iter::once(&outline.fingerprint).chain(&outline.subkeys);
    let mut keys = transferable.keys().zip(fingerprints);
    let (component, _) = keys.find(|(_, fingerprint)| *fingerprint == key)?;
    Some(component.packet.body.to_vec())
}
