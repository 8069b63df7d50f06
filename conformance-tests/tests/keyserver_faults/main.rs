//! The program against keyservers that are out of order, each fault with each command.
//!
//! Whatever is wrong with a server ends in one line that names it, within its time
//! limit, changes no file, and has the next server asked.

#![allow(clippy::unwrap_used)]

mod hostile;
mod in_order;
mod logins;
mod person;
mod stock;
mod table;

/// The server that does as it is told is the one of keyserver-hkp's own tests. It is
/// taken by its path: a backend's tests do not depend on this crate, and a crate of its
/// own would be much ado about one file.
#[path = "../../../backends/keyserver-hkp/tests/hkp/scripted.rs"]
#[allow(dead_code, reason = "there is more in it than is needed here")]
mod scripted;
