//! What the configuration says, in the table `[plugin.config]`.

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use sifseal_plugin_sdk::openpgp::Fingerprint;
use sifseal_plugin_sdk::{Error, ErrorKind, Result};
use std::fmt;
use std::path::PathBuf;

/// The settings of one instance: one token, and keys in it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Pkcs11Settings {
    /// The PKCS#11 module, with its whole path.
    pub module: PathBuf,
    /// The label of the token.
    pub token: Option<String>,
    /// Its serial number.
    pub serial: Option<String>,
    /// The number of the slot that it is in, as the module counts.
    pub slot: Option<u64>,
    /// A file with the PIN.
    pub pin_file: Option<PathBuf>,
    /// The name of an environment variable with the PIN.
    pub pin_environment: Option<String>,
    /// The keys to sign with.
    #[serde(default)]
    pub keys: Vec<KeySettings>,
}

/// One key of the token.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KeySettings {
    /// The label of its objects.
    pub label: Option<String>,
    /// Their ID, in hexadecimal digits.
    pub id: Option<String>,
    /// The certificate that it belongs to, armored or not.
    pub certificate: PathBuf,
    /// The fingerprint of that certificate.
    #[serde(deserialize_with = "fingerprint")]
    pub fingerprint: Fingerprint,
    /// The fingerprint of the subkey that the token has, if it is not the primary key.
    #[serde(default, deserialize_with = "some_fingerprint")]
    pub subkey: Option<Fingerprint>,
}

fn fingerprint<'de, D: Deserializer<'de>>(from: D) -> Result<Fingerprint, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map_err(D::Error::custom)
}

fn some_fingerprint<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Fingerprint>, D::Error> {
    fingerprint(from).map(Some)
}

impl Pkcs11Settings {
    /// Which token is meant.
    ///
    /// # Errors
    /// `Config` unless exactly one setting says it.
    pub fn token_name(&self) -> Result<TokenName> {
        match (&self.token, &self.serial, self.slot) {
            (Some(label), None, None) => Ok(TokenName::Label(label.clone())),
            (None, Some(serial), None) => Ok(TokenName::Serial(serial.clone())),
            (None, None, Some(slot)) => Ok(TokenName::Slot(slot)),
            _ => Err(wrong(
                "exactly one of `token`, `serial` and `slot` must name the token",
            )),
        }
    }
}

impl KeySettings {
    /// Which objects of the token are meant.
    ///
    /// # Errors
    /// As [`KeyName::new`].
    pub fn name(&self) -> Result<KeyName> {
        KeyName::new(self.label.as_deref(), self.id.as_deref())
    }

    /// The fingerprint of the key that the token has.
    pub fn own_fingerprint(&self) -> Fingerprint {
        self.subkey.unwrap_or(self.fingerprint)
    }
}

/// By what a token is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenName {
    /// By its label.
    Label(String),
    /// By its serial number.
    Serial(String),
    /// By the slot that it is in.
    Slot(u64),
}

impl fmt::Display for TokenName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label(label) => write!(f, "token {label}"),
            Self::Serial(serial) => write!(f, "token with serial number {serial}"),
            Self::Slot(slot) => write!(f, "token in slot {slot}"),
        }
    }
}

/// By what a key in a token is known: its label, its ID, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyName {
    pub(crate) label: Option<String>,
    pub(crate) id: Option<Vec<u8>>,
}

impl KeyName {
    /// The key with this label (`CKA_LABEL`) and this ID (`CKA_ID`, in hexadecimal
    /// digits, with or without colons between them).
    ///
    /// # Errors
    /// `Config` if neither is said, or the ID is none.
    pub fn new(label: Option<&str>, id: Option<&str>) -> Result<Self> {
        if label.is_none() && id.is_none() {
            return Err(wrong("a key needs its `label` or its `id`"));
        }
        let id = id.map(|text| {
            hex::decode(text.replace(':', ""))
                .ok()
                .filter(|id| !id.is_empty())
                .ok_or_else(|| wrong(format!("the `id` of a key is hexadecimal, not `{text}`")))
        });
        Ok(Self {
            label: label.map(str::to_owned),
            id: id.transpose()?,
        })
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.label, &self.id) {
            (Some(label), _) => write!(f, "key {label}"),
            (None, id) => write!(f, "key {}", hex::encode(id.as_deref().unwrap_or_default())),
        }
    }
}

/// The settings are not as they should be.
pub(crate) fn wrong(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Config, what)
        .hint("the settings stand in the table [plugin.config] of the configuration")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(token: Option<&str>, slot: Option<u64>) -> Pkcs11Settings {
        Pkcs11Settings {
            module: "/usr/lib/module.so".into(),
            token: token.map(str::to_owned),
            serial: None,
            slot,
            pin_file: None,
            pin_environment: None,
            keys: vec![],
        }
    }

    #[test]
    fn a_token_is_named_in_exactly_one_way() {
        let kind = |settings: Pkcs11Settings| settings.token_name().map_err(|e| e.kind());
        let label = TokenName::Label("t".to_owned());
        assert_eq!(kind(settings(Some("t"), None)), Ok(label));
        assert_eq!(kind(settings(None, Some(3))), Ok(TokenName::Slot(3)));
        assert_eq!(kind(settings(None, None)), Err(ErrorKind::Config));
        assert_eq!(kind(settings(Some("t"), Some(3))), Err(ErrorKind::Config));
    }

    #[test]
    fn a_key_is_named_by_its_label_or_by_its_id_in_hexadecimal() {
        let name = KeyName::new(None, Some("01:aB")).unwrap();
        assert_eq!(name.id.as_deref(), Some(&[0x01, 0xAB][..]));
        assert_eq!(name.to_string(), "key 01ab");
        let name = KeyName::new(Some("release"), Some("01")).unwrap();
        assert_eq!(name.to_string(), "key release");
        for (label, id) in [(None, None), (None, Some("xyz")), (None, Some(""))] {
            let error = KeyName::new(label, id).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{id:?}");
        }
    }
}
