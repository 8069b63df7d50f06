//! The public values of a key, as a token's public-key object has them.

use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectHandle};
use cryptoki::session::Session;
use sifseal_plugin_sdk::openpgp::{EcDsaCurve, PublicValues};

/// Ed25519 as `CKA_EC_PARAMS` names it: by its object identifier (RFC 8410), as PKCS#11
/// 3.0 wants, or by its name as a PrintableString, as SoftHSM has it.
const ED25519: [&[u8]; 2] = [b"\x06\x03\x2B\x65\x70", b"\x13\x0Cedwards25519"];

/// The DER tag of an octet string.
const OCTET_STRING: u8 = 0x04;
/// The DER tag of an object identifier.
const OBJECT_IDENTIFIER: u8 = 0x06;

/// Why there are no values.
#[derive(Debug)]
pub(crate) enum NoValues {
    /// The module does not give them.
    Module(cryptoki::error::Error),
    /// It is a key of a kind that is not known here.
    Kind(String),
    /// They are not what they should be.
    Malformed,
}

impl From<cryptoki::error::Error> for NoValues {
    fn from(error: cryptoki::error::Error) -> Self {
        Self::Module(error)
    }
}

/// Reads the values off an object: the public one, or a private one that has them too.
pub(crate) fn read(session: &Session, object: ObjectHandle) -> Result<PublicValues, NoValues> {
    let attributes = session.get_attributes(object, &[AttributeType::KeyType])?;
    let Some(Attribute::KeyType(kind)) = attributes.first() else {
        return Err(NoValues::Malformed);
    };
    match *kind {
        KeyType::RSA => {
            let wanted = [AttributeType::Modulus, AttributeType::PublicExponent];
            match &session.get_attributes(object, &wanted)?[..] {
                [Attribute::Modulus(n), Attribute::PublicExponent(e)] => Ok(PublicValues::Rsa {
                    n: stripped(n).to_vec(),
                    e: stripped(e).to_vec(),
                }),
                _ => Err(NoValues::Malformed),
            }
        }
        KeyType::EC | KeyType::EC_EDWARDS => {
            let wanted = [AttributeType::EcParams, AttributeType::EcPoint];
            match &session.get_attributes(object, &wanted)?[..] {
                [Attribute::EcParams(curve), Attribute::EcPoint(point)] => on_curve(curve, point),
                _ => Err(NoValues::Malformed),
            }
        }
        other => Err(NoValues::Kind(other.to_string())),
    }
}

fn stripped(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|octet| **octet == 0).count();
    &number[zeros..]
}

fn on_curve(curve: &[u8], point: &[u8]) -> Result<PublicValues, NoValues> {
    if ED25519.contains(&curve) {
        let point = unwrapped(point, 32).and_then(|point| point.try_into().ok());
        return point.map(PublicValues::Ed25519).ok_or(NoValues::Malformed);
    }
    let named = EcDsaCurve::ALL.into_iter().find(|known| {
        curve == [&[OBJECT_IDENTIFIER, known.oid().len() as u8], known.oid()].concat()
    });
    let known = named.ok_or_else(|| {
        NoValues::Kind(format!(
            "a curve that is not known here ({})",
            hex::encode(curve)
        ))
    })?;
    match unwrapped(point, 1 + 2 * known.octets()) {
        Some(point) if point.first() == Some(&4) => Ok(PublicValues::EcDsa {
            curve: known,
            point: point.to_vec(),
        }),
        _ => Err(NoValues::Malformed),
    }
}

/// A point of this length, which most modules give inside of a DER octet string, as
/// PKCS#11 wants, and some as it is. The length tells which.
fn unwrapped(point: &[u8], len: usize) -> Option<&[u8]> {
    if point.len() == len {
        return Some(point);
    }
    // Lengths from 128 on have an octet before them.
    let inner = match point {
        [OCTET_STRING, 0x81, told, inner @ ..] if usize::from(*told) == inner.len() => inner,
        [OCTET_STRING, told @ 0..=0x7F, inner @ ..] if usize::from(*told) == inner.len() => inner,
        _ => return None,
    };
    (inner.len() == len).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(len: usize) -> Vec<u8> {
        [&[4][..], &vec![9; len - 1]].concat()
    }

    #[test]
    fn a_point_is_read_with_and_without_its_wrapping() {
        for (curve, wrapping) in [
            (EcDsaCurve::NistP256, &[4, 65][..]),
            (EcDsaCurve::NistP384, &[4, 97]),
            (EcDsaCurve::NistP521, &[4, 0x81, 133]),
        ] {
            let oid = [&[6, curve.oid().len() as u8], curve.oid()].concat();
            let point = point(1 + 2 * curve.octets());
            for given in [point.clone(), [wrapping, &point].concat()] {
                let read = on_curve(&oid, &given).unwrap();
                let point = point.clone();
                assert_eq!(read, PublicValues::EcDsa { curve, point });
            }
        }
        for curve in ED25519 {
            for given in [vec![7; 32], [&[4, 32][..], &[7; 32]].concat()] {
                let read = on_curve(curve, &given).unwrap();
                assert_eq!(read, PublicValues::Ed25519([7; 32]));
            }
        }
    }

    #[test]
    fn what_is_no_point_of_the_curve_is_refused() {
        let oid = [&[6, 8], EcDsaCurve::NistP256.oid()].concat();
        let compressed = [&[2][..], &[9; 32]].concat();
        for wrong in [
            compressed,
            vec![],
            vec![4],
            vec![4, 65],
            point(64),
            vec![5; 65],
        ] {
            let read = on_curve(&oid, &wrong);
            assert!(matches!(read, Err(NoValues::Malformed)), "{wrong:?}");
        }
        let other = on_curve(b"\x06\x05\x2B\x81\x04\x00\x0A", &point(65));
        assert!(matches!(other, Err(NoValues::Kind(_))));
    }
}
