//! OpenPGP for sifseal by the library Sequoia (the crate `sequoia-openpgp`).
//!
//! [`SequoiaEngine`] implements [`sifseal_core::traits::Engine`]. Where keys begin
//! and end, core reads ([`sifseal_core::openpgp::framing`]); Sequoia reads values and
//! subpackets, hashes, verifies, signs, and makes, locks and opens keys. None of its
//! policies is asked, nor anything that asks one: what is good is for
//! [`sifseal_core::policy`] to say.
//!
//! A reader who is new should begin with `key_packet` and `signature_packet`, which
//! read the two packets that matter, as they stand; `values` and `subpacket` say why
//! Sequoia gets them in small pieces. `maths` is the only place that verifies
//! anything.

#![forbid(unsafe_code)]

mod armor;
mod capability;
mod clearsign;
mod digest;
mod engine;
mod failure;
mod foreign;
mod generate;
mod key_packet;
mod lock;
mod maths;
mod raw_signature;
mod reader;
mod secret_key;
mod signature_packet;
mod signer;
mod statement;
mod subpacket;
mod values;

pub use engine::SequoiaEngine;
