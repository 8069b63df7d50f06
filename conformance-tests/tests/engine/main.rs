//! An engine seen from outside, through its contract alone: what holds for every
//! engine, and for what one engine makes and another reads.

#![allow(clippy::unwrap_used)]

mod agreement;
mod certifying;
mod corpus;
mod damage;
mod generating;
mod gnupg;
mod kinds_of_keys;
mod locking;
mod merging;
mod self_signatures;
mod signing;
mod support;
