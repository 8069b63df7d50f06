//! The keys of the suite: deliberately public, and the same every time.
//!
//! A key is made from its name alone: the random numbers that it needs come from a
//! generator that the name seeds. So everybody who builds the suite has the same keys,
//! byte for byte, and none has to be kept in a file. Their secret parts are no secret:
//! **never trust any of them**.
//!
//! [`Keys`] makes each one when it is first asked for. What there is stands in tables:
//! `plain` has those that are as they should be, and other files those of one defect each.

mod bindings;
mod kinds;
mod locked;
mod maker;
mod plain;
mod states;
mod strength;

use crate::craft::Key;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

pub use maker::{Made, Maker};

/// When keys are made, unless their story says otherwise: 2020-01-01 00:00:00 UTC.
pub const MADE: sifseal_core::Timestamp = sifseal_core::Timestamp(1_577_836_800);

/// When signatures are made by hand, unless a scenario says otherwise:
/// 2024-01-01 00:00:00 UTC.
pub const SIGNED: sifseal_core::Timestamp = sifseal_core::Timestamp(1_704_067_200);

/// In seconds.
pub const DAY: i64 = 86_400;

/// In seconds, without leap days.
pub const YEAR: i64 = 365 * DAY;

/// One line of a table of keys.
pub struct Entry {
    /// How scenarios call it.
    pub name: &'static str,
    /// What it is for, in a sentence.
    pub purpose: &'static str,
    /// The features that an implementation needs to use it.
    pub needs: &'static [&'static str],
    /// The features that an implementation needs beside to sign with it.
    pub sign_needs: &'static [&'static str],
    /// How it is made.
    pub make: fn(&Maker) -> Made,
}

/// A key with all that a scenario may need of it.
#[derive(Debug)]
pub struct SuiteKey {
    /// How scenarios call it.
    pub name: &'static str,
    /// What it is for, in a sentence.
    pub purpose: &'static str,
    /// The features that an implementation needs to use it.
    pub needs: &'static [&'static str],
    made: Made,
}

impl SuiteKey {
    /// The primary key.
    pub fn primary(&self) -> &Key {
        &self.made.primary
    }

    /// The key that signs images: a subkey if there is one for it.
    pub fn signing(&self) -> &Key {
        self.made.signing.as_ref().unwrap_or(&self.made.primary)
    }

    /// The certificate, without armor.
    pub fn certificate(&self) -> &[u8] {
        &self.made.certificate
    }

    /// The transferable secret key, without armor.
    pub fn secret(&self) -> &[u8] {
        &self.made.secret
    }

    /// What unlocks it, if it is locked.
    pub fn passphrase(&self) -> Option<&'static str> {
        self.made.passphrase
    }

    /// The fingerprint of the primary key, as upper-case digits.
    pub fn fingerprint(&self) -> String {
        self.primary().fingerprint().to_string()
    }
}

/// All keys of the suite, made when they are first needed.
#[derive(Debug, Default)]
pub struct Keys {
    made: Mutex<BTreeMap<&'static str, Arc<SuiteKey>>>,
}

impl Keys {
    /// Every entry of every table, in order.
    pub fn table() -> impl Iterator<Item = &'static Entry> {
        [
            plain::KEYS,
            kinds::KEYS,
            states::KEYS,
            bindings::KEYS,
            strength::KEYS,
            locked::KEYS,
        ]
        .into_iter()
        .flatten()
    }

    /// The entry of this name.
    pub fn entry(name: &str) -> Option<&'static Entry> {
        Self::table().find(|entry| entry.name == name)
    }

    /// The key of this name.
    pub fn get(&self, name: &str) -> Option<Arc<SuiteKey>> {
        let entry = Self::entry(name)?;
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let key = made.entry(entry.name).or_insert_with(|| {
            Arc::new(SuiteKey {
                name: entry.name,
                purpose: entry.purpose,
                needs: entry.needs,
                made: (entry.make)(&Maker::new(entry.name)),
            })
        });
        Some(Arc::clone(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_name_of_its_own() {
        let mut names: Vec<_> = Keys::table().map(|entry| entry.name).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn a_key_is_the_same_every_time() {
        let (one, other) = (Keys::default(), Keys::default());
        for name in ["ada", "percy"] {
            let (one, other) = (one.get(name).unwrap(), other.get(name).unwrap());
            assert_eq!(one.certificate(), other.certificate());
            assert_eq!(one.secret(), other.secret());
        }
    }
}
