//! Signing with keys in a token, as a person sets it up and does it: SoftHSM, the plugin,
//! the program that makes certificates, and `sifseal`.

#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

mod certificates;
mod everywhere;
mod office;
mod pins;
mod tokens;
