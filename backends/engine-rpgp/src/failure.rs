//! What rPGP's errors mean in sifseal's words.

use pgp::errors::Error as PgpError;
use sifseal_core::{Error, ErrorKind};

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
