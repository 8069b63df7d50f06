//! Signing with a key of a plugin.

use crate::binary::{Binary, SecretText};
use crate::words;
use serde::{Deserialize, Serialize};
use sifseal_core::openpgp::{Fingerprint, HashAlgorithm};
use sifseal_core::traits::RawSignature;
use sifseal_core::{Error, ErrorKind, Result};

/// Get ready to sign with the key of this primary fingerprint. Now the plugin may ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignerOf {
    /// The primary key's fingerprint.
    #[serde(with = "words::fingerprint")]
    pub primary: Fingerprint,
}

/// What signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, try_from = "KeyFields")]
pub enum KeyToSign {
    /// A key that the plugin signs with itself.
    Device {
        /// Its own fingerprint: of the primary key or of a signing subkey.
        #[serde(with = "words::fingerprint")]
        key: Fingerprint,
        /// The names of the hash algorithms that it takes, best first.
        hashes: Vec<String>,
    },
    /// The secret key itself, armored or not; the host unlocks it.
    Material {
        /// A transferable secret key (RFC 9580, section 10.2).
        secret_key: SecretText,
    },
}

/// The fields of [`KeyToSign`] as they arrive. To find out by trying which of the two it is,
/// serde would copy the secret key, and leave it.
#[derive(Deserialize)]
struct KeyFields {
    #[serde(default)]
    key: Option<OwnFingerprint>,
    #[serde(default)]
    hashes: Option<Vec<String>>,
    #[serde(default)]
    secret_key: Option<SecretText>,
}

#[derive(Deserialize)]
struct OwnFingerprint(#[serde(with = "words::fingerprint")] Fingerprint);

impl TryFrom<KeyFields> for KeyToSign {
    type Error = &'static str;

    fn try_from(fields: KeyFields) -> Result<Self, Self::Error> {
        match (fields.key, fields.hashes, fields.secret_key) {
            (Some(key), Some(hashes), None) => Ok(Self::Device { key: key.0, hashes }),
            (None, _, Some(secret_key)) => Ok(Self::Material { secret_key }),
            (Some(_), _, Some(_)) => Err("it has both `key` and `secret_key`"),
            _ => Err("it has neither `key` with `hashes` nor `secret_key`"),
        }
    }
}

/// Sign a digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sign {
    /// As in [`SignerOf`].
    #[serde(with = "words::fingerprint")]
    pub primary: Fingerprint,
    /// As in [`KeyToSign::Device`].
    #[serde(with = "words::fingerprint")]
    pub key: Fingerprint,
    /// The hash algorithm.
    #[serde(with = "words::hash")]
    pub hash: HashAlgorithm,
    /// Of the length that `hash` makes.
    pub digest: Binary,
}

/// The values that a signature algorithm gives, big-endian, without any encoding around
/// them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RawValues {
    /// The integer *s* of PKCS#1 v1.5.
    Rsa(Binary),
    /// The integers of ECDSA.
    Ecdsa {
        /// The first one.
        r: Binary,
        /// The second one.
        s: Binary,
    },
    /// The 64 bytes of Ed25519 (or 114 of Ed448).
    Eddsa(Binary),
}

impl From<RawValues> for RawSignature {
    fn from(values: RawValues) -> Self {
        match values {
            RawValues::Rsa(s) => Self::Rsa(s.0),
            RawValues::Ecdsa { r, s } => Self::EcDsa { r: r.0, s: s.0 },
            RawValues::Eddsa(both) => Self::EdDsa(both.0),
        }
    }
}

impl TryFrom<RawSignature> for RawValues {
    type Error = Error;

    fn try_from(raw: RawSignature) -> Result<Self> {
        match raw {
            RawSignature::Rsa(s) => Ok(Self::Rsa(s.into())),
            RawSignature::EcDsa { r, s } => Ok(Self::Ecdsa {
                r: r.into(),
                s: s.into(),
            }),
            RawSignature::EdDsa(both) => Ok(Self::Eddsa(both.into())),
            _ => Err(Error::new(
                ErrorKind::Unsupported,
                "the protocol has no word for this kind of signature",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_signs_is_a_device_or_a_secret_key_and_not_both() {
        let read = |value| serde_json::from_value::<KeyToSign>(value);
        let key = "12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84";
        for known in [
            json!({"key": key, "hashes": ["SHA256"]}),
            json!({"secret_key": "AQ=="}),
        ] {
            let read = read(known.clone()).unwrap();
            assert_eq!(serde_json::to_value(read).unwrap(), known);
        }
        for wrong in [
            json!({"key": key, "hashes": ["SHA256"], "secret_key": "AQ=="}),
            json!({"key": key}),
            json!({"hashes": ["SHA256"]}),
        ] {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn raw_values_are_written_as_the_page_says() {
        let r = || Binary(vec![1]);
        let written = |values: RawValues| serde_json::to_value(values).unwrap();
        assert_eq!(written(RawValues::Rsa(r())), json!({"rsa": "AQ=="}));
        assert_eq!(written(RawValues::Eddsa(r())), json!({"eddsa": "AQ=="}));
        assert_eq!(
            written(RawValues::Ecdsa { r: r(), s: r() }),
            json!({"ecdsa": {"r": "AQ==", "s": "AQ=="}})
        );
    }
}
