//! Values with their origins.

use super::answer_limit::AnswerLimit;
use super::login::same_server;
use super::plugin::PluginConfig;
use serde::{Deserialize, Serialize};
use sifseal_core::integrity::RemoteTrust;
use sifseal_core::policy::Relaxations;
use sifseal_core::{Error, ErrorKind, Result};
use std::fmt;
use std::path::{Path, PathBuf};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Built in.
    Default,
    /// This file.
    File(PathBuf),
    /// This environment variable.
    Variable(&'static str),
    /// This flag.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("built in"),
            Self::File(path) => path.display().fmt(f),
            Self::Variable(name) => write!(f, "${name}"),
            Self::Flag(name) => f.write_str(name),
        }
    }
}

/// A value and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value that holds.
    pub value: T,
    /// The layer that set it.
    pub origin: Origin,
}

impl<T> Setting<T> {
    /// A value that nobody set.
    pub(super) fn built_in(value: T) -> Self {
        Self {
            value,
            origin: Origin::Default,
        }
    }
}

/// One keyserver to ask, as configured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyserverConfig {
    /// The kind, by its name in the registry.
    pub backend: String,
    /// The address of one on the network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The place of one in the file system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// Certificate authorities beside the system's, in PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// True if the server's TLS certificate is not checked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub insecure: bool,
    /// How long each answer may take, if not as long as usual.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<AnswerLimit>,
}

impl KeyserverConfig {
    /// A server on the network.
    pub fn hkp(url: &str) -> Self {
        Self {
            backend: "hkp".to_owned(),
            url: Some(url.to_owned()),
            path: None,
            ca_file: None,
            insecure: false,
            timeout: None,
        }
    }

    /// A directory or a bundle of certificates.
    pub fn offline(path: impl Into<PathBuf>) -> Self {
        Self {
            backend: "offline".to_owned(),
            url: None,
            path: Some(path.into()),
            ca_file: None,
            insecure: false,
            timeout: None,
        }
    }

    /// What a person names a server by: an address with a scheme, or a path.
    pub fn named(place: &str) -> Self {
        match place.contains("://") {
            true => Self::hkp(place),
            false => Self::offline(place),
        }
    }

    /// The address or the path; the name of a plugin that needs neither.
    pub fn place(&self) -> String {
        match (&self.url, &self.path) {
            (Some(url), _) => url.clone(),
            (None, Some(path)) => path.display().to_string(),
            (None, None) => self.backend.clone(),
        }
    }

    /// True if it is the server that a person names so.
    pub fn is_named(&self, place: &str) -> bool {
        match (&self.url, &self.path) {
            (Some(url), _) => same_server(url, place),
            (None, Some(path)) => path == Path::new(place),
            (None, None) => self.backend == place,
        }
    }

    /// True if whoever is on the way can read along or answer in its place.
    pub fn is_insecure(&self) -> bool {
        let plain = |url: &String| {
            let scheme = url.split("://").next().unwrap_or_default();
            matches!(scheme.to_ascii_lowercase().as_str(), "http" | "hkp")
        };
        self.insecure || self.url.as_ref().is_some_and(plain)
    }
}

/// What guards secret keys in the secret store of the operating system.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum KeyProtection {
    /// OpenPGP's own passphrase, beside the store's lock.
    #[default]
    Passphrase,
    /// The store's lock alone: signing asks nothing.
    Store,
}

impl KeyProtection {
    /// Its name in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Passphrase => "passphrase",
            Self::Store => "store",
        }
    }

    /// The one of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::Passphrase, Self::Store]
            .into_iter()
            .find(|known| known.name() == name)
    }
}

/// Everything that is configured.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The OpenPGP library, by its name in the registry.
    pub engine: Setting<String>,
    /// The kind of key store, by its name in the registry.
    pub keystore_backend: Setting<String>,
    /// The user's keys.
    pub keystore_path: Setting<PathBuf>,
    /// The site's keys.
    pub keystore_global: Setting<PathBuf>,
    /// Which secret store the kind `os` means, by its name; `default` for the system's
    /// own.
    pub keystore_store: Setting<String>,
    /// What guards secret keys there.
    pub keystore_protection: Setting<KeyProtection>,
    /// Keyservers in the order in which they are asked.
    pub keyservers: Setting<Vec<KeyserverConfig>>,
    /// Why Apptainer's file of keyservers could not be read, if it would have counted.
    pub keyservers_problem: Option<String>,
    /// Plugins that may be used, those of the system first.
    pub plugins: Vec<PluginConfig>,
    /// What it counts for that a signer's key was found on a keyserver only.
    pub trust_remote: Setting<RemoteTrust>,
    /// Rules of the policy that do not count.
    pub policy_relax: Setting<Relaxations>,
    /// What the site's file locks.
    pub locked: Setting<Vec<String>>,
}

impl Config {
    /// Where the site has locked the kind of key store, no secret key goes into another.
    ///
    /// # Errors
    /// `Denied` for any other kind then.
    pub fn check_key_store(&self, name: &str) -> Result<()> {
        let backend = &self.keystore_backend.value;
        let locks = |setting: &&str| self.locked.value.iter().any(|locked| locked == setting);
        let is_locked = ["keystore", "keystore.backend"].iter().any(locks);
        if !is_locked || name == backend {
            return Ok(());
        }
        let what = format!(
            "secret keys are kept in `{backend}` alone, by {}",
            self.locked.origin
        );
        Err(Error::new(ErrorKind::Denied, what).hint("ask who administers this system"))
    }

    /// Whether secret keys in a key store of this kind have no passphrase of their
    /// own, because the person chose so.
    pub fn is_without_passphrases(&self, backend: &str) -> bool {
        backend == "os" && self.keystore_protection.value == KeyProtection::Store
    }
}
