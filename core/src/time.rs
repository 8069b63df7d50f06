//! Points in time as both formats store them: seconds since 1970, UTC.

use crate::{Error, ErrorKind, Result};
use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since 1970-01-01 00:00:00 UTC.
///
/// OpenPGP stores 32 unsigned bits (RFC 9580, section 3.5), SIF 64 signed ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// What the Go library writes for "no time": year 1, its zero `time.Time`.
    /// Deterministic images carry it in every time field.
    pub const GO_ZERO: Self = Self(-62_135_596_800);

    /// The system clock, in whole seconds.
    pub fn now() -> Self {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    }

    /// This many seconds later, at most the end of time.
    #[must_use]
    pub fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// The 32 bits that OpenPGP stores (RFC 9580, section 3.5).
    ///
    /// # Errors
    /// `Unsupported` for a time that they cannot hold.
    pub fn to_openpgp(self) -> Result<u32> {
        u32::try_from(self.0).map_err(|_| {
            Error::new(
                ErrorKind::Unsupported,
                "OpenPGP cannot express a time before 1970 or after 2106",
            )
        })
    }
}
