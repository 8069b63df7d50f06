//! Our own code as implementations that the conformance suite asks, in this process.
//!
//! A [`Stack`] is one choice of each backend: an engine, a home for keys, a kind of
//! keyserver. It does what the program does, without its command line.

mod answer;
mod beside;
mod file;
mod gpg_agent;
mod keyserver;
mod os;
mod pkcs11;
mod session;

pub use file::FileHome;
pub use gpg_agent::GpgAgentHome;
pub use keyserver::KeyserverKind;
pub use os::OsHome;
pub use pkcs11::Pkcs11Home;

use session::StackSession;
use sifseal_conformance::adapter::{Deviation, Implementation, Info, KeyFile, Session};
use sifseal_conformance::scenario::{FEATURES, PluginConduct};
use sifseal_core::Result;
use sifseal_core::traits::{Engine, KeyStore};
use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

/// Where a stack keeps its keys.
pub trait KeyHome: Debug + Send + Sync {
    /// Its name in cells.
    fn name(&self) -> &str;

    /// The features that stacks with it lack, and which are declared so.
    fn lacks(&self) -> Vec<&'static str>;

    /// The key store of one scenario, empty, in an empty folder.
    ///
    /// # Errors
    /// What opening says.
    fn open(&self, folder: &Path, engine: &Arc<dyn Engine>) -> Result<Box<dyn OpenHome>>;
}

/// A key store in use.
pub trait OpenHome: Debug {
    /// The store.
    fn store(&self) -> &dyn KeyStore;

    /// Brings a secret key into it; `None` if the store itself takes it, as any other key.
    fn bring(&mut self, key: &KeyFile) -> Option<Result<()>>;

    /// The store, with the secret keys in a plugin that behaves so; `None` where there is
    /// none that would.
    fn with_plugin(&mut self, _conduct: PluginConduct) -> Option<Result<&dyn KeyStore>> {
        None
    }
}

/// One choice of each backend.
#[derive(Debug)]
pub struct Stack {
    engine: Arc<dyn Engine>,
    home: Arc<dyn KeyHome>,
    keyserver: KeyserverKind,
    info: Info,
    deviations: Vec<Deviation>,
}

impl Stack {
    /// A stack: it can do all that is asked for but what its parts lack.
    pub fn new(engine: Arc<dyn Engine>, home: Arc<dyn KeyHome>, keyserver: KeyserverKind) -> Self {
        let description = engine.describe();
        let name = format!("{}+{}+{}", description.name, home.name(), keyserver.name());
        let mut lacks = home.lacks();
        lacks.extend(keyserver.lacks());
        let features = FEATURES.iter().filter(|feature| !lacks.contains(feature));
        let info = Info {
            name,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            homepage: None,
            features: features.map(|feature| (*feature).to_owned()).collect(),
        };
        Self {
            engine,
            home,
            keyserver,
            info,
            deviations: Vec::new(),
        }
    }
}

impl Implementation for Stack {
    fn info(&self) -> &Info {
        &self.info
    }

    fn deviations(&self) -> &[Deviation] {
        &self.deviations
    }

    fn begin(&self, scratch: &Path) -> std::result::Result<Box<dyn Session + '_>, String> {
        let home = self.home.open(&scratch.join("keys"), &self.engine);
        Ok(Box::new(StackSession::new(
            Arc::clone(&self.engine),
            home.map_err(|error| error.to_string())?,
            self.keyserver,
        )))
    }
}
