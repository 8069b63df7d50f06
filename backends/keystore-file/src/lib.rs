//! Apptainer's key directory as a key store.
//!
//! The directory (usually `~/.apptainer/keys`) holds two files: `pgp-public` with
//! certificates and `pgp-secret` with transferable secret keys. Each is a plain
//! concatenation of binary OpenPGP keys in the order in which they were added,
//! without armor or index, so that Apptainer and GnuPG read the same files. A
//! site may have a third one, `/etc/apptainer/global-pgp-public`, with
//! certificates for everybody.
//!
//! This crate moves the bytes of whole keys and leaves parsing to the
//! [`Engine`](sifseal_core::traits::Engine). It reads a ring as a row of pieces
//! (the module `ring`), so that what is not changed is written back byte for
//! byte, and writes by [`sifseal_core::replace`].

mod directory;
mod ring;
mod store;

#[cfg(test)]
mod testing;

pub use directory::{GLOBAL_KEYRING, default_directory};
pub use store::FileKeyStore;
