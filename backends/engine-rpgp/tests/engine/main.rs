//! The engine seen from outside, through its contract alone.

mod corpus;
mod damage;
mod generating;
mod gnupg;
mod locking;
mod merging;
mod self_signatures;
mod signing;
mod support;
