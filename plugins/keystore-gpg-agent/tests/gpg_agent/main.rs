//! The plugin with a real GnuPG, each test with one of its own.

#![allow(clippy::unwrap_used)]

mod cards;
mod dialogue;
mod hostile;
mod listing;
mod lost;
mod signing;
mod support;
