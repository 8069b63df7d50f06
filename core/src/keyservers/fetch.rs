//! Certificates by handle: many at once, each from the first server that has it.

use super::failure::add_new;
use super::side_by_side::side_by_side;
use super::{Failure, Keyservers};
use crate::openpgp::{Certificate, Fingerprint, KeyHandle};
use crate::{Context, Error, ErrorKind};

/// How many keys are asked for at once at the most. An image of usual size has room
/// for 48 signatures; one that names hundreds of strangers is out to have them asked
/// for.
const MOST_HANDLES: usize = 64;

/// What was found, and which servers could not help.
#[derive(Debug, Clone, Default)]
pub struct Fetched {
    /// Certificates, each once.
    pub certificates: Vec<Certificate>,
    /// What went wrong on the way.
    pub failures: Vec<Failure>,
}

impl Keyservers<'_> {
    /// The certificates that answer to any of the handles, of which the first ones are
    /// asked for if there are too many.
    ///
    /// A key that nobody has is no failure. A key ID beside the fingerprint that it is
    /// of is asked for only if the fingerprint was in vain: that the two belong together
    /// is a claim, too.
    pub fn fetch(&self, cx: &Context<'_>, handles: &[KeyHandle]) -> Fetched {
        let mut wanted: Vec<KeyHandle> = Vec::new();
        for handle in handles {
            if !wanted.contains(handle) {
                wanted.push(*handle);
            }
        }
        let too_many = wanted.len().saturating_sub(MOST_HANDLES);
        wanted.truncate(MOST_HANDLES);
        let (beside, exact): (Vec<_>, Vec<_>) = wanted
            .iter()
            .partition(|handle| is_beside_its_fingerprint(handle, &wanted));

        let mut fetched = Fetched::default();
        let unknown = self.fetch_all(cx, &exact, &mut fetched);
        let left: Vec<_> = beside
            .into_iter()
            .filter(|handle| is_beside_its_fingerprint(handle, &unknown))
            .collect();
        self.fetch_all(cx, &left, &mut fetched);
        if too_many > 0 && !self.servers.is_empty() {
            add_new(&mut fetched.failures, [too_many_wanted(too_many)]);
        }
        fetched
    }

    /// Adds what is found, and gives the handles that every server said it has not. A
    /// server that failed at one name of a key is not troubled with the other.
    fn fetch_all(
        &self,
        cx: &Context<'_>,
        handles: &[KeyHandle],
        fetched: &mut Fetched,
    ) -> Vec<KeyHandle> {
        let mut unknown = Vec::new();
        let answers = side_by_side(handles, |handle| self.fetch_one(cx, handle));
        for (handle, answer) in handles.iter().zip(answers) {
            if answer.certificates.is_empty() && answer.failures.is_empty() {
                unknown.push(*handle);
            }
            for certificate in answer.certificates {
                if let Err(error) = self.add(&mut fetched.certificates, certificate) {
                    add_new(&mut fetched.failures, [Failure::of_nobody(&error)]);
                }
            }
            add_new(&mut fetched.failures, answer.failures);
        }
        unknown
    }

    /// A certificate that was fetched in this run, by whatever handles.
    pub fn fetched(&self, primary: &Fingerprint) -> Option<Certificate> {
        let memory = self.memory();
        let copies = memory.fetched.values().flatten();
        copies
            .filter(|certificate| certificate.fingerprint() == *primary)
            .fold(None, |known, copy| match known {
                None => Some(copy.clone()),
                // They cannot contradict each other: both hold good signatures alone.
                Some(known) => Some(self.merged(&known, copy.clone()).unwrap_or(known)),
            })
    }

    fn fetch_one(&self, cx: &Context<'_>, handle: &KeyHandle) -> Fetched {
        if let Some(certificates) = self.remembered(handle) {
            return Fetched {
                certificates,
                failures: vec![],
            };
        }
        let mut failures = Vec::new();
        for (place, server) in self.servers.iter().enumerate() {
            if let Some(failure) = self.out_of_reach(place) {
                failures.push(failure);
                continue;
            }
            match self.ask(cx, &**server, handle) {
                Ok(certificates) if certificates.is_empty() => {}
                Ok(certificates) => {
                    let known = certificates.clone();
                    self.memory().fetched.insert(*handle, known);
                    return Fetched {
                        certificates,
                        failures,
                    };
                }
                Err(error) => failures.push(self.note(place, &**server, &error)),
            }
        }
        // Whoever was out of reach might have had it; that it is gone for this run is
        // remembered with the server.
        if failures.is_empty() {
            self.memory().fetched.insert(*handle, vec![]);
        }
        Fetched {
            certificates: vec![],
            failures,
        }
    }

    fn remembered(&self, handle: &KeyHandle) -> Option<Vec<Certificate>> {
        self.memory().fetched.get(handle).cloned()
    }
}

fn too_many_wanted(left_out: usize) -> Failure {
    let what = format!("{left_out} keys more are wanted than are asked for at once");
    Failure::of_nobody(&Error::new(ErrorKind::Unsupported, what))
}

fn is_beside_its_fingerprint(handle: &KeyHandle, all: &[KeyHandle]) -> bool {
    let KeyHandle::KeyId(id) = handle else {
        return false;
    };
    let mut all = all.iter();
    all.any(|other| matches!(other, KeyHandle::Fingerprint(whole) if whole.key_id() == *id))
}
