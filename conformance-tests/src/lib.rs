//! What the tests against other implementations stand on.
//!
//! [`adapters`] has other implementations, and our program, as the conformance suite asks
//! them. [`engines()`] is the list that tests run over. [`craft`] writes OpenPGP keys and
//! signatures by hand, so that a test can say any date, type, hash or subpacket, right
//! or wrong; [`gnupg`] asks GnuPG about them, and [`old_go`] makes them with the library
//! that old images were signed with. [`keyserver`] starts keyservers, other people's and
//! one of our own; [`secret_service`] is a message bus with GNOME Keyring on it, and
//! [`softhsm`] makes tokens as an HSM has them. [`peer`] talks to a small program over the
//! Go library `sif`, the reference that Apptainer rests on. [`plugins`] builds the plugins
//! of this workspace. [`program`] runs `sifseal` itself as a person would, also in
//! [`isolation`] from any network. [`requirement`] says what a test needs of the machine,
//! and is the one place that decides whether a test without it is skipped or fails.
//! [`stack`] is our own code as the conformance suite asks it. [`workshop`] has the steps
//! that most tests share, and [`legacy`] makes signatures as old programs did.
//!
//! This crate is for tests: where the machinery itself breaks (a program cannot
//! be started, an answer cannot be read), it panics.

#![forbid(unsafe_code)]

pub mod adapters;
mod built;
mod engines;
pub mod gnupg;
mod go_program;
pub mod isolation;
pub mod keyserver;
mod leash;
pub mod legacy;
pub mod old_go;
pub mod peer;
pub mod plugins;
mod process;
pub mod program;
pub mod requirement;
pub mod secret_service;
pub mod softhsm;
pub mod stack;
pub mod workshop;

pub use engines::{engines, pairs};
pub use gnupg::Gpg;
pub use isolation::Isolation;
pub use keyserver::{RealServer, Site, Strict};
pub use peer::Peer;
pub use program::Program;
pub use requirement::{
    require_corpus, require_dirmngr, require_go, require_gpg, require_isolation, require_jq,
    require_keyutils, require_onak, require_python, require_secret_service, require_sks,
    require_softhsm,
};
pub use sifseal_conformance::craft;
