//! Changing a file so that a kill or a power cut at any instant leaves it as it
//! was before or as it was meant to become (W-17).
//!
//! Keyrings, configuration and exported keys are never written in place. The new
//! content goes into a temporary file in the same directory, is synced, and is
//! then renamed over the old one, after which the directory is synced too. A
//! reader needs no lock: it finds the whole old file or the whole new one.
//!
//! [`update`] also keeps writers apart, so that nobody's change is lost: reading
//! the old content and putting the new in its place happen under one lock. The
//! lock is `flock` on `.NAME.sifseal-lock` beside the file, which is made once
//! and then stays:
//!
//! - The file itself cannot carry the lock, because the rename gives its name to
//!   another inode, and whoever waited would hold a lock on the old one.
//! - A lock file that is removed has the same fault. One that stays and is locked
//!   by the kernel also needs no clearing up after a killed program.
//! - A directory cannot be locked on NFS, where an exclusive lock needs a
//!   descriptor open for writing.
//! - The name is not `NAME.lock`, which is GnuPG's own for the same rings and
//!   means something else: there the mere existence of the file is the lock.
//!
//! Apptainer and GnuPG do not know this lock; they are kept from seeing half a
//! file, but not from writing at the same time.
//!
//! A symbolic link is followed, and the file that it leads to is replaced; a link
//! that leads nowhere is an error. ([`write_new`] and [`overwrite_unfollowed`] follow
//! none.) Hard links are parted: the other names keep
//! the old content.

mod disk;
mod lock;

#[cfg(test)]
mod power_cut;

use crate::{Context, Error, ErrorKind, Result, Secret};
use disk::{Disk, Existing, New, Owner, RealDisk};
use lock::Lock;
use std::fs::{DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The largest file that is read, in bytes. A keyring of ten thousand
/// certificates is about half of it; beyond, it is a wrong file or an attack on
/// memory.
pub const MAX_BYTES: u64 = 64 << 20;

/// The permission bits a file has afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Exactly these, whatever the file had: a secret keyring's 0600.
    Exactly(u32),
    /// Those that the file has; these for a file that is not there yet.
    KeepOr(u32),
}

impl Mode {
    fn over(self, old: Option<&Metadata>) -> u32 {
        match (self, old) {
            (Self::KeepOr(_), Some(old)) => permission_bits(old),
            (Self::KeepOr(mode) | Self::Exactly(mode), _) => mode,
        }
    }
}

/// What is agreed about a file besides its content: its permission bits, and what
/// differs from the usual where another format has rules of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms<'a> {
    /// The permission bits that the file has afterwards.
    pub mode: Mode,
    /// The largest content that is read, in bytes.
    pub max_bytes: u64,
    /// The file whose lock keeps writers apart, where it is not the usual one. Its
    /// directory is there; it is made as a file that anybody may open, as far as the
    /// umask lets it, before anything else is.
    pub lock: Option<&'a Path>,
}

impl From<Mode> for Terms<'_> {
    /// The usual terms: [`MAX_BYTES`], and `.NAME.sifseal-lock` beside the file.
    fn from(mode: Mode) -> Self {
        Self {
            mode,
            max_bytes: MAX_BYTES,
            lock: None,
        }
    }
}

/// Reads a whole file of at most [`MAX_BYTES`]; `None` if there is none. The
/// bytes are wiped when dropped, since they may be a secret keyring.
///
/// # Errors
/// `Malformed` for something that is no regular file or is too large, `Denied` or
/// `Io` if the system refuses.
pub fn read(path: &Path) -> Result<Option<Secret>> {
    Ok(open_and_read(path, MAX_BYTES)?.map(|(bytes, _)| bytes))
}

/// Changes a file under its lock.
///
/// `change` is given the present content (`None` if there is no file) and gives
/// the new one. If the two are equal, nothing is written. If `change` fails,
/// nothing happened. Directories that are missing are made, and may be entered
/// by whoever may read the file.
///
/// The wait for the lock is bounded, by ten seconds and by the context.
///
/// # Errors
/// `Timeout`, naming the lock, if another program holds it for too long; what
/// `change` says; `Denied`, `Io` or `Malformed` if the file cannot be read or
/// replaced. In each case the old content is still there, and no temporary file;
/// only a failure to sync the directory comes after the new content is in place.
pub fn update(
    cx: &Context<'_>,
    path: &Path,
    mode: Mode,
    change: impl FnOnce(Option<&Secret>) -> Result<Secret>,
) -> Result<()> {
    update_on(cx, path, &mode.into(), change)
}

/// As [`update`], on terms of the caller's.
///
/// # Errors
/// As for [`update`].
pub fn update_on(
    cx: &Context<'_>,
    path: &Path,
    terms: &Terms<'_>,
    change: impl FnOnce(Option<&Secret>) -> Result<Secret>,
) -> Result<()> {
    let mode = terms.mode;
    let target = follow_links(path)?;
    let shared = (terms.lock)
        .map(|lock| Lock::acquire_shared(cx, lock))
        .transpose()?;
    create_directories(directory_of(&target), mode)?;
    let lock = match shared {
        Some(lock) => lock,
        None => Lock::acquire(cx, &target)?,
    };

    let (old, metadata) = match open_and_read(&target, terms.max_bytes)? {
        Some((bytes, metadata)) => (Some(bytes), Some(metadata)),
        None => (None, None),
    };
    let new = change(old.as_ref())?;
    if new.expose().len() as u64 > terms.max_bytes {
        // It could not be read again, and nothing taken out of it.
        let what = format!("it would become larger than {} MiB", terms.max_bytes >> 20);
        return Err(Error::new(ErrorKind::Denied, what).at(path.display()));
    }
    let wanted = mode.over(metadata.as_ref());
    let result = match &metadata {
        Some(metadata) if old.as_ref() == Some(&new) => correct_mode(&target, metadata, wanted),
        _ => {
            let new = New {
                bytes: new.expose(),
                mode: wanted,
                owner: metadata.as_ref().map(Owner::of),
            };
            put(&RealDisk, &target, &new, Existing::Replace)
        }
    };
    drop(lock);
    result.map_err(|error| Error::io(path, error))
}

/// Keeps every other writer of a file away for longer than one change of it: for
/// work whose steps belong together and of which the file is only a part. Inside,
/// the file is written by [`overwrite`]; [`update`] would wait for the very same
/// lock. Directories that are missing are made, for their owner alone.
///
/// `patience` is how long to wait for whoever has the lock.
///
/// # Errors
/// `Timeout`, naming the lock, if another program holds it for longer; `Denied`
/// or `Io` if there can be no lock; what `work` says.
pub fn alone<T>(
    cx: &Context<'_>,
    path: &Path,
    patience: Duration,
    work: impl FnOnce() -> Result<T>,
) -> Result<T> {
    let target = follow_links(path)?;
    create_directories(directory_of(&target), Mode::Exactly(0o600))?;
    let lock = Lock::acquire_within(cx, &target, patience)?;
    let result = work();
    drop(lock);
    result
}

/// Creates a file with exactly these permission bits, which it has from its
/// first moment on (W-10). Whole or not at all: no error leaves a part behind.
///
/// # Errors
/// `Denied` if a file of that name is there, also a link; else as for
/// [`overwrite`].
pub fn write_new(path: &Path, mode: u32, bytes: &[u8]) -> Result<()> {
    let new = New {
        bytes,
        mode,
        owner: None,
    };
    put(&RealDisk, path, &new, Existing::Refuse).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            Error::new(ErrorKind::Denied, "the file is already there").at(path.display())
        }
        _ => Error::io(path, error),
    })
}

/// Writes a whole file, new or in the place of an old one, without a lock and
/// without looking at what was there: the last writer wins.
///
/// # Errors
/// `NotFound` if the directory is missing, `Malformed` if the name belongs to
/// something other than a regular file, `Denied` or `Io` if the system refuses.
/// The old file is then as it was, and no temporary file is left.
pub fn overwrite(path: &Path, mode: Mode, bytes: &[u8]) -> Result<()> {
    overwrite_at(path, &follow_links(path)?, mode, bytes)
}

/// As [`overwrite`], for a name that nobody but the program chose: no link is followed.
/// One that has the name is an error; one that somebody puts there meanwhile is replaced
/// itself, and what it leads to stays as it is. The path's directories are the caller's
/// concern.
///
/// # Errors
/// As for [`overwrite`].
pub fn overwrite_unfollowed(path: &Path, mode: Mode, bytes: &[u8]) -> Result<()> {
    overwrite_at(path, path, mode, bytes)
}

/// `target` is `path` without the links that may be followed.
fn overwrite_at(path: &Path, target: &Path, mode: Mode, bytes: &[u8]) -> Result<()> {
    let metadata = match target.symlink_metadata() {
        Ok(metadata) => Some(regular(path, metadata)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(Error::io(path, error)),
    };
    let new = New {
        bytes,
        mode: mode.over(metadata.as_ref()),
        owner: metadata.as_ref().map(Owner::of),
    };
    put(&RealDisk, target, &new, Existing::Replace).map_err(|error| Error::io(path, error))
}

/// The protocol itself. Its order is what the crash tests check.
fn put<D: Disk>(disk: &D, target: &Path, new: &New<'_>, existing: Existing) -> io::Result<()> {
    let directory = directory_of(target);
    // The name is random because without a common lock (an NFS mount with local
    // locks only) two writers must not meet in one temporary file.
    let temporary = directory.join(format!(".sifseal-{}.tmp", uuid::Uuid::new_v4().simple()));

    let mut file = disk.create(&temporary, new)?;
    let placed = disk
        .write(&mut file, new.bytes)
        .and_then(|()| disk.sync(&file))
        .and_then(|()| disk.place(&temporary, target, existing));
    if let Err(error) = placed {
        // Best effort: the first error is the one that tells what happened.
        let _ = disk.remove(&temporary);
        return Err(error);
    }
    disk.sync_directory(directory)
}

fn open_and_read(path: &Path, max_bytes: u64) -> Result<Option<(Secret, Metadata)>> {
    // Without NONBLOCK, opening a FIFO would wait for somebody to write to it.
    let nonblock = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let file = match OpenOptions::new()
        .read(true)
        .custom_flags(nonblock)
        .open(path)
    {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io(path, error)),
    };
    let metadata = file.metadata().map_err(|error| Error::io(path, error))?;
    let metadata = regular(path, metadata)?;
    let bytes = read_whole(path, &file, metadata.len(), max_bytes)?;
    Ok(Some((bytes, metadata)))
}

fn read_whole(path: &Path, file: &File, length: u64, max_bytes: u64) -> Result<Secret> {
    let too_large = || {
        let what = format!("larger than {} MiB, too large to read", max_bytes >> 20);
        Error::new(ErrorKind::Malformed, what).at(path.display())
    };
    if length > max_bytes {
        return Err(too_large());
    }
    // Room for all of it at once: a vector that grows leaves copies of a secret
    // behind. The surplus lets `read_to_end` see the end without growing it.
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0) + 64);
    let read = file
        .take(max_bytes.saturating_add(1))
        .read_to_end(&mut bytes);
    let bytes = Secret::new(bytes);
    if read.map_err(|error| Error::io(path, error))? as u64 > max_bytes {
        return Err(too_large());
    }
    Ok(bytes)
}

fn regular(path: &Path, metadata: Metadata) -> Result<Metadata> {
    if metadata.is_file() {
        return Ok(metadata);
    }
    let what = if metadata.is_dir() {
        "is a directory, not a file"
    } else {
        "is not a regular file"
    };
    Err(Error::new(ErrorKind::Malformed, what).at(path.display()))
}

/// The file that a path leads to. People keep such files elsewhere and link to
/// them; a rename onto the link would silently cut it.
fn follow_links(path: &Path) -> Result<PathBuf> {
    match path.symlink_metadata() {
        Ok(metadata) if metadata.is_symlink() => path.canonicalize().map_err(|error| {
            if error.kind() == io::ErrorKind::NotFound {
                let what = "a symbolic link that leads to no file";
                return Error::new(ErrorKind::NotFound, what)
                    .at(path.display())
                    .hint("remove the link, or create the file that it leads to");
            }
            Error::io(path, error)
        }),
        _ => Ok(path.to_owned()),
    }
}

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes what is missing of a directory, each level synced into the one above.
fn create_directories(directory: &Path, mode: Mode) -> Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    let above = directory_of(directory);
    if above != directory {
        create_directories(above, mode)?;
    }
    let made = DirBuilder::new()
        .mode(enterable(mode.over(None)))
        .create(directory);
    match made {
        Ok(()) => {}
        // Another writer was quicker; anything but a directory fails below.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(Error::io(directory, error)),
    }
    RealDisk
        .sync_directory(above)
        .map_err(|error| Error::io(above, error))
}

/// A directory that those may enter who may read a file of this mode: 0700 for
/// 0600, 0755 for 0644.
fn enterable(mode: u32) -> u32 {
    mode | (mode & 0o444) >> 2
}

fn correct_mode(path: &Path, metadata: &Metadata, wanted: u32) -> io::Result<()> {
    if permission_bits(metadata) == wanted {
        return Ok(());
    }
    std::fs::set_permissions(path, Permissions::from_mode(wanted))
}

fn permission_bits(metadata: &Metadata) -> u32 {
    metadata.mode() & 0o7777
}

#[cfg(test)]
mod tests;
