//! What can be read off a key without checking any signature.

use crate::packet::tag;
use crate::secret_packet::Guard;
use crate::transferable::Transferable;
use sifseal_core::openpgp::{Certificate, Key, Outline, Protection, TransferableSecretKey};
use sifseal_core::{Result, Secret};

/// The key with its outline, its bytes as they stand.
///
/// # Errors
/// `Malformed` if a key packet in it cannot be read.
pub(crate) fn key(transferable: &Transferable<'_>) -> Result<Key> {
    if transferable.is_secret() {
        secret_key(transferable).map(Key::Secret)
    } else {
        certificate(transferable).map(Key::Certificate)
    }
}

/// The certificate of a key: the public parts alone.
///
/// # Errors
/// As [`key`].
pub(crate) fn certificate(transferable: &Transferable<'_>) -> Result<Certificate> {
    Ok(Certificate {
        outline: outline(transferable)?,
        bytes: transferable.to_public_bytes()?,
    })
}

/// The key as a secret key.
///
/// # Errors
/// As [`key`].
pub(crate) fn secret_key(transferable: &Transferable<'_>) -> Result<TransferableSecretKey> {
    Ok(TransferableSecretKey {
        outline: outline(transferable)?,
        protection: protection(transferable)?,
        bytes: Secret::new(transferable.to_bytes()),
    })
}

fn outline(transferable: &Transferable<'_>) -> Result<Outline> {
    let primary = transferable.primary.key()?;
    let mut subkeys = Vec::with_capacity(transferable.subkeys.len());
    for subkey in &transferable.subkeys {
        subkeys.push(subkey.key()?.fingerprint);
    }
    let user_ids = transferable
        .identities
        .iter()
        .filter(|identity| identity.packet.tag == tag::USER_ID)
        .map(|identity| String::from_utf8_lossy(identity.packet.body).into_owned())
        .collect();
    Ok(Outline {
        fingerprint: primary.fingerprint,
        created: primary.created,
        algorithm: primary.algorithm,
        bits: primary.bits,
        subkeys,
        user_ids,
    })
}

/// The weakest guard of all: one open secret part makes the whole key open.
fn protection(transferable: &Transferable<'_>) -> Result<Protection> {
    let mut whole = Protection::NoSecret;
    for component in transferable.keys() {
        if !component.packet.is_secret() {
            continue;
        }
        whole = match (Guard::read(component.key()?.secret), whole) {
            (Guard::Open, _) | (_, Protection::Open) => Protection::Open,
            (Guard::Passphrase, _) | (_, Protection::Passphrase) => Protection::Passphrase,
            (Guard::Elsewhere(_), Protection::Elsewhere(place)) => Protection::Elsewhere(place),
            (Guard::Elsewhere(place), _) => Protection::Elsewhere(place),
        };
    }
    Ok(whole)
}
