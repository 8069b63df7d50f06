//! Fresh key stores for a behaviour to be shown on.

use crate::keys::engine;
use keyring_core::{CredentialStore, mock};
use sifseal_conformance_tests::secret_service::on_a_bus;
use sifseal_conformance_tests::workshop::{NOW, at};
use sifseal_conformance_tests::{require_keyutils, require_secret_service};
use sifseal_core::openpgp::{Fingerprint, Key, TransferableSecretKey};
use sifseal_core::traits::{Found, Insertion, KeyPart, KeyQuery, KeyStore, PrivateKey};
use sifseal_core::{Context, Result};
use sifseal_keystore_file::FileKeyStore;
use sifseal_keystore_os::{Capabilities, OsKeyStore, StoreKind, Vault};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// What a behaviour is shown on.
pub(crate) type Behaviour = fn(&Stage);

/// Opens a store in a key directory.
type Open = dyn Fn(&Path) -> Box<dyn KeyStore> + Sync;

/// A person's home with a key store that was never used.
pub(crate) struct Stage {
    home: tempfile::TempDir,
    /// The store as a program opens it.
    open: Box<Open>,
    /// True if what it keeps is not gone with the home.
    outlives_home: bool,
}

pub(crate) fn file(_test: &str, behaviour: Behaviour) {
    behaviour(&Stage::new(|directory| {
        Box::new(FileKeyStore::open(directory.to_owned(), engine()))
    }));
}

/// The store over the operating system's, with a secret store that is none.
pub(crate) fn memory(_test: &str, behaviour: Behaviour) {
    behaviour(&in_memory(StoreKind::SecretService.capabilities()));
}

/// The same, and every key is too large for an item.
pub(crate) fn memory_with_small_items(_test: &str, behaviour: Behaviour) {
    behaviour(&in_memory(SMALL_ITEMS));
}

/// Like Windows' Credential Manager, only smaller.
pub(crate) const SMALL_ITEMS: Capabilities = Capabilities {
    name: "small",
    title: "the store with small items",
    largest_item: 100,
    searches: false,
    has_attributes: false,
    never_asks: false,
};

fn in_memory(capabilities: Capabilities) -> Stage {
    let store: Arc<CredentialStore> = mock::Store::new().expect("a mock");
    Stage::new(move |directory| {
        let store = Arc::clone(&store);
        let vault = Vault::over(undescribed(capabilities), move || Ok(Arc::clone(&store)));
        Box::new(os(vault, directory))
    })
}

/// The mock takes no labels.
pub(crate) fn undescribed(capabilities: Capabilities) -> Capabilities {
    Capabilities {
        has_attributes: false,
        ..capabilities
    }
}

pub(crate) fn secret_service(test: &str, behaviour: Behaviour) {
    if require_secret_service().is_none() {
        return;
    }
    on_a_bus(test, |seat| {
        let _daemon = seat.unlocked();
        behaviour(&Stage::new(|directory| {
            let vault = Vault::of_this_system(StoreKind::SecretService);
            Box::new(os(vault, directory))
        }));
    });
}

pub(crate) fn keyutils(_test: &str, behaviour: Behaviour) {
    if require_keyutils().is_none() {
        return;
    }
    let service = service_of_its_own();
    let mut stage = Stage::new(move |directory| {
        let vault = Vault::of_this_system(StoreKind::Keyutils).for_service(&service);
        Box::new(os(vault, directory))
    });
    stage.outlives_home = true;
    behaviour(&stage);
}

/// All tests of a user share the kernel's keyrings.
pub(crate) fn service_of_its_own() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("sifseal-test-{}-{count}", std::process::id())
}

/// The store over a secret store, certificates in a file.
pub(crate) fn os(vault: Vault, directory: &Path) -> OsKeyStore {
    let certificates = FileKeyStore::certificates_only(directory.to_owned(), engine());
    OsKeyStore::new(
        vault,
        directory.to_owned(),
        Box::new(certificates),
        engine(),
    )
}

impl Stage {
    pub(crate) fn new(open: impl Fn(&Path) -> Box<dyn KeyStore> + Sync + 'static) -> Self {
        Self {
            home: tempfile::tempdir().expect("a temporary folder"),
            open: Box::new(open),
            outlives_home: false,
        }
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn directory(&self) -> PathBuf {
        self.home.path().join("keys")
    }

    /// The store, as a program that was just started has it.
    pub(crate) fn store(&self) -> Box<dyn KeyStore> {
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

pub(crate) fn context() -> Context<'static> {
    at(NOW)
}

/// The calls of a test, without what they all have in common.
pub(crate) trait Calls {
    fn found(&self, part: KeyPart, query: &KeyQuery) -> Found;
    fn all(&self, part: KeyPart) -> Vec<Fingerprint>;
    fn add(&self, key: &TransferableSecretKey) -> Insertion;
    fn material(&self, key: &Fingerprint) -> Result<TransferableSecretKey>;
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
