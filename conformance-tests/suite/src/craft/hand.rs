//! The hand that signs: raw private keys of several kinds.

use super::hash::digest_info;
use super::packet::integer;
use ed25519_dalek::Signer as _;
use p256::ecdsa::signature::hazmat::PrehashSigner as _;
use rand::rngs::OsRng;
use rand::{CryptoRng, RngCore};
use rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _};
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

/// Which kind of private key to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandKind {
    /// As [`Hand::Ed25519Legacy`].
    Ed25519Legacy,
    /// As [`Hand::Ed25519`].
    Ed25519,
    /// As [`Hand::Ed448`].
    Ed448,
    /// As [`Hand::P256`].
    P256,
    /// As [`Hand::Rsa`], with a modulus of exactly that many bits.
    Rsa(usize),
}

impl Hand {
    /// A key of that kind from a source of randomness. A source that gives the same
    /// gives the same key.
    pub fn of_kind<R: CryptoRng + RngCore>(kind: HandKind, rng: &mut R) -> Self {
        match kind {
            HandKind::Ed25519Legacy => Self::Ed25519Legacy(ed25519(rng)),
            HandKind::Ed25519 => Self::Ed25519(ed25519(rng)),
            HandKind::Ed448 => Self::Ed448(Box::new(cx448::SigningKey::generate(rng))),
            HandKind::P256 => Self::P256(p256::ecdsa::SigningKey::random(rng)),
            HandKind::Rsa(bits) => {
                let key = rsa::RsaPrivateKey::new(rng, bits).expect("a length that RSA can have");
                assert_eq!(key.n().bits(), bits);
                Self::Rsa(Box::new(key))
            }
        }
    }

    /// A fresh Ed25519 key in the older encoding.
    pub fn ed25519_legacy() -> Self {
        Self::of_kind(HandKind::Ed25519Legacy, &mut OsRng)
    }

    /// A fresh Ed25519 key in the encoding of RFC 9580.
    pub fn ed25519() -> Self {
        Self::of_kind(HandKind::Ed25519, &mut OsRng)
    }

    /// A fresh Ed448 key.
    pub fn ed448() -> Self {
        Self::of_kind(HandKind::Ed448, &mut OsRng)
    }

    /// A fresh ECDSA key.
    pub fn p256() -> Self {
        Self::of_kind(HandKind::P256, &mut OsRng)
    }

    /// A fresh RSA key with a modulus of exactly that many bits.
    pub fn rsa(bits: usize) -> Self {
        Self::of_kind(HandKind::Rsa(bits), &mut OsRng)
    }

    /// The private key in the DER of PKCS#8, as tokens take it; `None` for a kind that they
    /// do not have.
    pub fn pkcs8(&self) -> Option<Vec<u8>> {
        use rsa::pkcs8::EncodePrivateKey as _;
        // RFC 8410, section 7: version 0, Ed25519, an octet string within an octet string.
        const ED25519: &[u8] = b"\x30\x2E\x02\x01\x00\x30\x05\x06\x03\x2B\x65\x70\x04\x22\x04\x20";
        match self {
            Self::Ed25519Legacy(key) | Self::Ed25519(key) => {
                Some([ED25519, &key.to_bytes()].concat())
            }
            Self::Rsa(key) => Some(key.to_pkcs8_der().ok()?.as_bytes().to_vec()),
            Self::Ed448(_) | Self::P256(_) => None,
        }
    }

    /// The values of the secret key, without protection (RFC 9580, section 5.5.5).
    pub(super) fn secret_values(&self) -> Vec<u8> {
        match self {
            Self::Ed25519Legacy(key) => integer(&key.to_bytes()),
            Self::Ed25519(key) => key.to_bytes().to_vec(),
            Self::Ed448(key) => key.to_bytes().to_vec(),
            Self::P256(key) => integer(&key.to_bytes()),
            Self::Rsa(key) => rsa_secret_values(key),
        }
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

fn ed25519(rng: &mut (impl CryptoRng + RngCore)) -> ed25519_dalek::SigningKey {
    let mut secret = [0; 32];
    rng.fill_bytes(&mut secret);
    ed25519_dalek::SigningKey::from_bytes(&secret)
}

/// The exponent, the two primes with the smaller in front, and the inverse of the first
/// in the second.
fn rsa_secret_values(key: &rsa::RsaPrivateKey) -> Vec<u8> {
    // The library's coefficient is the inverse of its second prime in its first one.
    let mut primes = key.primes().to_vec();
    primes.sort_by(|one, other| other.cmp(one));
    let parts = (key.n().clone(), key.e().clone(), key.d().clone());
    let key = rsa::RsaPrivateKey::from_components(parts.0, parts.1, parts.2, primes);
    let key = key.expect("the same key");
    let inverse = key.crt_coefficient().expect("a key of two primes");
    [key.d(), &key.primes()[1], &key.primes()[0], &inverse]
        .into_iter()
        .flat_map(|value| integer(&value.to_bytes_be()))
        .collect()
}
