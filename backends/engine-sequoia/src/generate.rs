//! Making a new key pair.
//!
//! Version 4 throughout, because GnuPG 2.2 and Apptainer's Go library read
//! nothing newer: a primary key that certifies and signs, and a subkey that
//! encrypts, as `apptainer key newpair` makes.

use crate::capability::LONGEST_RSA;
use crate::failure::backend;
use crate::key_packet;
use crate::reader::Reader;
use crate::secret_key::SecretKey;
use crate::statement::Statement;
use sequoia_openpgp::Result as PgpResult;
use sequoia_openpgp::crypto::Signer;
use sequoia_openpgp::packet::key::{Key4, SecretParts, UnspecifiedRole};
use sequoia_openpgp::packet::signature::subpacket::SubpacketValue;
use sequoia_openpgp::serialize::MarshalInto;
use sequoia_openpgp::types::{
    CompressionAlgorithm, Curve, Features, HashAlgorithm, KeyFlags, SignatureType,
    SymmetricAlgorithm, Timestamp,
};
use sifseal_core::openpgp::TransferableSecretKey;
use sifseal_core::openpgp::framing::{KeyPacket, Transferable, covered, outline, tag, write};
use sifseal_core::traits::{KeyAlgorithm, KeySpec};
use sifseal_core::{Context, Error, ErrorKind, Result, Secret};
use zeroize::Zeroizing;

/// Shorter moduli are within reach of those with means (NIST SP 800-131A).
const SHORTEST_RSA: u32 = 2048;
/// More than a key of the greatest length takes; growing would leave copies of
/// the secret behind.
const ROOM: usize = 32 * 1024;
/// The hash of self-signatures, whatever the key.
const HASH: HashAlgorithm = HashAlgorithm::SHA512;

/// Makes a new key pair.
///
/// # Errors
/// As [`Engine::generate`](sifseal_core::traits::Engine::generate).
pub(crate) fn generate(
    cx: &Context<'_>,
    spec: &KeySpec,
    passphrase: Option<&Secret>,
) -> Result<TransferableSecretKey> {
    let created = sequoia_openpgp::types::Timestamp::from(cx.now.to_openpgp()?);
    let new = |tag, role| SecretKey::new(tag, material(spec.algorithm, role)?, created);
    let mut primary = new(tag::SECRET_KEY, Role::Sign)?;
    let mut subkey = new(tag::SECRET_SUBKEY, Role::Encrypt)?;
    let author = Author {
        key: &primary,
        created,
        expires: spec.expires_after,
    };
    let certification = author.certify(&spec.user_id)?;
    let binding = author.bind(&subkey)?;
    primary.lock(passphrase)?;
    subkey.lock(passphrase)?;

    let mut bytes = Zeroizing::new(Vec::with_capacity(ROOM));
    primary.write(&mut bytes)?;
    write(tag::USER_ID, spec.user_id.as_bytes(), &mut bytes);
    write(tag::SIGNATURE, &certification, &mut bytes);
    subkey.write(&mut bytes)?;
    write(tag::SIGNATURE, &binding, &mut bytes);
    Ok(outline::secret_key(&Reader, &Transferable::read(&bytes)?)?)
}

fn failed(error: sequoia_openpgp::anyhow::Error) -> Error {
    backend("the key cannot be made", error)
}

#[derive(Debug, Clone, Copy)]
enum Role {
    Sign,
    Encrypt,
}

fn material(algorithm: KeyAlgorithm, role: Role) -> Result<Key4<SecretParts, UnspecifiedRole>> {
    match (algorithm, role) {
        (KeyAlgorithm::Rsa(bits), _) => return rsa(bits),
        (KeyAlgorithm::Ed25519, Role::Sign) => Key4::generate_ecc(true, Curve::Ed25519),
        (KeyAlgorithm::Ed25519, Role::Encrypt) => Key4::generate_ecc(false, Curve::Cv25519),
        (other, _) => {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!("this engine makes no {other:?} keys"),
            ));
        }
    }
    .map_err(failed)
}

fn rsa(bits: u32) -> Result<Key4<SecretParts, UnspecifiedRole>> {
    let refused = if bits < SHORTEST_RSA {
        format!("RSA keys under {SHORTEST_RSA} bits are not safe")
    } else if bits > LONGEST_RSA {
        format!("this engine reads no RSA keys over {LONGEST_RSA} bits")
    } else {
        return Key4::generate_rsa(bits as usize).map_err(failed);
    };
    Err(Error::new(ErrorKind::Unsupported, refused))
}

/// The primary key, saying something about itself.
struct Author<'a> {
    key: &'a SecretKey,
    created: Timestamp,
    expires: Option<u32>,
}

impl Author<'_> {
    /// The self-signature on the user ID, which also says what the key is for.
    fn certify(&self, user_id: &str) -> Result<Vec<u8>> {
        let own = public_body(self.key)?;
        let own = key_packet::read_public(&own)?;
        let flags = KeyFlags::empty().set_certification().set_signing();
        let mut statement = self.statement(&own, SignatureType::PositiveCertification, flags)?;
        for value in [
            SubpacketValue::PrimaryUserID(true),
            SubpacketValue::PreferredSymmetricAlgorithms(vec![
                SymmetricAlgorithm::AES256,
                SymmetricAlgorithm::AES128,
            ]),
            SubpacketValue::PreferredHashAlgorithms(vec![
                HashAlgorithm::SHA512,
                HashAlgorithm::SHA384,
                HashAlgorithm::SHA256,
            ]),
            SubpacketValue::PreferredCompressionAlgorithms(vec![
                CompressionAlgorithm::Zlib,
                CompressionAlgorithm::Zip,
            ]),
            SubpacketValue::Features(Features::empty().set_seipdv1()),
        ] {
            statement.say(value, false)?;
        }
        let own = public_body(self.key)?;
        let own = key_packet::read_public(&own)?;
        self.sign(
            &statement,
            &covered::of_user_id(&own, user_id.as_bytes(), 4),
        )
    }

    /// The signature that ties the subkey to the primary key.
    fn bind(&self, subkey: &SecretKey) -> Result<Vec<u8>> {
        let (own, subkey) = (public_body(self.key)?, public_body(subkey)?);
        let own = key_packet::read_public(&own)?;
        let subkey = key_packet::read_public(&subkey)?;
        let flags = KeyFlags::empty()
            .set_transport_encryption()
            .set_storage_encryption();
        let statement = self.statement(&own, SignatureType::SubkeyBinding, flags)?;
        self.sign(&statement, &covered::of_subkey(&own, &subkey))
    }

    /// What both self-signatures say.
    fn statement(
        &self,
        own: &KeyPacket<'_>,
        kind: SignatureType,
        flags: KeyFlags,
    ) -> Result<Statement> {
        let mut statement = Statement::new(own, kind, HASH, self.created)?;
        statement.say(SubpacketValue::KeyFlags(flags), true)?;
        if let Some(seconds) = self.expires {
            statement.say(SubpacketValue::KeyExpirationTime(seconds.into()), true)?;
        }
        Ok(statement)
    }

    fn sign(&self, statement: &Statement, covered: &[u8]) -> Result<Vec<u8>> {
        let digest = statement.digest(covered)?;
        let sign = || -> PgpResult<_> { self.key.to_key_pair()?.sign(HASH, &digest) };
        statement.packet(&digest, sign().map_err(failed)?)
    }
}

fn public_body(key: &SecretKey) -> Result<Vec<u8>> {
    key.public().to_vec().map_err(failed)
}
