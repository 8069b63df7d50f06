//! What the cryptographic library of this build can calculate with.
//!
//! Sequoia reads more kinds of keys than it can use, and leaves it to one of
//! several libraries what it can use.

use sequoia_openpgp::crypto::mpi::PublicKey;
use sequoia_openpgp::types::{Curve, PublicKeyAlgorithm as Algorithm};
use sifseal_core::openpgp::PublicKeyAlgorithm;

/// The longest RSA modulus. Rust's `rsa` makes longer keys and signs with them,
/// but refuses to verify.
pub(crate) const LONGEST_RSA: u32 = if cfg!(feature = "crypto-rust") {
    4096
} else {
    LONGEST_RSA_ANYWHERE
};

/// Where GnuPG, Go and rPGP stop.
const LONGEST_RSA_ANYWHERE: u32 = 16384;

/// Public exponents of more bits than this are refused there, too.
const LONGEST_EXPONENT: usize = 33;

/// What of OpenPGP's signing keys this build cannot calculate with, by the names in
/// [`EngineDescription`](sifseal_core::traits::EngineDescription).
pub(crate) fn lacks() -> Vec<String> {
    let curves = [
        (Curve::NistP256, "NIST P-256"),
        (Curve::NistP384, "NIST P-384"),
        (Curve::NistP521, "NIST P-521"),
        (Curve::BrainpoolP256, "brainpoolP256r1"),
        (Curve::BrainpoolP384, "brainpoolP384r1"),
        (Curve::BrainpoolP512, "brainpoolP512r1"),
        // Sequoia has no name for it, whatever calculates for it.
        (Curve::Unknown(Box::new([])), "secp256k1"),
    ];
    let curves = curves
        .into_iter()
        .filter(|(curve, _)| !curve.is_supported())
        .map(|(_, name)| PublicKeyAlgorithm::Ecdsa(name.to_owned()).to_string());
    let others = [
        (Algorithm::Ed25519, PublicKeyAlgorithm::Ed25519),
        (Algorithm::Ed448, PublicKeyAlgorithm::Ed448),
    ];
    let others = others
        .into_iter()
        .filter(|(algorithm, _)| !algorithm.is_supported())
        .map(|(_, name)| name.to_string());
    let long_rsa = (LONGEST_RSA < LONGEST_RSA_ANYWHERE)
        .then(|| format!("RSA of more than {LONGEST_RSA} bits"));
    curves.chain(others).chain(long_rsa).collect()
}

/// False for a DSA key with numbers that no standard has: an exponent that takes
/// long to raise to, or bases beyond the modulus. rPGP calls such a key no key, too.
pub(crate) fn has_usual_sizes(public: &PublicKey) -> bool {
    const LONGEST_Q: usize = 256;
    match public {
        PublicKey::DSA { p, q, g, y } => {
            q.bits() <= LONGEST_Q && g.bits() <= p.bits() && y.bits() <= p.bits()
        }
        _ => true,
    }
}

/// Why no signature by such a key can be calculated; `None` if it can.
pub(crate) fn lack(public: &PublicKey) -> Option<String> {
    let library = sequoia_openpgp::crypto::backend;
    match public {
        PublicKey::RSA { n, .. } if n.bits() > LONGEST_RSA as usize => Some(format!(
            "{} takes no RSA keys over {LONGEST_RSA} bits",
            library()
        )),
        PublicKey::RSA { e, .. } if e.bits() > LONGEST_EXPONENT => Some(format!(
            "{} takes no RSA exponents over {LONGEST_EXPONENT} bits",
            library()
        )),
        PublicKey::EdDSA { curve, .. } | PublicKey::ECDSA { curve, .. }
            if !curve.is_supported() =>
        {
            Some(format!("{} does not know the curve {curve}", library()))
        }
        other => match other.algo() {
            Some(algorithm) if algorithm.is_supported() => None,
            Some(algorithm) => Some(format!("{} does not know {algorithm}", library())),
            None => Some("Sequoia does not know the public-key algorithm".to_owned()),
        },
    }
}
