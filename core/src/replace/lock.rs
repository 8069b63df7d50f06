//! The lock that keeps writers of one file apart.

use super::directory_of;
use crate::{Context, Error, ErrorKind, Result};
use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long to wait for another writer. A change takes milliseconds; whoever
/// holds the lock for this long was stopped or hangs.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often to ask again: short beside what a person notices, long beside what
/// a change takes.
const PAUSE: Duration = Duration::from_millis(5);

/// An exclusive lock, held until dropped.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Waits for the lock of the file at `target`, whose directory exists.
    pub(super) fn acquire(cx: &Context<'_>, target: &Path) -> Result<Self> {
        Self::acquire_within(cx, target, PATIENCE)
    }

    /// The same, for work that takes longer than the change of a file.
    pub(super) fn acquire_within(
        cx: &Context<'_>,
        target: &Path,
        patience: Duration,
    ) -> Result<Self> {
        Self::wait(cx, &lock_path(target), 0o600, patience)
    }

    /// Waits for the lock that is this very file, which other programs use too.
    pub(super) fn acquire_shared(cx: &Context<'_>, path: &Path) -> Result<Self> {
        Self::wait(cx, path, 0o666, PATIENCE)
    }

    fn wait(cx: &Context<'_>, path: &Path, mode: u32, patience: Duration) -> Result<Self> {
        let start = Instant::now();
        loop {
            let file = open(path, mode).map_err(|error| Error::io(path, error))?;
            match file.try_lock() {
                Ok(()) if is_still_there(&file, path) => return Ok(Self { _file: file }),
                // Somebody tidied the lock file away before it was ours.
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let left = patience
                        .checked_sub(start.elapsed())
                        .ok_or_else(|| held_by_another(path))?;
                    let pause = cx
                        .budget(left.min(PAUSE))
                        .map_err(|error| held_by_another(path).because(error))?;
                    sleep(pause);
                }
                Err(TryLockError::Error(error)) => return Err(no_locks_here(path, error)),
            }
        }
    }
}

/// `.NAME.sifseal-lock` beside the file.
pub(super) fn lock_path(target: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(".sifseal-lock");
    directory_of(target).join(name)
}

fn open(path: &Path, mode: u32) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(mode)
        .custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed())
        .open(path)
}

fn is_still_there(file: &File, path: &Path) -> bool {
    match (file.metadata(), path.symlink_metadata()) {
        (Ok(ours), Ok(named)) => (ours.dev(), ours.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

fn held_by_another(path: &Path) -> Error {
    Error::new(ErrorKind::Timeout, "the lock is held by another program")
        .at(path.display())
        .hint("wait for the other program to finish, or end it if it hangs, and try again")
}

fn no_locks_here(path: &Path, error: io::Error) -> Error {
    Error::new(ErrorKind::Unsupported, "the file cannot be locked")
        .at(path.display())
        .because(error)
        .hint("keep the file on a file system that has locks")
}
