//! The hand that signs: raw private keys of several kinds.

use super::hash::digest_info;
use super::packet::integer;
use ed25519_dalek::Signer as _;
use p256::ecdsa::signature::hazmat::PrehashSigner as _;
use rand::rngs::OsRng;
use rsa::traits::PublicKeyParts as _;
use sifseal_core::openpgp::HashAlgorithm;

/// A raw private key, and how OpenPGP writes what it makes.
#[derive(Debug, Clone)]
pub enum Hand {
    /// Ed25519 as algorithm 22, with integers: the older encoding.
    Ed25519Legacy(ed25519_dalek::SigningKey),
    /// Ed25519 as algorithm 27 of RFC 9580, with plain octets.
    Ed25519(ed25519_dalek::SigningKey),
    /// Ed448 as algorithm 28.
    Ed448(Box<cx448::SigningKey>),
    /// ECDSA on NIST's P-256, algorithm 19.
    P256(p256::ecdsa::SigningKey),
    /// RSA, algorithm 1.
    Rsa(Box<rsa::RsaPrivateKey>),
}

impl Hand {
    /// A fresh Ed25519 key in the older encoding.
    pub fn ed25519_legacy() -> Self {
        Self::Ed25519Legacy(ed25519_dalek::SigningKey::generate(&mut OsRng))
    }

    /// A fresh Ed25519 key in the encoding of RFC 9580.
    pub fn ed25519() -> Self {
        Self::Ed25519(ed25519_dalek::SigningKey::generate(&mut OsRng))
    }

    /// A fresh Ed448 key.
    pub fn ed448() -> Self {
        Self::Ed448(Box::new(cx448::SigningKey::generate(OsRng)))
    }

    /// A fresh ECDSA key.
    pub fn p256() -> Self {
        Self::P256(p256::ecdsa::SigningKey::random(&mut OsRng))
    }

    /// A fresh RSA key with a modulus of exactly that many bits.
    pub fn rsa(bits: usize) -> Self {
        let key = rsa::RsaPrivateKey::new(&mut OsRng, bits).expect("a length that RSA can have");
        assert_eq!(key.n().bits(), bits);
        Self::Rsa(Box::new(key))
    }

    /// OpenPGP's number of the algorithm.
    pub(super) fn algorithm(&self) -> u8 {
        match self {
            Self::Rsa(_) => 1,
            Self::P256(_) => 19,
            Self::Ed25519Legacy(_) => 22,
            Self::Ed25519(_) => 27,
            Self::Ed448(_) => 28,
        }
    }

    /// The values of the public key (RFC 9580, section 5.5.5).
    pub(super) fn public_values(&self) -> Vec<u8> {
        const ED25519: &[u8] = b"\x09\x2B\x06\x01\x04\x01\xDA\x47\x0F\x01";
        const P256: &[u8] = b"\x08\x2A\x86\x48\xCE\x3D\x03\x01\x07";
        match self {
            Self::Ed25519Legacy(key) => {
                // 0x40 marks a point that is written as it is.
                let point = [&[0x40][..], key.verifying_key().as_bytes()].concat();
                [ED25519, &integer(&point)].concat()
            }
            Self::Ed25519(key) => key.verifying_key().to_bytes().to_vec(),
            Self::Ed448(key) => key.verifying_key().as_bytes().to_vec(),
            Self::P256(key) => {
                let point = key.verifying_key().to_encoded_point(false);
                [P256, &integer(point.as_bytes())].concat()
            }
            Self::Rsa(key) => [
                integer(&key.n().to_bytes_be()),
                integer(&key.e().to_bytes_be()),
            ]
            .concat(),
        }
    }

    /// The values of a signature over a digest (section 5.2.3).
    pub(super) fn sign(&self, hash: HashAlgorithm, digest: &[u8]) -> Vec<u8> {
        match self {
            Self::Ed25519Legacy(key) => {
                let signature = key.sign(digest);
                [integer(signature.r_bytes()), integer(signature.s_bytes())].concat()
            }
            Self::Ed25519(key) => key.sign(digest).to_bytes().to_vec(),
            Self::Ed448(key) => key.sign_raw(digest).to_bytes().to_vec(),
            Self::P256(key) => {
                let signature: p256::ecdsa::Signature =
                    key.sign_prehash(digest).expect("ECDSA signs");
                let (r, s) = signature.split_bytes();
                [integer(&r), integer(&s)].concat()
            }
            Self::Rsa(key) => {
                let padding = rsa::Pkcs1v15Sign {
                    hash_len: Some(digest.len()),
                    prefix: digest_info(hash).into(),
                };
                integer(&key.sign(padding, digest).expect("RSA signs"))
            }
        }
    }
}
