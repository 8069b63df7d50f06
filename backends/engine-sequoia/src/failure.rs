//! What Sequoia's errors mean in sifseal's words.

use sequoia_openpgp::{Error as PgpError, anyhow};
use sifseal_core::{Error, ErrorKind};

/// True if Sequoia says that it lacks something, as opposed to: the data are bad.
pub(crate) fn is_lack(error: &anyhow::Error) -> bool {
    matches!(
        error.downcast_ref(),
        Some(
            PgpError::UnsupportedHashAlgorithm(_)
                | PgpError::UnsupportedPublicKeyAlgorithm(_)
                | PgpError::UnsupportedEllipticCurve(_)
                | PgpError::UnsupportedSymmetricAlgorithm(_)
                | PgpError::UnsupportedAEADAlgorithm(_)
        )
    )
}

/// A failure inside Sequoia that no input should cause.
pub(crate) fn backend(what: &str, error: anyhow::Error) -> Error {
    Error::new(ErrorKind::Backend, what).because(error.to_string())
}

/// The bytes are not what they should be.
pub(crate) fn malformed(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Malformed, what)
}
