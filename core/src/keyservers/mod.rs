//! Asking keyservers: several of them, in order, none of them trusted.
//!
//! A [`Keyserver`] backend gives bytes; [`Keyservers`] makes of them what the rest of
//! the framework can use. It asks every server in the order of the configuration,
//! whatever the operation (W-24): one that is out of reach, or answers with
//! something else than what was asked for, is noted as a [`Failure`], and the next
//! one is asked. What comes back is compared with what was asked for (W-3), and
//! stripped of what its owner has not signed (`accept`).
//!
//! - [`fetch`](Keyservers::fetch) finds certificates by handle, all at once (W-29);
//!   it remembers for the run what it learnt, also that nobody has a key, or that a
//!   server is out of reach.
//! - [`look_up`](Keyservers::look_up) finds the one key that a person means.
//! - [`search`](Keyservers::search) gives what the servers claim, for looking around.
//! - [`publish`](Keyservers::publish) hands a certificate to one, and looks whether it
//!   can be found there afterwards.
//! - [`refresh`](Keyservers::refresh) asks *all* of them for one certificate, since
//!   any may be the one that has heard of a revocation; [`changes`] tells what is new.

mod accept;
pub mod changes;
mod failure;
mod fetch;
mod look_up;
mod publish;
mod refresh;
mod search;
mod side_by_side;

pub use failure::Failure;
pub use fetch::Fetched;
pub use publish::{Publication, Seen};
pub use search::Searched;

use crate::openpgp::{Certificate, KeyHandle};
use crate::traits::{Engine, Keyserver};
use crate::{Error, ErrorKind, Result};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The keyservers of one run of the program, in the order in which they are asked.
pub struct Keyservers<'a> {
    engine: &'a dyn Engine,
    servers: &'a [Box<dyn Keyserver>],
    memory: Mutex<Memory>,
}

/// What was learnt in this run.
#[derive(Debug, Default)]
struct Memory {
    /// What answers to a handle; nothing, if nobody has it.
    fetched: BTreeMap<KeyHandle, Vec<Certificate>>,
    /// Servers that could not be reached, by their place in the order.
    trouble: BTreeMap<usize, Trouble>,
}

/// What came of trying to reach a server.
#[derive(Debug)]
struct Trouble {
    /// How many time limits have passed.
    timeouts: u32,
    failure: Failure,
}

/// One slow answer may be the question's fault; a second one is the server's, and
/// whoever verifies a hundred images does not want to wait a hundred times (W-29).
const MOST_TIMEOUTS: u32 = 2;

impl<'a> Keyservers<'a> {
    /// These servers; `engine` reads what they give.
    pub fn new(engine: &'a dyn Engine, servers: &'a [Box<dyn Keyserver>]) -> Self {
        Self {
            engine,
            servers,
            memory: Mutex::default(),
        }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// # Errors
    /// `NotFound` if there is nobody to ask.
    fn some_server(&self) -> Result<()> {
        match self.servers.is_empty() {
            true => Err(no_server()),
            false => Ok(()),
        }
    }

    /// What went wrong with a server; one that is out of reach is not asked again in
    /// this run. One that answers badly may do better with the next question.
    fn note(&self, place: usize, server: &dyn Keyserver, error: &Error) -> Failure {
        let failure = Failure::new(&server.place(), error);
        let weight = match error.kind() {
            ErrorKind::Unavailable => MOST_TIMEOUTS,
            ErrorKind::Timeout => 1,
            _ => return failure,
        };
        let mut memory = self.memory();
        let trouble = memory.trouble.entry(place).or_insert_with(|| Trouble {
            timeouts: 0,
            failure: failure.clone(),
        });
        trouble.timeouts += weight;
        failure
    }

    /// Why a server is not to be asked any more, if so.
    fn out_of_reach(&self, place: usize) -> Option<Failure> {
        let memory = self.memory();
        let trouble = memory.trouble.get(&place)?;
        (trouble.timeouts >= MOST_TIMEOUTS).then(|| trouble.failure.clone())
    }
}

impl fmt::Debug for Keyservers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Keyservers").field(&self.servers).finish()
    }
}

fn no_server() -> Error {
    Error::new(ErrorKind::NotFound, "no keyserver is configured")
        .hint("name one with --url, or add one with `sifseal keyserver add`")
}
