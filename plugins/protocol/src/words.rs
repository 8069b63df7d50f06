//! Core's words as they stand in messages: a fingerprint is its hexadecimal digits, a
//! hash algorithm the name that OpenPGP gives it in a `Hash` header.

/// A [`Fingerprint`](sifseal_core::openpgp::Fingerprint): 40 or 64 digits.
pub mod fingerprint {
    use serde::{Deserialize, Deserializer, Serializer};
    use sifseal_core::openpgp::Fingerprint;

    /// For serde.
    ///
    /// # Errors
    /// What the serializer says.
    pub fn serialize<S: Serializer>(own: &Fingerprint, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(own)
    }

    /// For serde.
    ///
    /// # Errors
    /// It is no fingerprint.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Fingerprint, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A [`HashAlgorithm`](sifseal_core::openpgp::HashAlgorithm): `SHA256`, say.
pub mod hash {
    use serde::{Deserialize, Deserializer, Serializer};
    use sifseal_core::openpgp::HashAlgorithm;

    /// For serde.
    ///
    /// # Errors
    /// What the serializer says.
    pub fn serialize<S: Serializer>(own: &HashAlgorithm, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(own)
    }

    /// For serde.
    ///
    /// # Errors
    /// It is no name of one.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<HashAlgorithm, D::Error> {
        let text = String::deserialize(from)?;
        let unknown = |()| serde::de::Error::custom(format!("`{text}` is no hash algorithm"));
        text.parse().map_err(unknown)
    }
}
