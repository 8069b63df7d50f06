//! What can be read off a key without checking any signature.

use super::{Guard, KeyFault, PacketReader, Transferable, tag};
use crate::Secret;
use crate::openpgp::{Certificate, Key, Outline, Protection, TransferableSecretKey};

/// The key with its outline, its bytes as they stand.
///
/// # Errors
/// The first key packet in it that cannot be read.
pub fn key(reader: &impl PacketReader, transferable: &Transferable<'_>) -> Result<Key, KeyFault> {
    if transferable.is_secret() {
        secret_key(reader, transferable).map(Key::Secret)
    } else {
        certificate(reader, transferable).map(Key::Certificate)
    }
}

/// The certificate of a key: the public parts alone.
///
/// # Errors
/// As [`key`].
pub fn certificate(
    reader: &impl PacketReader,
    transferable: &Transferable<'_>,
) -> Result<Certificate, KeyFault> {
    Ok(Certificate {
        outline: outline(reader, transferable)?,
        bytes: transferable.to_public_bytes(reader)?,
    })
}

/// The key as a secret key.
///
/// # Errors
/// As [`key`].
pub fn secret_key(
    reader: &impl PacketReader,
    transferable: &Transferable<'_>,
) -> Result<TransferableSecretKey, KeyFault> {
    Ok(TransferableSecretKey {
        outline: outline(reader, transferable)?,
        protection: protection(reader, transferable)?,
        bytes: Secret::new(transferable.to_bytes()),
    })
}

fn outline(
    reader: &impl PacketReader,
    transferable: &Transferable<'_>,
) -> Result<Outline, KeyFault> {
    let primary = reader.key(&transferable.primary.packet)?.facts;
    let mut subkeys = Vec::with_capacity(transferable.subkeys.len());
    for subkey in &transferable.subkeys {
        subkeys.push(reader.key(&subkey.packet)?.facts.fingerprint);
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
fn protection(
    reader: &impl PacketReader,
    transferable: &Transferable<'_>,
) -> Result<Protection, KeyFault> {
    let mut whole = Protection::NoSecret;
    for component in transferable.keys() {
        let Some(guard) = reader.key(&component.packet)?.guard() else {
            continue;
        };
        whole = match (guard, whole) {
            (Guard::Open, _) | (_, Protection::Open) => Protection::Open,
            (Guard::Passphrase, _) | (_, Protection::Passphrase) => Protection::Passphrase,
            (Guard::Elsewhere(_), Protection::Elsewhere(place)) => Protection::Elsewhere(place),
            (Guard::Elsewhere(place), _) => Protection::Elsewhere(place),
        };
    }
    Ok(whole)
}
