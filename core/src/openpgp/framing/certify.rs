//! A certificate made around a key that is in a device: the public key, one user ID, and
//! the key's own signature on it (RFC 9580, sections 5.2.1.7 and 10.1).
//!
//! Elsewhere an engine writes what stands inside a packet, and two engines write it
//! differently. Not here: a certificate is told by its bytes, and the one of an HSM's key
//! must be the same whoever made it, and the same when it is made again. So it says only
//! what a key that signs images must say, and all of its times are the key's own.

use super::{
    KeyPacket, Packet, PacketReader, Transferable, covered, integer, malformed, outline, tag,
    verify, write,
};
use crate::openpgp::{Certificate, HashAlgorithm, Maths};
use crate::traits::{RawSignature, Signer};
use crate::{Context, Error, ErrorKind, Result};

/// The type of a positive certification (section 5.2.1.7).
const POSITIVE: u8 = 0x13;

/// Subpackets (section 5.2.3.7).
const CREATED: u8 = 2;
const ISSUER: u8 = 16;
const PRIMARY_USER_ID: u8 = 25;
const KEY_FLAGS: u8 = 27;
const ISSUER_FINGERPRINT: u8 = 33;
/// Who does not understand such a one must not use the signature.
const CRITICAL: u8 = 0x80;

/// May certify and sign.
const FLAGS: u8 = 0x03;

/// The certificate of a signer's key with this user ID, which the signer signs: the work
/// of [`Engine::certify`](crate::traits::Engine::certify).
///
/// # Errors
/// As there.
pub fn certify(
    reader: &impl PacketReader,
    cx: &Context<'_>,
    signer: &dyn Signer,
    user_id: &str,
) -> Result<Certificate> {
    if user_id.is_empty() || user_id.contains(char::is_control) {
        return Err(malformed("a user ID is one line of text"));
    }
    let body = signer.public_key();
    let packet = Packet {
        tag: tag::PUBLIC_KEY,
        raw: body,
        body,
    };
    let key = reader.key(&packet)?;
    let signature = self_signature(reader, cx, signer, &key, user_id)?;
    let mut bytes = Vec::new();
    write(tag::PUBLIC_KEY, body, &mut bytes);
    write(tag::USER_ID, user_id.as_bytes(), &mut bytes);
    write(tag::SIGNATURE, &signature, &mut bytes);
    Ok(outline::certificate(reader, &Transferable::read(&bytes)?)?)
}

/// The body of the signature packet (section 5.2.3).
fn self_signature(
    reader: &impl PacketReader,
    cx: &Context<'_>,
    signer: &dyn Signer,
    key: &KeyPacket<'_>,
    user_id: &str,
) -> Result<Vec<u8>> {
    let (told, found) = (signer.fingerprint(), key.facts.fingerprint);
    if told != found {
        return Err(malformed(format!(
            "the signer says that its key is {told}, but it is {found}"
        )));
    }
    let hash = signer.accepted_hashes().first();
    let hash =
        *hash.ok_or_else(|| malformed(format!("the signer of key {found} takes no hash")))?;
    let data = covered::of_user_id(key, user_id.as_bytes(), 4);
    let mut body = statement(key, hash)?;
    let trailer = [&body[..], &[4, 0xFF], &(body.len() as u32).to_be_bytes()].concat();
    let digest = reader
        .digest(hash, &[&data, &trailer])
        .map_err(|lack| Error::new(ErrorKind::Unsupported, format!("this engine lacks {lack}")))?;
    // The key ID is not hashed, as GnuPG writes it: old readers find a key by nothing else.
    write_area(&subpacket(ISSUER, &found.key_id().0), &mut body);
    body.extend(digest.iter().take(2));
    let raw = signer.sign_digest(cx, hash, &digest)?;
    write_values(key, &raw, &mut body)?;

    // Nothing leaves that was not verified, read anew.
    let maths = reader
        .signature(&body)
        .map(|signature| verify(reader, key, &signature, &data));
    match maths {
        Some(Maths::Good) => Ok(body),
        Some(Maths::Unsupported(lack)) => Err(Error::new(
            ErrorKind::Unsupported,
            format!("this engine cannot check signatures by key {found}: it lacks {lack}"),
        )),
        _ => Err(Error::new(
            ErrorKind::Backend,
            format!("the signer of key {found} made a signature that does not verify"),
        )),
    }
}

/// What the signature says, which is hashed.
fn statement(key: &KeyPacket<'_>, hash: HashAlgorithm) -> Result<Vec<u8>> {
    let facts = &key.facts;
    if facts.version != 4 {
        return Err(Error::new(
            ErrorKind::Unsupported,
            format!("no certificate is made for a version {} key", facts.version),
        ));
    }
    let created = facts.created.to_openpgp()?.to_be_bytes();
    let fingerprint = [&[facts.version], facts.fingerprint.as_bytes()].concat();
    let says = [
        subpacket(CREATED | CRITICAL, &created),
        subpacket(ISSUER_FINGERPRINT, &fingerprint),
        subpacket(KEY_FLAGS | CRITICAL, &[FLAGS]),
        subpacket(PRIMARY_USER_ID, &[1]),
    ];
    let mut statement = vec![4, POSITIVE, key.algorithm_id, hash.id()];
    write_area(&says.concat(), &mut statement);
    Ok(statement)
}

/// All that are written here are short.
fn subpacket(kind: u8, data: &[u8]) -> Vec<u8> {
    [&[data.len() as u8 + 1, kind], data].concat()
}

fn write_area(area: &[u8], out: &mut Vec<u8>) {
    out.extend((area.len() as u16).to_be_bytes());
    out.extend_from_slice(area);
}

/// The values as the key's algorithm writes them (sections 5.2.3.1 to 5.2.3.4).
fn write_values(key: &KeyPacket<'_>, raw: &RawSignature, out: &mut Vec<u8>) -> Result<()> {
    match (key.algorithm_id, raw) {
        (1 | 3, RawSignature::Rsa(s)) => integer::write(s, out),
        (19, RawSignature::EcDsa { r, s }) => {
            integer::write(r, out)?;
            integer::write(s, out)
        }
        (22, RawSignature::EdDsa(both)) if both.len() == 64 => {
            let (r, s) = both.split_at(32);
            integer::write(r, out)?;
            integer::write(s, out)
        }
        (27, RawSignature::EdDsa(both)) if both.len() == 64 => {
            out.extend_from_slice(both);
            Ok(())
        }
        _ => Err(Error::new(
            ErrorKind::Backend,
            format!(
                "the signer of key {} made a signature of another kind of key",
                key.facts.fingerprint
            ),
        )),
    }
}
