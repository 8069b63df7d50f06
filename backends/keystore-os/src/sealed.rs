//! A secret key in a file, sealed: for stores whose items are too small for it.
//!
//! The file is of no use without its 32-byte key, which lies in the store. The seal
//! is XChaCha20-Poly1305, with a key and a nonce that are drawn anew for every
//! sealing; whose key it is, in which place and with which number, is authenticated
//! along with it, so that no file can be passed off as another.

use chacha20poly1305::aead::{Aead, Generate, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use sifseal_core::{Error, ErrorKind, Result, Secret};
use std::fmt;
use zeroize::{Zeroize as _, Zeroizing};

/// How a sealed file begins, with the version of its form.
const MAGIC: &[u8] = b"sifseal sealed secret key 1\n";
const NONCE: usize = 24;

/// The key to one sealed file.
pub(crate) struct SealKey(Zeroizing<[u8; 32]>);

impl SealKey {
    pub(crate) fn bytes(&self) -> &[u8] {
        &*self.0
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        let key: &Key = (&*self.0).into();
        XChaCha20Poly1305::new(key)
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey(…)")
    }
}

/// The bytes of a sealed file, and its key. `about` says whose it is.
///
/// # Errors
/// `Backend` if the system gives no random numbers.
pub(crate) fn seal(secret: &[u8], about: &[u8]) -> Result<(SealKey, Vec<u8>)> {
    let failed = |_| Error::new(ErrorKind::Backend, "the system gives no random numbers");
    let mut drawn = Key::try_generate().map_err(failed)?;
    let key = SealKey(Zeroizing::new(drawn.into()));
    drawn.zeroize();
    let nonce = XNonce::try_generate().map_err(failed)?;
    let payload = Payload {
        msg: secret,
        aad: about,
    };
    let sealed = key
        .cipher()
        .encrypt(&nonce, payload)
        .map_err(|_| broken())?;
    Ok((key, [MAGIC, nonce.as_slice(), &sealed].concat()))
}

/// The secret in a sealed file.
///
/// # Errors
/// `Malformed` if the file was changed, or is another one than `about` says.
pub(crate) fn open(key: &SealKey, file: &[u8], about: &[u8]) -> Result<Secret> {
    let (nonce, sealed) = file
        .strip_prefix(MAGIC)
        .and_then(|rest| rest.split_first_chunk::<NONCE>())
        .ok_or_else(broken)?;
    let payload = Payload {
        msg: sealed,
        aad: about,
    };
    let opened = key.cipher().decrypt(nonce.into(), payload);
    opened.map(Secret::new).map_err(|_| broken())
}

fn broken() -> Error {
    Error::new(
        ErrorKind::Malformed,
        "the file is damaged, or was sealed for another key",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_opens_with_its_key_and_for_its_owner_only() {
        let (key, file) = seal(b"the secret key", b"ada a 1").unwrap();
        let secret = open(&key, &file, b"ada a 1").unwrap();
        assert_eq!(secret.expose(), b"the secret key");
        assert!(open(&key, &file, b"bob a 1").is_err(), "another owner");
        let (other, _) = seal(b"the secret key", b"ada a 1").unwrap();
        assert!(open(&other, &file, b"ada a 1").is_err(), "another key");
    }

    #[test]
    fn a_changed_or_cut_file_is_refused_whatever_is_changed() {
        let (key, file) = seal(b"the secret key", b"ada a 1").unwrap();
        for at in 0..file.len() {
            let mut changed = file.clone();
            changed[at] ^= 1;
            let error = open(&key, &changed, b"ada a 1").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed, "byte {at}");
            assert!(open(&key, &file[..at], b"ada a 1").is_err(), "cut at {at}");
        }
    }

    #[test]
    fn the_same_secret_is_never_sealed_alike() {
        let (_, one) = seal(b"the secret key", b"").unwrap();
        let (_, two) = seal(b"the secret key", b"").unwrap();
        assert_ne!(one, two);
    }
}
