//! Handing a certificate to a keyserver, and looking whether it can be found there.

use super::failure::to_error;
use super::{Failure, Keyservers};
use crate::openpgp::{Certificate, Key, KeyHandle};
use crate::traits::Keyserver;
use crate::{Context, Error, ErrorKind, Result};

/// A certificate that a server took.
#[derive(Debug, Clone)]
pub struct Publication {
    /// The server.
    pub place: String,
    /// What it said, in its own words; a stranger's text, perhaps empty.
    pub answer: String,
    /// What of it others find there now.
    pub seen: Seen,
    /// Servers that were asked before and did not take it.
    pub failures: Vec<Failure>,
}

/// What of a published certificate can be found on the server. A yes proves nothing:
/// some servers say it to anything, and some show an e-mail address only after its
/// owner has confirmed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// All of it.
    Whole,
    /// The key without these user IDs.
    Without(Vec<String>),
    /// Nothing.
    Nothing,
    /// The server could not be asked.
    Unknown(Failure),
}

impl Keyservers<'_> {
    /// Hands a certificate to the first server that takes it, and answers as a keyserver
    /// does when it is asked for it.
    ///
    /// # Errors
    /// `NotFound` if no server is configured; what is wrong with them if none took it.
    pub fn publish(&self, cx: &Context<'_>, certificate: &Certificate) -> Result<Publication> {
        self.some_server()?;
        let armored = self.engine.armor(&Key::Certificate(certificate.clone()))?;
        let mut failures = Vec::new();
        for (place, server) in self.servers.iter().enumerate() {
            match server.publish(cx, armored.expose()) {
                Ok(answer) => match self.seen(cx, &**server, certificate) {
                    // No keyserver, or a broken one, that says yes to anything: the
                    // login page of a network, say.
                    Seen::Unknown(failure) if failure.kind == ErrorKind::Malformed => {
                        failures.push(failure);
                    }
                    seen => {
                        return Ok(Publication {
                            place: server.place(),
                            answer,
                            seen,
                            failures,
                        });
                    }
                },
                Err(error) => failures.push(self.note(place, &**server, &error)),
            }
        }
        let nobody = || Error::new(ErrorKind::NotFound, "no keyserver is configured");
        Err(to_error(&failures).unwrap_or_else(nobody))
    }

    fn seen(&self, cx: &Context<'_>, server: &dyn Keyserver, certificate: &Certificate) -> Seen {
        let handle = KeyHandle::Fingerprint(certificate.fingerprint());
        let shown = match self.ask(cx, server, &handle) {
            Err(error) => return Seen::Unknown(Failure::new(&server.place(), &error)),
            Ok(found) => found
                .into_iter()
                .find(|found| found.fingerprint() == certificate.fingerprint()),
        };
        let Some(shown) = shown else {
            return Seen::Nothing;
        };
        let ours = &certificate.outline.user_ids;
        let held_back: Vec<_> = ours
            .iter()
            .filter(|user_id| !shown.outline.user_ids.contains(user_id))
            .cloned()
            .collect();
        match held_back.is_empty() {
            true => Seen::Whole,
            false => Seen::Without(held_back),
        }
    }
}
