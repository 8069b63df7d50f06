//! Handing a certificate to a keyserver, and looking whether it can be found there.

use super::changes::{KeyChange, changes};
use super::failure::to_error;
use super::{Failure, Keyservers, no_server};
use crate::openpgp::{Certificate, Key, KeyHandle};
use crate::traits::Keyserver;
use crate::{Context, ErrorKind, Result};

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
    /// The key without these user IDs, and else all of it.
    Without(Vec<String>),
    /// An older copy, that lacks these.
    Older(Vec<KeyChange>),
    /// Nothing.
    Nothing,
    /// The server could not be asked.
    Unknown(Failure),
}

impl Keyservers<'_> {
    /// Hands a certificate to the first server that takes it, and answers as a keyserver
    /// does when it is asked for it: what its owner has signed, and nothing that is not
    /// meant for others (RFC 9580, section 5.2.3.19).
    ///
    /// # Errors
    /// `NotFound` if no server is configured; what is wrong with them if none took it.
    pub fn publish(&self, cx: &Context<'_>, certificate: &Certificate) -> Result<Publication> {
        self.some_server()?;
        let certificate = self.engine.own_statements(certificate)?;
        let armored = self.engine.armor(&Key::Certificate(certificate.clone()))?;
        let mut failures = Vec::new();
        for (place, server) in self.servers.iter().enumerate() {
            match server.publish(cx, armored.expose()) {
                Ok(answer) => match self.seen(cx, &**server, &certificate) {
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
        Err(to_error(&failures).unwrap_or_else(no_server))
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
        match self.lacking(cx, &shown, certificate) {
            Ok(lacking) => lacking,
            Err(error) => Seen::Unknown(Failure::new(&server.place(), &error)),
        }
    }

    /// What a server's copy lacks of ours, of what matters to whoever uses the key.
    fn lacking(&self, cx: &Context<'_>, shown: &Certificate, ours: &Certificate) -> Result<Seen> {
        let both = self.merged(shown, ours.clone())?;
        let facts = |of| self.engine.certificate_facts(of);
        let lacking = changes(&facts(shown)?, &facts(&both)?, cx.now);
        let user_ids: Vec<_> = lacking
            .iter()
            .filter_map(|change| match change {
                KeyChange::UserId(user_id) => Some(user_id.clone()),
                _ => None,
            })
            .collect();
        Ok(match (lacking.len(), user_ids.len()) {
            (0, _) => Seen::Whole,
            (all, named) if all == named => Seen::Without(user_ids),
            _ => Seen::Older(lacking),
        })
    }
}
