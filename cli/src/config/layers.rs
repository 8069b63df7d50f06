//! Laying the layers over each other.

use super::apptainer;
use super::environment::{ENGINE, Environment, KEYSDIR, KEYSERVER, KEYSTORE};
use super::file::{self, FileLayer};
use super::places::{Places, config_files};
use super::plugin::{self, PluginLayer};
use super::schema::{LOCKABLE, unknown};
use super::setting::{Config, KeyserverConfig, Origin, Setting};
use sifseal_core::integrity::RemoteTrust;
use sifseal_core::policy::Relaxations;
use sifseal_core::{Error, ErrorKind, Result};
use sifseal_keystore_file::{GLOBAL_KEYRING, default_directory};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Asked where nothing else is configured.
pub const DEFAULT_KEYSERVER: &str = "https://keys.openpgp.org";

/// Names no keyserver at all.
const NO_KEYSERVER: &str = "none";

/// What the command line says about the configuration.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--engine`.
    pub engine: Option<String>,
    /// `--keysdir`.
    pub keysdir: Option<PathBuf>,
    /// `--url`.
    pub url: Option<String>,
}

/// Reads all layers.
///
/// # Errors
/// `Config` for what is wrong in a file or contradicts a lock, naming the file
/// and the setting; `NotFound` for a file that was named and is not there.
pub fn load(places: &Places, flags: &Flags) -> Result<Config> {
    let home = places.home();
    let mut config = defaults(&places.environment)?;
    let apptainers_problem = apply_apptainer(&mut config, places);
    let mut locks = Locks::default();
    for file in config_files(places, flags.config.as_deref()) {
        let Some(layer) = file::read(&file.path, home.as_deref())? else {
            if file.required {
                let what = format!("no such configuration file ({})", file.role);
                return Err(Error::new(ErrorKind::NotFound, what).at(file.path.display()));
            }
            continue;
        };
        let new_locks = locks_of(&layer, file.role == "system", &file.path)?;
        apply_file(&mut config, layer, &file.path, &locks)?;
        if let Some(new) = new_locks {
            config.locked.value.clone_from(&new.names);
            config.locked.origin = Origin::File(file.path.clone());
            locks = new;
        }
    }
    apply_environment(&mut config, &places.environment, &locks)?;
    apply_flags(&mut config, flags, &locks)?;
    if config.keyservers.origin == Origin::Default {
        config.keyservers_problem = apptainers_problem;
    }
    Ok(config)
}

/// What Apptainer's files say of keyservers, over what is built in; or why they cannot
/// be read, which is nobody's trouble who needs no keyserver.
fn apply_apptainer(config: &mut Config, places: &Places) -> Option<String> {
    match apptainer::read(places) {
        Ok(remote) => {
            if let Some((value, file)) = remote.keyservers {
                let origin = Origin::File(file);
                config.keyservers = Setting { value, origin };
            }
            None
        }
        Err(error) => Some(error.to_string()),
    }
}

fn defaults(environment: &Environment) -> Result<Config> {
    // `keystore.path` has variables of its own, which come later, over the files.
    let without_own = |name: &str| match KEYSDIR.contains(&name) {
        true => None,
        false => environment.get(name).map(OsStr::to_owned),
    };
    Ok(Config {
        engine: Setting::built_in("rpgp".to_owned()),
        keystore_backend: Setting::built_in("file".to_owned()),
        keystore_path: Setting::built_in(default_directory(&without_own)?),
        keystore_global: Setting::built_in(PathBuf::from(GLOBAL_KEYRING)),
        keyservers: Setting::built_in(vec![KeyserverConfig::hkp(DEFAULT_KEYSERVER)]),
        keyservers_problem: None,
        plugins: Vec::new(),
        trust_remote: Setting::built_in(RemoteTrust::default()),
        policy_relax: Setting::built_in(Relaxations::default()),
        locked: Setting::built_in(Vec::new()),
    })
}

fn apply_file(config: &mut Config, layer: FileLayer, path: &Path, locks: &Locks) -> Result<()> {
    let origin = || Origin::File(path.to_owned());
    if let Some(plugins) = layer.plugin {
        let plans = plugins.into_iter().map(PluginLayer::plan);
        let plans = plans.collect::<Result<Vec<_>>>();
        let plans = plans.map_err(|error| error.at(path.display()))?;
        if !plans.is_empty() {
            locks.refuse("plugin", &origin())?;
        }
        plugin::add(&mut config.plugins, plans, path).map_err(|error| error.at(path.display()))?;
    }
    let trust = layer.trust.remote();
    let trust = trust.map_err(|error| error.at(path.display()))?;
    locks.set("trust.remote", &mut config.trust_remote, trust, origin())?;
    let relax = layer.policy.relaxations();
    let relax = relax.map_err(|error| error.at(path.display()))?;
    locks.set("policy.relax", &mut config.policy_relax, relax, origin())?;
    let keystore = layer.keystore;
    locks.set("engine", &mut config.engine, layer.engine, origin())?;
    locks.set(
        "keystore.backend",
        &mut config.keystore_backend,
        keystore.backend,
        origin(),
    )?;
    locks.set(
        "keystore.path",
        &mut config.keystore_path,
        keystore.path,
        origin(),
    )?;
    locks.set(
        "keystore.global",
        &mut config.keystore_global,
        keystore.global,
        origin(),
    )?;
    locks.set(
        "keyserver",
        &mut config.keyservers,
        layer.keyserver,
        origin(),
    )
}

fn apply_environment(config: &mut Config, env: &Environment, locks: &Locks) -> Result<()> {
    let text = |name: &'static str| match env.get(name).map(OsStr::to_str) {
        Some(None) => Err(Error::new(ErrorKind::Config, "not UTF-8 text").at(format!("${name}"))),
        other => Ok(other.flatten().map(str::to_owned)),
    };
    locks.set(
        "engine",
        &mut config.engine,
        text(ENGINE)?,
        Origin::Variable(ENGINE),
    )?;
    if let Some(place) = text(KEYSERVER)? {
        one_keyserver(config, &place, Origin::Variable(KEYSERVER), locks)?;
    }
    let backend = text(KEYSTORE)?;
    let origin = Origin::Variable(KEYSTORE);
    locks.set(
        "keystore.backend",
        &mut config.keystore_backend,
        backend,
        origin,
    )?;
    let Some(name) = KEYSDIR.into_iter().find(|name| env.get(name).is_some()) else {
        return Ok(());
    };
    let path = file::path_in(env, name);
    locks.set(
        "keystore.path",
        &mut config.keystore_path,
        path,
        Origin::Variable(name),
    )
}

/// Asks this server and no other; `none` for nobody. A server that is configured keeps
/// its settings, and may be chosen where the list is locked (W-19).
fn one_keyserver(config: &mut Config, place: &str, origin: Origin, locks: &Locks) -> Result<()> {
    let configured = config.keyservers.value.iter();
    let configured = configured.filter(|server| server.is_named(place)).cloned();
    let mut value: Vec<_> = configured.collect();
    let is_subset = !value.is_empty() || place == NO_KEYSERVER;
    if value.is_empty() && place != NO_KEYSERVER {
        value.push(KeyserverConfig::named(place));
    }
    if is_subset {
        config.keyservers = Setting { value, origin };
        return Ok(());
    }
    locks.set("keyserver", &mut config.keyservers, Some(value), origin)
}

fn apply_flags(config: &mut Config, flags: &Flags, locks: &Locks) -> Result<()> {
    if let Some(place) = &flags.url {
        one_keyserver(config, place, Origin::Flag("--url"), locks)?;
    }
    let engine = flags.engine.clone();
    locks.set(
        "engine",
        &mut config.engine,
        engine,
        Origin::Flag("--engine"),
    )?;
    let path = flags.keysdir.clone();
    locks.set(
        "keystore.path",
        &mut config.keystore_path,
        path,
        Origin::Flag("--keysdir"),
    )
}

/// What the site's file has locked.
#[derive(Debug, Default)]
struct Locks {
    names: Vec<String>,
    file: PathBuf,
}

fn locks_of(layer: &FileLayer, is_system: bool, path: &Path) -> Result<Option<Locks>> {
    let Some(names) = &layer.locked else {
        return Ok(None);
    };
    if !is_system {
        let what = "`locked` has a meaning in the system's file only";
        return Err(Error::new(ErrorKind::Config, what).at(path.display()));
    }
    if let Some(name) = names.iter().find(|name| !LOCKABLE.contains(&name.as_str())) {
        let what = format!("`locked` names `{name}`, which is no setting");
        return Err(unknown(&what, name, "", LOCKABLE.iter().copied()).at(path.display()));
    }
    Ok(Some(Locks {
        names: names.clone(),
        file: path.to_owned(),
    }))
}

impl Locks {
    /// Puts a layer's value in place, unless the setting is locked and the value
    /// another one.
    fn set<T: PartialEq>(
        &self,
        name: &str,
        setting: &mut Setting<T>,
        value: Option<T>,
        origin: Origin,
    ) -> Result<()> {
        let Some(value) = value else { return Ok(()) };
        if self.holds(name) && setting.value == value {
            return Ok(());
        }
        self.refuse(name, &origin)?;
        *setting = Setting { value, origin };
        Ok(())
    }

    /// Lets nobody set what is locked.
    fn refuse(&self, name: &str, origin: &Origin) -> Result<()> {
        if !self.holds(name) {
            return Ok(());
        }
        let what = format!(
            "{origin} sets `{name}`, which {} locks",
            self.file.display()
        );
        Err(Error::new(ErrorKind::Config, what)
            .hint("leave the setting out, or ask who administers this system"))
    }

    fn holds(&self, name: &str) -> bool {
        self.names.iter().any(|locked| {
            name.strip_prefix(locked.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }
}

#[cfg(test)]
mod tests;
