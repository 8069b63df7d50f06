//! Certificates in a file, and a plugin's keys beside them, as the program puts them
//! together.

use crate::program::built_program;
use sha2::{Digest as _, Sha256};
use sifseal_core::openpgp::{Fingerprint, Key};
use sifseal_core::traits::{
    Engine, Found, Insertion, KeyPart, KeyQuery, KeyStore, PrivateKey, StoreDescription,
};
use sifseal_core::{Context, Error, ErrorKind, Result};
use sifseal_keystore_file::FileKeyStore;
use sifseal_plugin_host::{Carriage, Child, Plan, Plugin, PluginKeyStore, Surroundings};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// A file of certificates, and a plugin once there is a key for it.
#[derive(Debug)]
pub(super) struct BesidePlugin {
    engine: Arc<dyn Engine>,
    certificates: FileKeyStore,
    plugin: Option<PluginKeyStore>,
}

/// A plugin that is to be started.
#[derive(Debug)]
pub(super) struct Helper {
    pub(super) name: &'static str,
    pub(super) path: PathBuf,
    pub(super) settings: serde_json::Value,
    pub(super) environment: Vec<(OsString, OsString)>,
    /// How long it may take for an answer.
    pub(super) timeout: Duration,
}

impl Helper {
    /// One of those that are shipped.
    pub(super) fn of_this_workspace(name: &'static str, settings: serde_json::Value) -> Self {
        Self {
            name,
            path: built_program(name),
            settings,
            environment: Vec::new(),
            timeout: Plan::TIMEOUT,
        }
    }
}

impl BesidePlugin {
    pub(super) fn new(folder: &Path, engine: &Arc<dyn Engine>) -> Self {
        Self {
            engine: Arc::clone(engine),
            certificates: FileKeyStore::open(folder.to_owned(), Arc::clone(engine)),
            plugin: None,
        }
    }

    /// Starts a plugin, in the place of one that runs.
    pub(super) fn start(&mut self, helper: Helper) -> Result<()> {
        let Helper {
            name,
            path,
            settings,
            environment,
            timeout,
        } = helper;
        let settings = match settings {
            serde_json::Value::Object(settings) => settings,
            _ => serde_json::Map::new(),
        };
        let plan = Plan {
            name: name.to_owned(),
            sha256: digest_of(&path)?.parse()?,
            path: path.clone(),
            carriage: Carriage::Executable,
            timeout,
            settings: settings.into(),
        };
        let path_variable = std::env::var_os("PATH").map(|path| ("PATH".into(), path));
        let surroundings = Surroundings {
            host: "sifseal-conformance".to_owned(),
            environment: environment.into_iter().chain(path_variable).collect(),
            // Only libraries run in a child.
            child: Child {
                program: path,
                arguments: Vec::new(),
            },
        };
        let plugin = Arc::new(Plugin::new(plan, surroundings));
        self.plugin = Some(PluginKeyStore::new(plugin, Arc::clone(&self.engine)));
        Ok(())
    }
}

/// The digest of a plugin's file; there are few, and they do not change while tests run.
fn digest_of(path: &Path) -> Result<String> {
    static KNOWN: OnceLock<
        std::sync::Mutex<std::collections::BTreeMap<std::path::PathBuf, String>>,
    > = OnceLock::new();
    let known = KNOWN.get_or_init(Default::default);
    let mut known = known
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(digest) = known.get(path) {
        return Ok(digest.clone());
    }
    let bytes = std::fs::read(path).map_err(|error| Error::io(path, error))?;
    let digest: String = Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    known.insert(path.to_owned(), digest.clone());
    Ok(digest)
}

impl KeyStore for BesidePlugin {
    fn describe(&self) -> StoreDescription {
        self.certificates.describe()
    }

    fn find(&self, cx: &Context<'_>, part: KeyPart, query: &KeyQuery) -> Result<Found> {
        match (part, &self.plugin) {
            (KeyPart::Public, _) => self.certificates.find(cx, part, query),
            (KeyPart::Secret, Some(plugin)) => plugin.find(cx, part, query),
            (KeyPart::Secret, None) => Ok(Found::default()),
        }
    }

    fn private_key(&self, cx: &Context<'_>, primary: &Fingerprint) -> Result<PrivateKey> {
        match &self.plugin {
            Some(plugin) => plugin.private_key(cx, primary),
            None => Err(Error::new(ErrorKind::NotFound, "there is no secret key")),
        }
    }

    fn insert(&self, cx: &Context<'_>, key: &Key) -> Result<Insertion> {
        self.certificates.insert(cx, key)
    }

    fn replace(&self, cx: &Context<'_>, key: &Key) -> Result<()> {
        self.certificates.replace(cx, key)
    }

    fn remove(&self, cx: &Context<'_>, part: KeyPart, primary: &Fingerprint) -> Result<()> {
        self.certificates.remove(cx, part, primary)
    }
}
