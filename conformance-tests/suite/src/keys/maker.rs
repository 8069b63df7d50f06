//! Making keys that are the same every time.

use super::MADE;
use crate::craft::{CertificateDraft, Hand, HandKind, Key};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use sha2::{Digest, Sha256};
use sifseal_core::Timestamp;

/// Makes the private keys of one key of the suite.
#[derive(Debug, Clone, Copy)]
pub struct Maker {
    name: &'static str,
}

/// What was made.
#[derive(Debug)]
pub struct Made {
    /// The primary key.
    pub primary: Key,
    /// The subkey that signs images, if the primary key does not.
    pub signing: Option<Key>,
    /// The certificate, without armor.
    pub certificate: Vec<u8>,
    /// The transferable secret key, without armor.
    pub secret: Vec<u8>,
    /// What unlocks it.
    pub passphrase: Option<&'static str>,
}

impl Maker {
    /// For the key of this name.
    pub fn new(name: &'static str) -> Self {
        Self { name }
    }

    /// A version 4 key made at [`MADE`]; `part` tells the keys of one certificate apart.
    pub fn key(&self, part: &str, kind: HandKind) -> Key {
        self.key_of(part, kind, MADE)
    }

    /// A version 4 key made then.
    pub fn key_of(&self, part: &str, kind: HandKind, made: Timestamp) -> Key {
        Key::new(made, self.hand(part, kind))
    }

    /// A version 6 key made at [`MADE`].
    pub fn version6(&self, part: &str, kind: HandKind) -> Key {
        Key::version6(MADE, self.hand(part, kind))
    }

    /// A private key.
    pub fn hand(&self, part: &str, kind: HandKind) -> Hand {
        Hand::of_kind(kind, &mut self.rng(part))
    }

    /// The random numbers for a part of the key. The seed is a digest of the names: it must
    /// stay as it is, or every key of the suite becomes another.
    pub fn rng(&self, part: &str) -> ChaCha20Rng {
        let mut seed = Sha256::new();
        for text in ["sifseal conformance key", self.name, part] {
            seed.update((text.len() as u64).to_be_bytes());
            seed.update(text);
        }
        ChaCha20Rng::from_seed(seed.finalize().into())
    }

    /// A certificate as it usually is: one user ID, certified by a key that certifies and
    /// signs.
    pub fn ordinary(&self, kind: HandKind) -> Made {
        let primary = self.key("primary", kind);
        let user_id = self.user_id();
        let draft = CertificateDraft::of(&primary).user_id(&user_id, &primary.certifies(MADE));
        Made::of(&primary, None, &draft)
    }

    /// The user ID, made from the name.
    pub fn user_id(&self) -> String {
        format!("{0} (test key, do not trust) <{0}@example.org>", self.name)
    }
}

impl Made {
    /// What a draft says, not locked.
    pub fn of(primary: &Key, signing: Option<&Key>, draft: &CertificateDraft<'_>) -> Self {
        Self {
            primary: primary.clone(),
            signing: signing.cloned(),
            certificate: draft.bytes(),
            secret: draft.secret_bytes(),
            passphrase: None,
        }
    }
}
