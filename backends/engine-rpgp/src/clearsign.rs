//! Making a cleartext-signed message (RFC 9580, section 7).

use crate::armor;
use crate::failure::backend;
use crate::foreign::ForeignKey;
use crate::key_packet;
use crate::maths::pgp_hash;
use crate::reader::Reader;
use crate::signature_packet;
use pgp::armor::BlockType;
use pgp::packet::{SignatureConfig, SignatureType, Subpacket, SubpacketData};
use pgp::ser::Serialize;
use pgp::types::{KeyDetails, KeyVersion, Password};
use rand::rngs::OsRng;
use sifseal_core::openpgp::cleartext::TextToSign;
use sifseal_core::openpgp::framing::{self, tag, write};
use sifseal_core::openpgp::{HashAlgorithm, Maths};
use sifseal_core::traits::Signer;
use sifseal_core::{Context, Error, ErrorKind, Result};

/// A cleartext-signed message over `text`.
///
/// # Errors
/// As [`Engine::clearsign`](sifseal_core::traits::Engine::clearsign), and
/// `Backend` if what the signer made does not verify.
pub(crate) fn clearsign(
    cx: &Context<'_>,
    signer: &dyn Signer,
    hash: HashAlgorithm,
    text: &str,
) -> Result<String> {
    let text = TextToSign::new(text)?;
    if !signer.accepted_hashes().contains(&hash) {
        return Err(Error::new(
            ErrorKind::Unsupported,
            format!("key {} does not sign with {hash}", signer.fingerprint()),
        ));
    }
    let hashed = text.hashed();
    let body = sign(cx, signer, hash, &hashed)?;
    verify(signer, &body, &hashed)?;

    let mut packet = Vec::with_capacity(body.len() + 3);
    write(tag::SIGNATURE, &body, &mut packet);
    let armored = armor::write(BlockType::Signature, &packet)?;
    let armored = std::str::from_utf8(&armored)
        .map_err(|_| Error::new(ErrorKind::Backend, "the armor is not text"))?;
    Ok(text.message(hash, armored))
}

/// The body of the signature packet.
///
/// The subpackets are those that every reader knows: the time, critical as the
/// RFC asks (section 5.2.3.11); the fingerprint, hashed; and for version 4 the
/// key ID, unhashed as GnuPG writes it, because old readers find a key by
/// nothing else.
fn sign(
    cx: &Context<'_>,
    signer: &dyn Signer,
    hash: HashAlgorithm,
    hashed: &[u8],
) -> Result<Vec<u8>> {
    let key = ForeignKey::new(cx, signer)?;
    let created = pgp::types::Timestamp::from_secs(cx.now.to_openpgp()?);
    let make = || {
        let mut config = match key.version() {
            KeyVersion::V6 => {
                SignatureConfig::v6(OsRng, SignatureType::Text, key.algorithm(), pgp_hash(hash))?
            }
            _ => SignatureConfig::v4(SignatureType::Text, key.algorithm(), pgp_hash(hash)),
        };
        config.hashed_subpackets = vec![
            Subpacket::critical(SubpacketData::SignatureCreationTime(created))?,
            Subpacket::regular(SubpacketData::IssuerFingerprint(key.fingerprint()))?,
        ];
        if key.version() == KeyVersion::V4 {
            config.unhashed_subpackets = vec![Subpacket::regular(SubpacketData::IssuerKeyId(
                key.legacy_key_id(),
            ))?];
        }
        config.sign(&key, &Password::empty(), hashed)
    };
    let signature = make().map_err(|error| key.explain(error))?;
    signature
        .to_bytes()
        .map_err(|error| backend("the signature cannot be written", error))
}

/// A signer is somebody else's program or device, and a faulty signature can
/// even give an RSA secret away: nothing leaves that was not verified.
fn verify(signer: &dyn Signer, body: &[u8], hashed: &[u8]) -> Result<()> {
    let key = key_packet::read_public(signer.public_key())?;
    let maths = signature_packet::read(body)
        .map(|signature| framing::verify(&Reader, &key, &signature, hashed));
    if maths != Some(Maths::Good) {
        return Err(Error::new(
            ErrorKind::Backend,
            format!(
                "the signer of key {} made a signature that does not verify",
                key.facts.fingerprint
            ),
        ));
    }
    Ok(())
}
