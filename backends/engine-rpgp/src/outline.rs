//! What can be read off a key without checking any signature.

use crate::names;
use crate::packets::{Frame, KeyTree, framed, malformed, tag};
use pgp::packet::Packet;
use pgp::ser::Serialize;
use pgp::types::{
    EcdsaPublicParams, KeyDetails, PublicParams, S2kParams, SecretParams, StringToKey,
};
use sifseal_core::openpgp::{
    Certificate, Fingerprint, Key, Outline, Protection, TransferableSecretKey,
};
use sifseal_core::{Result, Secret};

/// GnuPG's private S2K number: the secret part is not here (a card's stub).
const GNU_EXTENSION: u8 = 101;

/// The key in these bytes, which hold exactly one.
pub(crate) fn read_key(bytes: &[u8]) -> Result<Key> {
    let tree = KeyTree::read(bytes)?;
    let outline = outline(&tree)?;
    if tree.primary.tag == tag::PUBLIC_KEY {
        return Ok(Key::Certificate(Certificate {
            outline,
            bytes: bytes.to_vec(),
        }));
    }
    Ok(Key::Secret(TransferableSecretKey {
        protection: protection(&tree)?,
        outline,
        bytes: Secret::new(bytes.to_vec()),
    }))
}

/// What can be read off the packets of one key.
pub(crate) fn outline(tree: &KeyTree<'_>) -> Result<Outline> {
    let primary = PublicHalf::read(&tree.primary)?;
    let subkeys = tree
        .parts
        .iter()
        .filter(|part| matches!(part.packet.tag, tag::PUBLIC_SUBKEY | tag::SECRET_SUBKEY))
        // A subkey of a kind that nobody knows harms only itself.
        .filter_map(|part| Some(PublicHalf::read(&part.packet).ok()?.fingerprint))
        .collect();
    let user_ids = tree
        .parts
        .iter()
        .filter(|part| part.packet.tag == tag::USER_ID)
        .map(|part| String::from_utf8_lossy(part.packet.body).into_owned())
        .collect();
    Ok(Outline {
        fingerprint: primary.fingerprint,
        created: primary.created,
        algorithm: primary.algorithm,
        bits: primary.bits,
        subkeys,
        user_ids,
    })
}

/// The public half of any key packet.
pub(crate) struct PublicHalf {
    pub(crate) fingerprint: Fingerprint,
    pub(crate) version: u8,
    pub(crate) created: sifseal_core::Timestamp,
    pub(crate) algorithm: sifseal_core::openpgp::PublicKeyAlgorithm,
    pub(crate) bits: u32,
    /// The body of the public-key packet.
    pub(crate) body: Vec<u8>,
}

impl PublicHalf {
    pub(crate) fn read(frame: &Frame<'_>) -> Result<Self> {
        match frame.parse()? {
            Packet::PublicKey(key) => Self::of(&key),
            Packet::PublicSubkey(key) => Self::of(&key),
            Packet::SecretKey(key) => Self::of(key.public_key()),
            Packet::SecretSubkey(key) => Self::of(key.public_key()),
            _ => Err(malformed("a key packet was expected")),
        }
    }

    fn of(key: &(impl KeyDetails + Serialize)) -> Result<Self> {
        let fingerprint = names::fingerprint(&key.fingerprint())
            .ok_or_else(|| malformed("its version is not 4 or 6"))?;
        let body = key
            .to_bytes()
            .map_err(|error| malformed(&error.to_string()))?;
        Ok(Self {
            fingerprint,
            version: key.version().into(),
            created: names::time(key.created_at()),
            algorithm: names::algorithm(key),
            bits: bits(key, &body),
            body,
        })
    }
}

/// Lengths as Apptainer counts them: the modulus of RSA, DSA and ElGamal, the field
/// of a curve; 0 for what is not known.
fn bits(key: &impl KeyDetails, body: &[u8]) -> u32 {
    match key.public_params() {
        PublicParams::RSA(_) | PublicParams::DSA(_) | PublicParams::Elgamal(_) => {
            // The first number's length in bits stands behind the packet's version,
            // time and algorithm (and the octet count of version 6).
            let at = if u8::from(key.version()) == 6 { 10 } else { 6 };
            body.get(at..at + 2)
                .and_then(|octets| octets.try_into().ok())
                .map_or(0, |octets| u16::from_be_bytes(octets).into())
        }
        PublicParams::ECDSA(params) => match params {
            EcdsaPublicParams::P256 { .. } | EcdsaPublicParams::Secp256k1 { .. } => 256,
            EcdsaPublicParams::P384 { .. } => 384,
            EcdsaPublicParams::P521 { .. } => 521,
            EcdsaPublicParams::Unsupported { curve, .. } => curve.nbits().into(),
        },
        PublicParams::ECDH(params) => match params.curve().nbits() {
            // Curve25519's numbers have 255 bits; everyone says 256.
            255 => 256,
            bits => bits.into(),
        },
        PublicParams::EdDSALegacy(_) | PublicParams::Ed25519(_) | PublicParams::X25519(_) => 256,
        PublicParams::X448(_) | PublicParams::Ed448(_) => 448,
        _ => 0,
    }
}

/// How the secret parts are guarded, taken together.
fn protection(tree: &KeyTree<'_>) -> Result<Protection> {
    let secrets = std::iter::once(&tree.primary)
        .chain(tree.parts.iter().map(|part| &part.packet))
        .filter(|frame| matches!(frame.tag, tag::SECRET_KEY | tag::SECRET_SUBKEY));
    let (mut open, mut locked) = (false, false);
    for frame in secrets {
        match guard(frame)? {
            Guard::Open => open = true,
            Guard::Passphrase => locked = true,
            Guard::Elsewhere => {}
        }
    }
    Ok(match (open, locked) {
        (true, _) => Protection::Open,
        (false, true) => Protection::Passphrase,
        (false, false) => Protection::Elsewhere("a smart card or another device".to_owned()),
    })
}

/// How one secret part is guarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guard {
    Open,
    Passphrase,
    Elsewhere,
}

pub(crate) fn guard(frame: &Frame<'_>) -> Result<Guard> {
    let of = |params: &SecretParams| match params {
        SecretParams::Plain(_) => Guard::Open,
        SecretParams::Encrypted(params) => match params.string_to_key_params() {
            S2kParams::Cfb { s2k, .. } | S2kParams::MalleableCfb { s2k, .. }
                if is_gnu_extension(s2k) =>
            {
                Guard::Elsewhere
            }
            _ => Guard::Passphrase,
        },
    };
    match frame.parse()? {
        Packet::SecretKey(key) => Ok(of(key.secret_params())),
        Packet::SecretSubkey(key) => Ok(of(key.secret_params())),
        _ => Err(malformed("a secret key packet was expected")),
    }
}

fn is_gnu_extension(s2k: &StringToKey) -> bool {
    s2k.id() == GNU_EXTENSION
}

/// The bytes of the certificate of a secret key: the same packets, each secret one
/// reduced to its public half.
pub(crate) fn public_bytes(secret: &[u8]) -> Result<Vec<u8>> {
    let tree = KeyTree::read(secret)?;
    let mut bytes = public_frame(&tree.primary)?;
    for signature in &tree.on_primary {
        bytes.extend(signature.whole);
    }
    for part in &tree.parts {
        bytes.extend(public_frame(&part.packet)?);
        for signature in &part.signatures {
            bytes.extend(signature.whole);
        }
    }
    Ok(bytes)
}

/// A packet's bytes, without the secret if it has one.
pub(crate) fn public_frame(frame: &Frame<'_>) -> Result<Vec<u8>> {
    let public = match frame.tag {
        tag::SECRET_KEY => tag::PUBLIC_KEY,
        tag::SECRET_SUBKEY => tag::PUBLIC_SUBKEY,
        _ => return Ok(frame.whole.to_vec()),
    };
    Ok(framed(public, &PublicHalf::read(frame)?.body))
}
