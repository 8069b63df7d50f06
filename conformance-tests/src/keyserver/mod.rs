//! HKP keyservers, started for one test and gone with it.
//!
//! [`Sks`] and [`Onak`] are programs that the machine has; each can be started as a
//! [`RealServer`], which is empty at first, listens on a free port of loopback, keeps
//! all that it writes in a folder of its own, talks to nobody, and ends when the value
//! is dropped. What else can end a test (a panic, a signal) ends its server too.
//!
//! Others cannot be had everywhere. [`Strict`] is a server of our own that answers as
//! one of them was seen to.
//!
//! What tests go by is a [`Site`]: where a server is, and what it answers. Servers
//! differ, and not only by mistake. [`Serves`] says what each is known to answer, so
//! that one test over all of them can tell a refusal that was to be expected, and check
//! that it is one, from a failure.

mod cgi;
mod http;
mod onak;
mod sks;
mod strict;
mod web;

pub use http::Answer;
pub use onak::Onak;
pub use sks::Sks;
pub use strict::Strict;

use crate::leash::{self, Process};
use crate::{require_onak, require_sks};
use std::net::SocketAddr;
use std::time::Duration;
use tempfile::TempDir;

/// How long a server or its client may be silent in the middle of a request.
const PATIENCE: Duration = Duration::from_secs(30);

/// The file in a server's folder into which it writes what it has to say.
const LOG: &str = "log";

/// A keyserver as those see it who ask it.
#[derive(Debug, Clone, Copy)]
pub struct Site {
    name: &'static str,
    address: SocketAddr,
    serves: Serves,
}

/// A keyserver that other people wrote, on loopback and empty at first.
///
/// It belongs to the thread that started it: when that thread ends, the server does.
/// A test therefore starts its own, or goes through several scenarios with one.
#[derive(Debug)]
pub struct RealServer {
    site: Site,
    // Before the folder: fields are dropped in this order.
    running: Running,
    folder: TempDir,
}

/// What keeps a server running until it is dropped.
#[derive(Debug)]
enum Running {
    /// A program that listens by itself.
    Process(Process),
    /// Programs that are run once for each request. Held for its `Drop` alone.
    Cgi(#[allow(dead_code)] web::Server),
}

/// What a keyserver answers beyond whole fingerprints, key IDs and e-mail addresses,
/// which all do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Serves {
    /// Keys by the last eight digits of their fingerprints.
    pub short_ids: bool,
    /// Keys by one word of a user ID.
    pub words: bool,
    /// Keys by such a word even if it could be a number, as `Ada` and `Abe` could.
    pub words_of_hex_digits: bool,
    /// Keys by the host of an address, as `example.com`.
    pub hosts: bool,
    /// In an index, when a key expires.
    pub expiry_dates: bool,
    /// In an index, the length of an Ed25519 key in bits: of a key, or of the numbers
    /// that it is calculated with.
    pub ed25519_bits: u32,
    /// For what it does not have, status 404; else 200 and a body that says so.
    pub status_404: bool,
    /// Asked for a key by a program (`options=mr`), armor and nothing else; without
    /// this there are HTML tags around it.
    pub bare_armor: bool,
}

impl Site {
    /// The name by which people know it, in lower case.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Where it is, as `http://127.0.0.1:50123`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The same as `hkp://127.0.0.1:50123`, which is what GnuPG wants.
    pub fn hkp_url(&self) -> String {
        format!("hkp://{}", self.address)
    }

    /// What it is known to answer.
    pub fn serves(&self) -> Serves {
        self.serves
    }

    /// Asks it for a path and query, without any program of ours in between.
    ///
    /// # Panics
    /// It gives no proper answer in time.
    pub fn get(&self, target: &str) -> Answer {
        http::get(self.address, target, PATIENCE)
            .unwrap_or_else(|error| panic!("{}: {target}: {error}", self.name))
    }
}

impl RealServer {
    /// Each keyserver that the machine has, started when its turn comes; those that
    /// it has not are told as skipped.
    ///
    /// # Panics
    /// One does not start, or is missing and was required.
    pub fn all() -> impl Iterator<Item = Self> {
        let start: [fn() -> Option<Self>; 2] = [
            || require_sks().map(|sks| sks.start()),
            || require_onak().map(|onak| onak.start()),
        ];
        start.into_iter().filter_map(|start| start())
    }

    /// How it is asked.
    pub fn site(&self) -> Site {
        self.site
    }

    /// What it wrote into its log so far, for messages of tests that fail.
    pub fn log(&self) -> String {
        leash::read_log(&self.folder.path().join(LOG))
    }

    /// The number of its process, if it is one that lasts.
    pub fn process_id(&self) -> Option<u32> {
        match &self.running {
            Running::Process(process) => Some(process.id()),
            Running::Cgi(_) => None,
        }
    }
}

/// A folder for a server, with a short path: SKS puts a socket into it.
#[allow(clippy::expect_used)]
fn folder() -> TempDir {
    tempfile::Builder::new()
        .prefix("k")
        .tempdir_in("/tmp")
        .expect("a temporary folder")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpStream;

    #[test]
    fn nothing_is_left_of_a_server_that_is_dropped() {
        for server in RealServer::all() {
            let Site { name, address, .. } = server.site();
            let folder = server.folder.path().to_owned();
            let process = server.process_id();
            assert!(process.is_none_or(leash::is_running), "{name}");
            drop(server);
            assert!(!process.is_some_and(leash::is_running), "{name}");
            assert!(TcpStream::connect(address).is_err(), "{name}");
            assert!(!folder.exists(), "{name}");
        }
    }

    #[test]
    fn two_servers_of_a_kind_are_two_servers() {
        for (one, other) in RealServer::all().zip(RealServer::all()) {
            assert_ne!(one.site.address, other.site.address, "{}", one.site.name);
        }
    }
}
