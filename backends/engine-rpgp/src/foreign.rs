//! Any [`Signer`], wherever its secret lives, as a key that rPGP can sign with.

use crate::failure::{backend, malformed};
use crate::key_packet;
use crate::maths::public_key;
use pgp::crypto::hash::HashAlgorithm as PgpHash;
use pgp::crypto::public_key::PublicKeyAlgorithm as PgpAlgorithm;
use pgp::errors::Error as PgpError;
use pgp::packet::PublicKey;
use pgp::types::{
    Fingerprint, KeyDetails, KeyId, KeyVersion, Mpi, Password, PublicParams, SignatureBytes,
    SigningKey, Timestamp,
};
use sifseal_core::openpgp::HashAlgorithm;
use sifseal_core::traits::{RawSignature, Signer};
use sifseal_core::{Context, Error, ErrorKind, Result};
use std::cell::RefCell;

/// A signer in the shape that rPGP asks for.
#[derive(Debug)]
pub(crate) struct ForeignKey<'a> {
    cx: &'a Context<'a>,
    signer: &'a dyn Signer,
    public: PublicKey,
    /// What the signer said. rPGP's error has no room for it, so it waits here.
    refusal: RefCell<Option<Error>>,
}

impl<'a> ForeignKey<'a> {
    /// # Errors
    /// `Malformed` if the signer's public key is none, or not the one of its
    /// fingerprint; `Unsupported` if rPGP does not know its algorithm.
    pub(crate) fn new(cx: &'a Context<'a>, signer: &'a dyn Signer) -> Result<Self> {
        let key = key_packet::read_public(signer.public_key())?;
        if key.facts.fingerprint != signer.fingerprint() {
            return Err(malformed(format!(
                "the signer says that its key is {}, but it is {}",
                signer.fingerprint(),
                key.facts.fingerprint
            )));
        }
        let public = public_key(key.public).map_err(|error| {
            Error::new(
                ErrorKind::Unsupported,
                format!("rPGP cannot sign with a {} key", key.facts.algorithm),
            )
            .because(error.to_string())
        })?;
        Ok(Self {
            cx,
            signer,
            public,
            refusal: RefCell::new(None),
        })
    }

    /// The error behind a failed signature: the signer's own, if it was it.
    pub(crate) fn explain(&self, error: PgpError) -> Error {
        self.refusal
            .take()
            .unwrap_or_else(|| backend("the signature cannot be made", error))
    }

    fn ask(&self, hash: PgpHash, digest: &[u8]) -> Result<SignatureBytes> {
        let hash = HashAlgorithm::from_id(hash.into());
        let raw = self.signer.sign_digest(self.cx, hash, digest)?;
        self.encode(&raw).ok_or_else(|| {
            Error::new(
                ErrorKind::Backend,
                format!(
                    "the signer of key {} made a signature of another kind of key",
                    self.signer.fingerprint()
                ),
            )
        })
    }

    /// The values as the key's algorithm writes them (RFC 9580, section 5.2.3).
    fn encode(&self, raw: &RawSignature) -> Option<SignatureBytes> {
        let integers = |values: &[&[u8]]| {
            SignatureBytes::Mpis(values.iter().map(|v| Mpi::from_slice(v)).collect())
        };
        match (self.public.public_params(), raw) {
            (PublicParams::RSA(_), RawSignature::Rsa(s)) => Some(integers(&[s])),
            (PublicParams::ECDSA(_), RawSignature::EcDsa { r, s }) => Some(integers(&[r, s])),
            (PublicParams::EdDSALegacy(_), RawSignature::EdDsa(bytes)) if bytes.len() == 64 => {
                let (r, s) = bytes.split_at_checked(32)?;
                Some(integers(&[r, s]))
            }
            (PublicParams::Ed25519(_), RawSignature::EdDsa(bytes)) if bytes.len() == 64 => {
                Some(SignatureBytes::Native(bytes.clone().into()))
            }
            (PublicParams::Ed448(_), RawSignature::EdDsa(bytes)) if bytes.len() == 114 => {
                Some(SignatureBytes::Native(bytes.clone().into()))
            }
            _ => None,
        }
    }
}

impl SigningKey for ForeignKey<'_> {
    fn sign(
        &self,
        _key_pw: &Password,
        hash: PgpHash,
        digest: &[u8],
    ) -> pgp::errors::Result<SignatureBytes> {
        self.ask(hash, digest).map_err(|error| {
            let told = std::io::Error::other(error.to_string());
            self.refusal.replace(Some(error));
            PgpError::from(told)
        })
    }

    fn hash_alg(&self) -> PgpHash {
        self.signer
            .accepted_hashes()
            .first()
            .map_or_else(PgpHash::default, |hash| PgpHash::from(hash.id()))
    }
}

impl KeyDetails for ForeignKey<'_> {
    fn version(&self) -> KeyVersion {
        self.public.version()
    }

    fn legacy_key_id(&self) -> KeyId {
        self.public.legacy_key_id()
    }

    fn fingerprint(&self) -> Fingerprint {
        self.public.fingerprint()
    }

    fn algorithm(&self) -> PgpAlgorithm {
        self.public.algorithm()
    }

    fn created_at(&self) -> Timestamp {
        self.public.created_at()
    }

    fn legacy_v3_expiration_days(&self) -> Option<u16> {
        None
    }

    fn public_params(&self) -> &PublicParams {
        self.public.public_params()
    }
}
