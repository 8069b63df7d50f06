//! What an author needs to write a plugin for sifseal.
//!
//! A plugin is a place for keys ([`KeyStore`] with its [`Signer`]s), a place where
//! certificates of others are fetched ([`Keyserver`]), a rule that chooses objects of an
//! image ([`ObjectSelector`]), or several of these. These traits are sifseal's own: what
//! you implement is what the program's own backends implement. Around your type goes one
//! line:
//!
//! ```
//! # use sifseal_plugin_sdk::openpgp::Fingerprint;
//! # use sifseal_plugin_sdk::traits::*;
//! # use sifseal_plugin_sdk::{Context, Result, read_only};
//! use sifseal_plugin_sdk::{Plugin, Settings, export_plugin};
//!
//! # #[derive(Debug)]
//! struct Vault;
//!
//! fn open(settings: &Settings) -> Result<Vault> {
//! #   let _ = settings;
//!     // …
//! #   Ok(Vault)
//! }
//! # impl KeyStore for Vault {
//! #     fn describe(&self) -> StoreDescription { unimplemented!() }
//! #     fn find(&self, _: &Context<'_>, _: KeyPart, _: &KeyQuery) -> Result<Found> { Err(read_only()) }
//! #     fn private_key(&self, _: &Context<'_>, _: &Fingerprint) -> Result<PrivateKey> { Err(read_only()) }
//! #     sifseal_plugin_sdk::read_only_key_store!();
//! # }
//!
//! export_plugin!(Plugin::new("vault", "1.0").key_store(open));
//! ```
//!
//! The crate is then a shared library that sifseal can load, if it is built as one
//! (`crate-type = ["cdylib", "rlib"]`), and it has a function `main` with which a program
//! of one line becomes the same plugin as a process of its own:
//! `fn main() -> std::process::ExitCode { vault::main() }`.
//!
//! What the sdk does around your code:
//!
//! - A panic in it becomes an error that names your plugin.
//! - A signer of yours is asked for no hash that it has not announced.
//! - `cx.ui` reaches the person through sifseal: ask for a PIN as if you were inside.
//! - What you return is not believed: the host reads each certificate itself, and checks
//!   every signature against the certificate that it knew before.
//!
//! [`KeyStore`]: sifseal_core::traits::KeyStore
//! [`Signer`]: sifseal_core::traits::Signer
//! [`Keyserver`]: sifseal_core::traits::Keyserver
//! [`ObjectSelector`]: sifseal_core::traits::ObjectSelector

mod conversation;
mod desk;
mod export;
mod keys;
mod methods;
mod plugin;
mod program;
mod settings;

pub use desk::{Desk, answered};
pub use keys::{certificate, read_only};
pub use plugin::Plugin;
pub use program::run;
pub use settings::Settings;

// An author needs no other crate of ours.
pub use sifseal_core::{Context, Error, ErrorKind, Result, Secret, Shown, Timestamp};
pub use sifseal_core::{integrity, openpgp, sif, traits};

#[doc(hidden)]
pub use sifseal_plugin_abi as __abi;
