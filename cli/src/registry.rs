//! Which backends this build knows, by the names that stand in configuration.
//!
//! The program makes one [`Registry`] and hands it down; tests and programs that
//! embed the library make their own, with other backends in it. Nothing registers
//! itself, and no feature of the build chooses for the user.

#[cfg(feature = "keystore-os")]
use crate::config::KeyProtection;
use crate::config::{Config, Places};
use crate::keyserver::{self, FaultyKeyserver, KeyserverPlan, Logins};
use crate::plugin::Plugins;
use sifseal_core::traits::{Engine, EngineDescription, KeyStore, Keyserver};
use sifseal_core::{Error, ErrorKind, Result};
#[cfg(feature = "rpgp")]
use sifseal_engine_rpgp::RpgpEngine;
#[cfg(feature = "sequoia")]
use sifseal_engine_sequoia::SequoiaEngine;
use sifseal_keystore_file::FileKeyStore;
#[cfg(feature = "keystore-os")]
use sifseal_keystore_os::{Guard, OsKeyStore, StoreKind, Vault};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Makes an engine.
pub type MakeEngine = fn() -> Result<Arc<dyn Engine>>;

/// Makes the user's key store and the site's.
pub type MakeKeyStores = fn(&KeyStorePlan<'_>) -> Result<KeyStores>;

/// What a key store is made from.
#[derive(Debug)]
pub struct KeyStorePlan<'a> {
    /// What is configured.
    pub config: &'a Config,
    /// Where the user's directories are.
    pub places: &'a Places,
    /// The engine that reads keys.
    pub engine: Arc<dyn Engine>,
}

/// Makes a keyserver, from its own table of the configuration.
pub type MakeKeyserver = fn(&KeyserverPlan<'_>) -> Result<Box<dyn Keyserver>>;

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
        registry.add_key_store("file", |plan| {
            let user = plan.config.keystore_path.value.clone();
            Ok(KeyStores {
                user: Box::new(FileKeyStore::open(user, Arc::clone(&plan.engine))),
                global: plan.global(),
            })
        });
        #[cfg(feature = "keystore-os")]
        registry.add_key_store("os", in_the_operating_system);
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
    pub fn key_stores(&self, plan: &KeyStorePlan<'_>) -> Result<KeyStores> {
        let setting = &plan.config.keystore_backend;
        self.key_stores_of(&setting.value, plan)
            .map_err(|error| error.at(&setting.origin))
    }

    /// Key stores of the kind that is named, whichever is configured.
    ///
    /// # Errors
    /// `Config` if this build has no such kind, and what its maker says.
    pub fn key_stores_of(&self, name: &str, plan: &KeyStorePlan<'_>) -> Result<KeyStores> {
        named("key store", &self.key_stores, name)?(plan)
    }

    /// The keyservers that are configured, in their order. In the place of one that
    /// cannot be made stands one that says why whenever it is asked, so that the others
    /// can be, and that nobody is bothered who asks none.
    pub fn keyservers(
        &self,
        config: &Config,
        places: &Places,
        engine: &Arc<dyn Engine>,
        plugins: &Plugins,
    ) -> Vec<Box<dyn Keyserver>> {
        if let Some(problem) = &config.keyservers_problem {
            let error = Error::new(ErrorKind::Config, problem.clone())
                .hint("mend it, or name keyservers in sifseal's own configuration");
            return vec![Box::new(FaultyKeyserver::new("remote.yaml", error))];
        }
        let logins = Logins::new(places);
        let servers = config.keyservers.value.iter();
        servers
            .map(|server| {
                if let Some(plugin) = plugins.keyserver(&server.backend) {
                    return plugin;
                }
                let made = named("keyserver", &self.keyservers, &server.backend).and_then(|make| {
                    make(&KeyserverPlan {
                        config: server,
                        engine: Arc::clone(engine),
                        login: logins.at(server)?,
                        environment: &places.environment,
                        cache: places.cache(),
                    })
                });
                made.unwrap_or_else(|error| Box::new(FaultyKeyserver::new(&server.place(), error)))
            })
            .collect()
    }
}

impl KeyStorePlan<'_> {
    /// The site's keyring, which is the same with every kind.
    fn global(&self) -> Box<dyn KeyStore> {
        let path = self.config.keystore_global.value.clone();
        Box::new(FileKeyStore::global(path, Arc::clone(&self.engine)))
    }
}

/// Secret keys in a secret store of the operating system; certificates in the same
/// files as with the kind `file`. The store belongs to the user, whatever key directory
/// is chosen, and so does what is kept about it.
#[cfg(feature = "keystore-os")]
fn in_the_operating_system(plan: &KeyStorePlan<'_>) -> Result<KeyStores> {
    let KeyStorePlan {
        config,
        places,
        engine,
    } = plan;
    let setting = &config.keystore_store;
    let kind = match setting.value.as_str() {
        "default" => StoreKind::of_this_system(),
        name => name
            .parse()
            .map_err(|error: Error| error.at(&setting.origin))?,
    };
    let guard = match config.keystore_protection.value {
        KeyProtection::Passphrase => Guard::Passphrase,
        KeyProtection::Store => Guard::StoreAlone,
    };
    let directory = places.data().ok_or_else(|| {
        Error::new(ErrorKind::Config, "there is no home directory")
            .hint("set HOME, or XDG_DATA_HOME")
    })?;
    let certificates = config.keystore_path.value.clone();
    let certificates = FileKeyStore::certificates_only(certificates, Arc::clone(engine));
    let vault = Vault::of_this_system(kind);
    let user = OsKeyStore::new(vault, directory, Box::new(certificates), Arc::clone(engine));
    Ok(KeyStores {
        user: Box::new(user.guarded_by(guard)),
        global: plan.global(),
    })
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
