//! Our own engines and keyservers in the suites that others' backends join: one line each.
//! Key stores have a test of their own, since some need a daemon.

use sifseal_backend_suite::{engine_suite, key_store_suite, keyserver_suite};
use sifseal_engine_rpgp::RpgpEngine;
use sifseal_engine_sequoia::SequoiaEngine;
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
