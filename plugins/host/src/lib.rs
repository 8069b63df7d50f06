//! Plugins as the program uses them.
//!
//! A [`Plan`] is what the configuration says of a plugin: a name, a file, and the SHA-256
//! of its bytes. A [`Plugin`] is made from it and does nothing until it is first needed.
//! Then the file is checked ([`pin`]): who owns it, who could have changed it, and
//! whether its bytes are the pinned ones. What was checked is what runs, because the
//! bytes are copied to where nobody can change them while they are hashed.
//!
//! It runs in one of three ways ([`Carriage`]): as a program of its own, as a library in
//! this process, or as a library in a child of this program, whose crash is then an error
//! and not ours. Whichever it is, one message goes there and one comes back. Every
//! request has a deadline; a plugin that misses it, or that says what no plugin may, is
//! ended and not asked again.
//!
//! What a plugin says is not believed. [`PluginKeyStore`] has an engine read each
//! certificate, and takes the public key of a signature from the certificate that was
//! known before; [`PluginKeyserver`] hands on bytes, as all keyservers do;
//! [`PluginSelector`] accepts no object that the image does not have. All three are
//! core's own traits, so nobody further up knows that there are plugins.

mod carrier;
mod check;
mod elf;
mod fault;
mod isolated;
mod key_store;
mod keyserver;
pub mod pin;
mod plan;
mod plugin;
mod question;
mod selector;
mod signer;

pub use check::{CheckResult, Outcome, check};
pub use isolated::serve_library;
pub use key_store::PluginKeyStore;
pub use keyserver::PluginKeyserver;
pub use pin::Digest;
pub use plan::{Carriage, Child, Plan, Surroundings};
pub use plugin::Plugin;
pub use selector::PluginSelector;
pub use sifseal_plugin_protocol::{Ability, Described, Version};
