//! The few things that replacing a file asks of a file system, behind a trait so
//! that a test can stop after each of them.

use rustix::fs::{CWD, RenameFlags};
use std::fs::{File, Metadata, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::Path;

/// A file to be made.
pub(super) struct New<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) mode: u32,
    /// Whose it should be, if another file is replaced.
    pub(super) owner: Option<Owner>,
}

/// The owner and group of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Owner {
    user: u32,
    group: u32,
}

impl Owner {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self {
            user: metadata.uid(),
            group: metadata.gid(),
        }
    }
}

/// What to do with a file that has the name already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Existing {
    Refuse,
    Replace,
}

pub(super) trait Disk {
    type File;

    /// Creates an empty file that was not there, with its final permissions.
    fn create(&self, path: &Path, new: &New<'_>) -> io::Result<Self::File>;
    fn write(&self, file: &mut Self::File, bytes: &[u8]) -> io::Result<()>;
    /// Returns once the content of the file would survive a power cut.
    fn sync(&self, file: &Self::File) -> io::Result<()>;
    /// Gives the file another name, in one step.
    fn place(&self, from: &Path, to: &Path, existing: Existing) -> io::Result<()>;
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Returns once the names in the directory would survive a power cut.
    fn sync_directory(&self, path: &Path) -> io::Result<()>;
}

/// The file system of this machine.
pub(super) struct RealDisk;

impl Disk for RealDisk {
    type File = File;

    fn create(&self, path: &Path, new: &New<'_>) -> io::Result<File> {
        // The mode is given to `open`, where the umask can only narrow it: at no
        // instant is a secret open to others (W-10).
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(new.mode & 0o777)
            .open(path)?;
        let prepared = give_owner(&file, new.owner).and_then(|()| give_mode(&file, new.mode));
        if let Err(error) = prepared {
            let _ = self.remove(path);
            return Err(error);
        }
        Ok(file)
    }

    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_all()
    }

    fn place(&self, from: &Path, to: &Path, existing: Existing) -> io::Result<()> {
        match existing {
            Existing::Replace => std::fs::rename(from, to),
            Existing::Refuse => rename_unless_there(from, to),
        }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        match File::open(path)?.sync_all() {
            // Some network and user-space file systems cannot sync a directory
            // and say so by EINVAL; they offer nothing better.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
            result => result,
        }
    }
}

/// When root changes a user's file, it stays the user's. Whoever may not give
/// files away (everyone but root) keeps the new one, as with any editor.
fn give_owner(file: &File, owner: Option<Owner>) -> io::Result<()> {
    let Some(owner) = owner else { return Ok(()) };
    if owner == Owner::of(&file.metadata()?) {
        return Ok(());
    }
    match fchown(file, Some(owner.user), Some(owner.group)) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        result => result,
    }
}

fn give_mode(file: &File, mode: u32) -> io::Result<()> {
    if file.metadata()?.mode() & 0o7777 == mode {
        return Ok(());
    }
    file.set_permissions(Permissions::from_mode(mode))
}

/// NFS knows no rename that refuses, and FAT no hard links, but each has the
/// other.
fn rename_unless_there(from: &Path, to: &Path) -> io::Result<()> {
    match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        Err(rustix::io::Errno::EXIST) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => rename_by_link(from, to),
    }
}

pub(super) fn rename_by_link(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::hard_link(from, to)?;
    std::fs::remove_file(from)
}
