//! Making key pairs: a primary key that certifies and signs, and a subkey that
//! encrypts, like those that Apptainer and GnuPG make.

use crate::lock::protection;
use crate::names;
use crate::outline::read_key;
use crate::packets::{framed, malformed, tag};
use pgp::composed::KeyType;
use pgp::crypto::ecc_curve::ECCCurve;
use pgp::crypto::hash::HashAlgorithm;
use pgp::crypto::sym::SymmetricKeyAlgorithm;
use pgp::packet::{
    Features, KeyFlags, PubKeyInner, PublicKey, PublicSubkey, SecretKey, SecretSubkey, Signature,
    SignatureConfig, SignatureType, Subpacket, SubpacketData, UserId,
};
use pgp::ser::Serialize;
use pgp::types::{Duration, KeyDetails, KeyVersion, PacketHeaderVersion, Password, Tag, Timestamp};
use sifseal_core::openpgp::{Key, TransferableSecretKey};
use sifseal_core::traits::{KeyAlgorithm, KeySpec};
use sifseal_core::{Context, Error, ErrorKind, Result, Secret};
use std::ops::RangeInclusive;

/// Shorter ones are refused by the policy, longer ones are not made by rPGP.
const RSA_BITS: RangeInclusive<u32> = 2048..=4096;

/// Makes a key pair.
pub(crate) fn generate(
    cx: &Context<'_>,
    spec: &KeySpec,
    passphrase: Option<&Secret>,
) -> Result<TransferableSecretKey> {
    let (primary, subkey) = kinds(spec.algorithm)?;
    let made = names::rpgp_time(cx.now);
    let bytes = build(spec, &primary, &subkey, made, passphrase)
        .map_err(|error| Error::new(ErrorKind::Backend, "making the key failed").because(error))?;
    match read_key(Secret::new(bytes).expose())? {
        Key::Secret(key) => Ok(key),
        Key::Certificate(_) => Err(malformed("the new key has no secret part")),
    }
}

fn kinds(algorithm: KeyAlgorithm) -> Result<(KeyType, KeyType)> {
    match algorithm {
        KeyAlgorithm::Rsa(bits) if RSA_BITS.contains(&bits) => {
            Ok((KeyType::Rsa(bits), KeyType::Rsa(bits)))
        }
        KeyAlgorithm::Rsa(bits) => Err(Error::new(
            ErrorKind::Unsupported,
            format!("an RSA key of {bits} bits is not made"),
        )
        .hint(format!(
            "choose {} to {} bits; 4096 is the default",
            RSA_BITS.start(),
            RSA_BITS.end()
        ))),
        // Version 4 with the old encodings, which GnuPG 2.2 and the Go libraries read.
        KeyAlgorithm::Ed25519 => Ok((
            KeyType::Ed25519Legacy,
            KeyType::ECDH(ECCCurve::Curve25519Legacy),
        )),
        other => Err(Error::new(
            ErrorKind::Unsupported,
            format!("this engine makes no {other:?} keys"),
        )),
    }
}

fn build(
    spec: &KeySpec,
    primary: &KeyType,
    subkey: &KeyType,
    made: Timestamp,
    passphrase: Option<&Secret>,
) -> pgp::errors::Result<Vec<u8>> {
    let (params, secret) = primary.generate(rand::thread_rng())?;
    let inner = PubKeyInner::new(KeyVersion::V4, primary.to_alg(), made, None, params)?;
    let public = PublicKey::from_inner(inner)?;
    let mut primary = SecretKey::new(public.clone(), secret)?;

    let (params, secret) = subkey.generate(rand::thread_rng())?;
    let inner = PubKeyInner::new(KeyVersion::V4, subkey.to_alg(), made, None, params)?;
    let public_subkey = PublicSubkey::from_inner(inner)?;
    let mut subkey = SecretSubkey::new(public_subkey.clone(), secret)?;

    let user_id = UserId::from_str(PacketHeaderVersion::New, &spec.user_id)?;
    let certification = certification(spec, &primary, &public, &user_id, made)?;
    let binding = binding(spec, &primary, &public, &public_subkey, made)?;
    if let Some(passphrase) = passphrase {
        let password = Password::from(passphrase.expose());
        primary.set_password_with_s2k(&password, protection())?;
        subkey.set_password_with_s2k(&password, protection())?;
    }

    let mut bytes = framed(tag::SECRET_KEY, &primary.to_bytes()?);
    bytes.extend(framed(tag::USER_ID, spec.user_id.as_bytes()));
    bytes.extend(framed(tag::SIGNATURE, &certification.to_bytes()?));
    bytes.extend(framed(tag::SECRET_SUBKEY, &subkey.to_bytes()?));
    bytes.extend(framed(tag::SIGNATURE, &binding.to_bytes()?));
    Ok(bytes)
}

/// The primary key's statement about its user ID and itself. SHA-512, because every
/// key that is made here can carry it.
fn certification(
    spec: &KeySpec,
    key: &SecretKey,
    public: &PublicKey,
    user_id: &UserId,
    made: Timestamp,
) -> pgp::errors::Result<Signature> {
    let mut flags = KeyFlags::default();
    flags.set_certify(true);
    flags.set_sign(true);
    let mut features = Features::new();
    features.set_seipd_v1(true);
    let mut config = SignatureConfig::v4(
        SignatureType::CertPositive,
        key.algorithm(),
        HashAlgorithm::Sha512,
    );
    config.hashed_subpackets = common_subpackets(spec, public, flags, made)?;
    config.hashed_subpackets.extend([
        Subpacket::regular(SubpacketData::IsPrimary(true))?,
        Subpacket::regular(SubpacketData::PreferredSymmetricAlgorithms(
            [SymmetricKeyAlgorithm::AES256, SymmetricKeyAlgorithm::AES128]
                .into_iter()
                .collect(),
        ))?,
        Subpacket::regular(SubpacketData::PreferredHashAlgorithms(
            [HashAlgorithm::Sha512, HashAlgorithm::Sha256]
                .into_iter()
                .collect(),
        ))?,
        Subpacket::regular(SubpacketData::Features(features))?,
    ]);
    config.sign_certification(key, public, &Password::empty(), Tag::UserId, user_id)
}

fn binding(
    spec: &KeySpec,
    key: &SecretKey,
    public: &PublicKey,
    subkey: &PublicSubkey,
    made: Timestamp,
) -> pgp::errors::Result<Signature> {
    let mut flags = KeyFlags::default();
    flags.set_encrypt_comms(true);
    flags.set_encrypt_storage(true);
    let mut config = SignatureConfig::v4(
        SignatureType::SubkeyBinding,
        key.algorithm(),
        HashAlgorithm::Sha512,
    );
    config.hashed_subpackets = common_subpackets(spec, public, flags, made)?;
    config.sign_subkey_binding(key, public, &Password::empty(), subkey)
}

fn common_subpackets(
    spec: &KeySpec,
    public: &PublicKey,
    flags: KeyFlags,
    made: Timestamp,
) -> pgp::errors::Result<Vec<Subpacket>> {
    let mut subpackets = vec![
        Subpacket::critical(SubpacketData::SignatureCreationTime(made))?,
        Subpacket::regular(SubpacketData::IssuerFingerprint(public.fingerprint()))?,
        Subpacket::regular(SubpacketData::IssuerKeyId(public.legacy_key_id()))?,
        Subpacket::critical(SubpacketData::KeyFlags(flags))?,
    ];
    if let Some(seconds) = spec.expires_after {
        subpackets.push(Subpacket::critical(SubpacketData::KeyExpirationTime(
            Duration::from_secs(seconds),
        ))?);
    }
    Ok(subpackets)
}
