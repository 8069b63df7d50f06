//! A software key as a [`Signer`]: an unlocked secret in memory, wiped on drop.

use crate::failure::{backend, malformed};
use crate::maths::pgp_hash;
use crate::secret_packet::SecretPacket;
use crate::{key_packet, lock};
use pgp::types::{Password, SignatureBytes, SigningKey};
use sifseal_core::openpgp::framing::Transferable;
use sifseal_core::openpgp::{
    Fingerprint, HashAlgorithm, PublicKeyAlgorithm, TransferableSecretKey,
};
use sifseal_core::traits::{RawSignature, Signer};
use sifseal_core::{Context, Error, ErrorKind, Result, Secret};

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
        if public.facts.fingerprint != *which {
            continue;
        }
        if !component.packet.is_secret() {
            return Err(Error::new(
                ErrorKind::Unavailable,
                format!("the secret part of key {which} is not here"),
            ));
        }
        let hashes = accepted_hashes(&public.facts.algorithm).ok_or_else(|| {
            Error::new(
                ErrorKind::Unsupported,
                format!("a {} key does not sign", public.facts.algorithm),
            )
        })?;
        return Ok(SoftwareSigner {
            public_key: public.public.to_vec(),
            fingerprint: public.facts.fingerprint,
            algorithm: public.facts.algorithm.clone(),
            hashes,
            secret: lock::open(&component.packet, &public, passphrase)?,
        });
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
            "NIST P-384" => Some(&[Sha384, Sha512]),
            "NIST P-521" => Some(&[Sha512]),
            "NIST P-256" | "secp256k1" => Some(&[Sha256, Sha512, Sha384]),
            _ => None,
        },
        PublicKeyAlgorithm::Ed448 => Some(&[Sha512]),
        _ => None,
    }
}

/// An unlocked software key.
#[derive(Debug)]
pub(crate) struct SoftwareSigner {
    public_key: Vec<u8>,
    fingerprint: Fingerprint,
    algorithm: PublicKeyAlgorithm,
    hashes: &'static [HashAlgorithm],
    secret: SecretPacket,
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
        let hash = pgp_hash(hash);
        if hash.digest_size() != Some(digest.len()) {
            return Err(malformed(
                "the digest has another length than its hash makes",
            ));
        }
        let password = Password::empty();
        let signature = match &self.secret {
            SecretPacket::Primary(key) => SigningKey::sign(key, &password, hash, digest),
            SecretPacket::Subkey(key) => SigningKey::sign(key, &password, hash, digest),
        }
        .map_err(|error| backend("the software key cannot sign", error))?;
        raw(&self.algorithm, &signature)
            .ok_or_else(|| Error::new(ErrorKind::Backend, "rPGP made an odd signature"))
    }
}

fn raw(algorithm: &PublicKeyAlgorithm, signature: &SignatureBytes) -> Option<RawSignature> {
    match (algorithm, signature) {
        (_, SignatureBytes::Native(bytes)) => Some(RawSignature::EdDsa(bytes.to_vec())),
        (PublicKeyAlgorithm::Rsa, SignatureBytes::Mpis(values)) => match values.as_slice() {
            [s] => Some(RawSignature::Rsa(s.as_ref().to_vec())),
            _ => None,
        },
        (_, SignatureBytes::Mpis(values)) => {
            let [r, s] = values.as_slice() else {
                return None;
            };
            let (r, s) = (r.as_ref(), s.as_ref());
            if *algorithm != PublicKeyAlgorithm::EdDsaLegacy {
                return Some(RawSignature::EcDsa {
                    r: r.to_vec(),
                    s: s.to_vec(),
                });
            }
            // Integers lose their leading zeros; the two halves need them.
            let mut bytes = vec![0; 64];
            bytes
                .get_mut(32usize.checked_sub(r.len())?..32)?
                .copy_from_slice(r);
            bytes
                .get_mut(64usize.checked_sub(s.len()).filter(|at| *at >= 32)?..)?
                .copy_from_slice(s);
            Some(RawSignature::EdDsa(bytes))
        }
    }
}
