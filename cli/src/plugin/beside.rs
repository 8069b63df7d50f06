//! A plugin's keys, and beside them the certificates of others.
//!
//! Whoever signs with a device has friends all the same. A plugin keeps one's own keys;
//! the certificates of others stay where they are, in the key directory, and are added
//! and removed there.

use sifseal_core::openpgp::{Fingerprint, Key};
use sifseal_core::traits::{
    Engine, Found, Insertion, KeyEntry, KeyPart, KeyQuery, KeyStore, PrivateKey, StoreDescription,
};
use sifseal_core::{Context, Error, ErrorKind, Result};
use sifseal_keystore_file::FileKeyStore;
use sifseal_plugin_host::PluginKeyStore;
use std::sync::Arc;

/// Both.
#[derive(Debug)]
pub(super) struct KeysBesidePlugin {
    plugin: PluginKeyStore,
    beside: FileKeyStore,
    engine: Arc<dyn Engine>,
}

impl KeysBesidePlugin {
    pub(super) fn new(
        plugin: PluginKeyStore,
        beside: FileKeyStore,
        engine: Arc<dyn Engine>,
    ) -> Self {
        Self {
            plugin,
            beside,
            engine,
        }
    }

    /// One that both have is merged, so that a revocation known to one is not hidden by
    /// the other's older copy.
    fn add(&self, found: &mut Found, entry: KeyEntry) -> Result<()> {
        let fingerprint = entry.certificate.fingerprint();
        let same = found
            .entries
            .iter_mut()
            .find(|known| known.certificate.fingerprint() == fingerprint);
        let Some(known) = same else {
            found.entries.push(entry);
            return Ok(());
        };
        let own = Key::Certificate(known.certificate.clone());
        let other = Key::Certificate(entry.certificate);
        if let Key::Certificate(merged) = self.engine.merge(&own, &other)? {
            known.certificate = merged;
        }
        Ok(())
    }
}

impl KeyStore for KeysBesidePlugin {
    fn describe(&self) -> StoreDescription {
        let plugin = self.plugin.describe();
        let beside = self.beside.describe();
        StoreDescription {
            public_place: format!("{} and {}", plugin.public_place, beside.public_place),
            ..plugin
        }
    }

    fn find(&self, cx: &Context<'_>, part: KeyPart, query: &KeyQuery) -> Result<Found> {
        let mut found = self.plugin.find(cx, part, query)?;
        if part == KeyPart::Public {
            let beside = self.beside.find(cx, part, query)?;
            found.junk.extend(beside.junk);
            for entry in beside.entries {
                self.add(&mut found, entry)?;
            }
        }
        Ok(found)
    }

    fn private_key(&self, cx: &Context<'_>, primary: &Fingerprint) -> Result<PrivateKey> {
        self.plugin.private_key(cx, primary)
    }

    fn insert(&self, cx: &Context<'_>, key: &Key) -> Result<Insertion> {
        match key {
            Key::Certificate(_) => self.beside.insert(cx, key),
            Key::Secret(_) => self.plugin.insert(cx, key),
        }
    }

    fn replace(&self, cx: &Context<'_>, key: &Key) -> Result<()> {
        match key {
            Key::Certificate(_) => self.beside.replace(cx, key),
            Key::Secret(_) => self.plugin.replace(cx, key),
        }
    }

    fn remove(&self, cx: &Context<'_>, part: KeyPart, primary: &Fingerprint) -> Result<()> {
        match part {
            KeyPart::Secret => self.plugin.remove(cx, part, primary),
            KeyPart::Public => {
                self.beside
                    .remove(cx, part, primary)
                    .map_err(|error| match error.kind() {
                        ErrorKind::NotFound => Error::new(
                            ErrorKind::NotFound,
                            format!("no such certificate: {primary}"),
                        )
                        .at(self.beside.describe().public_place)
                        .hint("certificates that a plugin brings along stay with the plugin"),
                        _ => error,
                    })
            }
        }
    }
}
