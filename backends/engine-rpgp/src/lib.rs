//! OpenPGP for sifseal by the pure Rust library rPGP (the crate `pgp`).
//!
//! [`RpgpEngine`] implements [`sifseal_core::traits::Engine`]. The work is split
//! between rPGP and this crate: rPGP does the mathematics, unlocks and locks
//! secret parts, generates keys and writes signatures. This crate frames
//! packets and reads the fields of keys and signatures itself, because
//!
//! - keys must survive byte for byte, also those that rPGP cannot parse;
//! - a fact must be told even where rPGP has an opinion (rPGP refuses SHA-1 with
//!   Ed25519, and any signature with one subpacket that it cannot read);
//! - a signature covers the bytes as they stand, not as rPGP would write them.
//!
//! A reader who is new should follow a key ring inwards: `armor` finds the
//! blocks in a file, `packet` the packets in a block, `ring` the keys among
//! the packets; `key_packet` and `signature_packet` read the two packets
//! that matter, and `maths` is the only place that verifies anything.

#![forbid(unsafe_code)]

mod armor;
mod certificate_facts;
mod clearsign;
mod engine;
mod failure;
mod foreign;
mod generate;
mod key_packet;
mod lock;
mod maths;
mod merge;
mod outline;
mod packet;
mod ring;
mod secret_packet;
mod signature_facts;
mod signature_packet;
mod signer;
mod subpacket;
mod transferable;

pub use engine::RpgpEngine;
