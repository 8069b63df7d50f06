//! What a command works with: the configuration, the person, the output, and the
//! backends that were chosen.
//!
//! `main` makes a [`Launch`] out of the command line. A command calls
//! [`Launch::app`] with those of its arguments that shape the circumstances (the
//! key directory, the source of passphrases), and then finds everything in the
//! [`App`]. Backends are made when they are first asked for, so that a command
//! that needs no keys cannot fail for want of them.

use crate::args::{GlobalArgs, KeysdirArgs, PassphraseArgs, UrlArgs};
use crate::config::{self, Config, Flags, Places};
use crate::output::Output;
use crate::plugin::Plugins;
use crate::registry::{KeyStorePlan, KeyStores, Registry};
use crate::ui::{Console, PassphraseSource, Talk};
use sifseal_core::traits::{Engine, KeyStore, Keyserver, ObjectSelector};
use sifseal_core::{Context, Error, ErrorKind, Result, Timestamp};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What is known before a command has read its own arguments.
#[derive(Debug, Clone, Copy)]
pub struct Launch<'a> {
    /// The backends that can be chosen.
    pub registry: &'a Registry,
    /// Where configuration is found.
    pub places: &'a Places,
    /// Flags that every command has.
    pub global: &'a GlobalArgs,
    /// The only keyserver to ask, if one was named.
    pub url: Option<&'a str>,
}

impl<'a> Launch<'a> {
    /// The same, with the keyserver that a command's own flag names.
    #[must_use]
    pub fn asking(&self, url: &'a UrlArgs) -> Self {
        Self {
            url: url.url.as_deref(),
            ..*self
        }
    }
    /// The circumstances of a command that uses no keys.
    ///
    /// # Errors
    /// The configuration cannot be read.
    pub fn app_without_keys(&self) -> Result<App<'a>> {
        self.build(&KeysdirArgs::default(), None)
    }

    /// The circumstances of a command that uses keys and unlocks none.
    ///
    /// # Errors
    /// The configuration cannot be read.
    pub fn app_without_passphrase(&self, keys: &KeysdirArgs) -> Result<App<'a>> {
        self.build(keys, None)
    }

    /// The circumstances of a command that may need a passphrase.
    ///
    /// # Errors
    /// The configuration or the passphrase cannot be read.
    pub fn app(&self, keys: &KeysdirArgs, passphrase: &PassphraseArgs) -> Result<App<'a>> {
        let flag = passphrase.passphrase_file.as_deref();
        let source = PassphraseSource::choose(flag, &self.places.environment);
        self.build(keys, source.as_ref())
    }

    /// The configuration as it stands for this command line.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn config(&self, keys: &KeysdirArgs) -> Result<Config> {
        let flags = Flags {
            config: self.global.config.clone(),
            engine: self.global.engine.clone(),
            keysdir: keys.keysdir.clone(),
            url: self.url.map(str::to_owned),
        };
        config::load(self.places, &flags)
    }

    /// The configuration as its files have it, whatever one server a variable or a flag
    /// names for this run.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn config_of_the_files(&self) -> Result<Config> {
        let flags = Flags {
            config: self.global.config.clone(),
            ..Flags::default()
        };
        config::load(&self.places.without_keyserver(), &flags)
    }

    /// The configuration that everybody on this system has.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn config_of_the_system(&self) -> Result<Config> {
        config::load(&self.places.of_everybody(), &Flags::default())
    }

    /// The file of configuration that a change goes into: the user's, or the system's.
    ///
    /// # Errors
    /// `Config` without a home directory to have one in.
    pub fn config_file(&self, global: bool) -> Result<PathBuf> {
        let files = config::config_files(self.places, self.global.config.as_deref());
        let file = files
            .into_iter()
            .find(|file| (file.role == "system") == global);
        file.map(|file| file.path).ok_or_else(|| {
            let what = "you have no home directory to have a configuration in";
            Error::new(ErrorKind::Config, what)
        })
    }

    fn build(&self, keys: &KeysdirArgs, source: Option<&PassphraseSource>) -> Result<App<'a>> {
        let config = self.config(keys)?;
        let talk = Talk::on_standard_error(self.global.quiet);
        let plugins = Plugins::new(
            &config.plugins,
            &self.registry.names(),
            &self.places.environment,
        )?;
        Ok(App {
            config,
            plugins,
            console: Console::open(talk, source)?,
            output: Output::standard(),
            now: Timestamp::now(),
            places: self.places,
            registry: self.registry,
            cancelled: AtomicBool::new(false),
        })
    }
}

/// The circumstances of one command.
#[derive(Debug)]
pub struct App<'a> {
    /// What is configured.
    pub config: Config,
    /// The person.
    pub console: Console,
    /// Standard output.
    pub output: Output,
    /// The time of this command.
    pub now: Timestamp,
    /// Where configuration is found, and the environment.
    pub places: &'a Places,
    registry: &'a Registry,
    plugins: Plugins,
    cancelled: AtomicBool,
}

impl App<'_> {
    /// What backends are given. There is no deadline: a person may think about a
    /// passphrase for as long as they like.
    pub fn context(&self) -> Context<'_> {
        Context {
            now: self.now,
            deadline: None,
            cancelled: &self.cancelled,
            ui: &self.console,
        }
    }

    /// The OpenPGP library that is configured.
    ///
    /// # Errors
    /// `Config` if this build has none of that name.
    pub fn engine(&self) -> Result<Arc<dyn Engine>> {
        self.registry.engine(&self.config)
    }

    /// The user's keys and the site's.
    ///
    /// # Errors
    /// `Config` if this build has no such kind of key store.
    pub fn key_stores(&self, engine: &Arc<dyn Engine>) -> Result<KeyStores> {
        match self.plugins.key_stores(&self.config, engine) {
            Some(stores) => Ok(stores),
            None => {
                let made = self.registry.key_stores(&self.key_store_plan(engine));
                made.map_err(|error| self.with_plugins(error))
            }
        }
    }

    /// The error for a key store that nobody knows names the plugins, too.
    fn with_plugins(&self, error: Error) -> Error {
        if self.is_built_in(&self.config.keystore_backend.value) {
            return error;
        }
        let built_in = error.hint_text().unwrap_or_default();
        let hint = match self.plugins.names() {
            Some(names) => format!("{built_in}; plugins that are configured are: {names}"),
            None => format!("{built_in}; `sifseal plugin add FILE` adds a plugin"),
        };
        error.hint(hint)
    }

    /// The user's keys in a key store of this kind, whichever is configured.
    ///
    /// # Errors
    /// `Config` if this build has no such kind.
    pub fn key_store_of(&self, name: &str, engine: &Arc<dyn Engine>) -> Result<Box<dyn KeyStore>> {
        let plan = self.key_store_plan(engine);
        Ok(self.registry.key_stores_of(name, &plan)?.user)
    }

    fn key_store_plan<'b>(&'b self, engine: &Arc<dyn Engine>) -> KeyStorePlan<'b> {
        KeyStorePlan {
            config: &self.config,
            places: self.places,
            engine: Arc::clone(engine),
        }
    }

    /// The store that `--global` chooses between.
    ///
    /// # Errors
    /// As [`key_stores`](Self::key_stores).
    pub fn key_store(&self, engine: &Arc<dyn Engine>, global: bool) -> Result<Box<dyn KeyStore>> {
        let stores = self.key_stores(engine)?;
        Ok(if global { stores.global } else { stores.user })
    }

    /// The keyservers that are configured, in their order.
    pub fn keyservers(&self, engine: &Arc<dyn Engine>) -> Vec<Box<dyn Keyserver>> {
        self.registry
            .keyservers(&self.config, self.places, engine, &self.plugins)
    }

    /// The plugin that chooses objects.
    ///
    /// # Errors
    /// `Config` if there is no plugin of that name.
    pub fn selector(&self, plugin: &str) -> Result<Box<dyn ObjectSelector>> {
        self.plugins.selector(plugin)
    }

    /// The plugins that are configured.
    pub fn plugins(&self) -> &Plugins {
        &self.plugins
    }

    /// True if a plugin of this name is configured.
    pub fn is_plugin(&self, name: &str) -> bool {
        self.plugins.get(name).is_some()
    }

    /// True if something that comes with the program has this name.
    pub fn is_built_in(&self, name: &str) -> bool {
        self.registry.names().contains(&name)
    }
}
