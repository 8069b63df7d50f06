//! Certificates by handle: many at once, each from the first server that has it.

use super::failure::add_new;
use super::side_by_side::side_by_side;
use super::{Failure, Keyservers};
use crate::Context;
use crate::openpgp::{Certificate, Fingerprint, KeyHandle};
use std::collections::BTreeSet;

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
    /// The certificates that answer to any of the handles.
    ///
    /// A key that nobody has is no failure. A key ID beside the fingerprint that it is
    /// of is not asked for a second time.
    pub fn fetch(&self, cx: &Context<'_>, handles: &[KeyHandle]) -> Fetched {
        let mut wanted: Vec<KeyHandle> = without_repetition(handles);
        let too_many = wanted.len().saturating_sub(MOST_HANDLES);
        wanted.truncate(MOST_HANDLES);
        let mut fetched = Fetched::default();
        for answer in side_by_side(&wanted, |handle| self.fetch_one(cx, handle)) {
            for certificate in answer.certificates {
                if let Err(error) = self.add(&mut fetched.certificates, certificate) {
                    add_new(&mut fetched.failures, [Failure::new("keyservers", &error)]);
                }
            }
            add_new(&mut fetched.failures, answer.failures);
        }
        if too_many > 0 && !self.servers.is_empty() {
            fetched.failures.push(Failure {
                place: "keyservers".to_owned(),
                kind: crate::ErrorKind::Unsupported,
                text: format!("{too_many} keys more are wanted than are asked for at once"),
                hint: None,
            });
        }
        fetched
    }

    /// A certificate that was fetched in this run.
    pub fn fetched(&self, primary: &Fingerprint) -> Option<Certificate> {
        let memory = self.memory();
        let mut all = memory.fetched.values().flatten();
        all.find(|certificate| certificate.fingerprint() == *primary)
            .cloned()
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

/// Each key once, under its most exact name.
fn without_repetition(handles: &[KeyHandle]) -> Vec<KeyHandle> {
    let named: BTreeSet<_> = handles
        .iter()
        .filter_map(|handle| match handle {
            KeyHandle::Fingerprint(fingerprint) => Some(fingerprint.key_id()),
            KeyHandle::KeyId(_) => None,
        })
        .collect();
    let distinct: BTreeSet<_> = handles
        .iter()
        .filter(|handle| !matches!(handle, KeyHandle::KeyId(id) if named.contains(id)))
        .copied()
        .collect();
    distinct.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_asked_for_once_by_its_most_exact_name() {
        let fingerprint = Fingerprint::V4([7; 20]);
        let exact = KeyHandle::Fingerprint(fingerprint);
        let id = KeyHandle::KeyId(fingerprint.key_id());
        let other = KeyHandle::KeyId(crate::openpgp::KeyId([1; 8]));
        assert_eq!(
            without_repetition(&[id, exact, other, exact]),
            [exact, other]
        );
        assert_eq!(without_repetition(&[id]), [id]);
    }
}
