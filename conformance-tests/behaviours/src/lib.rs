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

/// The one list of a suite's behaviours, which are functions of the module where it stands.
///
/// From it come `each`, where others reach a behaviour by its name, and a macro with a test
/// for each: `list!(suite, run)` has `run` show the behaviour, with the test's name. Behaviours
/// are private, so that one that is not on the list is dead code, and the compiler says so.
macro_rules! behaviours {
    ($list:ident in $module:ident: $($name:ident,)*) => {
        /// Every behaviour by its name, as the suite's tests run it.
        // The names say it.
        #[allow(missing_docs, non_upper_case_globals)]
        pub mod each {
            use super::Behaviour;
            $(pub const $name: Behaviour = super::$name;)*
        }

        #[doc(hidden)]
        #[macro_export]
        macro_rules! $list {
            ($suite:ident, $run:path) => {
                $(#[test]
                fn $name() {
                    let test = concat!(stringify!($suite), "::", stringify!($name));
                    $run(test, $crate::$module::each::$name);
                })*
            };
        }
    };
}

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
