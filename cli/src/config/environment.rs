//! The environment variables that the program knows.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

/// The OpenPGP library: `engine`.
pub(super) const ENGINE: &str = "SIFSEAL_ENGINE";
/// The kind of key store: `keystore.backend`.
pub(super) const KEYSTORE: &str = "SIFSEAL_KEYSTORE";
/// The one keyserver to ask, or `none`: `keyserver`.
pub(super) const KEYSERVER: &str = "SIFSEAL_KEYSERVER";
/// The file that is read in place of the user's.
pub(super) const CONFIG: &str = "SIFSEAL_CONFIG";
/// The user's key directory: `keystore.path`. The first that is set counts, as in
/// Apptainer.
pub(super) const KEYSDIR: [&str; 2] = ["APPTAINER_KEYSDIR", "SINGULARITY_SYPGPDIR"];

/// A copy of the environment, so that nothing below `main` reads it unseen.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    /// The environment of this process.
    pub fn of_this_process() -> Self {
        Self(std::env::vars_os().collect())
    }

    /// Every variable, for a process that is started.
    pub fn all(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        let variables = self.0.iter();
        variables.map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    /// The value of a variable; one that is empty counts as unset, as in
    /// Apptainer.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.0
            .get(OsStr::new(name))
            .map(OsString::as_os_str)
            .filter(|value| !value.is_empty())
    }
}

impl<K: Into<OsString>, V: Into<OsString>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}
