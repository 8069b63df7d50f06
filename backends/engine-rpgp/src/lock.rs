//! Passphrases: taking them off to sign, and changing them.

use crate::outline::{Guard, PublicHalf, guard, read_key};
use crate::packets::{Frame, KeyTree, framed, malformed, tag};
use crate::signer::{SoftwareKey, Unlocked};
use pgp::crypto::hash::HashAlgorithm;
use pgp::crypto::sym::SymmetricKeyAlgorithm;
use pgp::packet::Packet;
use pgp::ser::Serialize;
use pgp::types::{Password, S2kParams, StringToKey};
use rand::Rng;
use sifseal_core::openpgp::{Fingerprint, Key, TransferableSecretKey};
use sifseal_core::traits::Signer;
use sifseal_core::{Error, ErrorKind, Result, Secret};

/// The coded count of octets that are hashed from a passphrase (RFC 9580, section
/// 3.7.1.3): 65,011,712, the most there is, a few hundred milliseconds.
const S2K_COUNT: u8 = 255;

/// A signer for one key of a transferable secret key.
pub(crate) fn unlock(
    key: &TransferableSecretKey,
    which: &Fingerprint,
    passphrase: Option<&Secret>,
) -> Result<Box<dyn Signer>> {
    let tree = KeyTree::read(key.bytes.expose())?;
    for frame in secret_frames(&tree) {
        let public = PublicHalf::read(frame)?;
        if public.fingerprint == *which {
            let unlocked = unlock_frame(frame, passphrase)?;
            return Ok(Box::new(SoftwareKey::new(unlocked, public)?));
        }
    }
    Err(Error::new(
        ErrorKind::NotFound,
        format!("there is no secret part of {which}"),
    ))
}

fn secret_frames<'a, 'b>(tree: &'a KeyTree<'b>) -> impl Iterator<Item = &'a Frame<'b>> {
    std::iter::once(&tree.primary)
        .chain(tree.parts.iter().map(|part| &part.packet))
        .filter(|frame| is_secret(frame))
}

fn is_secret(frame: &Frame<'_>) -> bool {
    matches!(frame.tag, tag::SECRET_KEY | tag::SECRET_SUBKEY)
}

fn unlock_frame(frame: &Frame<'_>, passphrase: Option<&Secret>) -> Result<Unlocked> {
    let password = match (guard(frame)?, passphrase) {
        (Guard::Open, _) => Password::empty(),
        (Guard::Passphrase, Some(passphrase)) => Password::from(passphrase.expose()),
        (Guard::Passphrase, None) => {
            return Err(Error::new(ErrorKind::Locked, "a passphrase is needed"));
        }
        (Guard::Elsewhere, _) => {
            return Err(Error::new(
                ErrorKind::Unavailable,
                "the secret part is on a smart card or another device",
            ));
        }
    };
    // Whatever rPGP calls it (an odd checksum, invalid input), it means one thing.
    let wrong = |error| Error::new(ErrorKind::Locked, "wrong passphrase").because(Quiet(error));
    match frame.parse()? {
        Packet::SecretKey(mut key) => {
            key.remove_password(&password).map_err(wrong)?;
            Ok(Unlocked::Primary(key))
        }
        Packet::SecretSubkey(mut key) => {
            key.remove_password(&password).map_err(wrong)?;
            Ok(Unlocked::Subkey(key))
        }
        _ => Err(malformed("a secret key packet was expected")),
    }
}

/// Changes the passphrase of every secret part.
pub(crate) fn relock(
    key: &TransferableSecretKey,
    old: Option<&Secret>,
    new: Option<&Secret>,
) -> Result<TransferableSecretKey> {
    let tree = KeyTree::read(key.bytes.expose())?;
    let mut bytes = Vec::with_capacity(key.bytes.expose().len());
    let parts = tree.parts.iter();
    let frames = std::iter::once(&tree.primary)
        .chain(&tree.on_primary)
        .chain(parts.flat_map(|part| std::iter::once(&part.packet).chain(&part.signatures)));
    for frame in frames {
        if is_secret(frame) && guard(frame)? != Guard::Elsewhere {
            bytes.extend(relock_frame(frame, old, new)?);
        } else {
            bytes.extend(frame.whole);
        }
    }
    let bytes = Secret::new(bytes);
    match read_key(bytes.expose())? {
        Key::Secret(key) => Ok(key),
        Key::Certificate(_) => Err(malformed("the secret key lost its secret")),
    }
}

fn relock_frame(frame: &Frame<'_>, old: Option<&Secret>, new: Option<&Secret>) -> Result<Vec<u8>> {
    let failed = |error| Error::new(ErrorKind::Backend, "locking the key failed").because(error);
    let body = match unlock_frame(frame, old)? {
        Unlocked::Primary(mut key) => {
            if let Some(new) = new {
                key.set_password_with_s2k(&Password::from(new.expose()), protection())
                    .map_err(failed)?;
            }
            key.to_bytes()
        }
        Unlocked::Subkey(mut key) => {
            if let Some(new) = new {
                key.set_password_with_s2k(&Password::from(new.expose()), protection())
                    .map_err(failed)?;
            }
            key.to_bytes()
        }
    };
    Ok(framed(frame.tag, &body.map_err(failed)?))
}

/// The lock that every OpenPGP program since 2000 opens: AES-256 in CFB with a SHA-1
/// check (usage 254), the passphrase iterated and salted by SHA-256.
pub(crate) fn protection() -> S2kParams {
    let mut rng = rand::thread_rng();
    let iv: [u8; 16] = rng.r#gen();
    S2kParams::Cfb {
        sym_alg: SymmetricKeyAlgorithm::AES256,
        s2k: StringToKey::new_iterated(&mut rng, HashAlgorithm::Sha256, S2K_COUNT),
        iv: iv.to_vec().into(),
    }
}

/// An error that stays in the chain for whoever debugs, and says nothing to others:
/// "invalid input" would only confuse a person who mistyped.
#[derive(Debug)]
struct Quiet(pgp::errors::Error);

impl std::fmt::Display for Quiet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("it does not open the key")
    }
}

impl std::error::Error for Quiet {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}
