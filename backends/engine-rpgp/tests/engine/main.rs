//! The engine seen from outside, through its contract alone.

// clippy.toml lets tests unwrap; their helpers are not seen as tests.
#![allow(clippy::unwrap_used)]

mod damage;
mod self_signatures;
mod support;
