//! The conformance suite for SIF signatures.
//!
//! A [`scenario`] says, as data, what is tried and what must come of it. The [`runner`]
//! lays out an [`image`], signs it with [`keys`] of the suite's own, or has an
//! implementation sign it, spoils it in one way, and asks. Whom it asks stands behind the
//! traits of [`adapter`]: an executable that speaks the adapter protocol, or Rust code in
//! the same process. What came of it is a [`result`], from which reports are made.
//!
//! [`craft`] writes OpenPGP keys and signatures by hand, so that a scenario can say any
//! date, type, hash or subpacket, right or wrong.

#![forbid(unsafe_code)]

pub mod adapter;
pub mod craft;
pub mod image;
pub mod keys;
pub mod keyserver;
mod plain_file;
pub mod profile;
pub mod report;
pub mod result;
pub mod runner;
pub mod scenario;
pub mod vectors;
