//! A SHA-256 as it stands in the configuration.

use sifseal_core::{Error, ErrorKind};
use std::fmt;
use std::str::FromStr;

/// The SHA-256 of a file.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl FromStr for Digest {
    type Err = Error;

    /// Reads 64 hexadecimal digits of either case, as `sha256sum` prints them.
    fn from_str(text: &str) -> Result<Self, Error> {
        let bytes = hex::decode(text)
            .ok()
            .and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| {
            Error::new(ErrorKind::Config, format!("`{text}` is no SHA-256"))
                .hint("it has 64 hexadecimal digits; `sha256sum FILE` prints it")
        })
    }
}
