//! The checked bytes, where nobody can change them.

use super::{Digest, MAX_BYTES, Shelf};
use crate::elf::HEAD;
use rustix::fs::{MemfdFlags, SealFlags};
use rustix::io::Errno;
use sha2::{Digest as _, Sha256};
use sifseal_core::{Error, ErrorKind, Result};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use tempfile::TempDir;

/// A copy of a plugin's file that stays as it is for as long as this value lives.
#[derive(Debug)]
pub struct Sealed {
    digest: Digest,
    size: u64,
    head: Vec<u8>,
    copy: Copy,
}

#[derive(Debug)]
enum Copy {
    Memory(File),
    Private { file: PathBuf, _directory: TempDir },
}

impl Sealed {
    pub(super) fn copy_of(file: &File, shelf: Shelf) -> Result<Self> {
        match memory(shelf)? {
            Some(mut memory) => {
                let (digest, size, head) = copy(file, &mut memory)?;
                let seals =
                    SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE;
                rustix::fs::fcntl_add_seals(&memory, seals).map_err(|error| io(&error.into()))?;
                Ok(Self {
                    digest,
                    size,
                    head,
                    copy: Copy::Memory(memory),
                })
            }
            None => Self::private_copy_of(file),
        }
    }

    /// Nobody but the user, who could do anything anyway, gets into a directory of mode
    /// 0700.
    fn private_copy_of(file: &File) -> Result<Self> {
        let directory = TempDir::with_prefix("sifseal-plugin-").map_err(|error| io(&error))?;
        let path = directory.path().join("plugin");
        let mut private = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o700)
            .open(&path)
            .map_err(|error| io(&error))?;
        let (digest, size, head) = copy(file, &mut private)?;
        Ok(Self {
            digest,
            size,
            head,
            copy: Copy::Private {
                file: path,
                _directory: directory,
            },
        })
    }

    /// The SHA-256 of the bytes.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// How many they are.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The first of them.
    pub(crate) fn head(&self) -> &[u8] {
        &self.head
    }

    /// A path under which this process and its children find the copy. It names this
    /// process and not `self`: an interpreter that a script names opens the script anew,
    /// and in the interpreter's process our descriptor is closed.
    pub fn path(&self) -> PathBuf {
        match &self.copy {
            Copy::Memory(memory) => {
                // In a namespace of its own this process may have another number than it
                // has in `/proc`: there it is asked.
                let own = || std::process::id().to_string().into();
                let id = std::fs::read_link("/proc/self").unwrap_or_else(|_| own());
                let descriptor = memory.as_raw_fd().to_string();
                PathBuf::from("/proc").join(id).join("fd").join(descriptor)
            }
            Copy::Private { file, .. } => file.clone(),
        }
    }
}

/// Memory that can be sealed and run; `None` where the system has none.
fn memory(shelf: Shelf) -> Result<Option<File>> {
    if shelf == Shelf::PrivateCopy {
        return Ok(None);
    }
    let make = |more| {
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING | more;
        rustix::fs::memfd_create("sifseal-plugin", flags)
    };
    // Systems that know the flag may want it (`vm.memfd_noexec`), older ones refuse it.
    let made = match make(MemfdFlags::EXEC) {
        Err(Errno::INVAL) => make(MemfdFlags::empty()),
        made => made,
    };
    match made {
        Ok(memory) => Ok(Some(File::from(memory))),
        Err(Errno::ACCESS | Errno::PERM | Errno::NOSYS) => Ok(None),
        Err(error) => Err(io(&error.into())),
    }
}

/// Copies and hashes in one go.
fn copy(mut from: &File, to: &mut File) -> Result<(Digest, u64, Vec<u8>)> {
    let mut hash = Sha256::new();
    let mut head = Vec::new();
    let mut size = 0;
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = from.read(&mut buffer).map_err(|error| io(&error))?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        size += read as u64;
        if size > MAX_BYTES {
            let what = format!("it has more than {} MiB", MAX_BYTES >> 20);
            return Err(Error::new(ErrorKind::Malformed, what));
        }
        let wanted = HEAD.saturating_sub(head.len()).min(read);
        head.extend_from_slice(bytes.get(..wanted).unwrap_or_default());
        hash.update(bytes);
        to.write_all(bytes).map_err(|error| io(&error))?;
    }
    Ok((Digest(hash.finalize().into()), size, head))
}

fn io(error: &std::io::Error) -> Error {
    Error::new(ErrorKind::Io, "it cannot be copied to be checked").because(error.to_string())
}
