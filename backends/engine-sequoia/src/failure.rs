//! What Sequoia's errors and a lack of time mean in sifseal's words.

use sequoia_openpgp::{Error as PgpError, anyhow};
use sifseal_core::{Error, ErrorKind, Timestamp};

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

/// OpenPGP's 32-bit form of a time (RFC 9580, section 3.5).
pub(crate) fn pgp_time(time: Timestamp) -> Result<sequoia_openpgp::types::Timestamp, Error> {
    u32::try_from(time.0).map(Into::into).map_err(|_| {
        Error::new(
            ErrorKind::Unsupported,
            "OpenPGP cannot express a time before 1970 or after 2106",
        )
    })
}
