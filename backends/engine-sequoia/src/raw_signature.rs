//! The values of a signature, between core's form and Sequoia's.
//!
//! Core's are the numbers themselves, for signers who know no OpenPGP. Sequoia's
//! are those of the packet (RFC 9580, section 5.2.3), where integers lose their
//! leading zeros, and where the two halves of a legacy EdDSA signature are
//! integers too.

use sequoia_openpgp::crypto::mpi::{MPI, PublicKey, Signature};
use sequoia_openpgp::types::Curve;
use sifseal_core::traits::RawSignature;

/// The octets of each half of an Ed25519 signature.
const HALF: usize = 32;

/// As a packet of this key has them; `None` if a key of this kind makes no such
/// signature.
pub(crate) fn to_packet(public: &PublicKey, raw: &RawSignature) -> Option<Signature> {
    match (public, raw) {
        (PublicKey::RSA { .. }, RawSignature::Rsa(s)) => Some(Signature::RSA { s: MPI::new(s) }),
        (PublicKey::ECDSA { .. }, RawSignature::EcDsa { r, s }) => Some(Signature::ECDSA {
            r: MPI::new(r),
            s: MPI::new(s),
        }),
        (PublicKey::EdDSA { curve, .. }, RawSignature::EdDsa(bytes))
            if *curve == Curve::Ed25519 && bytes.len() == 2 * HALF =>
        {
            let (r, s) = bytes.split_at_checked(HALF)?;
            Some(Signature::EdDSA {
                r: MPI::new(r),
                s: MPI::new(s),
            })
        }
        (PublicKey::Ed25519 { .. }, RawSignature::EdDsa(bytes)) => Some(Signature::Ed25519 {
            s: Box::new(bytes.as_slice().try_into().ok()?),
        }),
        (PublicKey::Ed448 { .. }, RawSignature::EdDsa(bytes)) => Some(Signature::Ed448 {
            s: Box::new(bytes.as_slice().try_into().ok()?),
        }),
        _ => None,
    }
}

/// As a signer gives them; `None` for a kind that core does not know.
pub(crate) fn from_packet(signature: &Signature) -> Option<RawSignature> {
    match signature {
        Signature::RSA { s } => Some(RawSignature::Rsa(s.value().to_vec())),
        Signature::ECDSA { r, s } => Some(RawSignature::EcDsa {
            r: r.value().to_vec(),
            s: s.value().to_vec(),
        }),
        Signature::EdDSA { r, s } => {
            let r = r.value_padded(HALF).ok()?;
            let s = s.value_padded(HALF).ok()?;
            Some(RawSignature::EdDsa([r, s].concat()))
        }
        Signature::Ed25519 { s } => Some(RawSignature::EdDsa(s.to_vec())),
        Signature::Ed448 { s } => Some(RawSignature::EdDsa(s.to_vec())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eddsa_key() -> PublicKey {
        PublicKey::EdDSA {
            curve: Curve::Ed25519,
            q: MPI::new_compressed_point(&[9; 32]),
        }
    }

    #[test]
    fn leading_zeros_are_no_part_of_an_integer_and_come_back_for_eddsa() {
        let mut bytes = [7; 64];
        bytes[0] = 0;
        bytes[32] = 0;
        bytes[33] = 0;
        let raw = RawSignature::EdDsa(bytes.to_vec());
        let packet = to_packet(&eddsa_key(), &raw).unwrap();
        let Signature::EdDSA { r, s } = &packet else {
            panic!("{packet:?}");
        };
        assert_eq!((r.value().len(), s.value().len()), (31, 30));
        assert_eq!(from_packet(&packet), Some(raw));
    }

    #[test]
    fn a_signature_of_another_kind_or_length_is_none() {
        let ecdsa = RawSignature::EcDsa {
            r: vec![1],
            s: vec![1],
        };
        assert_eq!(to_packet(&eddsa_key(), &ecdsa), None);
        let short = RawSignature::EdDsa(vec![1; 63]);
        assert_eq!(to_packet(&eddsa_key(), &short), None);
        let modern = PublicKey::Ed25519 { a: [9; 32] };
        assert_eq!(to_packet(&modern, &short), None);
    }
}
