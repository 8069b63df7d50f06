//! What is new in a certificate since the copy that one had.

use crate::openpgp::{CertificateFacts, Fingerprint};
use crate::policy::{self, KeyStanding};
use crate::{Shown, Timestamp};
use std::fmt;

/// One thing that has changed, of those that matter to whoever uses the key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyChange {
    /// The primary key or a subkey was revoked.
    Revoked(Fingerprint),
    /// The primary key or a subkey ends at another time, or has an end no longer.
    Expires(Fingerprint, Option<Timestamp>),
    /// A subkey came.
    Subkey(Fingerprint),
    /// A user ID came; a stranger's text.
    UserId(String),
    /// A user ID was revoked; a stranger's text.
    UserIdRevoked(String),
}

impl KeyChange {
    /// Its name, as reports use it; never changes.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Revoked(_) => "revoked",
            Self::Expires(..) => "expires",
            Self::Subkey(_) => "subkey-added",
            Self::UserId(_) => "user-id-added",
            Self::UserIdRevoked(_) => "user-id-revoked",
        }
    }
}

impl fmt::Display for KeyChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Revoked(key) => write!(f, "revoked: {key}"),
            Self::Expires(key, None) => write!(f, "does not expire any more: {key}"),
            Self::Expires(key, Some(_)) => write!(f, "expires at another time: {key}"),
            Self::Subkey(key) => write!(f, "new subkey: {key}"),
            Self::UserId(user_id) => write!(f, "new user ID: {}", Shown::new(user_id)),
            Self::UserIdRevoked(user_id) => {
                write!(f, "user ID revoked: {}", Shown::new(user_id))
            }
        }
    }
}

/// What `after` says that `before` did not, as it stands at a time. Two copies that
/// differ in nothing of this may differ all the same: in newer self-signatures that
/// say the same.
pub fn changes(
    before: &CertificateFacts,
    after: &CertificateFacts,
    at: Timestamp,
) -> Vec<KeyChange> {
    let mut changes = of_keys(
        &policy::standings(before, at),
        &policy::standings(after, at),
    );
    changes.extend(of_user_ids(before, after, at));
    changes
}

fn of_keys(before: &[KeyStanding], after: &[KeyStanding]) -> Vec<KeyChange> {
    let mut changes = Vec::new();
    for new in after {
        let Some(old) = before.iter().find(|old| old.key == new.key) else {
            changes.push(KeyChange::Subkey(new.key));
            continue;
        };
        if new.is_revoked() && !old.is_revoked() {
            changes.push(KeyChange::Revoked(new.key));
        }
        if new.expires != old.expires {
            changes.push(KeyChange::Expires(new.key, new.expires));
        }
    }
    changes
}

fn of_user_ids(
    before: &CertificateFacts,
    after: &CertificateFacts,
    at: Timestamp,
) -> Vec<KeyChange> {
    let mut changes = Vec::new();
    for new in &after.user_ids {
        let text = || String::from_utf8_lossy(&new.value).into_owned();
        let old = before.user_ids.iter().find(|old| old.value == new.value);
        let is_revoked = policy::is_user_id_revoked(new, at);
        match old {
            // Nobody's word for it but its owner's.
            None if !is_revoked && policy::is_user_id_certified(new, at) => {
                changes.push(KeyChange::UserId(text()));
            }
            Some(old) if is_revoked && !policy::is_user_id_revoked(old, at) => {
                changes.push(KeyChange::UserIdRevoked(text()));
            }
            _ => {}
        }
    }
    changes
}
