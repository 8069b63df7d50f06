//! Naming one key: by fingerprint, key ID or e-mail address.

use sifseal_core::openpgp::{Fingerprint, KeyHandle, KeyId};
use sifseal_core::traits::KeyQuery;
use std::fmt;
use std::str::FromStr;

/// What a person wrote to name a key, and the query that it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyChoice {
    text: String,
    query: KeyQuery,
}

impl KeyChoice {
    /// The question to ask a key store.
    pub fn query(&self) -> &KeyQuery {
        &self.query
    }
}

impl fmt::Display for KeyChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for KeyChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let query = if let Ok(fingerprint) = text.parse::<Fingerprint>() {
            KeyQuery::Handle(KeyHandle::Fingerprint(fingerprint))
        } else if let Ok(id) = text.parse::<KeyId>() {
            KeyQuery::Handle(KeyHandle::KeyId(id))
        } else if text.contains('@') {
            KeyQuery::Email(text.to_owned())
        } else {
            return Err("expected a fingerprint (40 or 64 hexadecimal digits), a key ID (16) or an e-mail address".to_owned());
        };
        Ok(Self {
            text: text.to_owned(),
            query,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_by_fingerprint_key_id_or_address() {
        let query = |text: &str| text.parse::<KeyChoice>().map(|choice| choice.query);
        assert!(matches!(
            query("12045c8c0b1004d058de4beda20c27ee7ff7ba84"),
            Ok(KeyQuery::Handle(KeyHandle::Fingerprint(_)))
        ));
        assert!(matches!(
            query("0xA20C27EE7FF7BA84"),
            Ok(KeyQuery::Handle(KeyHandle::KeyId(_)))
        ));
        assert_eq!(
            query("a@b.example"),
            Ok(KeyQuery::Email("a@b.example".to_owned()))
        );
        assert!(query("7FF7BA84").is_err(), "a 32-bit ID names nobody");
        assert!(query("Ada").is_err());
    }
}
