//! A toy engine with an easy format of its own, so that the store is tested
//! without any OpenPGP library.
//!
//! A key is `\x01`, five digits of length, and a body `P|FINGERPRINT|item|item…`
//! (`S|…` for a secret one). Items are user IDs, or `secret=…` and
//! `locked` in a secret key. The length makes it behave as packets do: a torn
//! record swallows what comes after it. An armored block is the same in
//! hexadecimal between two lines. All else is junk.

use sifseal_core::openpgp::cleartext::CleartextMessage;
use sifseal_core::openpgp::{
    Certificate, CertificateFacts, Fingerprint, HashAlgorithm, Junk, Key, Keyring, Outline,
    Protection, PublicKey, PublicKeyAlgorithm, PublicValues, SignatureFacts, TransferableSecretKey,
};
use sifseal_core::traits::{Engine, EngineDescription, KeySpec, Signer};
use sifseal_core::{Context, Error, ErrorKind, Result, Secret, Timestamp};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

const BEGIN: &[u8] = b"-----BEGIN TOY-----\n";
const END: &[u8] = b"\n-----END TOY-----\n";

/// An engine for the toy format.
#[derive(Debug, Default)]
pub(crate) struct ToyEngine {
    /// Whether it sees no key any more, as if a change had harmed them.
    pub(crate) is_blind: AtomicBool,
    /// How often it was made to parse.
    pub(crate) times_read: AtomicUsize,
}

/// A fingerprint of twenty equal bytes.
pub(crate) fn fingerprint(byte: u8) -> Fingerprint {
    Fingerprint::V4([byte; 20])
}

/// The bytes of a certificate.
pub(crate) fn certificate(byte: u8, items: &[&str]) -> Vec<u8> {
    record('P', fingerprint(byte), items)
}

/// The bytes of a secret key.
pub(crate) fn secret_key(byte: u8, items: &[&str]) -> Vec<u8> {
    record('S', fingerprint(byte), items)
}

pub(crate) fn armored(keys: &[Vec<u8>]) -> Vec<u8> {
    [BEGIN, hex::encode(keys.concat()).as_bytes(), END].concat()
}

/// The one key in these bytes.
pub(crate) fn key(bytes: &[u8]) -> Key {
    parse_record(bytes).unwrap().0
}

fn record(kind: char, fingerprint: Fingerprint, items: &[&str]) -> Vec<u8> {
    let mut body = format!("{kind}|{fingerprint}");
    for item in items {
        body.push('|');
        body.push_str(item);
    }
    format!("\x01{:05}{body}", body.len()).into_bytes()
}

fn parse_record(bytes: &[u8]) -> Option<(Key, usize)> {
    let length: usize = std::str::from_utf8(bytes.strip_prefix(b"\x01")?.get(..5)?)
        .ok()?
        .parse()
        .ok()?;
    let whole = bytes.get(..6 + length)?;
    let body = std::str::from_utf8(&whole[6..]).ok()?;
    if body.contains('\x01') {
        return None;
    }
    let mut fields = body.split('|');
    let kind = fields.next()?;
    let outline = Outline {
        fingerprint: fields.next()?.parse().ok()?,
        created: Timestamp(0),
        algorithm: PublicKeyAlgorithm::EdDsaLegacy,
        bits: 256,
        subkeys: Vec::new(),
        user_ids: fields
            .clone()
            .filter(|item| !is_secret(item))
            .map(str::to_owned)
            .collect(),
    };
    let bytes = whole.to_vec();
    let key = if kind == "S" {
        let protection = if fields.any(|item| item == "locked") {
            Protection::Passphrase
        } else {
            Protection::Open
        };
        Key::Secret(TransferableSecretKey {
            outline,
            protection,
            bytes: Secret::new(bytes),
        })
    } else {
        Key::Certificate(Certificate { outline, bytes })
    };
    Some((key, whole.len()))
}

fn parse_armor(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let inner = bytes.strip_prefix(BEGIN)?;
    let end = inner.windows(END.len()).position(|window| window == END)?;
    let decoded = hex::decode(&inner[..end]).ok()?;
    Some((decoded, BEGIN.len() + end + END.len()))
}

/// As a packet parser does after a bad packet: where its length says that it
/// ends, or at the end of the file if it is torn.
fn junk_length(bytes: &[u8]) -> usize {
    let declared = bytes
        .strip_prefix(b"\x01")
        .and_then(|rest| std::str::from_utf8(rest.get(..5)?).ok()?.parse().ok());
    if let Some(length) = declared {
        return bytes.len().min(6 + usize::min(length, 99_999));
    }
    let starts = |at: &usize| bytes[*at] == 1 || bytes[*at..].starts_with(BEGIN);
    (1..bytes.len()).find(starts).unwrap_or(bytes.len())
}

fn is_secret(item: &str) -> bool {
    item.starts_with("secret=") || item == "locked"
}

fn items(key: &Key) -> Vec<String> {
    let bytes = match key {
        Key::Certificate(certificate) => certificate.bytes.as_slice(),
        Key::Secret(secret) => secret.bytes.expose(),
    };
    let text = String::from_utf8_lossy(bytes);
    text.split('|').skip(2).map(str::to_owned).collect()
}

fn build(kind: char, fingerprint: Fingerprint, items: &[String]) -> Key {
    let items: Vec<&str> = items.iter().map(String::as_str).collect();
    key(&record(kind, fingerprint, &items))
}

fn unsupported<T>() -> Result<T> {
    Err(Error::new(ErrorKind::Unsupported, "not in a toy"))
}

impl Engine for ToyEngine {
    fn describe(&self) -> EngineDescription {
        EngineDescription {
            name: "toy",
            library: "none".to_owned(),
            generates: &[],
            lacks: vec![],
        }
    }

    fn read_keys(&self, bytes: &[u8]) -> Keyring {
        self.times_read.fetch_add(1, Ordering::Relaxed);
        let mut ring = Keyring::default();
        if self.is_blind.load(Ordering::Relaxed) {
            return ring;
        }
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            let length = if let Some((key, length)) = parse_record(rest) {
                ring.keys.push(key);
                length
            } else if let Some((decoded, length)) = parse_armor(rest) {
                ring.keys.extend(self.read_keys(&decoded).keys);
                length
            } else {
                let length = junk_length(rest);
                ring.junk.push(Junk {
                    offset: at,
                    bytes: rest[..length].to_vec(),
                    what: "no toy".to_owned(),
                });
                length
            };
            at += length;
        }
        ring
    }

    fn certificate_of(&self, key: &TransferableSecretKey) -> Result<Certificate> {
        let mut items = items(&Key::Secret(key.clone()));
        items.retain(|item| !is_secret(item));
        match build('P', key.fingerprint(), &items) {
            Key::Certificate(certificate) => Ok(certificate),
            Key::Secret(_) => unsupported(),
        }
    }

    /// Two user IDs `clash` stand for copies that contradict each other.
    fn merge(&self, older: &Key, newer: &Key) -> Result<Key> {
        let (mut merged, new) = (items(older), items(newer));
        let clashes = |items: &[String]| items.iter().any(|item| item == "clash");
        if older.fingerprint() != newer.fingerprint() || clashes(&merged) && clashes(&new) {
            return Err(Error::new(ErrorKind::Malformed, "not the same key"));
        }
        if new.iter().any(|item| is_secret(item)) {
            merged.retain(|item| !is_secret(item));
        }
        for item in new {
            if !merged.contains(&item) {
                merged.push(item);
            }
        }
        let kind = match (older, newer) {
            (Key::Certificate(_), Key::Certificate(_)) => 'P',
            _ => 'S',
        };
        Ok(build(kind, older.fingerprint(), &merged))
    }

    fn certificate_facts(&self, _certificate: &Certificate) -> Result<CertificateFacts> {
        unsupported()
    }

    fn own_statements(&self, _certificate: &Certificate) -> Result<Certificate> {
        unsupported()
    }

    fn armor(&self, _key: &Key) -> Result<Secret> {
        unsupported()
    }

    fn generate(
        &self,
        _cx: &Context<'_>,
        _spec: &KeySpec,
        _passphrase: Option<&Secret>,
    ) -> Result<TransferableSecretKey> {
        unsupported()
    }

    fn relock(
        &self,
        _key: &TransferableSecretKey,
        _old: Option<&Secret>,
        _new: Option<&Secret>,
    ) -> Result<TransferableSecretKey> {
        unsupported()
    }

    fn unlock(
        &self,
        _key: &TransferableSecretKey,
        _which: &Fingerprint,
        _passphrase: Option<&Secret>,
    ) -> Result<Box<dyn Signer>> {
        unsupported()
    }

    fn public_key(&self, _values: &PublicValues, _created: Timestamp) -> Result<PublicKey> {
        unsupported()
    }

    fn certify(
        &self,
        _cx: &Context<'_>,
        _signer: &dyn Signer,
        _user_id: &str,
    ) -> Result<Certificate> {
        unsupported()
    }

    fn clearsign(
        &self,
        _cx: &Context<'_>,
        _signer: &dyn Signer,
        _hash: HashAlgorithm,
        _text: &str,
    ) -> Result<String> {
        unsupported()
    }

    fn signature_facts(
        &self,
        _message: &CleartextMessage,
        _certificates: &[&Certificate],
    ) -> Result<Vec<SignatureFacts>> {
        unsupported()
    }
}
