//! What all servers together know of a certificate.

use super::failure::add_new;
use super::side_by_side::side_by_side;
use super::{Failure, Fetched, Keyservers};
use crate::openpgp::{Fingerprint, KeyHandle};
use crate::{Context, Result};

impl Keyservers<'_> {
    /// For each fingerprint what every server has, merged: a revocation that one of
    /// them knows is not hidden by the older copy of another (W-5).
    ///
    /// # Errors
    /// `NotFound` if no server is configured.
    pub fn refresh(&self, cx: &Context<'_>, keys: &[Fingerprint]) -> Result<Vec<Fetched>> {
        self.some_server()?;
        Ok(side_by_side(keys, |key| self.refresh_one(cx, key)))
    }

    pub(super) fn refresh_one(&self, cx: &Context<'_>, key: &Fingerprint) -> Fetched {
        let handle = KeyHandle::Fingerprint(*key);
        let mut fetched = Fetched::default();
        for (place, server) in self.servers.iter().enumerate() {
            if let Some(failure) = self.out_of_reach(place) {
                add_new(&mut fetched.failures, [failure]);
                continue;
            }
            let answer = self.ask(cx, &**server, &handle);
            let added = answer.and_then(|found| {
                found
                    .into_iter()
                    // Not one that has adopted the key as a subkey.
                    .filter(|found| found.fingerprint() == *key)
                    .try_for_each(|found| self.add(&mut fetched.certificates, found))
            });
            if let Err(error) = added {
                let failure: Failure = self.note(place, &**server, &error);
                add_new(&mut fetched.failures, [failure]);
            }
        }
        fetched
    }
}
