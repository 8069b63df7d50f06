//! Locking and opening the secret parts of a key.
//!
//! A secret part is locked as GnuPG 2.2 and Apptainer's Go library can open it:
//! string-to-key usage 254, AES-256 in CFB mode with a SHA-1 check, and a key
//! made from the passphrase by iterated and salted SHA-256 (RFC 9580, sections
//! 3.7.1.3 and 5.5.3). Argon2 and AEAD would be stronger, and neither reads them.

use crate::failure::{backend, is_lack, malformed};
use crate::key_packet;
use crate::reader::Reader;
use crate::secret_packet::SecretPacket;
use pgp::crypto::hash::HashAlgorithm;
use pgp::crypto::sym::SymmetricKeyAlgorithm;
use pgp::errors::Error as PgpError;
use pgp::types::{EcdsaPublicParams, Password, PublicParams, S2kParams, SecretParams, StringToKey};
use rand::RngCore;
use rand::rngs::OsRng;
use sifseal_core::openpgp::TransferableSecretKey;
use sifseal_core::openpgp::framing::{Guard, KeyPacket, Packet, Transferable, outline};
use sifseal_core::{Error, ErrorKind, Result, Secret};
use zeroize::Zeroizing;

/// The largest count that the specifier can express: 65 011 712 octets are
/// hashed for one guess at the passphrase.
const ITERATIONS: u8 = 0xFF;

/// Changes the passphrase of every secret part.
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
    let mut bytes = Zeroizing::new(Vec::with_capacity(key.bytes.expose().len() + 256));
    let mut changed = false;
    for component in transferable.components() {
        match open_packet(&component.packet, old)? {
            // What is open and stays so keeps its bytes.
            Some((_, Guard::Open)) if new.is_none_or(Secret::is_empty) => {
                bytes.extend_from_slice(component.packet.raw);
                changed = true;
            }
            Some((mut open, _)) => {
                lock(&mut open, new)?;
                open.write(&mut bytes)?;
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
    Ok(outline::secret_key(&Reader, &Transferable::read(&bytes)?)?)
}

/// The packet with its secret part open, and how it was guarded; `None` if it has
/// none here.
fn open_packet(
    packet: &Packet<'_>,
    passphrase: Option<&Secret>,
) -> Result<Option<(SecretPacket, Guard)>> {
    if !packet.is_secret() {
        return Ok(None);
    }
    let key = key_packet::read(packet)?;
    match Guard::read(key.secret) {
        Guard::Elsewhere(_) => Ok(None),
        guard => Ok(Some((open(packet, &key, passphrase)?, guard))),
    }
}

/// The packet with its secret part open.
///
/// # Errors
/// `Locked` without the right passphrase, `Unavailable` if the secret part is
/// elsewhere, `Unsupported` for a lock that rPGP does not know, `Malformed` if
/// the secret part belongs to another key.
pub(crate) fn open(
    packet: &Packet<'_>,
    key: &KeyPacket<'_>,
    passphrase: Option<&Secret>,
) -> Result<SecretPacket> {
    let guard = Guard::read(key.secret);
    if let Guard::Elsewhere(place) = guard {
        return Err(Error::new(
            ErrorKind::Unavailable,
            format!(
                "the secret part of key {} is elsewhere: {place}",
                key.facts.fingerprint
            ),
        ));
    }
    let mut secret = SecretPacket::read(packet, key)?;
    if guard == Guard::Passphrase {
        let passphrase = passphrase
            .filter(|passphrase| !passphrase.is_empty())
            .ok_or_else(|| Error::new(ErrorKind::Locked, "a passphrase is needed"))?;
        let password = Password::from(passphrase.expose());
        match &mut secret {
            SecretPacket::Primary(key) => key.remove_password(&password),
            SecretPacket::Subkey(key) => key.remove_password(&password),
        }
        .map_err(|error| refusal(&error))?;
    }
    check_belongs(&secret, key)?;
    Ok(secret)
}

/// rPGP does not tell a wrong passphrase from damage, and nobody can.
fn refusal(error: &PgpError) -> Error {
    if is_lack(error) {
        Error::new(
            ErrorKind::Unsupported,
            "the secret key is locked in an unknown way",
        )
        .because(error.to_string())
    } else {
        Error::new(ErrorKind::Locked, "wrong passphrase")
    }
}

/// A secret part that does not fit its public part would make signatures that
/// give the secret away: whoever can write to a key file must not get at it
/// that way (the "key overwriting" attacks, <https://www.kopenpgp.com>).
fn check_belongs(secret: &SecretPacket, key: &KeyPacket<'_>) -> Result<()> {
    let (params, public) = match secret {
        SecretPacket::Primary(key) => (
            key.secret_params(),
            pgp::types::KeyDetails::public_params(key),
        ),
        SecretPacket::Subkey(key) => (
            key.secret_params(),
            pgp::types::KeyDetails::public_params(key),
        ),
    };
    let SecretParams::Plain(plain) = params else {
        return Ok(());
    };
    // The parameters of ECDH's key derivation are the holder's choice and not
    // part of the secret; only signing keys are compared.
    let signs = matches!(
        public,
        PublicParams::RSA(_)
            | PublicParams::DSA(_)
            | PublicParams::ECDSA(_)
            | PublicParams::EdDSALegacy(_)
            | PublicParams::Ed25519(_)
            | PublicParams::Ed448(_)
    );
    // On a curve that rPGP lacks nothing can be compared, nor any signature made.
    let lacks = matches!(
        public,
        PublicParams::ECDSA(EcdsaPublicParams::Unsupported { .. })
    );
    if signs && !lacks && PublicParams::try_from(plain).ok().as_ref() != Some(public) {
        return Err(malformed(format!(
            "the secret part of key {} belongs to another key",
            key.facts.fingerprint
        )));
    }
    Ok(())
}

/// Locks an open secret part; leaves it open without a passphrase.
///
/// # Errors
/// `Backend` if rPGP cannot lock it.
pub(crate) fn lock(secret: &mut SecretPacket, passphrase: Option<&Secret>) -> Result<()> {
    let Some(passphrase) = passphrase.filter(|passphrase| !passphrase.is_empty()) else {
        return Ok(());
    };
    let password = Password::from(passphrase.expose());
    match secret {
        SecretPacket::Primary(key) => key.set_password_with_s2k(&password, parameters()),
        SecretPacket::Subkey(key) => key.set_password_with_s2k(&password, parameters()),
    }
    .map_err(|error| backend("the secret key cannot be locked", error))
}

fn parameters() -> S2kParams {
    let sym_alg = SymmetricKeyAlgorithm::AES256;
    let mut iv = vec![0; sym_alg.block_size()];
    OsRng.fill_bytes(&mut iv);
    S2kParams::Cfb {
        sym_alg,
        s2k: StringToKey::new_iterated(OsRng, HashAlgorithm::Sha256, ITERATIONS),
        iv: iv.into(),
    }
}
