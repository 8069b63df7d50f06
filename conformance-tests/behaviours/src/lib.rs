//! What holds for every backend, told once.
//!
//! A crate with a backend of its own joins with one line in its tests, and each behaviour
//! becomes a test there:
//!
//! ```ignore
//! sifseal_backend_suite::key_store_suite!(mine, open |folder| Box::new(MyStore::open(folder)));
//! sifseal_backend_suite::engine_suite!(mine, MyEngine::new());
//! sifseal_backend_suite::keyserver_suite!(mine, serve |folder| Box::new(MyServer::of(folder)));
//! ```
//!
//! [`key_store`] says what a key store gets and must do, [`engine`] an engine, and
//! [`keyserver`] a keyserver. This crate is for tests: a behaviour that does not hold panics.

#![forbid(unsafe_code)]
// A behaviour breaks where it does not hold.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc)]

pub mod engine;
pub mod key_store;
pub mod keyserver;

use sifseal_core::traits::Nobody;
use sifseal_core::{Context, Timestamp};
use std::sync::atomic::AtomicBool;

/// When everything happens, unless a behaviour says otherwise: 2026-01-01 00:00:00 UTC.
pub const NOW: Timestamp = Timestamp(1_767_225_600);

static NEVER: AtomicBool = AtomicBool::new(false);

/// The circumstances of a behaviour: that time, and nobody to ask.
pub fn context() -> Context<'static> {
    Context {
        now: NOW,
        deadline: None,
        cancelled: &NEVER,
        ui: &Nobody,
    }
}
