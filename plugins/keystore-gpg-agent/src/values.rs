//! The numbers of a signature in what gpg-agent gives.
//!
//! RSA and ECDSA have integers, before which there may be zeros: a card gives them in a
//! fixed length, libgcrypt one more where the first bit is set. Ed25519 has 32 bytes
//! twice that are no integers to us; where zeros at their beginning were lost, they are
//! put back.

use crate::keys::SigningAlgorithm;
use crate::sexp::Sexp;
use sifseal_plugin_sdk::traits::RawSignature;
use sifseal_plugin_sdk::{Error, ErrorKind, Result};

/// The length of each half of an Ed25519 signature.
const ED25519: usize = 32;

/// The signature in an answer to `PKSIGN`.
///
/// # Errors
/// `Malformed` if it is none by a key of this kind.
pub(crate) fn signature(answer: &[u8], algorithm: SigningAlgorithm) -> Result<RawSignature> {
    let read = || {
        let sexp = Sexp::read(answer)?;
        let [values] = sexp.named("sig-val")? else {
            return None;
        };
        match algorithm {
            SigningAlgorithm::Rsa(len) => {
                let values = values.named("rsa")?;
                integer(values, "s", len).map(RawSignature::Rsa)
            }
            SigningAlgorithm::Ecdsa(len) => {
                let values = values.named("ecdsa")?;
                let (r, s) = (integer(values, "r", len)?, integer(values, "s", len)?);
                Some(RawSignature::EcDsa { r, s })
            }
            SigningAlgorithm::Ed25519 => {
                let values = values.named("eddsa")?;
                let (r, s) = (half(values, "r")?, half(values, "s")?);
                Some(RawSignature::EdDsa([r, s].concat()))
            }
        }
    };
    read().ok_or_else(|| {
        let what = "it answers with something that is no signature by this key";
        Error::new(ErrorKind::Malformed, what)
    })
}

/// A positive integer of at most so many bytes, without zeros before it.
fn integer(values: &[Sexp<'_>], name: &str, len: usize) -> Option<Vec<u8>> {
    let bytes = without_zeros(Sexp::value(values, name)?);
    (1..=len).contains(&bytes.len()).then(|| bytes.to_vec())
}

/// Half of an Ed25519 signature.
fn half(values: &[Sexp<'_>], name: &str) -> Option<[u8; ED25519]> {
    let bytes = Sexp::value(values, name)?;
    let bytes = match bytes.len() {
        0 => return None,
        1..=ED25519 => bytes,
        _ => without_zeros(bytes),
    };
    let mut half = [0; ED25519];
    half.get_mut(ED25519.checked_sub(bytes.len())?..)?
        .copy_from_slice(bytes);
    Some(half)
}

fn without_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    &bytes[zeros..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use SigningAlgorithm::{Ecdsa, Ed25519, Rsa};

    /// `(sig-val (kind (name bytes) …))`
    fn answer(kind: &str, values: &[(&str, &[u8])]) -> Vec<u8> {
        let bytes = |bytes: &[u8]| [format!("{}:", bytes.len()).as_bytes(), bytes].concat();
        let mut out = b"(7:sig-val(".to_vec();
        out.extend(bytes(kind.as_bytes()));
        for (name, value) in values {
            out.extend([b"(", &bytes(name.as_bytes())[..], &bytes(value), b")"].concat());
        }
        out.extend(b"))");
        out
    }

    #[test]
    fn integers_have_no_zeros_before_them() {
        for value in [&[5, 0][..], &[0, 5, 0], &[0, 0, 0, 5, 0]] {
            let raw = signature(&answer("rsa", &[("s", value)]), Rsa(2)).unwrap();
            assert_eq!(raw, RawSignature::Rsa(vec![5, 0]));
            let both = [("r", value), ("s", &[0xFF][..])];
            let raw = signature(&answer("ecdsa", &both), Ecdsa(2)).unwrap();
            let (r, s) = (vec![5, 0], vec![0xFF]);
            assert_eq!(raw, RawSignature::EcDsa { r, s });
        }
    }

    #[test]
    fn the_halves_of_ed25519_keep_their_zeros_and_get_back_lost_ones() {
        let whole = [&[0, 0][..], &[7; 30]].concat();
        let long = [&[0][..], &[9; 32]].concat();
        for r in [&whole[..], &whole[1..], &whole[2..]] {
            for s in [&long[..], &long[1..]] {
                let raw = signature(&answer("eddsa", &[("r", r), ("s", s)]), Ed25519).unwrap();
                assert_eq!(raw, RawSignature::EdDsa([&whole[..], &[9; 32]].concat()));
            }
        }
    }

    #[test]
    fn what_is_no_signature_by_this_key_is_refused() {
        let bytes: &[u8] = &[1; 32];
        let long: &[u8] = &[1; 33];
        let none: &[u8] = &[];
        let zeros: &[u8] = &[0; 32];
        for (answer, algorithm) in [
            (b"".to_vec(), Ed25519),
            (b"(7:sig-val)".to_vec(), Ed25519),
            (b"(7:sig-val5:eddsa)".to_vec(), Ed25519),
            (b"(7:sig-val(3:rsa)(3:rsa))".to_vec(), Rsa(32)),
            (b"(9:enc-val(3:rsa(1:s1:x)))".to_vec(), Rsa(32)),
            (answer("rsa", &[("s", bytes)]), Ed25519),
            (answer("rsa", &[]), Rsa(32)),
            (answer("rsa", &[("s", long)]), Rsa(32)),
            (answer("rsa", &[("s", none)]), Rsa(32)),
            (answer("rsa", &[("s", zeros)]), Rsa(32)),
            (answer("rsa", &[("s", bytes), ("s", bytes)]), Rsa(32)),
            (answer("ecdsa", &[("r", bytes)]), Ecdsa(32)),
            (answer("ecdsa", &[("r", bytes), ("s", zeros)]), Ecdsa(32)),
            (answer("ecdsa", &[("r", long), ("s", bytes)]), Ecdsa(32)),
            (answer("eddsa", &[("r", bytes), ("s", bytes)]), Ecdsa(32)),
            (answer("eddsa", &[("r", bytes), ("s", none)]), Ed25519),
            (answer("eddsa", &[("r", bytes), ("s", long)]), Ed25519),
        ] {
            let error = signature(&answer, algorithm).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed);
        }
    }
}
