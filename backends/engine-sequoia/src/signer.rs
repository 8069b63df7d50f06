//! A software key as a [`Signer`]: an unlocked secret in memory, wiped on drop.

use crate::failure::{backend, malformed};
use crate::secret_key::SecretKey;
use crate::{key_packet, raw_signature};
use sequoia_openpgp::crypto::{KeyPair, Signer as _};
use sifseal_core::openpgp::framing::{KeyPacket, Packet, Transferable};
use sifseal_core::openpgp::{
    Fingerprint, HashAlgorithm, PublicKeyAlgorithm, TransferableSecretKey,
};
use sifseal_core::traits::{RawSignature, Signer};
use sifseal_core::{Context, Error, ErrorKind, Result, Secret};
use std::fmt;

/// A signer for the primary key or a subkey with this fingerprint.
///
/// # Errors
/// As [`Engine::unlock`](sifseal_core::traits::Engine::unlock), and
/// `Unsupported` for a key that cannot sign.
pub(crate) fn unlock(
    key: &TransferableSecretKey,
    which: &Fingerprint,
    passphrase: Option<&Secret>,
) -> Result<SoftwareSigner> {
    let transferable = Transferable::read(key.bytes.expose())?;
    for component in transferable.keys() {
        let public = key_packet::read(&component.packet)?;
        if public.facts.fingerprint == *which {
            return SoftwareSigner::new(&component.packet, &public, passphrase);
        }
    }
    Err(Error::new(
        ErrorKind::NotFound,
        format!("key {} has no key {which} in it", key.fingerprint()),
    ))
}

/// The hashes that a kind of key signs with: none shorter than the curve's
/// order (RFC 9580, section 5.2.3.2), none that is broken. SHA-256 comes first
/// where it can, because everyone reads it.
fn accepted_hashes(algorithm: &PublicKeyAlgorithm) -> Option<&'static [HashAlgorithm]> {
    use HashAlgorithm::{Sha256, Sha384, Sha512};
    match algorithm {
        PublicKeyAlgorithm::Rsa | PublicKeyAlgorithm::EdDsaLegacy | PublicKeyAlgorithm::Ed25519 => {
            Some(&[Sha256, Sha512, Sha384])
        }
        PublicKeyAlgorithm::Ecdsa(curve) => match curve.as_str() {
            "NIST P-256" | "brainpoolP256r1" => Some(&[Sha256, Sha512, Sha384]),
            "NIST P-384" | "brainpoolP384r1" => Some(&[Sha384, Sha512]),
            "NIST P-521" | "brainpoolP512r1" => Some(&[Sha512]),
            _ => None,
        },
        PublicKeyAlgorithm::Ed448 => Some(&[Sha512]),
        _ => None,
    }
}

/// An unlocked software key.
pub(crate) struct SoftwareSigner {
    public_key: Vec<u8>,
    fingerprint: Fingerprint,
    algorithm: PublicKeyAlgorithm,
    hashes: &'static [HashAlgorithm],
    pair: KeyPair,
}

impl SoftwareSigner {
    fn new(
        packet: &Packet<'_>,
        public: &KeyPacket<'_>,
        passphrase: Option<&Secret>,
    ) -> Result<Self> {
        let (which, algorithm) = (public.facts.fingerprint, &public.facts.algorithm);
        if !packet.is_secret() {
            return Err(Error::new(
                ErrorKind::Unavailable,
                format!("the secret part of key {which} is not here"),
            ));
        }
        let hashes = accepted_hashes(algorithm).ok_or_else(|| {
            Error::new(
                ErrorKind::Unsupported,
                format!("a {algorithm} key does not sign"),
            )
        })?;
        let secret = SecretKey::open(packet, public, passphrase)?;
        if let Some(lack) = secret.lack() {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!("key {which} cannot sign here: {lack}"),
            ));
        }
        let pair = secret
            .to_key_pair()
            .map_err(|error| backend("the key was not opened", error))?;
        Ok(Self {
            public_key: public.public.to_vec(),
            fingerprint: which,
            algorithm: algorithm.clone(),
            hashes,
            pair,
        })
    }
}

impl fmt::Debug for SoftwareSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SoftwareSigner")
            .field("fingerprint", &self.fingerprint)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

impl Signer for SoftwareSigner {
    fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
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
        if !self.hashes.contains(&hash) {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!("a {} key does not sign with {hash}", self.algorithm),
            ));
        }
        let hash = sequoia_openpgp::types::HashAlgorithm::from(hash.id());
        if hash.digest_size().ok() != Some(digest.len()) {
            return Err(malformed(
                "the digest has another length than its hash makes",
            ));
        }
        // A copy, because Sequoia's signers want to be changed by signing.
        let signature = self
            .pair
            .clone()
            .sign(hash, digest)
            .map_err(|error| backend("the software key cannot sign", error))?;
        raw_signature::from_packet(&signature)
            .ok_or_else(|| Error::new(ErrorKind::Backend, "Sequoia made an odd signature"))
    }
}
