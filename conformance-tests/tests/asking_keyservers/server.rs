//! A keyserver in memory that does as it is told, and remembers what it was asked.

use sifseal_core::openpgp::KeyHandle;
use sifseal_core::traits::{Keyserver, SearchHit, SearchQuery};
use sifseal_core::{Context, Error, ErrorKind, Result};
use std::collections::BTreeMap;
use std::sync::{Arc, Barrier, Mutex};

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
    meeting: Option<Arc<Barrier>>,
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

    pub(crate) fn is_broken(mut self, kind: ErrorKind) -> Self {
        self.broken = Some(kind);
        self
    }

    pub(crate) fn takes_nothing(mut self) -> Self {
        self.takes = false;
        self
    }

    /// Answers once as many requests as this are under way.
    pub(crate) fn waits_for(mut self, requests: usize) -> Self {
        self.meeting = Some(Arc::new(Barrier::new(requests)));
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
