//! Which keys a plugin has.

use crate::binary::Binary;
use serde::{Deserialize, Serialize};
use sifseal_core::Result;
use sifseal_core::openpgp::{KeyHandle, Protection};
use sifseal_core::traits::{KeyPart, KeyQuery};

/// Which keys are there? The answer may hold more than was asked for; the host chooses
/// itself. Finding never unlocks and never asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Find {
    /// Certificates, or keys to sign with.
    pub part: Part,
    /// Which.
    pub query: Query,
}

/// Which half of a key store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Certificates.
    Public,
    /// Keys to sign with.
    Secret,
}

impl From<KeyPart> for Part {
    fn from(part: KeyPart) -> Self {
        match part {
            KeyPart::Public => Self::Public,
            KeyPart::Secret => Self::Secret,
        }
    }
}

impl From<Part> for KeyPart {
    fn from(part: Part) -> Self {
        match part {
            Part::Public => Self::Public,
            Part::Secret => Self::Secret,
        }
    }
}

/// What is looked for; everything, if it is empty or of a kind that is not known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Query {
    /// The fingerprint of a primary key or a subkey.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// The 64-bit key ID of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
    /// An e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

impl From<&KeyHandle> for Query {
    fn from(handle: &KeyHandle) -> Self {
        match handle {
            KeyHandle::Fingerprint(fingerprint) => Self {
                fingerprint: Some(fingerprint.to_string()),
                ..Self::default()
            },
            KeyHandle::KeyId(id) => Self {
                key_id: Some(id.to_string()),
                ..Self::default()
            },
        }
    }
}

impl From<&KeyQuery> for Query {
    fn from(query: &KeyQuery) -> Self {
        match query {
            KeyQuery::Handle(handle) => handle.into(),
            KeyQuery::Email(email) => Self {
                email: Some(email.clone()),
                ..Self::default()
            },
            // The host chooses itself from all.
            _ => Self::default(),
        }
    }
}

impl Query {
    /// The handle that is asked for, if it is one.
    ///
    /// # Errors
    /// `Malformed` if it is none.
    pub fn handle(&self) -> Result<Option<KeyHandle>> {
        match (&self.fingerprint, &self.key_id) {
            (Some(fingerprint), _) => Ok(Some(KeyHandle::Fingerprint(fingerprint.parse()?))),
            (None, Some(id)) => Ok(Some(KeyHandle::KeyId(id.parse()?))),
            (None, None) => Ok(None),
        }
    }

    /// As core says it.
    ///
    /// # Errors
    /// `Malformed` if a part of it is not what it should be.
    pub fn key_query(&self) -> Result<KeyQuery> {
        Ok(match (self.handle()?, &self.email) {
            (Some(handle), _) => KeyQuery::Handle(handle),
            (None, Some(email)) => KeyQuery::Email(email.clone()),
            (None, None) => KeyQuery::All,
        })
    }
}

/// The keys that were found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FoundKeys {
    /// At most [`MAX_KEYS`](crate::MAX_KEYS).
    pub keys: Vec<FoundKey>,
}

/// One key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundKey {
    /// The certificate, armored or not.
    pub certificate: Binary,
    /// How its secret is guarded, where keys to sign with are asked for.
    #[serde(default)]
    pub guard: Guard,
    /// Where its secret is, in a few words, if it is elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

impl FoundKey {
    /// How it is guarded, as core says it; a plugin is told by its name where nothing
    /// better is known.
    pub fn protection(&self, plugin: &str) -> Protection {
        match self.guard {
            Guard::Open => Protection::Open,
            Guard::Passphrase => Protection::Passphrase,
            Guard::Elsewhere => {
                Protection::Elsewhere(self.place.clone().unwrap_or_else(|| plugin.to_owned()))
            }
        }
    }
}

/// How the secret of a key is guarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Guard {
    /// It lies open.
    Open,
    /// By a passphrase.
    Passphrase,
    /// It is on a device or in a service; also whatever word is not known.
    #[default]
    #[serde(other)]
    Elsewhere,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};

    fn read<T: DeserializeOwned>(value: Value) -> T {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_guard_of_next_year_is_elsewhere() {
        let key = |value| read::<FoundKey>(json!({"certificate": "", "guard": value}));
        let guard = |value| key(value).protection("vault");
        assert_eq!(guard(json!("open")), Protection::Open);
        assert_eq!(guard(json!("passphrase")), Protection::Passphrase);
        let vault = Protection::Elsewhere("vault".to_owned());
        assert_eq!(guard(json!("elsewhere")), vault);
        assert_eq!(guard(json!("biometric")), vault);
        assert_eq!(
            read::<FoundKey>(json!({"certificate": ""})).protection("vault"),
            vault
        );
        let placed: FoundKey = read(json!({"certificate": "", "place": "slot 3"}));
        let slot = Protection::Elsewhere("slot 3".to_owned());
        assert_eq!(placed.protection("vault"), slot);
    }
}
