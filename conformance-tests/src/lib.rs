//! What holds for every combination of backends, and for other implementations:
//! the steps and the peers that the tests use.

pub mod requirement;
pub mod workshop;
