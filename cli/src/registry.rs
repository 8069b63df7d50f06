//! Which backends this build knows, by the names that stand in configuration.
//!
//! The program makes one [`Registry`] and hands it down; tests and programs that
//! embed the library make their own, with other backends in it. Nothing registers
//! itself, and no feature of the build chooses for the user.

use crate::config::login::{Login, all_logins, login_for};
use crate::config::{Config, Environment, KeyserverConfig, Places};
use crate::keyserver;
use crate::plugin::Plugins;
use sifseal_core::traits::{Engine, EngineDescription, KeyStore, Keyserver};
use sifseal_core::{Error, ErrorKind, Result};
#[cfg(feature = "rpgp")]
use sifseal_engine_rpgp::RpgpEngine;
#[cfg(feature = "sequoia")]
use sifseal_engine_sequoia::SequoiaEngine;
use sifseal_keystore_file::FileKeyStore;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Makes an engine.
pub type MakeEngine = fn() -> Result<Arc<dyn Engine>>;

/// Makes the user's key store and the site's, from what is configured.
pub type MakeKeyStores = fn(&Config, Arc<dyn Engine>) -> Result<KeyStores>;

/// Makes a keyserver, from its own table of the configuration.
pub type MakeKeyserver = fn(&KeyserverPlan<'_>) -> Result<Box<dyn Keyserver>>;

/// What a keyserver is made from.
#[derive(Debug)]
pub struct KeyserverPlan<'a> {
    /// Its own table of the configuration.
    pub config: &'a KeyserverConfig,
    /// The OpenPGP library, for one that reads certificates itself.
    pub engine: Arc<dyn Engine>,
    /// The login for its address.
    pub login: Option<&'a Login>,
    /// Where proxies are named.
    pub environment: &'a Environment,
    /// Where it may keep what it can make anew.
    pub cache: Option<PathBuf>,
}

/// The user's keys, and the site's.
#[derive(Debug)]
pub struct KeyStores {
    /// The user's own.
    pub user: Box<dyn KeyStore>,
    /// The keyring of the whole site: certificates only.
    pub global: Box<dyn KeyStore>,
}

/// The backends of one build, by name.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    engines: BTreeMap<&'static str, MakeEngine>,
    key_stores: BTreeMap<&'static str, MakeKeyStores>,
    keyservers: BTreeMap<&'static str, MakeKeyserver>,
}

impl Registry {
    /// A registry that knows nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything that comes with the program.
    pub fn standard() -> Self {
        let mut registry = Self::new();
        #[cfg(feature = "rpgp")]
        registry.add_engine("rpgp", || Ok(Arc::new(RpgpEngine)));
        #[cfg(feature = "sequoia")]
        registry.add_engine("sequoia", || Ok(Arc::new(SequoiaEngine)));
        registry.add_key_store("file", |config, engine| {
            let user = config.keystore_path.value.clone();
            let global = config.keystore_global.value.clone();
            Ok(KeyStores {
                user: Box::new(FileKeyStore::open(user, Arc::clone(&engine))),
                global: Box::new(FileKeyStore::global(global, engine)),
            })
        });
        registry.add_keyserver("hkp", keyserver::hkp);
        registry.add_keyserver("offline", keyserver::offline);
        registry
    }

    /// Adds an engine, or replaces the one of this name.
    pub fn add_engine(&mut self, name: &'static str, make: MakeEngine) {
        self.engines.insert(name, make);
    }

    /// Adds a kind of key store, or replaces the one of this name.
    pub fn add_key_store(&mut self, name: &'static str, make: MakeKeyStores) {
        self.key_stores.insert(name, make);
    }

    /// Adds a kind of keyserver, or replaces the one of this name.
    pub fn add_keyserver(&mut self, name: &'static str, make: MakeKeyserver) {
        self.keyservers.insert(name, make);
    }

    /// The names of everything that can be chosen, which no plugin may have.
    pub fn names(&self) -> Vec<&'static str> {
        let stores = self.key_stores.keys().chain(self.keyservers.keys());
        self.engines.keys().chain(stores).copied().collect()
    }

    /// The engine that is configured.
    ///
    /// # Errors
    /// `Config` if this build has none of that name, and what its maker says.
    pub fn engine(&self, config: &Config) -> Result<Arc<dyn Engine>> {
        let setting = &config.engine;
        named("engine", &self.engines, &setting.value).map_err(|error| error.at(&setting.origin))?()
    }

    /// What every engine of this build says of itself, by name.
    ///
    /// # Errors
    /// What a maker says.
    pub fn engines(&self) -> Result<Vec<EngineDescription>> {
        self.engines
            .values()
            .map(|make| Ok(make()?.describe()))
            .collect()
    }

    /// The key stores that are configured.
    ///
    /// # Errors
    /// `Config` if this build has no such kind, and what its maker says.
    pub fn key_stores(&self, config: &Config, engine: Arc<dyn Engine>) -> Result<KeyStores> {
        let setting = &config.keystore_backend;
        let make = named("key store", &self.key_stores, &setting.value)
            .map_err(|error| error.at(&setting.origin))?;
        make(config, engine)
    }

    /// The keyservers that are configured, in their order.
    ///
    /// # Errors
    /// `Config` if this build has no such kind, and what its maker says.
    pub fn keyservers(
        &self,
        config: &Config,
        places: &Places,
        engine: &Arc<dyn Engine>,
        plugins: &Plugins,
    ) -> Result<Vec<Box<dyn Keyserver>>> {
        let setting = &config.keyservers;
        if let Some(problem) = &config.keyservers_problem {
            return Err(Error::new(ErrorKind::Config, problem.clone())
                .hint("mend it, or name keyservers in sifseal's own configuration"));
        }
        let logins = all_logins(places)?;
        let made = setting.value.iter().map(|server| {
            if let Some(plugin) = plugins.keyserver(&server.backend) {
                return Ok(plugin);
            }
            let make = named("keyserver", &self.keyservers, &server.backend)?;
            let url = server.url.as_deref();
            make(&KeyserverPlan {
                config: server,
                engine: Arc::clone(engine),
                login: url.and_then(|url| login_for(&logins, url)),
                environment: &places.environment,
                cache: places.cache(),
            })
        });
        made.map(|made| made.map_err(|error| error.at(&setting.origin)))
            .collect()
    }
}

fn named<T: Copy>(kind: &str, known: &BTreeMap<&'static str, T>, name: &str) -> Result<T> {
    known.get(name).copied().ok_or_else(|| {
        let names: Vec<&str> = known.keys().copied().collect();
        let hint = match names.as_slice() {
            [] => format!("this build has no {kind} at all"),
            names => format!("this build has: {}", names.join(", ")),
        };
        Error::new(ErrorKind::Config, format!("there is no {kind} `{name}`")).hint(hint)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let known = BTreeMap::from([("one", 1), ("two", 2)]);
        assert_eq!(named("engine", &known, "two").unwrap(), 2);
        let error = named("engine", &known, "three").unwrap_err();
        assert_eq!(error.to_string(), "there is no engine `three`");
        assert_eq!(error.hint_text(), Some("this build has: one, two"));
    }

    #[test]
    fn a_registry_without_backends_says_so() {
        let error = named::<MakeKeyserver>("keyserver", &BTreeMap::new(), "hkp").unwrap_err();
        assert_eq!(
            error.hint_text(),
            Some("this build has no keyserver at all")
        );
    }
}
