//! A store that shows nothing while it is locked, as KeePassXC does: what it does not show
//! is not gone.

use crate::stage::{os, undescribed};
use keyring_core::api::{CredentialApi, CredentialStoreApi};
use keyring_core::{Credential, CredentialStore, Entry, Error, Result, mock};
use sifseal_backend_suite::key_store::keys::*;
use sifseal_backend_suite::key_store::{Calls, context};
use sifseal_core::openpgp::{Key, TransferableSecretKey};
use sifseal_core::traits::{Change, KeyPart, KeyStore};
use sifseal_keystore_os::{OsKeyStore, StoreKind, Vault};
use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A store with a key in it, which is then locked.
struct Locked {
    home: tempfile::TempDir,
    store: Arc<CredentialStore>,
    is_open: Arc<AtomicBool>,
}

impl Locked {
    fn with(key: &TransferableSecretKey) -> Self {
        let locked = Self {
            home: tempfile::tempdir().expect("a temporary folder"),
            store: mock::Store::new().expect("a mock"),
            is_open: Arc::new(AtomicBool::new(true)),
        };
        (&locked.keys() as &dyn KeyStore).add(key);
        locked.is_open.store(false, Ordering::Relaxed);
        locked
    }

    fn keys(&self) -> OsKeyStore {
        let (store, is_open) = (Arc::clone(&self.store), Arc::clone(&self.is_open));
        let capabilities = undescribed(StoreKind::SecretService.capabilities());
        let vault = Vault::over(capabilities, move || {
            Ok(Arc::new(Sleeper {
                store: Arc::clone(&store),
                is_open: Arc::clone(&is_open),
            }))
        });
        os(vault, self.home.path())
    }

    fn items(&self) -> usize {
        let found = self.store.search(&[("service", "sifseal")].into());
        // The mock remembers the names of what is gone.
        let found = found.expect("a search").into_iter();
        found.filter(|entry| entry.get_secret().is_ok()).count()
    }
}

#[test]
fn a_key_that_a_locked_store_does_not_show_is_unlocked_to_sign_with() {
    let key = locked("Ada");
    let store = Locked::with(&key);
    let found = (&store.keys() as &dyn KeyStore).material(&key.fingerprint());
    assert_eq!(found.unwrap(), key);
    assert_eq!(store.items(), 1, "nothing else is left there");
}

#[test]
fn a_key_that_a_locked_store_does_not_show_is_merged_with_and_not_written_over() {
    let key = locked("Ada");
    let store = Locked::with(&key);
    let inserted = store.keys().insert(&context(), &Key::Secret(key));
    assert_eq!(inserted.unwrap().secret, Some(Change::Unchanged));
}

#[test]
fn a_key_that_a_locked_store_does_not_show_is_removed_and_not_only_forgotten() {
    let key = locked("Ada");
    let store = Locked::with(&key);
    let removed = (&store.keys() as &dyn KeyStore).take_away(KeyPart::Secret, &key.fingerprint());
    removed.unwrap();
    assert_eq!(store.items(), 0);
}

#[test]
fn a_key_that_a_locked_store_does_not_show_can_be_replaced() {
    let key = locked("Ada");
    let store = Locked::with(&key);
    let changed = relocked(&key, Some("right"), "new");
    let change = Key::Secret(changed.clone());
    store.keys().replace(&context(), &change).unwrap();
    let found = (&store.keys() as &dyn KeyStore).material(&key.fingerprint());
    assert_eq!(found.unwrap(), changed);
}

#[test]
fn a_list_is_not_made_again_from_what_a_locked_store_shows() {
    let (ada, bob) = (locked("Ada"), locked("Bob"));
    let store = Locked::with(&ada);
    std::fs::remove_file(store.home.path().join("os-secret-service.json")).unwrap();
    let keys = store.keys();
    let keys: &dyn KeyStore = &keys;
    keys.add(&bob);
    assert_eq!(keys.all(KeyPart::Secret), fingerprints([&ada, &bob]));
}

/// While it is locked, items are not found; the first that is put into it unlocks it.
struct Sleeper {
    store: Arc<CredentialStore>,
    is_open: Arc<AtomicBool>,
}

impl CredentialStoreApi for Sleeper {
    fn vendor(&self) -> String {
        self.store.vendor()
    }

    fn id(&self) -> String {
        self.store.id()
    }

    fn build(
        &self,
        service: &str,
        user: &str,
        modifiers: Option<&HashMap<&str, &str>>,
    ) -> Result<Entry> {
        Ok(Entry::new_with_credential(Arc::new(SleepersItem {
            entry: self.store.build(service, user, modifiers)?,
            is_open: Arc::clone(&self.is_open),
        })))
    }

    fn search(&self, spec: &HashMap<&str, &str>) -> Result<Vec<Entry>> {
        match self.is_open.load(Ordering::Relaxed) {
            true => self.store.search(spec),
            false => Ok(Vec::new()),
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

struct SleepersItem {
    entry: Entry,
    is_open: Arc<AtomicBool>,
}

impl SleepersItem {
    fn seen(&self) -> Result<&Entry> {
        let is_open = self.is_open.load(Ordering::Relaxed);
        is_open.then_some(&self.entry).ok_or(Error::NoEntry)
    }
}

impl CredentialApi for SleepersItem {
    fn set_secret(&self, secret: &[u8]) -> Result<()> {
        self.is_open.store(true, Ordering::Relaxed);
        self.entry.set_secret(secret)
    }

    fn get_secret(&self) -> Result<Vec<u8>> {
        self.seen()?.get_secret()
    }

    fn delete_credential(&self) -> Result<()> {
        self.seen()?.delete_credential()
    }

    fn get_credential(&self) -> Result<Option<Arc<Credential>>> {
        self.seen()?.get_credential().map(|_| None)
    }

    fn get_specifiers(&self) -> Option<(String, String)> {
        self.entry.get_specifiers()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
