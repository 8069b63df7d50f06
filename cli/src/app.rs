//! What a command works with: the configuration, the person, the output, and the
//! backends that were chosen.
//!
//! `main` makes a [`Launch`] out of the command line. A command calls
//! [`Launch::app`] with those of its arguments that shape the circumstances (the
//! key directory, the source of passphrases), and then finds everything in the
//! [`App`]. Backends are made when they are first asked for, so that a command
//! that needs no keys cannot fail for want of them.

use crate::args::{GlobalArgs, KeysdirArgs, PassphraseArgs};
use crate::config::{self, Config, Flags, Places};
use crate::output::Output;
use crate::registry::{KeyStores, Registry};
use crate::ui::{Console, PassphraseSource, Talk};
use sifseal_core::traits::{Engine, KeyStore, Keyserver};
use sifseal_core::{Context, Result, Timestamp};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What is known before a command has read its own arguments.
#[derive(Debug)]
pub struct Launch<'a> {
    /// The backends that can be chosen.
    pub registry: &'a Registry,
    /// Where configuration is found.
    pub places: &'a Places,
    /// Flags that every command has.
    pub global: &'a GlobalArgs,
}

impl Launch<'_> {
    /// The circumstances of a command that uses no keys.
    ///
    /// # Errors
    /// The configuration cannot be read.
    pub fn app_without_keys(&self) -> Result<App<'_>> {
        self.build(&KeysdirArgs::default(), None)
    }

    /// The circumstances of a command that uses keys and unlocks none.
    ///
    /// # Errors
    /// The configuration cannot be read.
    pub fn app_without_passphrase(&self, keys: &KeysdirArgs) -> Result<App<'_>> {
        self.build(keys, None)
    }

    /// The circumstances of a command that may need a passphrase.
    ///
    /// # Errors
    /// The configuration or the passphrase cannot be read.
    pub fn app(&self, keys: &KeysdirArgs, passphrase: &PassphraseArgs) -> Result<App<'_>> {
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
        };
        config::load(self.places, &flags)
    }

    fn build(&self, keys: &KeysdirArgs, source: Option<&PassphraseSource>) -> Result<App<'_>> {
        let config = self.config(keys)?;
        let talk = Talk::on_standard_error(self.global.quiet);
        Ok(App {
            config,
            console: Console::open(talk, source)?,
            output: Output::standard(),
            now: Timestamp::now(),
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
    registry: &'a Registry,
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
        self.registry.key_stores(&self.config, Arc::clone(engine))
    }

    /// The user's keys in a key store of this kind, whichever is configured.
    ///
    /// # Errors
    /// `Config` if this build has no such kind.
    pub fn key_store_of(&self, name: &str, engine: &Arc<dyn Engine>) -> Result<Box<dyn KeyStore>> {
        let stores = self
            .registry
            .key_stores_of(name, &self.config, Arc::clone(engine))?;
        Ok(stores.user)
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
    ///
    /// # Errors
    /// `Config` if this build has no such kind of keyserver.
    pub fn keyservers(&self, engine: &Arc<dyn Engine>) -> Result<Vec<Box<dyn Keyserver>>> {
        self.registry.keyservers(&self.config, engine)
    }
}
