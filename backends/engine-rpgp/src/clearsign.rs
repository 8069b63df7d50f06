//! Cleartext-signed messages (RFC 9580, section 7) around any signer.

use crate::names;
use crate::signer::ForeignKey;
use pgp::composed::{ArmorOptions, DetachedSignature};
use pgp::packet::{SignatureConfig, SignatureType, Subpacket, SubpacketData};
use pgp::types::{KeyDetails, KeyVersion, Password};
use sifseal_core::openpgp::HashAlgorithm;
use sifseal_core::traits::Signer;
use sifseal_core::{Context, Error, ErrorKind, Result};

/// Signs a text and frames it.
pub(crate) fn clearsign(
    cx: &Context<'_>,
    signer: &dyn Signer,
    hash: HashAlgorithm,
    text: &str,
) -> Result<String> {
    refuse_unframable(text)?;
    if !signer.accepted_hashes().contains(&hash) {
        return Err(Error::new(
            ErrorKind::Unsupported,
            format!("the key {} does not sign with {hash}", signer.fingerprint()),
        ));
    }
    let key = ForeignKey::new(cx, signer)?;
    let signature = sign(cx, &key, hash, text).map_err(|error| {
        key.failure()
            .unwrap_or_else(|| Error::new(ErrorKind::Backend, "signing failed").because(error))
    })?;
    let mut message = format!("-----BEGIN PGP SIGNED MESSAGE-----\nHash: {hash}\n\n");
    for line in text.split('\n') {
        if line.starts_with('-') {
            message.push_str("- ");
        }
        message.push_str(line);
        message.push('\n');
    }
    message.push_str(signature.trim_end());
    Ok(message)
}

fn sign(
    cx: &Context<'_>,
    key: &ForeignKey<'_>,
    hash: HashAlgorithm,
    text: &str,
) -> pgp::errors::Result<String> {
    let (algorithm, hash) = (key.algorithm(), names::rpgp_hash(hash));
    let mut config = match key.version() {
        KeyVersion::V6 => {
            SignatureConfig::v6(rand::thread_rng(), SignatureType::Text, algorithm, hash)?
        }
        _ => SignatureConfig::v4(SignatureType::Text, algorithm, hash),
    };
    config.hashed_subpackets = vec![
        Subpacket::critical(SubpacketData::SignatureCreationTime(names::rpgp_time(
            cx.now,
        )))?,
        Subpacket::regular(SubpacketData::IssuerFingerprint(key.fingerprint()))?,
    ];
    if key.version() == KeyVersion::V4 {
        // Readers older than the fingerprint subpacket look for the key ID.
        config
            .hashed_subpackets
            .push(Subpacket::regular(SubpacketData::IssuerKeyId(
                key.legacy_key_id(),
            ))?);
    }
    let signature = config.sign(key, &Password::empty(), text.as_bytes())?;
    DetachedSignature::new(signature).to_armored_string(ArmorOptions::default())
}

/// Text that readers would see otherwise than it was signed: rPGP hashes trailing
/// blanks that the format strips, and a carriage return alone is a line end for some.
fn refuse_unframable(text: &str) -> Result<()> {
    let reason = if text.ends_with('\n') {
        "it ends with a line break"
    } else if text.contains('\r') {
        "it holds a carriage return"
    } else if text.split('\n').any(|line| line.ends_with([' ', '\t'])) {
        "a line ends with a blank"
    } else {
        return Ok(());
    };
    Err(Error::new(
        ErrorKind::Malformed,
        format!("this text cannot be signed as cleartext: {reason}"),
    ))
}
