//! OpenPGP for sifseal by rPGP, a library in pure Rust.
//!
//! [`RpgpEngine`] implements [`Engine`](sifseal_core::traits::Engine). It uses rPGP
//! for packets and mathematics and none of its conveniences: those that verify
//! judge nothing (an expired or revoked key passes), and the one that signs text
//! hashes trailing blanks that a reader strips. So signatures are reported as facts,
//! and text is checked before it is signed.
//!
//! | room | what it does |
//! |---|---|
//! | `armor`, `packets`, `ring` | from any bytes to single keys, whatever stands between them |
//! | `outline`, `names` | what can be read off a key; rPGP's words as ours |
//! | `certificate`, `signature` | the facts about certificates and signatures |
//! | `merge`, `generate`, `lock` | new keys out of old ones, or out of nothing |
//! | `signer`, `clearsign` | signing, with a key of rPGP's or anybody's |

#![forbid(unsafe_code)]

mod armor;
mod certificate;
mod clearsign;
mod engine;
mod generate;
mod lock;
mod merge;
mod names;
mod outline;
mod packets;
mod ring;
mod signature;
mod signer;

pub use engine::RpgpEngine;
