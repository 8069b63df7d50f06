//! Keys in Apptainer's directory.

use super::{KeyHome, OpenHome};
use sifseal_conformance::adapter::KeyFile;
use sifseal_core::Result;
use sifseal_core::traits::{Engine, KeyStore};
use sifseal_keystore_file::FileKeyStore;
use std::path::Path;
use std::sync::Arc;

/// The home of the backend `file`.
#[derive(Debug)]
pub struct FileHome;

#[derive(Debug)]
struct Open(FileKeyStore);

impl KeyHome for FileHome {
    fn name(&self) -> &str {
        "file"
    }

    fn lacks(&self) -> Vec<&'static str> {
        Vec::new()
    }

    fn open(&self, folder: &Path, engine: &Arc<dyn Engine>) -> Result<Box<dyn OpenHome>> {
        let store = FileKeyStore::open(folder.to_owned(), Arc::clone(engine));
        Ok(Box::new(Open(store)))
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
