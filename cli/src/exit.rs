//! What the program's exit status says to scripts.

use std::process::ExitCode;

/// How a command ended.
///
/// "Not verified" is not 1: a program that crashes or cannot be started ends
/// with 1, and neither may look like a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// 0: done; for `verify`, every image is verified.
    Done,
    /// 1: it could not be done, and a verdict was not reached.
    Failed,
    /// 2: the command line makes no sense.
    Usage,
    /// 3: the image is not verified (the number of the Stateless OpenPGP
    /// interface for "no acceptable signature").
    NotVerified,
}

impl ExitStatus {
    /// The number that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NotVerified => 3,
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code())
    }
}
