//! Making a cleartext-signed message (RFC 9580, section 7).

use crate::failure::pgp_time;
use crate::statement::Statement;
use crate::{armor, foreign};
use sequoia_openpgp::armor::Kind;
use sequoia_openpgp::types::SignatureType;
use sifseal_core::openpgp::HashAlgorithm;
use sifseal_core::openpgp::cleartext::TextToSign;
use sifseal_core::openpgp::framing::{tag, write};
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
    let body = sign(cx, signer, hash, &text.hashed())?;
    let mut packet = Vec::with_capacity(body.len() + 3);
    write(tag::SIGNATURE, &body, &mut packet);
    let armored = armor::write(Kind::Signature, &packet)?;
    let armored = std::str::from_utf8(&armored)
        .map_err(|_| Error::new(ErrorKind::Backend, "the armor is not text"))?;
    Ok(text.message(hash, armored))
}

/// The body of the signature packet.
///
/// A signer is somebody else's program or device, and a faulty signature can
/// even give an RSA secret away: nothing leaves that was not verified.
fn sign(
    cx: &Context<'_>,
    signer: &dyn Signer,
    hash: HashAlgorithm,
    hashed: &[u8],
) -> Result<Vec<u8>> {
    let key = foreign::public_key(signer)?;
    let created = pgp_time(cx.now)?;
    let pgp_hash = hash.id().into();
    let statement = Statement::new(&key, SignatureType::Text, pgp_hash, created)?;
    let digest = statement.digest(hashed)?;
    let values = foreign::ask(cx, signer, &key, hash, &digest)?;
    key.verify(&values, pgp_hash, &digest).map_err(|error| {
        let which = signer.fingerprint();
        Error::new(
            ErrorKind::Backend,
            format!("the signer of key {which} made a signature that does not verify"),
        )
        .because(error.to_string())
    })?;
    statement.packet(&digest, values)
}
