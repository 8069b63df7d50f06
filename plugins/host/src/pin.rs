//! Which bytes run: those that the configuration pins, and no others.
//!
//! Constructors in a shared library run inside of the system's loader, before anything in
//! it can be asked. So the file is judged from outside. It is opened once, without
//! following a link, and everything is asked of the *open* file: is it a regular file,
//! whose is it, who could write to it, and to the directories above. Its bytes are then
//! copied into memory that is sealed, hashed on the way, and the copy is what is loaded
//! or started. Between check and use nothing can change. Where the system has no such
//! memory, or does not let code in it run, the copy is a file in a directory of our own.
//!
//! The pin holds for the file itself, not for libraries that it loads in its turn.

mod digest;
mod owners;
mod sealed;

pub use digest::Digest;
pub use sealed::Sealed;

use crate::plan::Plan;
use rustix::fs::{Mode, OFlags};
use sifseal_core::{Error, ErrorKind, Result};
use std::fs::File;
use std::io;
use std::path::Path;

/// The largest plugin. Rust's with everything in it have a hundredth of that.
pub const MAX_BYTES: u64 = 256 << 20;

/// Where the checked bytes are kept while they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    /// In sealed memory, or in a private copy where that is refused.
    Usual,
    /// In a private copy.
    PrivateCopy,
}

/// Checks a file and copies it to where nobody can change it, whatever its digest is.
///
/// # Errors
/// `Config` if it is not there or its path not absolute, `Denied` if somebody else could
/// have changed it or it is a symbolic link, `Malformed` if it is no file of a possible
/// size, `Io` if it cannot be read.
pub fn seal(path: &Path, shelf: Shelf) -> Result<Sealed> {
    sealed_nameless(path, shelf).map_err(|error| error.at(path.display()))
}

/// The same for the file of a plugin, whose digest must be the configured one.
///
/// # Errors
/// As [`seal`], and `Denied` for another digest.
pub fn seal_pinned(plan: &Plan, shelf: Shelf) -> Result<Sealed> {
    let Plan {
        name, path, sha256, ..
    } = plan;
    let sealed = seal(path, shelf)?;
    if sealed.digest() == sha256 {
        return Ok(sealed);
    }
    let what = format!(
        "its SHA-256 is {}, and the configuration wants {sha256}",
        sealed.digest()
    );
    Err(Error::new(ErrorKind::Denied, what)
        .at(path.display())
        .hint(format!(
            "if the file was meant to change, `sifseal plugin pin {name}` pins what it holds \
             now and keeps its settings; otherwise somebody has replaced it"
        )))
}

fn sealed_nameless(path: &Path, shelf: Shelf) -> Result<Sealed> {
    if !path.is_absolute() {
        let what = "the path of a plugin must be absolute";
        return Err(Error::new(ErrorKind::Config, what));
    }
    owners::refuse_borrowed_rights()?;
    owners::check_directories(path)?;
    let file = open(path)?;
    owners::check_file(&file)?;
    Sealed::copy_of(&file, shelf)
}

/// Opens it without following a link at its end, and without waiting for a writer of a
/// pipe.
fn open(path: &Path) -> Result<File> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let opened = rustix::fs::open(path, flags, Mode::empty());
    opened.map(File::from).map_err(|error| match error {
        rustix::io::Errno::LOOP => {
            let what = "it is a symbolic link, which could be changed to lead elsewhere";
            Error::new(ErrorKind::Denied, what).hint("configure the file that it leads to")
        }
        rustix::io::Errno::NOENT => {
            let what = "there is no such file";
            Error::new(ErrorKind::Config, what)
                .hint("`sifseal plugin list` shows which are configured")
        }
        other => Error::io(path, io::Error::from(other)),
    })
}

#[cfg(test)]
mod tests;
