//! The tests of `program` once more, with Sequoia as the engine. Left out is what is
//! about choosing an engine.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot set its scene should panic"
)]

/// The engine that is asked for.
pub(crate) const ENGINE: Option<&str> = Some("sequoia");

#[path = "../program/broken_input.rs"]
mod broken_input;
#[path = "../program/exchanging.rs"]
mod exchanging;
#[path = "../program/images.rs"]
mod images;
#[path = "../program/key_files.rs"]
mod key_files;
#[path = "../program/key_pairs.rs"]
mod key_pairs;
#[path = "../program/key_states.rs"]
mod key_states;
#[path = "../program/keyring.rs"]
mod keyring;
#[path = "../program/manners.rs"]
mod manners;
#[path = "../program/signing.rs"]
mod signing;
#[path = "../program/terminal.rs"]
mod terminal;
#[path = "../program/verifying.rs"]
mod verifying;
#[path = "../program/world.rs"]
mod world;
