//! Key stores: how they behave, from "asking makes nothing" to "writers at the same time
//! lose no key".
//!
//! Each is shown on a fresh [`Stage`]: a home with a store that was never used.

mod behaviour;
pub mod keys;

pub use crate::context;
pub use behaviour::each;

use sifseal_core::Result;
use sifseal_core::openpgp::{Fingerprint, Key, TransferableSecretKey};
use sifseal_core::traits::{Found, Insertion, KeyPart, KeyQuery, KeyStore, PrivateKey};
use std::path::{Path, PathBuf};

/// What a behaviour is shown on.
pub type Behaviour = fn(&Stage);

/// Opens a store in a key directory.
type Open = dyn Fn(&Path) -> Box<dyn KeyStore> + Sync;

/// A person's home with a key store that was never used.
pub struct Stage {
    home: tempfile::TempDir,
    /// The store as a program opens it.
    open: Box<Open>,
    /// True if what it keeps is not gone with the home.
    outlives_home: bool,
}

impl Stage {
    /// A home whose store is opened so, each time as by a program that was just started.
    pub fn new(open: impl Fn(&Path) -> Box<dyn KeyStore> + Sync + 'static) -> Self {
        Self {
            home: tempfile::tempdir().expect("a temporary folder"),
            open: Box::new(open),
            outlives_home: false,
        }
    }

    /// The same for a store that keeps things elsewhere: its keys are removed at the end.
    #[must_use]
    pub fn cleared_at_the_end(mut self) -> Self {
        self.outlives_home = true;
        self
    }

    /// The home.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The key directory in it, which need not exist.
    pub fn directory(&self) -> PathBuf {
        self.home.path().join("keys")
    }

    /// The store, as a program that was just started has it.
    pub fn store(&self) -> Box<dyn KeyStore> {
        (self.open)(&self.directory())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if !self.outlives_home {
            return;
        }
        let store = self.store();
        if let Ok(found) = store.find(&context(), KeyPart::Secret, &KeyQuery::All) {
            for entry in found.entries {
                let key = entry.certificate.fingerprint();
                let _ = store.remove(&context(), KeyPart::Secret, &key);
            }
        }
    }
}

/// The calls of a test, without what they all have in common.
pub trait Calls {
    /// What a search gives; nothing in it is unreadable.
    fn found(&self, part: KeyPart, query: &KeyQuery) -> Found;
    /// The fingerprints of everything.
    fn all(&self, part: KeyPart) -> Vec<Fingerprint>;
    /// Adds a secret key.
    fn add(&self, key: &TransferableSecretKey) -> Insertion;
    /// The secret key itself.
    ///
    /// # Errors
    /// What the store says.
    fn material(&self, key: &Fingerprint) -> Result<TransferableSecretKey>;
    /// Removes a half.
    ///
    /// # Errors
    /// What the store says.
    fn take_away(&self, part: KeyPart, key: &Fingerprint) -> Result<()>;
}

impl Calls for dyn KeyStore + '_ {
    fn found(&self, part: KeyPart, query: &KeyQuery) -> Found {
        let found = self.find(&context(), part, query).expect("it can be read");
        assert!(found.junk.is_empty(), "{found:?}");
        found
    }

    fn all(&self, part: KeyPart) -> Vec<Fingerprint> {
        let found = self.found(part, &KeyQuery::All).entries;
        let found = found.iter();
        found.map(|entry| entry.certificate.fingerprint()).collect()
    }

    fn add(&self, key: &TransferableSecretKey) -> Insertion {
        let key = Key::Secret(key.clone());
        self.insert(&context(), &key).expect("it can be added")
    }

    fn material(&self, key: &Fingerprint) -> Result<TransferableSecretKey> {
        match self.private_key(&context(), key)? {
            PrivateKey::Material(key) => Ok(key),
            PrivateKey::Device(_) => panic!("this store is no device"),
        }
    }

    fn take_away(&self, part: KeyPart, key: &Fingerprint) -> Result<()> {
        self.remove(&context(), part, key)
    }
}

/// Every behaviour of a key store, as tests in a module of this name: over a store that
/// `open` opens in a folder, or by a function that `run`s a behaviour over one.
#[macro_export]
macro_rules! key_store_suite {
    ($store:ident, open $open:expr) => {
        mod $store {
            #[allow(unused_imports)]
            use super::*;

            fn run(_test: &str, behaviour: $crate::key_store::Behaviour) {
                behaviour(&$crate::key_store::Stage::new($open));
            }

            $crate::key_store_behaviours!($store, run);
        }
    };
    ($store:ident, run $run:path) => {
        mod $store {
            $crate::key_store_behaviours!($store, $run);
        }
    };
}
