//! Signing keys: rPGP's own as a [`Signer`], and anybody's [`Signer`] for rPGP.

use crate::names;
use crate::outline::PublicHalf;
use crate::packets::{Frame, framed, malformed, tag};
use pgp::crypto::hash::HashAlgorithm as RpgpHash;
use pgp::crypto::public_key::PublicKeyAlgorithm as RpgpAlgorithm;
use pgp::packet::{Packet, PublicKey, SecretKey, SecretSubkey};
use pgp::types::{
    KeyDetails, KeyId, KeyVersion, Mpi, Password, PublicParams, SignatureBytes, SigningKey,
    Timestamp,
};
use sifseal_core::openpgp::{Fingerprint, HashAlgorithm, PublicKeyAlgorithm};
use sifseal_core::traits::{RawSignature, Signer};
use sifseal_core::{Context, Error, ErrorKind, Result};
use std::fmt;
use std::sync::Mutex;

/// A secret key packet whose lock is off. rPGP wipes it from memory on drop.
pub(crate) enum Unlocked {
    Primary(SecretKey),
    Subkey(SecretSubkey),
}

/// A software key of rPGP's.
pub(crate) struct SoftwareKey {
    key: Unlocked,
    public: PublicHalf,
    hashes: &'static [HashAlgorithm],
}

impl SoftwareKey {
    /// # Errors
    /// `Unsupported` for a key that cannot sign.
    pub(crate) fn new(key: Unlocked, public: PublicHalf) -> Result<Self> {
        let hashes = accepted_hashes(&public.algorithm).ok_or_else(|| {
            Error::new(
                ErrorKind::Unsupported,
                format!("{} keys do not sign", public.algorithm),
            )
        })?;
        Ok(Self {
            key,
            public,
            hashes,
        })
    }
}

/// A digest must be at least as strong as the curve (RFC 9580, section 9.4, and for
/// ECDSA section 5.2.3.2).
fn accepted_hashes(algorithm: &PublicKeyAlgorithm) -> Option<&'static [HashAlgorithm]> {
    use HashAlgorithm::{Sha224, Sha256, Sha384, Sha512};
    match algorithm {
        PublicKeyAlgorithm::Rsa | PublicKeyAlgorithm::Dsa => {
            Some(&[Sha256, Sha384, Sha512, Sha224])
        }
        PublicKeyAlgorithm::Ecdsa(curve) if curve == "NIST P-384" => Some(&[Sha384, Sha512]),
        PublicKeyAlgorithm::Ecdsa(curve) if curve == "NIST P-521" => Some(&[Sha512]),
        PublicKeyAlgorithm::Ecdsa(_)
        | PublicKeyAlgorithm::EdDsaLegacy
        | PublicKeyAlgorithm::Ed25519 => Some(&[Sha256, Sha384, Sha512]),
        PublicKeyAlgorithm::Ed448 => Some(&[Sha512]),
        _ => None,
    }
}

impl Signer for SoftwareKey {
    fn public_key(&self) -> &[u8] {
        &self.public.body
    }

    fn fingerprint(&self) -> Fingerprint {
        self.public.fingerprint
    }

    fn accepted_hashes(&self) -> &[HashAlgorithm] {
        self.hashes
    }

    fn sign_digest(
        &self,
        _cx: &Context<'_>,
        hash: HashAlgorithm,
        digest: &[u8],
    ) -> Result<RawSignature> {
        let (password, rpgp) = (Password::empty(), names::rpgp_hash(hash));
        let signature = match &self.key {
            Unlocked::Primary(key) => key.sign(&password, rpgp, digest),
            Unlocked::Subkey(key) => SigningKey::sign(key, &password, rpgp, digest),
        };
        let signature = signature
            .map_err(|error| Error::new(ErrorKind::Backend, "signing failed").because(error))?;
        raw(&self.public.algorithm, &signature)
            .ok_or_else(|| Error::new(ErrorKind::Backend, "signing gave an unknown signature"))
    }
}

impl fmt::Debug for SoftwareKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SoftwareKey({})", self.public.fingerprint)
    }
}

fn raw(algorithm: &PublicKeyAlgorithm, signature: &SignatureBytes) -> Option<RawSignature> {
    match (algorithm, signature) {
        (_, SignatureBytes::Native(bytes)) => Some(RawSignature::EdDsa(bytes.to_vec())),
        (PublicKeyAlgorithm::Rsa, SignatureBytes::Mpis(numbers)) => {
            Some(RawSignature::Rsa(numbers.first()?.as_ref().to_vec()))
        }
        (PublicKeyAlgorithm::EdDsaLegacy, SignatureBytes::Mpis(numbers)) => {
            // Numbers lose their leading zeros; the two halves have 32 bytes each.
            let mut bytes = vec![0; 64];
            for (half, number) in bytes.chunks_exact_mut(32).zip(numbers) {
                let number = number.as_ref();
                let start = 32usize.checked_sub(number.len())?;
                half.get_mut(start..)?.copy_from_slice(number);
            }
            Some(RawSignature::EdDsa(bytes))
        }
        (_, SignatureBytes::Mpis(numbers)) => match &numbers[..] {
            [r, s] => Some(RawSignature::EcDsa {
                r: r.as_ref().to_vec(),
                s: s.as_ref().to_vec(),
            }),
            _ => None,
        },
    }
}

/// Anybody's signer, as rPGP wants a signing key to be.
pub(crate) struct ForeignKey<'a> {
    pub(crate) public: PublicKey,
    signer: &'a dyn Signer,
    cx: &'a Context<'a>,
    /// rPGP's errors cannot carry the signer's; it is kept here.
    failure: Mutex<Option<Error>>,
}

impl<'a> ForeignKey<'a> {
    pub(crate) fn new(cx: &'a Context<'a>, signer: &'a dyn Signer) -> Result<Self> {
        let packet = framed(tag::PUBLIC_KEY, signer.public_key());
        let frame = Frame::first(&packet).ok_or_else(|| malformed("the signer's public key"))?;
        let Packet::PublicKey(public) = frame.parse()? else {
            return Err(malformed("the signer's public key"));
        };
        Ok(Self {
            public,
            signer,
            cx,
            failure: Mutex::new(None),
        })
    }

    /// What the signer said, if it was the signer that failed.
    pub(crate) fn failure(&self) -> Option<Error> {
        self.failure.lock().ok()?.take()
    }

    fn packed(&self, raw: RawSignature) -> Option<SignatureBytes> {
        let number = |bytes: &[u8]| Mpi::from_slice(bytes);
        match (self.public.algorithm(), raw) {
            (
                RpgpAlgorithm::RSA | RpgpAlgorithm::RSASign | RpgpAlgorithm::RSAEncrypt,
                RawSignature::Rsa(s),
            ) => Some(SignatureBytes::Mpis(vec![number(&s)])),
            (RpgpAlgorithm::ECDSA | RpgpAlgorithm::DSA, RawSignature::EcDsa { r, s }) => {
                Some(SignatureBytes::Mpis(vec![number(&r), number(&s)]))
            }
            (RpgpAlgorithm::EdDSALegacy, RawSignature::EdDsa(bytes)) if bytes.len() == 64 => {
                let (r, s) = bytes.split_at(32);
                Some(SignatureBytes::Mpis(vec![number(r), number(s)]))
            }
            (RpgpAlgorithm::Ed25519 | RpgpAlgorithm::Ed448, RawSignature::EdDsa(bytes)) => {
                Some(SignatureBytes::Native(bytes.into()))
            }
            _ => None,
        }
    }
}

impl fmt::Debug for ForeignKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ForeignKey({:?})", self.signer)
    }
}

impl SigningKey for ForeignKey<'_> {
    fn sign(
        &self,
        _password: &Password,
        hash: RpgpHash,
        digest: &[u8],
    ) -> pgp::errors::Result<SignatureBytes> {
        let failed = || pgp::errors::Error::from(std::io::Error::other("the signer failed"));
        match self.signer.sign_digest(self.cx, names::hash(hash), digest) {
            Ok(raw) => self.packed(raw).ok_or_else(|| {
                std::io::Error::other("the signer gave another kind of signature than its key's")
                    .into()
            }),
            Err(error) => {
                if let Ok(mut failure) = self.failure.lock() {
                    *failure = Some(error);
                }
                Err(failed())
            }
        }
    }

    fn hash_alg(&self) -> RpgpHash {
        self.signer
            .accepted_hashes()
            .first()
            .map_or(RpgpHash::Sha256, |hash| names::rpgp_hash(*hash))
    }
}

impl KeyDetails for ForeignKey<'_> {
    fn version(&self) -> KeyVersion {
        self.public.version()
    }

    fn legacy_key_id(&self) -> KeyId {
        self.public.legacy_key_id()
    }

    fn fingerprint(&self) -> pgp::types::Fingerprint {
        self.public.fingerprint()
    }

    fn algorithm(&self) -> RpgpAlgorithm {
        self.public.algorithm()
    }

    fn created_at(&self) -> Timestamp {
        self.public.created_at()
    }

    fn legacy_v3_expiration_days(&self) -> Option<u16> {
        self.public.legacy_v3_expiration_days()
    }

    fn public_params(&self) -> &PublicParams {
        self.public.public_params()
    }
}
