//! The keyservers of a stack.

use sifseal_conformance::adapter::Server;
use sifseal_core::Result;
use sifseal_core::traits::{Engine, Keyserver};
use sifseal_keyserver_hkp::{HkpKeyserver, Settings};
use sifseal_keyserver_offline::OfflineKeyserver;
use std::sync::Arc;

/// How a stack reaches the suite's keyserver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyserverKind {
    /// Over the network.
    Hkp,
    /// As a folder of certificates.
    Offline,
}

impl KeyserverKind {
    /// Its name in cells.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hkp => "hkp",
            Self::Offline => "offline",
        }
    }

    /// A folder has no HTTP.
    pub(super) fn lacks(self) -> Vec<&'static str> {
        match self {
            Self::Hkp => vec![],
            Self::Offline => vec!["fetch.hkp", "fetch.path"],
        }
    }

    pub(super) fn connect(
        self,
        server: &Server,
        engine: &Arc<dyn Engine>,
    ) -> Result<Box<dyn Keyserver>> {
        Ok(match self {
            Self::Hkp => Box::new(HkpKeyserver::new(Settings::new(server.url.parse()?))?),
            Self::Offline => {
                let folder = server.folder.clone();
                Box::new(OfflineKeyserver::open(folder, Arc::clone(engine), None))
            }
        })
    }
}
