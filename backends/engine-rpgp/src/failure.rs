//! What rPGP's errors and a lack of time mean in sifseal's words.

use pgp::errors::Error as PgpError;
use sifseal_core::{Error, ErrorKind, Timestamp};

/// True if rPGP says that it lacks something, as opposed to: the data are bad.
pub(crate) fn is_lack(error: &PgpError) -> bool {
    matches!(
        error,
        PgpError::Unsupported { .. } | PgpError::Unimplemented { .. }
    )
}

/// A failure inside rPGP that no input should cause.
pub(crate) fn backend(what: &str, error: PgpError) -> Error {
    Error::new(ErrorKind::Backend, what).because(error.to_string())
}

/// The bytes of a key are not one key after all.
pub(crate) fn malformed(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Malformed, what)
}

/// OpenPGP's 32-bit form of a time (RFC 9580, section 3.5).
pub(crate) fn pgp_time(time: Timestamp) -> Result<pgp::types::Timestamp, Error> {
    u32::try_from(time.0)
        .map(pgp::types::Timestamp::from_secs)
        .map_err(|_| {
            Error::new(
                ErrorKind::Unsupported,
                "OpenPGP cannot express a time before 1970 or after 2106",
            )
        })
}
