//! Files that are made beside their target and then take its name.

use super::editor::lock;
use super::storage::{Replaceable, Storage};
use crate::{Error, Result};
use std::fs::{File, Permissions};
use std::io::{self, Seek};
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::Path;
use tempfile::NamedTempFile;

/// A file that a changed copy can replace.
pub(super) struct Original<'a> {
    pub(super) file: &'a File,
    /// Its path, behind symbolic links.
    pub(super) real_path: &'a Path,
}

impl Replaceable for Original<'_> {
    type Copy = NamedTempFile;
    type File = File;

    fn copy(&self) -> Result<NamedTempFile> {
        let copy = file_beside(self.real_path, 0o600)?;
        lock(copy.as_file(), copy.path())?;
        copy_all(self.file, copy.as_file()).map_err(|error| Error::io(self.real_path, error))?;
        Ok(copy)
    }

    fn storage(copy: &NamedTempFile) -> &dyn Storage {
        copy.as_file()
    }

    fn replace(&self, copy: NamedTempFile) -> Result<File> {
        let file = copy
            .persist(self.real_path)
            .map_err(|error| Error::io(self.real_path, error.error))?;
        sync_directory(self.real_path)?;
        Ok(file)
    }
}

/// A new file with a name of its own in the directory of `target`. It goes away
/// again unless it takes the target's name.
pub(super) fn file_beside(target: &Path, mode: u32) -> Result<NamedTempFile> {
    tempfile::Builder::new()
        .prefix(".")
        .suffix(".sif-new")
        .permissions(Permissions::from_mode(mode))
        .tempfile_in(directory(target))
        .map_err(|error| Error::io(target, error))
}

/// Makes a rename in the directory of `target` last.
pub(super) fn sync_directory(target: &Path) -> Result<()> {
    let directory = directory(target);
    File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(|error| Error::io(directory, error))
}

fn directory(target: &Path) -> &Path {
    match target.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// Copies the bytes, by reference where the file system can, and who may do what
/// with them.
pub(super) fn copy_all(mut from: &File, mut to: &File) -> io::Result<()> {
    from.rewind()?;
    io::copy(&mut from, &mut to)?;
    let metadata = from.metadata()?;
    // Only root can give a file away. A copy that belongs to whoever made the
    // change is what any program that replaces files leaves.
    let _ = fchown(to, Some(metadata.uid()), Some(metadata.gid()));
    to.set_permissions(metadata.permissions())
}
