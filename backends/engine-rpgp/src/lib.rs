//! OpenPGP for sifseal by the pure Rust library rPGP (the crate `pgp`).
//!
//! [`RpgpEngine`] implements [`sifseal_core::traits::Engine`]. Where keys begin
//! and end, core reads ([`sifseal_core::openpgp::framing`]); rPGP does the
//! mathematics, unlocks and locks secret parts, generates keys and writes
//! signatures. The fields of keys and signatures this crate reads itself, because
//!
//! - a key that rPGP cannot parse must keep its fingerprint and its place;
//! - a fact must be told even where rPGP has an opinion (rPGP refuses SHA-1 with
//!   Ed25519, and any signature with one subpacket that it cannot read);
//! - a signature covers the bytes as they stand, not as rPGP would write them.
//!
//! A reader who is new should begin with `key_packet` and `signature_packet`,
//! which read the two packets that matter; `maths` is the only place that
//! verifies anything.

#![forbid(unsafe_code)]

mod armor;
mod clearsign;
mod engine;
mod failure;
mod foreign;
mod generate;
mod key_packet;
mod lock;
mod low_s;
mod maths;
mod reader;
mod secret_packet;
mod signature_packet;
mod signer;
mod subpacket;

pub use engine::RpgpEngine;
