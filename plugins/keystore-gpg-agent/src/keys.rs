//! A key as `gpg` lists it, and which part of it signs.

use sifseal_plugin_sdk::openpgp::{
    Certificate, Fingerprint, HashAlgorithm, Outline, Protection, PublicKeyAlgorithm,
};
use sifseal_plugin_sdk::{Error, ErrorKind, Timestamp};
use std::cmp::Reverse;
use std::fmt;

/// The name by which gpg-agent knows a key pair: a digest over its public numbers, the
/// same for all protocols.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Keygrip([u8; 20]);

impl Keygrip {
    /// Reads 40 hexadecimal digits.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut bytes = [0; 20];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }
}

impl fmt::Display for Keygrip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode_upper(self.0))
    }
}

/// Where the secret of a key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// `gpg` does not know.
    Nowhere,
    /// gpg-agent has it.
    Agent,
    /// On the smart card with this serial number.
    Card(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nowhere => f.write_str("nowhere"),
            Self::Agent => f.write_str("gpg-agent"),
            Self::Card(serial) => write!(f, "smart card {serial}"),
        }
    }
}

/// A certificate as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListedKey {
    /// The primary key; then the subkeys, in the order of the packets.
    pub(crate) primary: KeyPair,
    pub(crate) subkeys: Vec<KeyPair>,
    pub(crate) user_ids: Vec<String>,
}

/// A primary key or a subkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyPair {
    pub(crate) fingerprint: Fingerprint,
    pub(crate) keygrip: Option<Keygrip>,
    pub(crate) algorithm: PublicKeyAlgorithm,
    pub(crate) bits: u32,
    pub(crate) created: Timestamp,
    /// False if `gpg` calls it revoked, expired or not valid.
    pub(crate) holds: bool,
    /// It may sign data.
    pub(crate) signs: bool,
    pub(crate) secret: Place,
}

impl ListedKey {
    /// Primary key and subkeys.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = &KeyPair> {
        std::iter::once(&self.primary).chain(&self.subkeys)
    }

    /// What can be read off it.
    pub(crate) fn outline(&self) -> Outline {
        Outline {
            fingerprint: self.primary.fingerprint,
            created: self.primary.created,
            algorithm: self.primary.algorithm.clone(),
            bits: self.primary.bits,
            subkeys: self.subkeys.iter().map(|pair| pair.fingerprint).collect(),
            user_ids: self.user_ids.clone(),
        }
    }

    /// The certificate with these bytes.
    pub(crate) fn certificate(&self, bytes: Vec<u8>) -> Certificate {
        Certificate {
            outline: self.outline(),
            bytes,
        }
    }

    /// Where the secret is that would sign; `NoSecret` if none could.
    pub(crate) fn protection(&self, preferred: &[Fingerprint]) -> Protection {
        match self.signing_pair(preferred) {
            Some(pair) => Protection::Elsewhere(pair.secret.to_string()),
            None => Protection::NoSecret,
        }
    }

    /// The part that signs: the most preferred one; otherwise the one that `gpg` would
    /// take, the newest subkey before the primary key, one that holds before all others.
    pub(crate) fn signing_pair(&self, preferred: &[Fingerprint]) -> Option<&KeyPair> {
        let able = self
            .pairs()
            .filter(|pair| pair.signs && pair.secret != Place::Nowhere);
        let primary = self.primary.fingerprint;
        able.min_by_key(|pair| {
            let wish = preferred.iter().position(|own| *own == pair.fingerprint);
            (
                wish.unwrap_or(usize::MAX),
                !pair.holds,
                pair.fingerprint == primary,
                Reverse(pair.created),
            )
        })
    }
}

/// The kinds of keys that can be signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SigningAlgorithm {
    /// RSA, with the length of its modulus in bytes.
    Rsa(usize),
    /// ECDSA, with the length of its numbers in bytes.
    Ecdsa(usize),
    /// Ed25519.
    Ed25519,
}

impl SigningAlgorithm {
    /// The kind of a key.
    ///
    /// # Errors
    /// `Unsupported` for keys of which a signature has no form in the framework.
    pub(crate) fn of(pair: &KeyPair) -> Result<Self, Error> {
        let bytes = (pair.bits as usize).div_ceil(8);
        match &pair.algorithm {
            PublicKeyAlgorithm::Rsa => Ok(Self::Rsa(bytes)),
            PublicKeyAlgorithm::Ecdsa(_) => Ok(Self::Ecdsa(bytes)),
            PublicKeyAlgorithm::EdDsaLegacy | PublicKeyAlgorithm::Ed25519 => Ok(Self::Ed25519),
            other => {
                let what = format!("key {} is for {other}", pair.fingerprint);
                Err(Error::new(ErrorKind::Unsupported, what)
                    .hint("keys for RSA, ECDSA and Ed25519 can sign images"))
            }
        }
    }

    /// The hashes that gpg-agent signs with such a key and that are good enough, the
    /// usual one first. For ECDSA it wants one that is as long as the curve's numbers,
    /// SHA-512 being long enough for P-521.
    pub(crate) fn hashes(self) -> &'static [HashAlgorithm] {
        use HashAlgorithm::{Sha256, Sha384, Sha512};
        match self {
            Self::Ecdsa(49..) => &[Sha512],
            Self::Ecdsa(33..) => &[Sha384, Sha512],
            _ => &[Sha256, Sha384, Sha512],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFLINE: Place = Place::Nowhere;
    const AGENT: Place = Place::Agent;

    /// A key that signs, made at a time that is also its name.
    fn pair(created: u8, secret: Place) -> KeyPair {
        KeyPair {
            fingerprint: Fingerprint::V4([created; 20]),
            keygrip: None,
            algorithm: PublicKeyAlgorithm::EdDsaLegacy,
            bits: 255,
            created: Timestamp(i64::from(created)),
            holds: true,
            signs: true,
            secret,
        }
    }

    fn key(primary: KeyPair, subkeys: Vec<KeyPair>) -> ListedKey {
        ListedKey {
            primary,
            subkeys,
            user_ids: Vec::new(),
        }
    }

    fn chosen(key: &ListedKey, preferred: &[u8]) -> Option<i64> {
        let preferred: Vec<_> = preferred
            .iter()
            .map(|name| Fingerprint::V4([*name; 20]))
            .collect();
        key.signing_pair(&preferred).map(|pair| pair.created.0)
    }

    #[test]
    fn the_newest_subkey_with_a_secret_signs_as_with_gpg() {
        let subkeys = vec![pair(2, AGENT), pair(4, AGENT), pair(3, AGENT)];
        assert_eq!(chosen(&key(pair(1, AGENT), subkeys), &[]), Some(4));
        assert_eq!(chosen(&key(pair(1, AGENT), vec![]), &[]), Some(1));
        let away = vec![pair(2, AGENT), pair(4, OFFLINE)];
        assert_eq!(chosen(&key(pair(1, AGENT), away), &[]), Some(2));
        assert_eq!(chosen(&key(pair(1, OFFLINE), vec![]), &[]), None);
    }

    #[test]
    fn what_has_expired_or_does_not_sign_stands_back() {
        let mut expired = pair(4, AGENT);
        expired.holds = false;
        let mut encrypts = pair(5, AGENT);
        encrypts.signs = false;
        let subkeys = vec![expired.clone(), encrypts.clone()];
        assert_eq!(chosen(&key(pair(1, AGENT), subkeys), &[]), Some(1));
        // Whether that is allowed is not ours to say.
        let only = key(encrypts, vec![expired]);
        assert_eq!(chosen(&only, &[]), Some(4));
    }

    #[test]
    fn a_person_chooses_among_those_that_can_sign() {
        let card = |name| pair(name, Place::Card(format!("D{name}")));
        let key = key(pair(1, OFFLINE), vec![card(2), card(3)]);
        assert_eq!(chosen(&key, &[]), Some(3));
        assert_eq!(chosen(&key, &[2]), Some(2));
        assert_eq!(chosen(&key, &[1, 9]), Some(3));
        let expected = Protection::Elsewhere("smart card D2".to_owned());
        assert_eq!(key.protection(&[Fingerprint::V4([2; 20])]), expected);
    }

    #[test]
    fn a_key_takes_hashes_that_are_as_long_as_its_numbers() {
        use HashAlgorithm::{Sha256, Sha384, Sha512};
        let hashes = |bits: usize| SigningAlgorithm::Ecdsa(bits.div_ceil(8)).hashes();
        assert_eq!(hashes(256), [Sha256, Sha384, Sha512]);
        assert_eq!(hashes(384), [Sha384, Sha512]);
        assert_eq!(hashes(521), [Sha512]);
        assert_eq!(SigningAlgorithm::Rsa(256).hashes().len(), 3);
    }

    #[test]
    fn a_keygrip_is_forty_digits_and_nothing_else() {
        let text = "7C0E92F394DC77B94E1C085A8250789C1FBBE9A3";
        assert_eq!(Keygrip::read(text).unwrap().to_string(), text);
        for wrong in ["", "7C", "7C0E92F394DC77B94E1C085A8250789C1FBBE9A3\n", "x"] {
            assert_eq!(Keygrip::read(wrong), None);
        }
    }
}
