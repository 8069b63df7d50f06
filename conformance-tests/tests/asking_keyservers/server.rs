//! A keyserver in memory that does as it is told, and remembers what it was asked.

use sifseal_core::openpgp::KeyHandle;
use sifseal_core::traits::{Keyserver, SearchHit, SearchQuery};
use sifseal_core::{Context, Error, ErrorKind, Result};
use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// What tests look at afterwards.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) fetched: Mutex<Vec<KeyHandle>>,
    pub(crate) published: Mutex<Vec<Vec<u8>>>,
}

impl Log {
    pub(crate) fn times_asked(&self) -> usize {
        self.fetched.lock().unwrap().len()
    }
}

#[derive(Debug, Default)]
pub(crate) struct Server {
    name: String,
    answers: BTreeMap<KeyHandle, Vec<u8>>,
    anything: Option<Vec<u8>>,
    hits: Vec<SearchHit>,
    broken: Option<ErrorKind>,
    takes: bool,
    meeting: Option<Meeting>,
    pub(crate) log: Arc<Log>,
}

impl Server {
    pub(crate) fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            takes: true,
            ..Self::default()
        }
    }

    pub(crate) fn has(mut self, handle: KeyHandle, bytes: &[u8]) -> Self {
        self.answers.insert(handle, bytes.to_vec());
        self
    }

    /// Whatever it is asked for.
    pub(crate) fn always_says(mut self, bytes: &[u8]) -> Self {
        self.anything = Some(bytes.to_vec());
        self
    }

    pub(crate) fn finds(mut self, hit: SearchHit) -> Self {
        self.hits.push(hit);
        self
    }

    pub(crate) fn fails_with(mut self, kind: ErrorKind) -> Self {
        self.broken = Some(kind);
        self
    }

    pub(crate) fn takes_nothing(mut self) -> Self {
        self.takes = false;
        self
    }

    /// Answers once as many requests as this are under way.
    pub(crate) fn waits_for(mut self, requests: usize) -> Self {
        self.meeting = Some(Meeting::of(requests));
        self
    }

    pub(crate) fn boxed(self) -> Box<dyn Keyserver> {
        Box::new(self)
    }

    fn trouble(&self) -> Result<()> {
        match self.broken {
            Some(kind) => Err(Error::new(kind, "out of order").at(&self.name)),
            None => Ok(()),
        }
    }
}

impl Keyserver for Server {
    fn place(&self) -> String {
        self.name.clone()
    }

    fn fetch(&self, _cx: &Context<'_>, key: &KeyHandle) -> Result<Option<Vec<u8>>> {
        self.log.fetched.lock().unwrap().push(*key);
        if let Some(meeting) = &self.meeting {
            meeting.wait();
        }
        self.trouble()?;
        Ok(self.answers.get(key).or(self.anything.as_ref()).cloned())
    }

    fn search(&self, _cx: &Context<'_>, _query: &SearchQuery) -> Result<Vec<SearchHit>> {
        self.trouble()?;
        Ok(self.hits.clone())
    }

    fn publish(&self, _cx: &Context<'_>, armored: &[u8]) -> Result<String> {
        self.trouble()?;
        if !self.takes {
            return Err(Error::new(ErrorKind::Unsupported, "takes nothing").at(&self.name));
        }
        self.log.published.lock().unwrap().push(armored.to_vec());
        Ok("thank you".to_owned())
    }
}

/// Requests that wait for each other; not for ever, so that a test in which they are
/// made one after another fails and does not hang.
#[derive(Debug)]
struct Meeting {
    missing: Mutex<usize>,
    complete: Condvar,
}

impl Meeting {
    const PATIENCE: Duration = Duration::from_secs(30);

    fn of(requests: usize) -> Self {
        Self {
            missing: Mutex::new(requests),
            complete: Condvar::new(),
        }
    }

    fn wait(&self) {
        let mut missing = self.missing.lock().unwrap();
        *missing = missing.saturating_sub(1);
        self.complete.notify_all();
        let waited = self
            .complete
            .wait_timeout_while(missing, Self::PATIENCE, |missing| *missing > 0)
            .unwrap();
        assert!(!waited.1.timed_out(), "requests are made one after another");
    }
}
