//! Fresh key stores for a behaviour to be shown on.

use keyring_core::{CredentialStore, mock};
use sifseal_backend_suite::key_store::keys::engine;
use sifseal_backend_suite::key_store::{Behaviour, Stage};
use sifseal_conformance_tests::secret_service::on_a_bus;
use sifseal_conformance_tests::{require_keyutils, require_secret_service};
use sifseal_keystore_file::FileKeyStore;
use sifseal_keystore_os::{Capabilities, OsKeyStore, StoreKind, Vault};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

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
    let stage = Stage::new(move |directory| {
        let vault = Vault::of_this_system(StoreKind::Keyutils).for_service(&service);
        Box::new(os(vault, directory))
    });
    behaviour(&stage.cleared_at_the_end());
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
