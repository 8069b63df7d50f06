//! Small helpers: an engine under test, keys that are made once, readings that must
//! succeed.

use sifseal_conformance_tests::{engines, pairs, workshop};
use sifseal_core::openpgp::cleartext;
use sifseal_core::openpgp::framing::Packet;
use sifseal_core::openpgp::{
    Certificate, CertificateFacts, Fingerprint, HashAlgorithm, Key, Keyring, Maths, SignatureFacts,
    TransferableSecretKey,
};
use sifseal_core::traits::{Engine, KeyAlgorithm, KeySpec, Signer};
use sifseal_core::{Context, Secret, Timestamp};
use std::collections::HashMap;
use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

pub(crate) const NOW: Timestamp = Timestamp(1_700_000_000);

/// The circumstances of every test: a fixed time, nobody to ask.
pub(crate) fn cx() -> Context<'static> {
    workshop::at(NOW)
}

pub(crate) fn secret(text: &str) -> Secret {
    Secret::from(text.to_owned())
}

pub(crate) fn spec(algorithm: KeyAlgorithm) -> KeySpec {
    KeySpec {
        user_id: "Ada (test) <ada@example.com>".to_owned(),
        algorithm,
        expires_after: None,
    }
}

/// An engine, with the steps that tests share.
#[derive(Debug)]
pub(crate) struct Subject(Arc<dyn Engine>);

/// Every engine.
pub(crate) fn subjects() -> impl Iterator<Item = Subject> {
    engines().into_iter().map(Subject)
}

/// Every pair of a maker and a reader, also each engine with itself.
pub(crate) fn makers_and_readers() -> impl Iterator<Item = (Subject, Subject)> {
    pairs()
        .into_iter()
        .map(|(maker, reader)| (Subject(maker), Subject(reader)))
}

impl Deref for Subject {
    type Target = dyn Engine;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl Subject {
    pub(crate) fn name(&self) -> &'static str {
        self.describe().name
    }

    /// A fresh Ed25519 key, open.
    pub(crate) fn ed25519(&self) -> TransferableSecretKey {
        self.generate(&cx(), &spec(KeyAlgorithm::Ed25519), None)
            .unwrap()
    }

    /// The one RSA key that this engine makes in this program, open: making one is
    /// slow.
    pub(crate) fn rsa(&self) -> TransferableSecretKey {
        static KEYS: LazyLock<Mutex<HashMap<&'static str, TransferableSecretKey>>> =
            LazyLock::new(Mutex::default);
        let mut keys = KEYS.lock().unwrap();
        let key = keys.entry(self.name()).or_insert_with(|| self.fresh_rsa());
        key.clone()
    }

    pub(crate) fn fresh_rsa(&self) -> TransferableSecretKey {
        self.generate(&cx(), &spec(KeyAlgorithm::Rsa(2048)), None)
            .unwrap()
    }

    /// One key of each kind that it makes.
    pub(crate) fn keys(&self) -> [TransferableSecretKey; 2] {
        [self.ed25519(), self.rsa()]
    }

    pub(crate) fn certificate(&self, key: &TransferableSecretKey) -> Certificate {
        self.certificate_of(key).unwrap()
    }

    pub(crate) fn facts(&self, certificate: &Certificate) -> CertificateFacts {
        self.certificate_facts(certificate).unwrap()
    }

    pub(crate) fn signer(&self, key: &TransferableSecretKey) -> Box<dyn Signer> {
        self.unlock(key, &key.fingerprint(), None).unwrap()
    }

    /// A message by an open key, with the first hash that it takes.
    pub(crate) fn message(&self, key: &TransferableSecretKey, text: &str) -> String {
        self.message_by(self.signer(key).as_ref(), text)
    }

    /// A message by a signer, with the first hash that it takes.
    pub(crate) fn message_by(&self, signer: &dyn Signer, text: &str) -> String {
        let hash = signer.accepted_hashes()[0];
        self.message_with(signer, hash, text)
    }

    pub(crate) fn message_with(
        &self,
        signer: &dyn Signer,
        hash: HashAlgorithm,
        text: &str,
    ) -> String {
        self.clearsign(&cx(), signer, hash, text).unwrap()
    }

    pub(crate) fn signatures(
        &self,
        message: &str,
        certificates: &[&Certificate],
    ) -> Vec<SignatureFacts> {
        let message = cleartext::read(message.as_bytes()).unwrap();
        self.signature_facts(&message, certificates).unwrap()
    }

    /// What became of the only trial of the only signature.
    pub(crate) fn only_trial(
        &self,
        message: &str,
        certificate: &Certificate,
    ) -> (Fingerprint, Maths) {
        let facts = self.signatures(message, &[certificate]);
        assert_eq!(facts.len(), 1, "one signature");
        assert_eq!(facts[0].trials.len(), 1, "one key answers");
        let trial = &facts[0].trials[0];
        (trial.key, trial.maths.clone())
    }

    /// The only key in these bytes, without any junk.
    pub(crate) fn only_key(&self, bytes: &[u8]) -> Key {
        let ring = self.clean_ring(bytes);
        assert_eq!(ring.keys.len(), 1, "one key");
        ring.keys.into_iter().next().unwrap()
    }

    pub(crate) fn only_certificate(&self, bytes: &[u8]) -> Certificate {
        match self.only_key(bytes) {
            Key::Certificate(certificate) => certificate,
            Key::Secret(_) => panic!("a certificate was expected"),
        }
    }

    pub(crate) fn only_secret_key(&self, bytes: &[u8]) -> TransferableSecretKey {
        match self.only_key(bytes) {
            Key::Secret(key) => key,
            Key::Certificate(_) => panic!("a secret key was expected"),
        }
    }

    pub(crate) fn clean_ring(&self, bytes: &[u8]) -> Keyring {
        let ring = self.read_keys(bytes);
        assert!(ring.junk.is_empty(), "no junk: {:?}", ring.junk);
        ring
    }
}

/// The packets in these bytes.
pub(crate) fn packets(mut bytes: &[u8]) -> impl Iterator<Item = Packet<'_>> {
    std::iter::from_fn(move || {
        let packet = Packet::first(bytes)?;
        bytes = &bytes[packet.raw.len()..];
        Some(packet)
    })
}

/// What every engine answers to a question, the same from all.
pub(crate) fn agreed<T: PartialEq + std::fmt::Debug>(ask: impl Fn(&Subject) -> T) -> T {
    let mut subjects = subjects();
    let first = subjects.next().unwrap();
    let answer = ask(&first);
    for other in subjects {
        assert_eq!(answer, ask(&other), "{} and {}", first.name(), other.name());
    }
    answer
}

/// The keys and the junk in these bytes, on which all engines agree.
pub(crate) fn agreed_ring(bytes: &[u8]) -> Keyring {
    agreed(|engine| engine.read_keys(bytes))
}

/// The facts about a certificate, on which all engines agree.
pub(crate) fn agreed_facts(certificate: &Certificate) -> CertificateFacts {
    agreed(|engine| engine.facts(certificate))
}

/// The only key in these bytes, without any junk, for all engines.
pub(crate) fn agreed_certificate(bytes: &[u8]) -> Certificate {
    agreed(|engine| engine.only_certificate(bytes))
}

/// Engines take turns at making what all of them are asked about.
pub(crate) fn some_engine() -> Subject {
    static TURN: AtomicUsize = AtomicUsize::new(0);
    let turn = TURN.fetch_add(1, Ordering::Relaxed);
    subjects().nth(turn % engines().len()).unwrap()
}

/// A fresh Ed25519 key of some engine, open.
pub(crate) fn ed25519() -> TransferableSecretKey {
    some_engine().ed25519()
}

/// An RSA key of some engine, open.
pub(crate) fn rsa() -> TransferableSecretKey {
    some_engine().rsa()
}

pub(crate) fn certificate(key: &TransferableSecretKey) -> Certificate {
    agreed(|engine| engine.certificate(key))
}

/// Numbers that look random and are the same in every run (SplitMix64).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % limit as u64) as usize
    }
}
