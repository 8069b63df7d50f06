//! What went to and came from keyservers, as JSON (docs/formats.md).

use super::rfc3339;
use serde::Serialize;
use sifseal_core::keyservers::changes::KeyChange;
use sifseal_core::keyservers::{Failure, Publication, Seen};
use sifseal_core::openpgp::{Certificate, Fingerprint};
use sifseal_core::traits::Change;

/// A keyserver that could not help.
#[derive(Debug, Serialize)]
pub struct FailureJson {
    keyserver: Option<String>,
    text: String,
}

impl From<&Failure> for FailureJson {
    fn from(failure: &Failure) -> Self {
        Self {
            keyserver: failure.place.clone(),
            text: failure.text.clone(),
        }
    }
}

/// `sifseal/key-pull/1`.
#[derive(Debug, Serialize)]
pub struct PullDocument {
    schema: &'static str,
    keys: Vec<PulledJson>,
    errors: Vec<String>,
    failures: Vec<FailureJson>,
}

#[derive(Debug, Serialize)]
struct PulledJson {
    fingerprint: String,
    change: &'static str,
}

impl Default for PullDocument {
    fn default() -> Self {
        Self {
            schema: "sifseal/key-pull/1",
            keys: Vec::new(),
            errors: Vec::new(),
            failures: Vec::new(),
        }
    }
}

impl PullDocument {
    /// A key came, and went into the ring or was there.
    pub fn key(&mut self, key: Fingerprint, change: Change) {
        self.keys.push(PulledJson {
            fingerprint: key.to_string(),
            change: super::keys::change_name(change),
        });
    }

    /// A key could not be had.
    pub fn error(&mut self, text: String) {
        self.errors.push(text);
    }

    /// Servers that could not help, where others could.
    pub fn failures(&mut self, failures: &[Failure]) {
        self.failures = failures.iter().map(FailureJson::from).collect();
    }
}

/// `sifseal/key-push/1`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PushDocument {
    schema: &'static str,
    fingerprint: String,
    keyserver: String,
    answer: String,
    seen: Option<&'static str>,
    held_back: Vec<String>,
    failures: Vec<FailureJson>,
}

impl PushDocument {
    /// A certificate that a server took.
    pub fn new(certificate: &Certificate, publication: &Publication) -> Self {
        let (seen, held_back) = match &publication.seen {
            Seen::Whole => (Some("whole"), vec![]),
            Seen::Without(user_ids) => (Some("without-user-ids"), user_ids.clone()),
            Seen::Older(_) => (Some("older"), vec![]),
            // Of a server that has nothing, an error is told instead.
            Seen::Unknown(_) | Seen::Nothing => (None, vec![]),
        };
        Self {
            schema: "sifseal/key-push/1",
            fingerprint: certificate.fingerprint().to_string(),
            keyserver: publication.place.clone(),
            answer: publication.answer.clone(),
            seen,
            held_back,
            failures: publication.failures.iter().map(FailureJson::from).collect(),
        }
    }
}

/// What became of a key that was refreshed.
#[derive(Debug)]
pub enum Refreshed {
    /// No server has it.
    NotFound,
    /// No server had it, and not all could be asked.
    Unknown,
    /// Everything was known.
    Unchanged,
    /// Something came to it.
    Updated(Vec<KeyChange>),
}

/// `sifseal/key-refresh/1`.
#[derive(Debug, Serialize)]
pub struct RefreshDocument {
    schema: &'static str,
    keys: Vec<RefreshedJson>,
    errors: Vec<String>,
    failures: Vec<FailureJson>,
}

#[derive(Debug, Serialize)]
struct RefreshedJson {
    fingerprint: String,
    change: &'static str,
    changes: Vec<ChangeJson>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ChangeJson {
    name: &'static str,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
}

impl From<&KeyChange> for ChangeJson {
    fn from(change: &KeyChange) -> Self {
        let (key, expires, user_id) = match change {
            KeyChange::Revoked(key) | KeyChange::Subkey(key) => (Some(key), None, None),
            KeyChange::Expires(key, time) => (Some(key), *time, None),
            KeyChange::UserId(id) | KeyChange::UserIdRevoked(id) => (None, None, Some(id.clone())),
            _ => (None, None, None),
        };
        Self {
            name: change.name(),
            text: change.to_string(),
            key: key.map(ToString::to_string),
            expires: expires.and_then(rfc3339),
            user_id,
        }
    }
}

impl Default for RefreshDocument {
    fn default() -> Self {
        Self {
            schema: "sifseal/key-refresh/1",
            keys: Vec::new(),
            errors: Vec::new(),
            failures: Vec::new(),
        }
    }
}

impl RefreshDocument {
    /// What became of one key.
    pub fn key(&mut self, key: Fingerprint, refreshed: Refreshed) {
        let (change, changes) = match &refreshed {
            Refreshed::NotFound => ("not-found", vec![]),
            Refreshed::Unknown => ("unknown", vec![]),
            Refreshed::Unchanged => ("unchanged", vec![]),
            Refreshed::Updated(changes) => {
                ("updated", changes.iter().map(ChangeJson::from).collect())
            }
        };
        self.keys.push(RefreshedJson {
            fingerprint: key.to_string(),
            change,
            changes,
        });
    }

    /// A key could not be stored.
    pub fn error(&mut self, text: String) {
        self.errors.push(text);
    }

    /// Servers that could not be asked.
    pub fn failures(&mut self, failures: &[Failure]) {
        self.failures = failures.iter().map(FailureJson::from).collect();
    }
}
