//! What holds for every key store, on each of ours.
//!
//! The behaviours are told in `sifseal-backend-suite`, for anything that is a `KeyStore`. A
//! store joins by one line below. What is special about one store is tested beside its code;
//! what is special about those of the operating system, in `os`, `daemon` and `interruption`,
//! since it needs an engine, a daemon, or both.

// The behaviours are functions that the tests call, so clippy takes them for none.
#![allow(clippy::unwrap_used)]

mod asleep;
mod daemon;
mod interruption;
mod os;
mod sabotage;
mod stage;

use sifseal_backend_suite::key_store_suite;

key_store_suite!(file, run crate::stage::file);
key_store_suite!(memory, run crate::stage::memory);
key_store_suite!(memory_with_small_items, run crate::stage::memory_with_small_items);
key_store_suite!(secret_service, run crate::stage::secret_service);
key_store_suite!(keyutils, run crate::stage::keyutils);
