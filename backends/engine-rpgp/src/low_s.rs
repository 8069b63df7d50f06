//! ECDSA over Bitcoin's curve in the form that rPGP takes.
//!
//! With *s* a signature stands, its negative does too. The library behind rPGP
//! refuses the greater of the two, as Bitcoin does; OpenPGP knows no such rule, and
//! every other signature by GnuPG has it.

use k256::ecdsa::Signature;
use pgp::types::{EcdsaPublicParams, Mpi, PublicParams, SignatureBytes};

/// The octets of either integer.
const WIDTH: usize = 32;

/// The same signature with the smaller *s*, for a key of that curve; any other is
/// left as it is.
pub(crate) fn with_low_s(public: &PublicParams, values: SignatureBytes) -> SignatureBytes {
    match public {
        PublicParams::ECDSA(EcdsaPublicParams::Secp256k1 { .. }) => {
            low_s(&values).unwrap_or(values)
        }
        _ => values,
    }
}

/// `None` if these are not two integers of a signature, or *s* is low already.
fn low_s(values: &SignatureBytes) -> Option<SignatureBytes> {
    let SignatureBytes::Mpis(values) = values else {
        return None;
    };
    let [r, s] = values.as_slice() else {
        return None;
    };
    let signature = Signature::from_scalars(padded(r)?, padded(s)?).ok()?;
    let (r, s) = signature.normalize_s()?.split_bytes();
    Some(SignatureBytes::Mpis(vec![
        Mpi::from_slice(&r),
        Mpi::from_slice(&s),
    ]))
}

fn padded(value: &Mpi) -> Option<[u8; WIDTH]> {
    let value = value.as_ref();
    let mut padded = [0; WIDTH];
    let start = WIDTH.checked_sub(value.len())?;
    padded.get_mut(start..)?.copy_from_slice(value);
    Some(padded)
}
