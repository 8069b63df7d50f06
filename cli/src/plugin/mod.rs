//! Plugins by their names in the configuration.
//!
//! Nothing is opened or started here: a plugin that is configured and not used costs
//! nothing. One that is used in several places (a key store that is a keyserver too) is
//! one plugin.

mod beside;

use crate::config::{Config, Environment, PluginConfig};
use crate::registry::KeyStores;
use beside::KeysBesidePlugin;
use sifseal_core::traits::{Engine, KeyStore, Keyserver, ObjectSelector};
use sifseal_core::{Error, ErrorKind, Result};
use sifseal_keystore_file::FileKeyStore;
use sifseal_plugin_host::{
    Child, Plan, Plugin, PluginKeyStore, PluginKeyserver, PluginSelector, Surroundings,
};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

/// The hidden command with which a child of this program loads a library.
pub(crate) const CHILD_COMMAND: &str = "__plugin-host";

/// All plugins that are configured.
#[derive(Debug)]
pub struct Plugins(BTreeMap<String, Arc<Plugin>>);

impl Plugins {
    /// The plugins of a configuration, none of them started. `taken` are names that mean
    /// something that comes with the program.
    ///
    /// # Errors
    /// `Config` if a plugin has such a name.
    pub fn new(
        configured: &[PluginConfig],
        taken: &[&str],
        environment: &Environment,
    ) -> Result<Self> {
        let mut plugins = BTreeMap::new();
        for PluginConfig { plan, origin } in configured {
            if taken.contains(&plan.name.as_str()) {
                let what = format!("a plugin cannot be called `{}`", plan.name);
                return Err(Error::new(ErrorKind::Config, what)
                    .at(origin)
                    .hint("something that comes with the program has that name"));
            }
            let plugin = Plugin::new(plan.clone(), surroundings(environment));
            plugins.insert(plan.name.clone(), Arc::new(plugin));
        }
        Ok(Self(plugins))
    }

    /// The plugin of this name.
    pub fn get(&self, name: &str) -> Option<&Arc<Plugin>> {
        self.0.get(name)
    }

    /// For whoever has named one that is not there.
    pub fn hint(&self) -> String {
        match self.names() {
            None => "no plugin is configured; `sifseal plugin add FILE` adds one".to_owned(),
            Some(names) => format!("configured are: {names}"),
        }
    }

    /// The names of all, as messages list them; `None` if none is configured.
    pub fn names(&self) -> Option<String> {
        let names: Vec<&str> = self.0.keys().map(String::as_str).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }

    /// The key stores if the user's is a plugin; `None` if it is not.
    pub fn key_stores(&self, config: &Config, engine: &Arc<dyn Engine>) -> Option<KeyStores> {
        let plugin = Arc::clone(self.get(&config.keystore_backend.value)?);
        let directory = config.keystore_path.value.clone();
        let beside = FileKeyStore::open(directory, Arc::clone(engine));
        let plugin = PluginKeyStore::new(plugin, Arc::clone(engine));
        let global = config.keystore_global.value.clone();
        let global: Box<dyn KeyStore> = Box::new(FileKeyStore::global(global, Arc::clone(engine)));
        let user = KeysBesidePlugin::new(plugin, beside, Arc::clone(engine));
        Some(KeyStores {
            user: Box::new(user),
            global,
        })
    }

    /// The keyserver if it is a plugin; `None` if it is not.
    pub fn keyserver(&self, backend: &str) -> Option<Box<dyn Keyserver>> {
        let plugin = Arc::clone(self.get(backend)?);
        Some(Box::new(PluginKeyserver::new(plugin)))
    }

    /// The selector of this name.
    ///
    /// # Errors
    /// `Config` if there is no such plugin.
    pub fn selector(&self, name: &str) -> Result<Box<dyn ObjectSelector>> {
        let plugin = self.get(name).ok_or_else(|| {
            let what = format!("there is no plugin `{name}`");
            Error::new(ErrorKind::Config, what).hint(self.hint())
        })?;
        Ok(Box::new(PluginSelector::new(Arc::clone(plugin))))
    }
}

/// A plugin that is looked at, and not configured.
pub(crate) fn unconfigured(plan: Plan, environment: &Environment) -> Plugin {
    Plugin::new(plan, surroundings(environment))
}

fn surroundings(environment: &Environment) -> Surroundings {
    let variables = environment.all();
    Surroundings {
        host: concat!("sifseal ", env!("CARGO_PKG_VERSION")).to_owned(),
        environment: variables
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        child: Child {
            // In a child that is about to become another program, this is still us, even
            // if our file has been replaced meanwhile.
            program: PathBuf::from("/proc/self/exe"),
            arguments: vec![OsString::from(CHILD_COMMAND)],
        },
    }
}
