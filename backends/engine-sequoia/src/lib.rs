//! OpenPGP for sifseal by the library Sequoia (the crate `sequoia-openpgp`).

#![forbid(unsafe_code)]
