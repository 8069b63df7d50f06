//! rPGP's words as the core's.

use pgp::crypto::hash::HashAlgorithm as RpgpHash;
use pgp::crypto::public_key::PublicKeyAlgorithm as RpgpAlgorithm;
use pgp::types::{EcdhPublicParams, EcdsaPublicParams, KeyDetails, PublicParams};
use sifseal_core::Timestamp;
use sifseal_core::openpgp::{Fingerprint, HashAlgorithm, KeyHandle, KeyId, PublicKeyAlgorithm};

pub(crate) fn hash(hash: RpgpHash) -> HashAlgorithm {
    HashAlgorithm::from_id(hash.into())
}

pub(crate) fn rpgp_hash(hash: HashAlgorithm) -> RpgpHash {
    RpgpHash::from(hash.id())
}

pub(crate) fn time(time: pgp::types::Timestamp) -> Timestamp {
    Timestamp(time.as_secs().into())
}

/// OpenPGP's 32 bits of seconds; what lies outside becomes the nearest end.
pub(crate) fn rpgp_time(time: Timestamp) -> pgp::types::Timestamp {
    let seconds = u32::try_from(time.0.max(0)).unwrap_or(u32::MAX);
    pgp::types::Timestamp::from_secs(seconds)
}

/// Keys of version 4 and 6 have fingerprints that the core knows; older ones not.
pub(crate) fn fingerprint(fingerprint: &pgp::types::Fingerprint) -> Option<Fingerprint> {
    Fingerprint::from_bytes(fingerprint.as_bytes())
}

pub(crate) fn key_id(id: &pgp::types::KeyId) -> KeyHandle {
    let mut bytes = [0; 8];
    for (to, from) in bytes.iter_mut().zip(id.as_ref() as &[u8]) {
        *to = *from;
    }
    KeyHandle::KeyId(KeyId(bytes))
}

pub(crate) fn algorithm(key: &impl KeyDetails) -> PublicKeyAlgorithm {
    match (key.algorithm(), key.public_params()) {
        (RpgpAlgorithm::RSA | RpgpAlgorithm::RSAEncrypt | RpgpAlgorithm::RSASign, _) => {
            PublicKeyAlgorithm::Rsa
        }
        (RpgpAlgorithm::DSA, _) => PublicKeyAlgorithm::Dsa,
        (RpgpAlgorithm::Elgamal | RpgpAlgorithm::ElgamalEncrypt, _) => PublicKeyAlgorithm::ElGamal,
        (RpgpAlgorithm::EdDSALegacy, _) => PublicKeyAlgorithm::EdDsaLegacy,
        (RpgpAlgorithm::Ed25519, _) => PublicKeyAlgorithm::Ed25519,
        (RpgpAlgorithm::Ed448, _) => PublicKeyAlgorithm::Ed448,
        (RpgpAlgorithm::X25519, _) => PublicKeyAlgorithm::X25519,
        (RpgpAlgorithm::X448, _) => PublicKeyAlgorithm::X448,
        (RpgpAlgorithm::ECDSA, PublicParams::ECDSA(params)) => {
            PublicKeyAlgorithm::Ecdsa(ecdsa_curve(params))
        }
        (RpgpAlgorithm::ECDH, PublicParams::ECDH(params)) => {
            PublicKeyAlgorithm::Ecdh(ecdh_curve(params))
        }
        (other, _) => PublicKeyAlgorithm::Other(other.into()),
    }
}

fn ecdsa_curve(params: &EcdsaPublicParams) -> String {
    match params {
        EcdsaPublicParams::P256 { .. } => "NIST P-256".to_owned(),
        EcdsaPublicParams::P384 { .. } => "NIST P-384".to_owned(),
        EcdsaPublicParams::P521 { .. } => "NIST P-521".to_owned(),
        EcdsaPublicParams::Secp256k1 { .. } => "secp256k1".to_owned(),
        EcdsaPublicParams::Unsupported { curve, .. } => curve.to_string(),
    }
}

fn ecdh_curve(params: &EcdhPublicParams) -> String {
    params.curve().to_string()
}
