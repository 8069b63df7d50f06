//! A plugin as a key store.

use crate::plugin::Plugin;
use crate::signer::PluginSigner;
use sifseal_core::openpgp::{Certificate, Fingerprint, Junk, Key, KeyHandle, Protection};
use sifseal_core::traits::{
    Engine, Found, Insertion, KeyEntry, KeyPart, KeyQuery, KeyStore, PrivateKey, StoreDescription,
};
use sifseal_core::{Context, Error, ErrorKind, Result, Secret};
use sifseal_plugin_protocol::{Ability, Find, FoundKey, KeyToSign, MAX_KEYS, SignerOf};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The keys that a plugin has. It cannot be written to.
#[derive(Debug)]
pub struct PluginKeyStore {
    plugin: Arc<Plugin>,
    engine: Arc<dyn Engine>,
    /// Every certificate that it has shown, as it was the first time: a signature is
    /// checked against what was known before it was asked for.
    known: Mutex<BTreeMap<Fingerprint, Certificate>>,
}

impl PluginKeyStore {
    /// The key store of a plugin; an engine reads what it shows.
    pub fn new(plugin: Arc<Plugin>, engine: Arc<dyn Engine>) -> Self {
        Self {
            plugin,
            engine,
            known: Mutex::default(),
        }
    }

    /// The one certificate in these bytes, or what is wrong with them.
    fn read(&self, key: &FoundKey, number: usize) -> Result<Certificate, Junk> {
        let bytes = &key.certificate.0;
        let ring = self.engine.read_keys(bytes);
        let mut keys = ring.keys.into_iter();
        let what = match (keys.next(), keys.next(), ring.junk.first()) {
            (Some(Key::Certificate(certificate)), None, None) => return Ok(certificate),
            (_, _, Some(junk)) => junk.what.clone(),
            (Some(Key::Secret(_)), ..) => "it is a secret key".to_owned(),
            (None, ..) => "nothing is there".to_owned(),
            _ => "several keys are there".to_owned(),
        };
        Err(Junk {
            offset: 0,
            bytes: bytes.clone(),
            what: format!("the plugin's key {number} is no certificate: {what}"),
        })
    }

    fn certificate(&self, cx: &Context<'_>, primary: &Fingerprint) -> Result<Certificate> {
        let known = || {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.get(primary).cloned()
        };
        if let Some(certificate) = known() {
            return Ok(certificate);
        }
        let query = KeyQuery::Handle(KeyHandle::Fingerprint(*primary));
        self.find(cx, KeyPart::Secret, &query)?;
        known().ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("it has no key {primary}"))
                .at(self.plugin.place())
        })
    }

    fn remember(&self, certificate: &Certificate) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .entry(certificate.fingerprint())
            .or_insert_with(|| certificate.clone());
    }

    fn material(&self, primary: &Fingerprint, bytes: &Secret) -> Result<PrivateKey> {
        let mut keys = self.engine.read_keys(bytes.expose()).keys.into_iter();
        match (keys.next(), keys.next()) {
            (Some(Key::Secret(key)), None) if key.fingerprint() == *primary => {
                Ok(PrivateKey::Material(key))
            }
            _ => Err(self.lie(format!(
                "what it gives as the secret key {primary} is something else"
            ))),
        }
    }

    fn lie(&self, what: String) -> Error {
        Error::new(ErrorKind::Backend, what)
            .at(self.plugin.place())
            .hint("this is a mistake in the plugin")
    }

    fn read_only(&self) -> Error {
        Error::new(
            ErrorKind::Unsupported,
            "keys of a plugin cannot be changed from here",
        )
        .at(self.plugin.place())
    }
}

impl KeyStore for PluginKeyStore {
    fn describe(&self) -> StoreDescription {
        StoreDescription {
            name: self.plugin.plan().name.clone(),
            public_place: self.plugin.place(),
            secret_place: Some(self.plugin.place()),
            writable: false,
        }
    }

    fn find(&self, cx: &Context<'_>, part: KeyPart, query: &KeyQuery) -> Result<Found> {
        let asked = Find {
            part: part.into(),
            query: query.into(),
        };
        let answer = self.plugin.ask(cx, Ability::KeyStore, &asked)?;
        if answer.keys.len() > MAX_KEYS {
            return Err(self.lie(format!(
                "it gives {} keys; at most {MAX_KEYS} are read",
                answer.keys.len()
            )));
        }
        let mut found = Found::default();
        for (number, key) in (1..).zip(&answer.keys) {
            match self.read(key, number) {
                Err(junk) => found.junk.push(junk),
                Ok(certificate) if query.matches(&certificate.outline) => {
                    self.remember(&certificate);
                    found.entries.push(KeyEntry {
                        protection: match part {
                            KeyPart::Public => Protection::NoSecret,
                            KeyPart::Secret => key.protection(&self.plugin.place()),
                        },
                        certificate,
                    });
                }
                // It may give more than was asked for.
                Ok(_) => {}
            }
        }
        Ok(found)
    }

    fn private_key(&self, cx: &Context<'_>, primary: &Fingerprint) -> Result<PrivateKey> {
        let certificate = self.certificate(cx, primary)?;
        let asked = SignerOf { primary: *primary };
        match self.plugin.ask(cx, Ability::KeyStore, &asked)? {
            KeyToSign::Material { secret_key } => self.material(primary, &secret_key.0),
            KeyToSign::Device { key, hashes } => {
                let plugin = Arc::clone(&self.plugin);
                let signer = PluginSigner::new(plugin, &certificate, key, &hashes);
                let signer = signer.map_err(|what| self.lie(what))?;
                Ok(PrivateKey::Device(Box::new(signer)))
            }
        }
    }

    fn insert(&self, _: &Context<'_>, _: &Key) -> Result<Insertion> {
        Err(self.read_only())
    }

    fn replace(&self, _: &Context<'_>, _: &Key) -> Result<()> {
        Err(self.read_only())
    }

    fn remove(&self, _: &Context<'_>, _: KeyPart, _: &Fingerprint) -> Result<()> {
        Err(self.read_only())
    }
}
