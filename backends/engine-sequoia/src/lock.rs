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
        changed |= relock_packet(&component.packet, old, new, &mut bytes)?;
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

/// Appends the packet with its secret part locked anew; false if it has none here.
/// What stays as it is keeps its bytes.
fn relock_packet(
    packet: &Packet<'_>,
    old: Option<&Secret>,
    new: Option<&Secret>,
    out: &mut Vec<u8>,
) -> Result<bool> {
    let stays_open = new.is_none_or(Secret::is_empty);
    let public = packet.is_secret().then(|| key_packet::read(packet));
    let Some(public) = public.transpose()? else {
        out.extend_from_slice(packet.raw);
        return Ok(false);
    };
    match public.guard() {
        None | Some(Guard::Elsewhere(_)) => {
            out.extend_from_slice(packet.raw);
            return Ok(false);
        }
        Some(Guard::Open) if stays_open => {
            SecretKey::open(packet, &public, old)?;
            out.extend_from_slice(packet.raw);
        }
        Some(Guard::Open | Guard::Passphrase) => {
            let mut secret = SecretKey::open(packet, &public, old)?;
            secret.lock(new)?;
            secret.write(out)?;
        }
    }
    Ok(true)
}
