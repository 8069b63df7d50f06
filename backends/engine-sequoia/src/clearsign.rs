//! Making a cleartext-signed message (RFC 9580, section 7).

use crate::armor;
use crate::foreign::ForeignKey;
use crate::reader::Reader;
use crate::statement::Statement;
use sequoia_openpgp::armor::Kind;
use sequoia_openpgp::types::SignatureType;
use sifseal_core::openpgp::cleartext::TextToSign;
use sifseal_core::openpgp::framing::{self, PacketReader, tag, write};
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
    let key = ForeignKey::new(signer)?;
    let hashed = text.hashed();
    let body = sign(cx, &key, hash, &hashed)?;
    verify(&key, &body, &hashed)?;

    let mut packet = Vec::with_capacity(body.len() + 3);
    write(tag::SIGNATURE, &body, &mut packet);
    let armored = armor::write(Kind::Signature, &packet)?;
    let armored = std::str::from_utf8(&armored)
        .map_err(|_| Error::new(ErrorKind::Backend, "the armor is not text"))?;
    Ok(text.message(hash, armored))
}

/// The body of the signature packet.
fn sign(
    cx: &Context<'_>,
    key: &ForeignKey<'_>,
    hash: HashAlgorithm,
    hashed: &[u8],
) -> Result<Vec<u8>> {
    let created = sequoia_openpgp::types::Timestamp::from(cx.now.to_openpgp()?);
    let statement = Statement::new(&key.packet, SignatureType::Text, hash.id().into(), created)?;
    let digest = statement.digest(hashed)?;
    let values = key.ask(cx, hash, &digest)?;
    statement.packet(&digest, values)
}

/// A signer is somebody else's program or device, and a faulty signature can
/// even give an RSA secret away: nothing leaves that was not verified, read anew.
fn verify(key: &ForeignKey<'_>, body: &[u8], hashed: &[u8]) -> Result<()> {
    let maths = Reader
        .signature(body)
        .map(|signature| framing::verify(&Reader, &key.packet, &signature, hashed));
    if maths != Some(Maths::Good) {
        let which = key.packet.facts.fingerprint;
        return Err(Error::new(
            ErrorKind::Backend,
            format!("the signer of key {which} made a signature that does not verify"),
        ));
    }
    Ok(())
}
