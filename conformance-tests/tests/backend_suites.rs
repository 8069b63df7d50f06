//! Our own engines and keyservers in the suites that others' backends join: one line each.
//! Key stores have a test of their own, since some need a daemon.

// A test breaks where its machinery breaks.
#![allow(clippy::unwrap_used)]

use sifseal_backend_suite::{context, engine_suite, key_store_suite, keyserver_suite};
use sifseal_conformance_tests::Strict;
use sifseal_core::openpgp::KeyHandle;
use sifseal_core::traits::{Keyserver, SearchHit, SearchQuery};
use sifseal_core::{Context, Result};
use sifseal_engine_rpgp::RpgpEngine;
use sifseal_engine_sequoia::SequoiaEngine;
use sifseal_keyserver_hkp::{HkpKeyserver, Settings};
use sifseal_keyserver_offline::OfflineKeyserver;
use sifseal_keystore_file::FileKeyStore;
use std::path::Path;
use std::sync::Arc;

engine_suite!(rpgp, RpgpEngine);
engine_suite!(sequoia, SequoiaEngine);
key_store_suite!(file_over_sequoia, open |folder: &Path| {
    Box::new(FileKeyStore::open(folder.to_owned(), Arc::new(SequoiaEngine)))
});
keyserver_suite!(offline, serve |folder: &Path| {
    Box::new(OfflineKeyserver::open(folder.to_owned(), Arc::new(RpgpEngine), None))
});
keyserver_suite!(hkp, serve |folder: &Path| Box::new(OverTheNetwork::with(folder)));

/// A keyserver on loopback, and how it is asked.
#[derive(Debug)]
struct OverTheNetwork {
    client: HkpKeyserver,
    // Held for its `Drop` alone.
    _server: Strict,
}

impl OverTheNetwork {
    /// One that was handed the certificates of a folder.
    fn with(folder: &Path) -> Self {
        let server = Strict::start();
        let settings = Settings::new(server.site().url().parse().unwrap());
        let client = HkpKeyserver::new(settings).unwrap();
        for entry in std::fs::read_dir(folder).unwrap() {
            let armored = std::fs::read(entry.unwrap().path()).unwrap();
            client.publish(&context(), &armored).unwrap();
        }
        Self {
            client,
            _server: server,
        }
    }
}

impl Keyserver for OverTheNetwork {
    fn place(&self) -> String {
        self.client.place()
    }

    fn fetch(&self, cx: &Context<'_>, key: &KeyHandle) -> Result<Option<Vec<u8>>> {
        self.client.fetch(cx, key)
    }

    fn search(&self, cx: &Context<'_>, query: &SearchQuery) -> Result<Vec<SearchHit>> {
        self.client.search(cx, query)
    }

    fn publish(&self, cx: &Context<'_>, armored: &[u8]) -> Result<String> {
        self.client.publish(cx, armored)
    }
}
