//! What becomes of the answers of keyservers, whatever kind they are: the core's part
//! of asking, over servers that a test makes up, with every engine.

#![allow(clippy::unwrap_used)]

mod accepting;
mod asking;
mod people;
mod publishing;
mod refreshing;
mod server;
mod verifying;
