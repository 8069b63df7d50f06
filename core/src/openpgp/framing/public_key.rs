//! A public-key packet written around the values of a key (RFC 9580, section 5.5.2), for
//! keys in devices that know no OpenPGP.

use super::{Packet, PacketReader, integer, malformed, tag};
use crate::openpgp::{PublicKey, PublicValues};
use crate::{Result, Timestamp};

/// Public-key algorithms (section 9.1).
const RSA: u8 = 1;
const ECDSA: u8 = 19;
const EDDSA_LEGACY: u8 = 22;

/// Ed25519 as version 4 keys name it (section 9.2), and what stands before its point.
const ED25519_OID: &[u8] = b"\x2B\x06\x01\x04\x01\xDA\x47\x0F\x01";
const NATIVE_POINT: u8 = 0x40;

/// The version 4 key with these values: the work of
/// [`Engine::public_key`](crate::traits::Engine::public_key). The engine's part is to
/// read it.
///
/// # Errors
/// `Malformed` for values that are none, `Unsupported` for a time that OpenPGP cannot
/// express.
pub fn with_values(
    reader: &impl PacketReader,
    values: &PublicValues,
    created: Timestamp,
) -> Result<PublicKey> {
    let mut body = vec![4];
    body.extend(created.to_openpgp()?.to_be_bytes());
    match values {
        PublicValues::Rsa { n, e } => {
            body.push(RSA);
            integer::write(n, &mut body)?;
            integer::write(e, &mut body)?;
        }
        PublicValues::EcDsa { curve, point } => {
            if point.len() != 1 + 2 * curve.octets() || point.first() != Some(&4) {
                return Err(malformed("a point has another length than its curve's"));
            }
            body.push(ECDSA);
            write_oid(curve.oid(), &mut body);
            integer::write(point, &mut body)?;
        }
        PublicValues::Ed25519(point) => {
            body.push(EDDSA_LEGACY);
            write_oid(ED25519_OID, &mut body);
            integer::write(&[&[NATIVE_POINT], &point[..]].concat(), &mut body)?;
        }
    }
    let packet = Packet {
        tag: tag::PUBLIC_KEY,
        raw: &body,
        body: &body,
    };
    let fingerprint = reader.key(&packet)?.facts.fingerprint;
    Ok(PublicKey { body, fingerprint })
}

fn write_oid(oid: &[u8], out: &mut Vec<u8>) {
    out.push(oid.len() as u8);
    out.extend_from_slice(oid);
}
