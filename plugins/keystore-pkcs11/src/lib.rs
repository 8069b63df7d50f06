//! Sign with keys in an HSM, a token or a smart card, through PKCS#11.
//!
//! The maker of a device ships a *module*, a shared library with the functions of
//! PKCS#11, and this plugin calls it by the crate `cryptoki`. A module has *slots*, a slot
//! may have a *token* in it, and a token has *objects*: of a key pair, a public and a
//! private one with the same label and ID. The private one stays in there; what goes in is
//! a digest, what comes out is numbers.
//!
//! A token knows no OpenPGP, and nor does this crate. What the key is called, when it was
//! made and by which fingerprint it is known stands in a certificate, which is a file
//! ([`Pkcs11KeyStore`]); the program `sifseal-pkcs11-certificate` makes one around a key
//! of the token, with an engine.
//!
//! Finding keys touches no device: it reads the certificates. Only when there is
//! something to sign, the module is loaded, the token looked for, and the person asked
//! for the PIN ([`Hsm::open`]).

mod always_authenticate;
mod certificate;
mod failure;
mod key;
mod login;
mod module;
mod objects;
mod pin;
mod settings;
mod signer;
mod store;
mod values;

pub use key::TokenKey;
pub use module::Hsm;
pub use settings::{KeyName, KeySettings, Pkcs11Settings, TokenName};
pub use signer::TokenSigner;
pub use store::Pkcs11KeyStore;

use sifseal_plugin_sdk::{Plugin, Result, Settings, export_plugin};

export_plugin!(Plugin::new("pkcs11", env!("CARGO_PKG_VERSION")).key_store(open));

/// The one place where the environment is read.
fn open(settings: &Settings) -> Result<Pkcs11KeyStore> {
    let settings: Pkcs11Settings = settings.read()?;
    Pkcs11KeyStore::new(settings, |name| std::env::var_os(name))
}
