//! Keys in the operating system's secret store: here the kernel's keyrings, which need no
//! daemon.

use super::{KeyHome, OpenHome};
use sifseal_conformance::adapter::KeyFile;
use sifseal_core::Result;
use sifseal_core::Timestamp;
use sifseal_core::traits::{Engine, KeyPart, KeyQuery, KeyStore};
use sifseal_keystore_file::FileKeyStore;
use sifseal_keystore_os::{Guard, OsKeyStore, StoreKind, Vault};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::workshop::at;

/// The home of the backend `os`.
#[derive(Debug, Default)]
pub struct OsHome {
    count: AtomicU32,
}

#[derive(Debug)]
struct Open(OsKeyStore);

impl KeyHome for OsHome {
    fn name(&self) -> &str {
        "os"
    }

    fn lacks(&self) -> Vec<&'static str> {
        vec!["sign.plugin"]
    }

    fn open(&self, folder: &Path, engine: &Arc<dyn Engine>) -> Result<Box<dyn OpenHome>> {
        // All scenarios of a user share the kernel's keyrings.
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let service = format!("sifseal-conformance-{}-{count}", std::process::id());
        let vault = Vault::of_this_system(StoreKind::Keyutils).for_service(&service);
        let certificates = FileKeyStore::certificates_only(folder.to_owned(), Arc::clone(engine));
        let engine = Arc::clone(engine);
        let store = OsKeyStore::new(vault, folder.to_owned(), Box::new(certificates), engine);
        // The suite's keys are open unless a scenario is about a locked one.
        Ok(Box::new(Open(store.guarded_by(Guard::StoreAlone))))
    }
}

impl OpenHome for Open {
    fn store(&self) -> &dyn KeyStore {
        &self.0
    }

    fn bring(&mut self, _key: &KeyFile) -> Option<Result<()>> {
        None
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let cx = at(Timestamp::now());
        if let Ok(found) = self.0.find(&cx, KeyPart::Secret, &KeyQuery::All) {
            for entry in found.entries {
                let key = entry.certificate.fingerprint();
                let _ = self.0.remove(&cx, KeyPart::Secret, &key);
            }
        }
    }
}
