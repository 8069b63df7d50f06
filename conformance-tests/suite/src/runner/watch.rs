//! An eye on the image: it belongs to the suite, and only `sign` may change it.

use crate::plain_file;
use std::path::PathBuf;

/// An image and its bytes as they were last seen.
#[derive(Debug)]
pub(super) struct Watch {
    path: PathBuf,
    bytes: Vec<u8>,
}

/// How an image looks beside how it was last seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Look {
    /// As it was.
    Same,
    /// Otherwise.
    Changed,
    /// There is no image any more; in words, what there is.
    Gone(String),
}

impl Watch {
    /// Begins with the image as it is now.
    pub(super) fn new(path: PathBuf) -> Result<Self, String> {
        let bytes = plain_file::read(&path)?;
        Ok(Self { path, bytes })
    }

    /// Takes the image as the suite itself has left it.
    pub(super) fn renew(&mut self) -> Result<(), String> {
        self.bytes = plain_file::read(&self.path)?;
        Ok(())
    }

    /// Looks at it, and remembers what is seen.
    pub(super) fn look(&mut self) -> Look {
        match plain_file::read(&self.path) {
            Err(problem) => Look::Gone(problem),
            Ok(bytes) if bytes == self.bytes => Look::Same,
            Ok(bytes) => {
                self.bytes = bytes;
                Look::Changed
            }
        }
    }
}
