//! Small things that a key store needs.

use sifseal_core::openpgp::{Certificate, Fingerprint, Outline, PublicKeyAlgorithm};
use sifseal_core::{Error, ErrorKind, Timestamp};

/// A certificate that was not read: its bytes, armored or not, and the fingerprint that
/// you know it by.
///
/// Nobody who only holds keys need read OpenPGP. The rest of the outline is empty, and
/// the host, which reads the bytes itself, does not look at it.
pub fn certificate(fingerprint: Fingerprint, bytes: Vec<u8>) -> Certificate {
    let outline = Outline {
        fingerprint,
        created: Timestamp(0),
        algorithm: PublicKeyAlgorithm::Other(0),
        bits: 0,
        subkeys: Vec::new(),
        user_ids: Vec::new(),
    };
    Certificate { outline, bytes }
}

/// The answer of a key store to whoever wants to change it. Through the protocol nobody
/// does; but the trait has these methods.
pub fn read_only() -> Error {
    Error::new(ErrorKind::Unsupported, "this key store is read-only")
}
