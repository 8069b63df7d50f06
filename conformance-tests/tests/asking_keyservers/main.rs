//! What becomes of the answers of keyservers, whatever kind they are: the core's part
//! of asking, over servers that a test makes up, with every engine.

#![allow(
    clippy::unwrap_used,
    clippy::wrong_self_convention,
    reason = "a test ends where it goes wrong, and its servers are told what they are"
)]

mod accepting;
mod asking;
mod people;
mod publishing;
mod refreshing;
mod server;
mod verifying;
