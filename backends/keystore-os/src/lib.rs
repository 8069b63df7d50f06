//! The operating system's secret store as a key store.
//!
//! Secret keys lie in the Secret Service of a desktop, in the Linux kernel's
//! keyrings, in the macOS Keychain or in the Windows Credential Manager, each
//! reached through the keyring project's crate for it. Certificates do not: they
//! are public, and verifying must not ask anybody to unlock anything. Another key
//! store keeps them, the file `pgp-public` say, and is handed in.
//!
//! A newcomer should read [`OsKeyStore`] first, which is the key store, and then go
//! down: `slots` keeps one secret key so that an interruption leaves the old one or
//! the new one; `item` and `sealed` say what is in the store for it; [`Vault`] is
//! the store itself as a few bounded calls; `words` tells a person what went wrong.
//! `index` is the file by which secret keys are listed without asking the store.
//!
//! Nothing here is global: no default store is set, and two stores can be used side
//! by side.

mod index;
mod item;
mod kind;
mod platform;
mod sealed;
mod slots;
mod store;
mod vault;
mod words;
mod worker;

pub use kind::{Capabilities, StoreKind};
pub use store::{Guard, OsKeyStore};
pub use vault::Vault;
