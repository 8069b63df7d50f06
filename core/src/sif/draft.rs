//! A changed copy of an image under a new name.

use super::beside::{copy_all, file_beside, sync_directory};
use super::editor::Editor;
use super::image::open_regular;
use crate::{Error, ErrorKind, Result};
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// A copy of an image that is worked on beside its future place, and appears there
/// whole or not at all. The original is only read.
#[derive(Debug)]
pub struct Draft {
    editor: Editor,
    file: NamedTempFile,
    target: PathBuf,
}

impl Draft {
    /// Copies `original`, to become `target`.
    ///
    /// # Errors
    /// [`ErrorKind::Denied`] if something is at `target` already; and as
    /// [`Editor::open`].
    pub fn new(original: &Path, target: &Path) -> Result<Self> {
        if target.symlink_metadata().is_ok() {
            return Err(taken(target));
        }
        let from = open_regular(original, OpenOptions::new().read(true))?;
        let file = file_beside(target, 0o600)?;
        copy_all(&from, file.as_file()).map_err(|error| Error::io(target, error))?;
        let editor = Editor::open(file.path()).map_err(|error| {
            // A person knows the original's name, not the draft's.
            Error::new(error.kind(), error.what().to_owned()).at(original.display())
        })?;
        Ok(Self {
            editor,
            file,
            target: target.to_owned(),
        })
    }

    /// The copy, to be changed.
    pub fn editor(&mut self) -> &mut Editor {
        &mut self.editor
    }

    /// Gives the copy its name.
    ///
    /// # Errors
    /// [`ErrorKind::Denied`] if the name was taken in the meantime, and what the
    /// file system says.
    pub fn publish(self) -> Result<()> {
        let failed = |error| Error::io(&self.target, error);
        self.file.as_file().sync_all().map_err(failed)?;
        self.file
            .persist_noclobber(&self.target)
            .map_err(|error| match error.error.kind() {
                std::io::ErrorKind::AlreadyExists => taken(&self.target),
                _ => Error::io(&self.target, error.error),
            })?;
        sync_directory(&self.target)
    }
}

fn taken(target: &Path) -> Error {
    Error::new(ErrorKind::Denied, "the file exists")
        .at(target.display())
        .hint("choose a name that is free, or remove the file first")
}
