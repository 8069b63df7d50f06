//! The key ring of `gpg` as a key store.

use crate::agent::Agent;
use crate::gnupg::Gnupg;
use crate::keys::{ListedKey, Place};
use crate::pinentry::Pinentry;
use crate::settings::GpgSettings;
use crate::signer::AgentSigner;
use sifseal_plugin_sdk::openpgp::{Fingerprint, Key, Protection};
use sifseal_plugin_sdk::traits::{
    Found, Insertion, KeyEntry, KeyPart, KeyQuery, KeyStore, PrivateKey, StoreDescription,
};
use sifseal_plugin_sdk::{Context, Error, ErrorKind, Result, read_only};
use std::sync::Arc;

/// Certificates of `gpg`'s key ring, and the keys that gpg-agent signs with.
///
/// The public half is all certificates that `gpg` has, the secret half all keys that it
/// could sign data with. Keys are added and removed with `gpg`.
#[derive(Debug)]
pub struct GpgKeyStore {
    agent: Arc<Agent>,
}

impl GpgKeyStore {
    /// The key store of one GnuPG. Nothing is asked before something is looked for.
    pub fn new(settings: GpgSettings, pinentry: Pinentry) -> Self {
        let gnupg = Gnupg::new(settings);
        Self {
            agent: Arc::new(Agent::new(gnupg, pinentry)),
        }
    }

    fn gnupg(&self) -> &Gnupg {
        self.agent.gnupg()
    }

    fn entry(&self, cx: &Context<'_>, key: &ListedKey, protection: Protection) -> Result<KeyEntry> {
        let bytes = self.gnupg().export(cx, &key.primary.fingerprint)?;
        Ok(KeyEntry {
            certificate: key.certificate(bytes),
            protection,
        })
    }
}

impl KeyStore for GpgKeyStore {
    fn describe(&self) -> StoreDescription {
        let home = self.gnupg().settings().home.as_ref();
        StoreDescription {
            name: "gpg-agent".to_owned(),
            public_place: home.map_or_else(|| "gpg".to_owned(), |home| home.display().to_string()),
            secret_place: Some("gpg-agent".to_owned()),
            writable: false,
        }
    }

    fn find(&self, cx: &Context<'_>, part: KeyPart, query: &KeyQuery) -> Result<Found> {
        let preferred = self.gnupg().settings().preferred_keys()?;
        let mut found = Found::default();
        for key in self.gnupg().list(cx, part)? {
            let protection = key.protection(&preferred);
            let is_wanted = part == KeyPart::Public || protection != Protection::NoSecret;
            if is_wanted && query.matches(&key.outline()) {
                found.entries.push(self.entry(cx, &key, protection)?);
            }
        }
        Ok(found)
    }

    fn private_key(&self, cx: &Context<'_>, primary: &Fingerprint) -> Result<PrivateKey> {
        let preferred = self.gnupg().settings().preferred_keys()?;
        let no_such_key = || {
            let what = format!("gpg has no key {primary} that it could sign with");
            Error::new(ErrorKind::NotFound, what)
        };
        let mut keys = self.gnupg().list(cx, KeyPart::Secret)?.into_iter();
        let key = keys.find(|key| key.primary.fingerprint == *primary);
        let key = key.ok_or_else(no_such_key)?;
        let pair = key.signing_pair(&preferred).ok_or_else(no_such_key)?;
        let certificate = key.certificate(self.gnupg().export(cx, primary)?);
        let signer = AgentSigner::new(Arc::clone(&self.agent), &key, pair, &certificate)?;
        if let Place::Card(serial) = &pair.secret {
            cx.ui.notice(&format!(
                "the key is on smart card {serial}; it may wait for its PIN, or for a touch"
            ));
        }
        Ok(PrivateKey::Device(Box::new(signer)))
    }

    fn insert(&self, _: &Context<'_>, _: &Key) -> Result<Insertion> {
        Err(only_by_gpg("gpg --import"))
    }

    fn replace(&self, _: &Context<'_>, _: &Key) -> Result<()> {
        Err(only_by_gpg("gpg --edit-key"))
    }

    fn remove(&self, _: &Context<'_>, part: KeyPart, _: &Fingerprint) -> Result<()> {
        Err(only_by_gpg(match part {
            KeyPart::Public => "gpg --delete-keys",
            KeyPart::Secret => "gpg --delete-secret-keys",
        }))
    }
}

fn only_by_gpg(command: &str) -> Error {
    read_only().hint(format!("`{command}` changes it"))
}
