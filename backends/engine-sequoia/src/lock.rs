//! Changing the passphrase of a whole key.

use crate::key_packet;
use crate::reader::Reader;
use crate::secret_key::SecretKey;
use sifseal_core::openpgp::TransferableSecretKey;
use sifseal_core::openpgp::framing::{Guard, Packet, Transferable, outline};
use sifseal_core::{Error, ErrorKind, Result, Secret};
use zeroize::Zeroizing;

/// More than a lock adds to a secret part.
const ROOM_FOR_LOCKS: usize = 4096;

/// Changes the passphrase of every secret part that is here.
///
/// # Errors
/// `Locked` if `old` does not open a part, `Unsupported` if none of the secret
/// parts is here.
pub(crate) fn relock(
    key: &TransferableSecretKey,
    old: Option<&Secret>,
    new: Option<&Secret>,
) -> Result<TransferableSecretKey> {
    let transferable = Transferable::read(key.bytes.expose())?;
    // In one piece: growing would leave copies of a secret behind.
    let room = key.bytes.expose().len() + ROOM_FOR_LOCKS;
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    let mut changed = false;
    for component in transferable.components() {
        match open(&component.packet, old)? {
            Some(mut secret) => {
                secret.lock(new)?;
                secret.write(&mut bytes)?;
                changed = true;
            }
            None => bytes.extend_from_slice(component.packet.raw),
        }
        component.write_signatures(&mut bytes);
    }
    if !changed {
        return Err(Error::new(
            ErrorKind::Unsupported,
            format!(
                "no secret part of key {} is here to be locked",
                key.fingerprint()
            ),
        ));
    }
    let relocked = outline::secret_key(&Reader, &Transferable::read(&bytes)?)?;
    if relocked.outline != key.outline {
        return Err(Error::new(
            ErrorKind::Backend,
            format!("Sequoia wrote another key than {}", key.fingerprint()),
        ));
    }
    Ok(relocked)
}

/// The packet with its secret part open; `None` if it has none here.
fn open(packet: &Packet<'_>, passphrase: Option<&Secret>) -> Result<Option<SecretKey>> {
    if !packet.is_secret() {
        return Ok(None);
    }
    let public = key_packet::read(packet)?;
    match public.guard() {
        None | Some(Guard::Elsewhere(_)) => Ok(None),
        Some(Guard::Open | Guard::Passphrase) => {
            SecretKey::open(packet, &public, passphrase).map(Some)
        }
    }
}
