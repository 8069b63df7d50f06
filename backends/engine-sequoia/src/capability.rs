//! What the cryptographic library of this build can calculate with.
//!
//! Sequoia reads more kinds of keys than it can use, and leaves it to one of
//! several libraries what it can use.

use sequoia_openpgp::crypto::mpi::PublicKey;

/// The longest RSA modulus. Rust's `rsa` makes longer keys and signs with them,
/// but refuses to verify; GnuPG, Go and rPGP stop at 16384.
pub(crate) const LONGEST_RSA: u32 = if cfg!(feature = "crypto-rust") {
    4096
} else {
    16384
};

/// Public exponents of more bits than this are refused there, too.
const LONGEST_EXPONENT: usize = 33;

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
