//! Keys and certificates that most rows begin with.

use crate::row::MADE;
use sifseal_conformance_tests::craft::{CertificateDraft, Draft, Frame, Hand, Key};
use sifseal_core::Timestamp;

/// What is signed where the text does not matter.
pub(crate) const TEXT: &str = "hello";

/// A fresh key of the usual kind.
pub(crate) fn key() -> Key {
    key_of(MADE)
}

/// A fresh key of the usual kind, made then.
pub(crate) fn key_of(made: Timestamp) -> Key {
    Key::new(made, Hand::ed25519_legacy())
}

/// A certificate as it usually is: one user ID, certified when the key was made.
pub(crate) fn certificate(key: &Key) -> Vec<u8> {
    ordinary(key).bytes()
}

/// The same, to be gone on with.
pub(crate) fn ordinary(key: &Key) -> CertificateDraft<'_> {
    CertificateDraft::of(key).user_id("Ada", &key.certifies(MADE))
}

/// A message with the usual text and this one signature.
pub(crate) fn message(signature: &Draft<'_>) -> String {
    Frame::new(TEXT).signed(signature).message()
}
