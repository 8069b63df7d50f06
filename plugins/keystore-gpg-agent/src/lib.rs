//! Sign with the keys that `gpg` can sign with, wherever their secrets are: in files that
//! gpg-agent guards, on a smart card, on a YubiKey.
//!
//! Two programs of GnuPG are asked. `gpg` lists the keys and gives out certificates
//! (the module `keyring`). `gpg-agent` makes the signatures: it holds the secrets, asks
//! the person by its own pinentry, and gives no secret away. It listens on a socket and
//! speaks Assuan, one line after another (`assuan`); what it gives is an S-expression
//! (`sexp`) with the numbers of a signature in it (`values`).
//!
//! No secret ever comes here, not even a passphrase. Both programs are trusted with the
//! keys, and yet their answers are read as a stranger's: bounded in length and in time.

mod agent;
mod assuan;
mod connection;
mod gnupg;
mod keyring;
mod keys;
mod pinentry;
mod process;
mod refusal;
mod settings;
mod sexp;
mod signer;
mod store;
mod values;

pub use pinentry::Pinentry;
pub use settings::GpgSettings;
pub use store::GpgKeyStore;

use sifseal_plugin_sdk::{Plugin, Result, Settings, export_plugin};

export_plugin!(Plugin::new("gpg-agent", env!("CARGO_PKG_VERSION")).key_store(open));

/// The one place where the environment is read.
fn open(settings: &Settings) -> Result<GpgKeyStore> {
    let variable = |name: &str| std::env::var(name).ok();
    let settings: GpgSettings = settings.read()?;
    let pinentry = Pinentry::of(variable, pinentry::controlling_terminal());
    Ok(GpgKeyStore::new(
        settings.with_home_of(std::env::home_dir())?,
        pinentry,
    ))
}
