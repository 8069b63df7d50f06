//! OpenPGP for sifseal by the library Sequoia (the crate `sequoia-openpgp`).

#![forbid(unsafe_code)]

mod digest;
mod key_packet;
mod values;
