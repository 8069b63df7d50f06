//! Bytes in JSON: base64 with padding (RFC 4648, section 4).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sifseal_core::Secret;
use zeroize::Zeroizing;

/// Bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Binary(pub Vec<u8>);

impl From<&[u8]> for Binary {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl From<Vec<u8>> for Binary {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl Serialize for Binary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Binary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = STANDARD.decode(text).map_err(serde::de::Error::custom)?;
        Ok(Self(bytes))
    }
}

/// Bytes that must not leak, a passphrase or a secret key; also base64. They are wiped
/// when dropped, and `Debug` does not show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretText(pub Secret);

impl Serialize for SecretText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = Zeroizing::new(STANDARD.encode(self.0.expose()));
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        // The decoder's own words would quote the secret's byte.
        let bytes = STANDARD.decode(text.as_bytes());
        let bytes = bytes.map_err(|_| serde::de::Error::custom("a secret is not base64"))?;
        Ok(Self(Secret::new(bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_with_padding_and_nothing_else_is_read() {
        let text = serde_json::to_string(&Binary(vec![255, 254])).unwrap();
        assert_eq!(text, "\"//4=\"");
        assert_eq!(
            serde_json::from_str::<Binary>(&text).unwrap(),
            Binary(vec![255, 254])
        );
        for wrong in ["\"//4\"", "\"__4=\"", "\"//4=\\n\"", "3"] {
            assert!(serde_json::from_str::<Binary>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_secret_is_in_no_error_and_no_debug_output() {
        let secret: SecretText = serde_json::from_str("\"aHVudGVyMg==\"").unwrap();
        assert_eq!(secret.0.expose(), b"hunter2");
        assert!(!format!("{secret:?}").contains("hunter2"));
        let error = serde_json::from_str::<SecretText>("\"hunter2!\"").unwrap_err();
        assert!(!error.to_string().contains("hunter2"));
    }
}
