//! A key in a token: digest in, numbers out.

use crate::always_authenticate;
use crate::failure::told;
use crate::login::{Login, Purpose};
use crate::objects::KeyPair;
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::session::Session;
use cryptoki::slot::TokenInfo;
use sifseal_plugin_sdk::openpgp::{EcDsaCurve, HashAlgorithm, PublicValues};
use sifseal_plugin_sdk::traits::RawSignature;
use sifseal_plugin_sdk::{Context, Error, ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A key in a token, in a session that is logged in. The session ends with this value.
#[derive(Debug)]
pub struct TokenKey {
    module: PathBuf,
    login: Login,
    info: TokenInfo,
    /// One signature at a time: a session has one operation under way.
    session: Mutex<Session>,
    pair: KeyPair,
}

impl TokenKey {
    pub(crate) fn new(
        module: &Path,
        login: Login,
        info: TokenInfo,
        session: Session,
        pair: KeyPair,
    ) -> Self {
        Self {
            module: module.to_owned(),
            login,
            info,
            session: Mutex::new(session),
            pair,
        }
    }

    /// Its public values.
    pub fn values(&self) -> &PublicValues {
        &self.pair.values
    }

    /// The hashes that it signs with: none shorter than the curve's order (RFC 9580,
    /// section 5.2.3.2), none that is broken. SHA-256 comes first where it can, because
    /// everyone reads it.
    pub fn accepted_hashes(&self) -> &'static [HashAlgorithm] {
        accepted_hashes(&self.pair.values)
    }

    /// Signs a digest, as [`Signer::sign_digest`] says.
    ///
    /// # Errors
    /// As there.
    ///
    /// [`Signer::sign_digest`]: sifseal_plugin_sdk::traits::Signer::sign_digest
    pub fn sign(
        &self,
        cx: &Context<'_>,
        hash: HashAlgorithm,
        digest: &[u8],
    ) -> Result<RawSignature> {
        let values = &self.pair.values;
        let data = data_to_sign(values, hash, digest)?;
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let mechanism = Self::mechanism(values);
        let failed = |error| told(error, &self.login.token.to_string(), "cannot sign");
        let signature = if self.pair.always_authenticates {
            let begun = session.sign_init(&mechanism, self.pair.private);
            begun.map_err(failed)?;
            let login = &self.login;
            login.log_in(cx, &session, &self.info, Purpose::Signature)?;
            always_authenticate::finish(&self.module, &session, &data).map_err(failed)?
        } else {
            let signed = session.sign(&mechanism, self.pair.private, &data);
            signed.map_err(failed)?
        };
        raw(values, &signature).ok_or_else(|| {
            let what = format!("its signature has an odd length, {} bytes", signature.len());
            Error::new(ErrorKind::Backend, what).at(&self.login.token)
        })
    }

    /// How PKCS#11 calls what a key with these values does.
    pub(crate) fn mechanism(values: &PublicValues) -> Mechanism<'static> {
        match values {
            PublicValues::EcDsa { .. } => Mechanism::Ecdsa,
            PublicValues::Ed25519(_) => {
                Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Pure))
            }
            _ => Mechanism::RsaPkcs,
        }
    }
}

fn accepted_hashes(values: &PublicValues) -> &'static [HashAlgorithm] {
    use HashAlgorithm::{Sha256, Sha384, Sha512};
    match values {
        PublicValues::EcDsa {
            curve: EcDsaCurve::NistP384,
            ..
        } => &[Sha384, Sha512],
        PublicValues::EcDsa {
            curve: EcDsaCurve::NistP521,
            ..
        } => &[Sha512],
        _ => &[Sha256, Sha512, Sha384],
    }
}

/// What the token is given: for RSA the `DigestInfo` of PKCS#1, which `CKM_RSA_PKCS` only
/// pads; for ECDSA as much of the digest as the curve's order has octets, because some
/// tokens refuse more; for Ed25519 the digest, which is the message (RFC 9580, section
/// 5.2.3.3).
fn data_to_sign(values: &PublicValues, hash: HashAlgorithm, digest: &[u8]) -> Result<Vec<u8>> {
    let info = accepted_hashes(values)
        .contains(&hash)
        .then(|| digest_info(hash))
        .flatten();
    let Some((info, len)) = info else {
        let what = format!("the key does not sign with {hash}");
        return Err(Error::new(ErrorKind::Unsupported, what));
    };
    if digest.len() != len {
        return Err(Error::new(
            ErrorKind::Malformed,
            "the digest has another length than its hash makes",
        ));
    }
    Ok(match values {
        PublicValues::EcDsa { curve, .. } => digest[..len.min(curve.octets())].to_vec(),
        PublicValues::Ed25519(_) => digest.to_vec(),
        _ => [info, digest].concat(),
    })
}

/// What stands before a digest of this hash, and how long the digest is (RFC 8017,
/// section 9.2, note 1).
fn digest_info(hash: HashAlgorithm) -> Option<(&'static [u8], usize)> {
    Some(match hash {
        HashAlgorithm::Sha256 => (
            b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
            32,
        ),
        HashAlgorithm::Sha384 => (
            b"\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30",
            48,
        ),
        HashAlgorithm::Sha512 => (
            b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40",
            64,
        ),
        _ => return None,
    })
}

/// What the token gave; `None` if it has another length than such a signature.
fn raw(values: &PublicValues, signature: &[u8]) -> Option<RawSignature> {
    match values {
        PublicValues::Rsa { n, .. } => {
            (signature.len() == n.len()).then(|| RawSignature::Rsa(signature.to_vec()))
        }
        PublicValues::EcDsa { curve, .. } => {
            let octets = curve.octets();
            (signature.len() == 2 * octets).then(|| RawSignature::EcDsa {
                r: signature[..octets].to_vec(),
                s: signature[octets..].to_vec(),
            })
        }
        PublicValues::Ed25519(_) => {
            (signature.len() == 64).then(|| RawSignature::EdDsa(signature.to_vec()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ecdsa(curve: EcDsaCurve) -> PublicValues {
        PublicValues::EcDsa {
            curve,
            point: vec![],
        }
    }

    #[test]
    fn a_digest_is_cut_to_the_order_of_the_curve() {
        let digest: Vec<u8> = (0..64).collect();
        let given = |curve| data_to_sign(&ecdsa(curve), HashAlgorithm::Sha512, &digest).unwrap();
        assert_eq!(given(EcDsaCurve::NistP256), digest[..32]);
        assert_eq!(given(EcDsaCurve::NistP384), digest[..48]);
        assert_eq!(given(EcDsaCurve::NistP521), digest);
    }

    #[test]
    fn hashes_that_are_weak_or_too_short_are_refused_and_so_is_another_length() {
        let kind = |values: &PublicValues, hash, len: usize| {
            let outcome = data_to_sign(values, hash, &vec![0; len]);
            outcome.map(|_| ()).map_err(|error| error.kind())
        };
        let rsa = PublicValues::Rsa {
            n: vec![],
            e: vec![],
        };
        let unsupported = Err(ErrorKind::Unsupported);
        assert_eq!(kind(&rsa, HashAlgorithm::Sha1, 20), unsupported);
        let p384 = ecdsa(EcDsaCurve::NistP384);
        assert_eq!(kind(&p384, HashAlgorithm::Sha256, 32), unsupported);
        let short = kind(&rsa, HashAlgorithm::Sha256, 31);
        assert_eq!(short, Err(ErrorKind::Malformed));
        assert_eq!(kind(&rsa, HashAlgorithm::Sha256, 32), Ok(()));
    }

    #[test]
    fn a_signature_of_another_length_is_none() {
        let p256 = ecdsa(EcDsaCurve::NistP256);
        let (r, s) = (vec![1; 32], vec![2; 32]);
        let both = [&r[..], &s[..]].concat();
        assert_eq!(raw(&p256, &both), Some(RawSignature::EcDsa { r, s }));
        assert_eq!(raw(&p256, &both[1..]), None);
        assert_eq!(raw(&PublicValues::Ed25519([0; 32]), &[0; 63]), None);
        let rsa = PublicValues::Rsa {
            n: vec![9; 256],
            e: vec![3],
        };
        assert_eq!(raw(&rsa, &[]), None);
    }
}
