//! The program as a person or a script meets it: started with arguments, an
//! environment of its own and a home that is empty at first.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot set its scene should panic"
)]

/// The engine that is asked for; the default one.
pub(crate) const ENGINE: Option<&str> = None;

mod broken_input;
mod bundles;
mod configuration;
mod exchanging;
mod images;
mod key_files;
mod key_pairs;
mod key_states;
mod keyring;
mod keyserver_list;
mod logins;
mod manners;
mod signing;
mod terminal;
mod verifying;
mod world;
