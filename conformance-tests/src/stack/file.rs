//! Keys in Apptainer's directory; or in a plugin that may not be what it should.

use super::beside::{BesidePlugin, Helper};
use super::{KeyHome, OpenHome};
use crate::plugins::built_plugin;
use crate::workshop::at;
use sifseal_conformance::adapter::KeyFile;
use sifseal_conformance::keys::Keys;
use sifseal_conformance::scenario::PluginConduct;
use sifseal_core::traits::{Engine, KeyStore};
use sifseal_core::{Error, ErrorKind, Result, Timestamp};
use sifseal_keystore_file::FileKeyStore;
use sifseal_plugin_host::Plan;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The home of the backend `file`.
#[derive(Debug)]
pub struct FileHome;

#[derive(Debug)]
struct Open {
    engine: Arc<dyn Engine>,
    folder: PathBuf,
    store: FileKeyStore,
    /// The files of the secret keys that came.
    secrets: Vec<PathBuf>,
    plugin: BesidePlugin,
}

impl KeyHome for FileHome {
    fn name(&self) -> &str {
        "file"
    }

    fn lacks(&self) -> Vec<&'static str> {
        Vec::new()
    }

    fn open(&self, folder: &Path, engine: &Arc<dyn Engine>) -> Result<Box<dyn OpenHome>> {
        Ok(Box::new(Open {
            engine: Arc::clone(engine),
            folder: folder.to_owned(),
            store: FileKeyStore::open(folder.to_owned(), Arc::clone(engine)),
            secrets: Vec::new(),
            plugin: BesidePlugin::new(folder, engine),
        }))
    }
}

impl OpenHome for Open {
    fn store(&self) -> &dyn KeyStore {
        &self.store
    }

    fn bring(&mut self, key: &KeyFile) -> Option<Result<()>> {
        self.secrets.push(key.file.clone());
        None
    }

    fn with_plugin(&mut self, conduct: PluginConduct) -> Option<Result<&dyn KeyStore>> {
        Some(
            self.start_liar(conduct)
                .map(|()| &self.plugin as &dyn KeyStore),
        )
    }
}

impl Open {
    /// Starts the liar with the secret keys that came, and one that did not: it needs
    /// another to sign with.
    fn start_liar(&mut self, conduct: PluginConduct) -> Result<()> {
        let keys = self.folder.join("in-the-plugin");
        let within = FileKeyStore::open(keys.clone(), Arc::clone(&self.engine));
        let cx = at(Timestamp::now());
        let missing = || Error::new(ErrorKind::NotFound, "the suite has no key `bob`");
        let another = Keys::default().get("bob").ok_or_else(missing)?;
        let mut rings = vec![self.engine.read_keys(another.secret())];
        for file in &self.secrets {
            let bytes = std::fs::read(file).map_err(|error| Error::io(file, error))?;
            rings.push(self.engine.read_keys(&bytes));
        }
        for key in rings.iter().flat_map(|ring| &ring.keys) {
            within.insert(&cx, key)?;
        }
        self.plugin.start(Helper {
            name: "liar",
            path: built_plugin("liar").executable,
            settings: serde_json::json!({ "keys": keys, "lie": lie(conduct) }),
            environment: Vec::new(),
            timeout: match conduct {
                PluginConduct::Hangs => Duration::from_secs(3),
                _ => Plan::TIMEOUT,
            },
        })
    }
}

/// The liar's word for it.
fn lie(conduct: PluginConduct) -> &'static str {
    match conduct {
        PluginConduct::Honest => "",
        PluginConduct::Panics => "panic",
        PluginConduct::Ends => "exit",
        PluginConduct::Hangs => "hang",
        PluginConduct::AsksWithoutEnd => "asks-without-end",
        PluginConduct::SignsWithAnotherKey => "another-keys-signature",
        PluginConduct::GivesAnotherKey => "signer-of-another-key",
        PluginConduct::EmptySignature => "empty-signature",
        PluginConduct::ShortSignature => "short-signature",
        PluginConduct::LongSignature => "long-signature",
        PluginConduct::OtherAlgorithm => "signature-of-another-kind",
        PluginConduct::GarbageCertificate => "garbage-certificate",
        PluginConduct::TooManyKeys => "ten-thousand-and-one-keys",
    }
}
