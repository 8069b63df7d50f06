//! The facts about signatures: what their fields say, and what the mathematics say.

use crate::names;
use crate::packets::{Frame, KeyTree, tag};
use pgp::armor::Dearmor;
use pgp::crypto::public_key::PublicKeyAlgorithm as RpgpAlgorithm;
use pgp::errors::Error as RpgpError;
use pgp::packet::{
    Packet, PacketParser, PacketTrait as _, PublicKey, PublicSubkey, Signature, SignatureType,
    Subpacket, SubpacketData,
};
use pgp::types::{KeyDetails, VerifyingKey};
use sifseal_core::openpgp::cleartext::CleartextMessage;
use sifseal_core::openpgp::{Certificate, Fingerprint, KeyHandle, Maths, SignatureFacts, Trial};
use sifseal_core::{Error, ErrorKind, Result};
use std::io::Read;

/// Notations that may be critical: random salt, as the Go library and Sequoia add it.
/// They demand nothing of a reader.
const HARMLESS_NOTATIONS: [&[u8]; 2] = [
    b"salt@notations.openpgpjs.org",
    b"salt@notations.sequoia-pgp.org",
];

/// The facts about every signature in a message's signature block.
pub(crate) fn facts(
    message: &CleartextMessage<'_>,
    certificates: &[&Certificate],
) -> Result<Vec<SignatureFacts>> {
    let mut bytes = Vec::new();
    Dearmor::new(message.signature.as_bytes())
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(&error.to_string()))?;
    let signatures = PacketParser::new(&bytes[..])
        .map(|packet| match packet {
            Ok(Packet::Signature(signature)) => Ok(signature),
            Ok(other) => Err(unreadable(&format!("{:?} among them", other.tag()))),
            Err(error) => Err(unreadable(&error.to_string())),
        })
        .collect::<Result<Vec<_>>>()?;
    if signatures.is_empty() {
        return Err(unreadable("there is none"));
    }
    let keys = certificates
        .iter()
        .flat_map(|certificate| keys_of(certificate))
        .collect::<Vec<_>>();
    signatures
        .iter()
        .map(|signature| facts_of(signature, message, &keys))
        .collect()
}

fn unreadable(what: &str) -> Error {
    Error::new(
        ErrorKind::Malformed,
        format!("the OpenPGP signatures cannot be read: {what}"),
    )
}

fn facts_of(
    signature: &Signature,
    message: &CleartextMessage<'_>,
    keys: &[CandidateKey],
) -> Result<SignatureFacts> {
    let fields = Fields::of(signature)
        .ok_or_else(|| unreadable(&format!("version {:?}", signature.version())))?;
    let issuers = issuers(signature);
    let text = message.hashed_text();
    let trials = keys
        .iter()
        .filter(|key| issuers.iter().any(|issuer| issuer.matches(&key.own)))
        .map(|key| Trial {
            certificate: key.certificate,
            key: key.own,
            maths: key.verify(signature, &text),
        })
        .collect();
    Ok(SignatureFacts {
        version: signature.version().into(),
        kind: fields.kind,
        hash: fields.hash,
        created: fields.created,
        expires_after: fields.expires_after,
        issuers,
        unknown_critical: fields.unknown_critical,
        trials,
    })
}

/// A key that may have made a signature.
struct CandidateKey {
    certificate: Fingerprint,
    own: Fingerprint,
    key: AnyKey,
}

enum AnyKey {
    Primary(PublicKey),
    Subkey(PublicSubkey),
}

impl CandidateKey {
    fn verify(&self, signature: &Signature, text: &[u8]) -> Maths {
        match &self.key {
            AnyKey::Primary(key) => maths(signature, key, || signature.verify(key, text)),
            AnyKey::Subkey(key) => maths(signature, key, || signature.verify(key, text)),
        }
    }
}

/// The keys of a certificate, as far as they can be read.
fn keys_of(certificate: &Certificate) -> Vec<CandidateKey> {
    let Ok(tree) = KeyTree::read(&certificate.bytes) else {
        return vec![];
    };
    std::iter::once(tree.primary)
        .chain(tree.parts.into_iter().map(|part| part.packet))
        .filter(|frame: &Frame<'_>| matches!(frame.tag, tag::PUBLIC_KEY | tag::PUBLIC_SUBKEY))
        .filter_map(|frame| match frame.parse().ok()? {
            Packet::PublicKey(key) => Some(AnyKey::Primary(key)),
            Packet::PublicSubkey(key) => Some(AnyKey::Subkey(key)),
            _ => None,
        })
        .filter_map(|key| {
            let own = match &key {
                AnyKey::Primary(key) => names::fingerprint(&key.fingerprint()),
                AnyKey::Subkey(key) => names::fingerprint(&key.fingerprint()),
            }?;
            Some(CandidateKey {
                certificate: certificate.fingerprint(),
                own,
                key,
            })
        })
        .collect()
}

/// Runs one verification of rPGP's and says what came of it. What rPGP refuses
/// without computing is not called bad.
pub(crate) fn maths(
    signature: &Signature,
    key: &impl VerifyingKey,
    verify: impl FnOnce() -> pgp::errors::Result<()>,
) -> Maths {
    if let Some(what) = not_computed(signature, key) {
        return Maths::Unsupported(what);
    }
    match verify() {
        Ok(()) => Maths::Good,
        Err(error @ (RpgpError::Unsupported { .. } | RpgpError::Unimplemented { .. })) => {
            Maths::Unsupported(error.to_string())
        }
        Err(_) => Maths::Bad,
    }
}

/// What rPGP refuses on grounds of its own: it computes no Ed25519 signature over a
/// digest of less than 256 bits, and no hash that it does not know.
fn not_computed(signature: &Signature, key: &impl KeyDetails) -> Option<String> {
    let hash = signature.hash_alg()?;
    let Some(length) = hash.digest_size() else {
        return Some(format!("hash algorithm {}", u8::from(hash)));
    };
    let least = match key.algorithm() {
        RpgpAlgorithm::EdDSALegacy | RpgpAlgorithm::Ed25519 => 32,
        RpgpAlgorithm::Ed448 => 64,
        _ => 0,
    };
    (length < least).then(|| format!("{:?} with {}", key.algorithm(), names::hash(hash)))
}

/// The fields of a signature that everyone needs. Only the hashed area counts:
/// anybody can add to the other one.
pub(crate) struct Fields {
    pub(crate) kind: u8,
    pub(crate) hash: sifseal_core::openpgp::HashAlgorithm,
    pub(crate) created: Option<sifseal_core::Timestamp>,
    pub(crate) expires_after: Option<u32>,
    pub(crate) unknown_critical: Vec<String>,
}

impl Fields {
    /// `None` for versions that rPGP does not read.
    pub(crate) fn of(signature: &Signature) -> Option<Self> {
        let config = signature.config()?;
        let expires_after = hashed(signature).find_map(|subpacket| match &subpacket.data {
            SubpacketData::SignatureExpirationTime(after) => Some(after.as_secs()),
            _ => None,
        });
        Some(Self {
            kind: config.typ.into(),
            hash: names::hash(config.hash_alg),
            created: config.created().map(names::time),
            expires_after: never_if_zero(expires_after),
            unknown_critical: hashed(signature)
                .filter(|subpacket| subpacket.is_critical)
                .filter_map(|subpacket| not_understood(&subpacket.data))
                .collect(),
        })
    }
}

/// The subpackets of the hashed area.
pub(crate) fn hashed(signature: &Signature) -> impl Iterator<Item = &Subpacket> {
    signature
        .config()
        .into_iter()
        .flat_map(|config| config.hashed_subpackets())
}

/// A lifetime of zero seconds means one without end (RFC 9580, section 5.2.3.18).
pub(crate) fn never_if_zero(seconds: Option<u32>) -> Option<u32> {
    seconds.filter(|seconds| *seconds != 0)
}

/// Names what a critical subpacket demands, if nobody here understands it.
fn not_understood(data: &SubpacketData) -> Option<String> {
    match data {
        SubpacketData::Notation(notation) => {
            let known = HARMLESS_NOTATIONS.contains(&&notation.name[..]);
            (!known).then(|| format!("notation {}", String::from_utf8_lossy(&notation.name)))
        }
        SubpacketData::Experimental(number, _) | SubpacketData::Other(number, _) => {
            Some(format!("subpacket {number}"))
        }
        _ => None,
    }
}

/// Everyone whom a signature names as its maker, hashed area first.
pub(crate) fn issuers(signature: &Signature) -> Vec<KeyHandle> {
    let Some(config) = signature.config() else {
        return vec![];
    };
    let mut issuers: Vec<_> = config
        .hashed_subpackets()
        .chain(config.unhashed_subpackets())
        .filter_map(|subpacket| match &subpacket.data {
            SubpacketData::IssuerFingerprint(fingerprint) => {
                names::fingerprint(fingerprint).map(KeyHandle::Fingerprint)
            }
            SubpacketData::IssuerKeyId(id) => Some(names::key_id(id)),
            _ => None,
        })
        .collect();
    if issuers.is_empty() {
        // Versions 2 and 3 have the key ID in a field of its own.
        issuers.extend(signature.issuer_key_id().into_iter().map(names::key_id));
    }
    issuers
}

/// The type as a number is what reports and the policy use.
pub(crate) fn is(signature: &Signature, kind: SignatureType) -> bool {
    signature.typ() == Some(kind)
}
