//! The table of hard cases: keys and signatures that OpenPGP programs disagree about.
//!
//! Each test is a row. It says which rule decides and what GnuPG says; where the two
//! differ, the row says why. Every engine goes through every row: `verify` must
//! answer as expected, and the facts of all engines must be the same.

#![allow(clippy::unwrap_used)]

mod bindings;
mod elsewhere;
mod encodings;
mod frames;
mod gpg_made;
mod lifetimes;
mod old_go;
mod people;
mod revocations;
mod row;
mod shelf;
mod signatures;
mod strength;
