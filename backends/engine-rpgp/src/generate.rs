//! Making a new key pair.
//!
//! Version 4 throughout, because GnuPG 2.2 and Apptainer's Go library read
//! nothing newer: a primary key that certifies and signs, and a subkey that
//! encrypts, as `apptainer key newpair` makes.

use crate::failure::backend;
use crate::lock;
use crate::reader::Reader;
use crate::secret_packet::SecretPacket;
use pgp::composed::KeyType;
use pgp::crypto::ecc_curve::ECCCurve;
use pgp::crypto::hash::HashAlgorithm;
use pgp::crypto::public_key::PublicKeyAlgorithm;
use pgp::crypto::sym::SymmetricKeyAlgorithm;
use pgp::errors::Result as PgpResult;
use pgp::packet::{
    Features, KeyFlags, PubKeyInner, PublicKey, PublicSubkey, SecretKey, SecretSubkey, Signature,
    SignatureConfig, SignatureType, Subpacket, SubpacketData, UserId,
};
use pgp::ser::Serialize;
use pgp::types::{
    CompressionAlgorithm, Duration, KeyDetails, KeyVersion, Password, PlainSecretParams,
    PublicParams, SecretParams, Tag, Timestamp,
};
use rand::rngs::OsRng;
use sifseal_core::openpgp::TransferableSecretKey;
use sifseal_core::openpgp::framing::{Transferable, outline, tag, write};
use sifseal_core::traits::{KeyAlgorithm, KeySpec};
use sifseal_core::{Context, Error, ErrorKind, Result, Secret};
use zeroize::Zeroizing;

/// Shorter moduli are within reach of those with means (NIST SP 800-131A).
const SHORTEST_RSA: u32 = 2048;
/// GnuPG, Go and rPGP read no longer integers.
const LONGEST_RSA: u32 = 16384;
/// More than a key of the greatest length takes; growing would leave copies of
/// the secret behind.
const ROOM: usize = 32 * 1024;
/// The hash of self-signatures, whatever the key.
const HASH: HashAlgorithm = HashAlgorithm::Sha512;

/// Makes a new key pair.
///
/// # Errors
/// As [`Engine::generate`](sifseal_core::traits::Engine::generate).
pub(crate) fn generate(
    cx: &Context<'_>,
    spec: &KeySpec,
    passphrase: Option<&Secret>,
) -> Result<TransferableSecretKey> {
    let created = pgp::types::Timestamp::from_secs(cx.now.to_openpgp()?);
    let signing = material(spec.algorithm, Role::Sign)?;
    let primary = inner(signing.algorithm, created, signing.public)
        .and_then(PublicKey::from_inner)
        .and_then(|public| SecretKey::new(public, SecretParams::Plain(signing.secret)))
        .map_err(failed)?;
    let encryption = material(spec.algorithm, Role::Encrypt)?;
    let subkey = inner(encryption.algorithm, created, encryption.public)
        .and_then(PublicSubkey::from_inner)
        .and_then(|public| SecretSubkey::new(public, SecretParams::Plain(encryption.secret)))
        .map_err(failed)?;

    let user_id = UserId::from_str(Default::default(), &spec.user_id).map_err(failed)?;
    let expires = spec.expires_after.map(Duration::from_secs);
    let certification = certify(&primary, &user_id, created, expires).map_err(failed)?;
    let binding = bind(&primary, &subkey, created, expires).map_err(failed)?;

    let mut bytes = Zeroizing::new(Vec::with_capacity(ROOM));
    let mut primary = SecretPacket::Primary(primary);
    lock::lock(&mut primary, passphrase)?;
    primary.write(&mut bytes)?;
    write(tag::USER_ID, spec.user_id.as_bytes(), &mut bytes);
    write_signature(&certification, &mut bytes)?;
    let mut subkey = SecretPacket::Subkey(subkey);
    lock::lock(&mut subkey, passphrase)?;
    subkey.write(&mut bytes)?;
    write_signature(&binding, &mut bytes)?;
    Ok(outline::secret_key(&Reader, &Transferable::read(&bytes)?)?)
}

fn failed(error: pgp::errors::Error) -> Error {
    backend("the key cannot be made", error)
}

#[derive(Debug, Clone, Copy)]
enum Role {
    Sign,
    Encrypt,
}

/// The values of one new key.
struct Material {
    algorithm: PublicKeyAlgorithm,
    public: PublicParams,
    secret: PlainSecretParams,
}

fn material(algorithm: KeyAlgorithm, role: Role) -> Result<Material> {
    let kind = match (algorithm, role) {
        (KeyAlgorithm::Rsa(bits), _) => return rsa(bits),
        (KeyAlgorithm::Ed25519, Role::Sign) => KeyType::Ed25519Legacy,
        (KeyAlgorithm::Ed25519, Role::Encrypt) => KeyType::ECDH(ECCCurve::Curve25519Legacy),
        (other, _) => {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!("this engine makes no {other:?} keys"),
            ));
        }
    };
    let (public, secret) = kind.generate(OsRng).map_err(failed)?;
    let SecretParams::Plain(secret) = &secret else {
        return Err(Error::new(ErrorKind::Backend, "rPGP made a locked key"));
    };
    Ok(Material {
        algorithm: kind.to_alg(),
        public,
        secret: secret.clone(),
    })
}

/// rPGP itself makes none above 4096 bits, but takes them.
fn rsa(bits: u32) -> Result<Material> {
    let refused = if bits < SHORTEST_RSA {
        format!("RSA keys under {SHORTEST_RSA} bits are not safe")
    } else if bits > LONGEST_RSA {
        format!("no program reads RSA keys over {LONGEST_RSA} bits")
    } else {
        let key = rsa::RsaPrivateKey::new(&mut OsRng, bits as usize).map_err(|error| {
            Error::new(ErrorKind::Backend, "the RSA key cannot be made").because(error)
        })?;
        let secret = PlainSecretParams::RSA(key.into());
        return Ok(Material {
            algorithm: PublicKeyAlgorithm::RSA,
            public: PublicParams::try_from(&secret).map_err(failed)?,
            secret,
        });
    };
    Err(Error::new(ErrorKind::Unsupported, refused))
}

fn inner(
    algorithm: PublicKeyAlgorithm,
    created: Timestamp,
    public: PublicParams,
) -> PgpResult<PubKeyInner> {
    PubKeyInner::new(KeyVersion::V4, algorithm, created, None, public)
}

/// The self-signature on the user ID, which also says what the key is for.
fn certify(
    primary: &SecretKey,
    user_id: &UserId,
    created: Timestamp,
    expires: Option<Duration>,
) -> PgpResult<Signature> {
    let mut flags = KeyFlags::default();
    flags.set_certify(true);
    flags.set_sign(true);
    let mut config = statement(
        primary,
        SignatureType::CertPositive,
        created,
        flags,
        expires,
    )?;
    let mut features = Features::default();
    features.set_seipd_v1(true);
    for data in [
        SubpacketData::IsPrimary(true),
        SubpacketData::PreferredSymmetricAlgorithms(
            [SymmetricKeyAlgorithm::AES256, SymmetricKeyAlgorithm::AES128]
                .as_slice()
                .into(),
        ),
        SubpacketData::PreferredHashAlgorithms(
            [
                HashAlgorithm::Sha512,
                HashAlgorithm::Sha384,
                HashAlgorithm::Sha256,
            ]
            .as_slice()
            .into(),
        ),
        SubpacketData::PreferredCompressionAlgorithms(
            [CompressionAlgorithm::ZLIB, CompressionAlgorithm::ZIP]
                .as_slice()
                .into(),
        ),
        SubpacketData::Features(features),
    ] {
        config.hashed_subpackets.push(Subpacket::regular(data)?);
    }
    config.sign_certification(
        primary,
        primary.public_key(),
        &Password::empty(),
        Tag::UserId,
        user_id,
    )
}

/// The signature that ties the subkey to the primary key.
fn bind(
    primary: &SecretKey,
    subkey: &SecretSubkey,
    created: Timestamp,
    expires: Option<Duration>,
) -> PgpResult<Signature> {
    let mut flags = KeyFlags::default();
    flags.set_encrypt_comms(true);
    flags.set_encrypt_storage(true);
    statement(
        primary,
        SignatureType::SubkeyBinding,
        created,
        flags,
        expires,
    )?
    .sign_subkey_binding(
        primary,
        primary.public_key(),
        &Password::empty(),
        subkey.public_key(),
    )
}

/// What both self-signatures say.
fn statement(
    primary: &SecretKey,
    kind: SignatureType,
    created: Timestamp,
    flags: KeyFlags,
    expires: Option<Duration>,
) -> PgpResult<SignatureConfig> {
    let mut config = SignatureConfig::v4(kind, primary.algorithm(), HASH);
    config.hashed_subpackets = vec![
        Subpacket::critical(SubpacketData::SignatureCreationTime(created))?,
        Subpacket::regular(SubpacketData::IssuerFingerprint(primary.fingerprint()))?,
        Subpacket::critical(SubpacketData::KeyFlags(flags))?,
    ];
    if let Some(expires) = expires {
        let data = SubpacketData::KeyExpirationTime(expires);
        config.hashed_subpackets.push(Subpacket::critical(data)?);
    }
    config.unhashed_subpackets = vec![Subpacket::regular(SubpacketData::IssuerKeyId(
        primary.legacy_key_id(),
    ))?];
    Ok(config)
}

fn write_signature(signature: &Signature, out: &mut Vec<u8>) -> Result<()> {
    let body = signature.to_bytes().map_err(failed)?;
    write(tag::SIGNATURE, &body, out);
    Ok(())
}
