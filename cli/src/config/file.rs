//! Reading one configuration file.

use super::environment::Environment;
use super::plugin::PluginLayer;
use super::schema;
use super::setting::KeyserverConfig;
use serde::Deserialize;
use sifseal_core::integrity::RemoteTrust;
use sifseal_core::policy::Relaxations;
use sifseal_core::{Error, ErrorKind, Result, replace};
use std::path::{Component, Path, PathBuf};
use toml::Table;

/// What one file says; what it leaves out, an earlier layer says.
#[derive(Debug, Default, Deserialize)]
pub(super) struct FileLayer {
    pub(super) engine: Option<String>,
    #[serde(default)]
    pub(super) keystore: KeyStoreLayer,
    pub(super) keyserver: Option<Vec<KeyserverConfig>>,
    pub(super) plugin: Option<Vec<PluginLayer>>,
    #[serde(default)]
    pub(super) trust: TrustLayer,
    #[serde(default)]
    pub(super) policy: PolicyLayer,
    pub(super) locked: Option<Vec<String>>,
}

/// Its table `[keystore]`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct KeyStoreLayer {
    pub(super) backend: Option<String>,
    pub(super) path: Option<PathBuf>,
    pub(super) global: Option<PathBuf>,
}

/// Its table `[trust]`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct TrustLayer {
    remote: Option<String>,
}

impl TrustLayer {
    /// What it says of keys from keyservers.
    ///
    /// # Errors
    /// `Config` for a word that is none of the known ones.
    pub(super) fn remote(&self) -> Result<Option<RemoteTrust>> {
        let Some(name) = &self.remote else {
            return Ok(None);
        };
        let known = RemoteTrust::ALL.iter().find(|trust| trust.name() == name);
        let names = RemoteTrust::ALL.iter().map(|trust| trust.name());
        let what = || format!("`trust.remote` cannot be `{name}`");
        known
            .copied()
            .map(Some)
            .ok_or_else(|| schema::unknown(&what(), name, "", names))
    }
}

/// Its table `[policy]`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct PolicyLayer {
    relax: Option<Vec<String>>,
}

impl PolicyLayer {
    /// The rules that it relaxes.
    ///
    /// # Errors
    /// `Config` for a name that is no rule's, or one that may not be relaxed.
    pub(super) fn relaxations(&self) -> Result<Option<Relaxations>> {
        let names = self.relax.as_ref();
        names
            .map(|names| Relaxations::named(names.iter().map(String::as_str)))
            .transpose()
            .map_err(|error| {
                let what = format!("`policy.relax`: {}", error.what());
                error.reworded(what)
            })
    }
}

/// Reads a file; `None` if it is not there.
///
/// # Errors
/// `Config`, naming the file and the line or the key; `Io` and `Denied`.
pub(super) fn read(path: &Path, home: Option<&Path>) -> Result<Option<FileLayer>> {
    let Some(bytes) = replace::read(path)? else {
        return Ok(None);
    };
    let named = |error: Error| error.at(path.display());
    let text = std::str::from_utf8(bytes.expose())
        .map_err(|_| named(Error::new(ErrorKind::Config, "the file is not UTF-8 text")))?;
    let table: Table = text.parse().map_err(|error| named(syntax(text, &error)))?;
    schema::check(&table).map_err(named)?;
    let layer: FileLayer = table.try_into().map_err(|error: toml::de::Error| {
        named(Error::new(ErrorKind::Config, error.message().to_owned()))
    })?;
    Ok(Some(layer.with_whole_paths(path, home).map_err(named)?))
}

fn syntax(text: &str, error: &toml::de::Error) -> Error {
    let before = error.span().and_then(|span| text.get(..span.start));
    let what = match before {
        Some(before) => format!(
            "line {}: {}",
            before.matches('\n').count() + 1,
            error.message()
        ),
        None => error.message().to_owned(),
    };
    Error::new(ErrorKind::Config, what)
}

impl FileLayer {
    /// Paths with `~/` begin at home, other relative ones at the file's own
    /// directory: where the program happens to be started decides nothing.
    fn with_whole_paths(mut self, file: &Path, home: Option<&Path>) -> Result<Self> {
        let servers = self.keyserver.iter_mut().flatten();
        let paths = [&mut self.keystore.path, &mut self.keystore.global]
            .into_iter()
            .chain(servers.flat_map(|server| [&mut server.path, &mut server.ca_file]));
        for path in paths.flatten() {
            *path = whole(path, file, home)?;
        }
        let plugins = self.plugin.iter_mut().flatten();
        for path in plugins.filter_map(|plugin| plugin.path.as_mut()) {
            // Relative to anything, a plugin would be another one elsewhere.
            if path.starts_with("~") {
                *path = whole(path, file, home)?;
            }
        }
        Ok(self)
    }
}

fn whole(path: &Path, file: &Path, home: Option<&Path>) -> Result<PathBuf> {
    let mut components = path.components();
    if components.next() == Some(Component::Normal("~".as_ref())) {
        let home = home.ok_or_else(|| {
            Error::new(
                ErrorKind::Config,
                "a path begins with `~`, and you have no home directory",
            )
        })?;
        return Ok(home.join(components.as_path()));
    }
    let directory = file.parent().unwrap_or(Path::new(""));
    Ok(directory.join(path))
}

/// The path in a variable of the environment, as it stands.
pub(super) fn path_in(environment: &Environment, name: &str) -> Option<PathBuf> {
    environment.get(name).map(PathBuf::from)
}
