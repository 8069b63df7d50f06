//! Running scenarios.
//!
//! [`run_cell`] runs one scenario with one implementation, or with one that signs and one
//! that verifies, each in an empty folder of its own. The first step that does not go as
//! expected ends the cell. What the difference means is decided at the end, with the
//! deviations that are on record.

mod bench;
mod cell;
mod observe;
mod suite;
mod watch;
mod workpiece;

pub use cell::{Cast, run_cell};
pub use suite::{Asked, Progress, now, run_suite};
pub use workpiece::Workpiece;
