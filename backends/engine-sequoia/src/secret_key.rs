//! One secret-key packet (RFC 9580, section 5.5.3) as Sequoia has it: opened,
//! locked, written.
//!
//! A secret part is locked as GnuPG 2.2 and Apptainer's Go library can open it:
//! string-to-key usage 254, AES-256 in CFB mode with a SHA-1 check, and a key
//! made from the passphrase by iterated and salted SHA-256 (RFC 9580, section
//! 3.7.1.3). Argon2 and AEAD would be stronger, and neither reads them.

use crate::capability;
use crate::failure::{backend, is_lack, malformed};
use sequoia_openpgp::crypto::{KeyPair, Password, S2K, Signer};
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{
    Encrypted, Key4, PublicParts, SecretKeyMaterial, SecretParts, UnspecifiedParts, UnspecifiedRole,
};
use sequoia_openpgp::parse::Parse;
use sequoia_openpgp::serialize::MarshalInto;
use sequoia_openpgp::types::{HashAlgorithm, PublicKeyAlgorithm, SymmetricAlgorithm, Timestamp};
use sequoia_openpgp::{Result as PgpResult, anyhow};
use sifseal_core::openpgp::framing::{Guard, KeyPacket, Packet, tag, write};
use sifseal_core::{Error, ErrorKind, Result, Secret};
use zeroize::Zeroizing;

/// The largest count that the specifier can express: so many octets are hashed
/// for one guess at the passphrase.
const OCTETS_HASHED: u32 = 0x03E0_0000;

/// Argon2 may ask for two to this power of KiB, 2 GiB (RFC 9106, section 4); a
/// key file must not be able to take all memory of a machine.
const ARGON2_LARGEST_MEMORY: u8 = 21;

/// A secret primary key or subkey. What is open in it is kept encrypted in
/// memory by Sequoia, and wiped when dropped.
#[derive(Clone)]
pub(crate) struct SecretKey {
    tag: u8,
    key: Key<SecretParts, UnspecifiedRole>,
}

impl SecretKey {
    /// A new key, made at this time.
    ///
    /// # Errors
    /// `Backend` if Sequoia refuses.
    pub(crate) fn new(
        tag: u8,
        mut key: Key4<SecretParts, UnspecifiedRole>,
        created: Timestamp,
    ) -> Result<Self> {
        key.set_creation_time(created)
            .map_err(|error| backend("the key cannot be made", error))?;
        let key = Key::from(key);
        Ok(Self { tag, key })
    }

    /// Reads a secret primary key or subkey, locked or open.
    ///
    /// # Errors
    /// `Malformed` if Sequoia cannot read it.
    fn read(packet: &Packet<'_>, public: &KeyPacket<'_>) -> Result<Self> {
        let key = Key::<UnspecifiedParts, UnspecifiedRole>::from_bytes(packet.body)
            .and_then(Key::parts_into_secret)
            .map_err(|error| {
                let which = public.facts.fingerprint;
                malformed(format!("the secret part of key {which} cannot be read"))
                    .because(error.to_string())
            })?;
        Ok(Self {
            tag: packet.tag,
            key,
        })
    }

    /// Reads a secret primary key or subkey and opens it.
    ///
    /// # Errors
    /// `Locked` without the right passphrase, `Unavailable` if the secret part is
    /// elsewhere, `Unsupported` for a lock that Sequoia does not know, `Malformed`
    /// if the secret part cannot be read or belongs to another key.
    pub(crate) fn open(
        packet: &Packet<'_>,
        public: &KeyPacket<'_>,
        passphrase: Option<&Secret>,
    ) -> Result<Self> {
        let which = public.facts.fingerprint;
        if let Some(Guard::Elsewhere(place)) = public.guard() {
            return Err(Error::new(
                ErrorKind::Unavailable,
                format!("the secret part of key {which} is elsewhere: {place}"),
            ));
        }
        let mut secret = Self::read(packet, public)?;
        if let SecretKeyMaterial::Encrypted(locked) = secret.key.secret() {
            let passphrase = passphrase
                .filter(|passphrase| !passphrase.is_empty())
                .ok_or_else(|| Error::new(ErrorKind::Locked, "a passphrase is needed"))?;
            refuse_unknown_lock(locked)?;
            let password = Password::from(passphrase.expose());
            secret.key = secret.decrypt(&password).map_err(|error| refusal(&error))?;
        }
        if secret.fits() {
            Ok(secret)
        } else {
            Err(malformed(format!(
                "the secret part of key {which} belongs to another key"
            )))
        }
    }

    /// Modern locks are tied to the type of the packet (RFC 9580, section 5.5.3).
    fn decrypt(&self, password: &Password) -> PgpResult<Key<SecretParts, UnspecifiedRole>> {
        let key = self.key.clone();
        let open = if self.tag == tag::SECRET_KEY {
            key.role_into_primary()
                .decrypt_secret(password)?
                .role_into_unspecified()
        } else {
            key.role_into_subordinate()
                .decrypt_secret(password)?
                .role_into_unspecified()
        };
        Ok(open)
    }

    /// A secret part that does not fit its public part would make signatures that
    /// give the secret away: whoever can write to a key file must not get at it
    /// that way (the "key overwriting" attacks, <https://www.kopenpgp.com>). So a
    /// first signature is made that nobody sees, and must verify. True also for a
    /// key that makes none.
    fn fits(&self) -> bool {
        const HASH: HashAlgorithm = HashAlgorithm::SHA256;
        const DIGEST: [u8; 32] = [0x5A; 32];
        if self.lack().is_some() {
            return true;
        }
        let trial = || -> PgpResult<()> {
            let signature = self.to_key_pair()?.sign(HASH, &DIGEST)?;
            self.key.verify(&signature, HASH, &DIGEST)
        };
        trial().is_ok()
    }

    /// Why it cannot sign here; `None` if it can.
    pub(crate) fn lack(&self) -> Option<String> {
        let algorithm = self.key.pk_algo();
        if algorithm.for_signing() && !is_dsa(algorithm) {
            capability::lack(self.key.mpis())
        } else {
            Some(format!("{algorithm} makes no signatures"))
        }
    }

    /// The key as Sequoia signs with it.
    ///
    /// # Errors
    /// What Sequoia says; it refuses a locked one.
    pub(crate) fn to_key_pair(&self) -> PgpResult<KeyPair> {
        self.key.clone().into_keypair()
    }

    /// The public part.
    pub(crate) fn public(&self) -> &Key<PublicParts, UnspecifiedRole> {
        self.key.parts_as_public()
    }

    /// Locks an open secret part; leaves it open without a passphrase.
    ///
    /// # Errors
    /// `Backend` if Sequoia cannot lock it.
    pub(crate) fn lock(&mut self, passphrase: Option<&Secret>) -> Result<()> {
        let Some(passphrase) = passphrase.filter(|passphrase| !passphrase.is_empty()) else {
            return Ok(());
        };
        let password = Password::from(passphrase.expose());
        let mut secret = self.key.secret().clone();
        S2K::new_iterated(HashAlgorithm::SHA256, OCTETS_HASHED)
            .and_then(|s2k| {
                let cipher = SymmetricAlgorithm::AES256;
                secret.encrypt_in_place_with(&self.key, s2k, cipher, None, &password)
            })
            .map_err(|error| backend("the secret key cannot be locked", error))?;
        self.key = self.key.clone().add_secret(secret).0;
        Ok(())
    }

    /// Appends the packet to `out`.
    ///
    /// # Errors
    /// `Backend` if Sequoia cannot write it.
    pub(crate) fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        let mut body = Zeroizing::new(vec![0; self.key.serialized_len()]);
        let len = self
            .key
            .serialize_into(&mut body)
            .map_err(|error| backend("the secret key cannot be written", error))?;
        write(self.tag, body.get(..len).unwrap_or_default(), out);
        Ok(())
    }
}

#[allow(deprecated)]
fn is_dsa(algorithm: PublicKeyAlgorithm) -> bool {
    algorithm == PublicKeyAlgorithm::DSA
}

fn unknown_lock(why: impl Into<String>) -> Error {
    Error::new(
        ErrorKind::Unsupported,
        "the secret key is locked in an unknown way",
    )
    .because(why.into())
}

fn refuse_unknown_lock(locked: &Encrypted) -> Result<()> {
    let s2k = locked.s2k();
    let too_large = matches!(s2k, S2K::Argon2 { m, .. } if *m > ARGON2_LARGEST_MEMORY);
    if too_large || !s2k.is_supported() {
        return Err(unknown_lock(s2k.to_string()));
    }
    if !locked.algo().is_supported() {
        return Err(unknown_lock(locked.algo().to_string()));
    }
    match locked.aead_algo() {
        Some(aead) if !aead.is_supported() => Err(unknown_lock(aead.to_string())),
        _ => Ok(()),
    }
}

/// Sequoia does not tell a wrong passphrase from damage (its words are mostly
/// "unexpected EOF"), and nobody can.
fn refusal(error: &anyhow::Error) -> Error {
    if is_lack(error) {
        unknown_lock(error.to_string())
    } else {
        Error::new(ErrorKind::Locked, "wrong passphrase")
    }
}
