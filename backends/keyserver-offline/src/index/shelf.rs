//! Where an index is kept: beside the certificates, or in a cache.
//!
//! Beside them it serves everybody and travels with them. It is written there by whoever
//! owns the directory that it is written to, if nobody else may write there, and by no
//! other: a visitor's program should leave no traces, and must not be led by a link that
//! somebody planted in a shared directory. (Who owns a bundle in `/tmp` has no say in
//! what else is in `/tmp`.) Everybody else keeps it in the cache directory that the
//! caller names. If neither can be written, it lives as long as the process.
//!
//! Writers need no lock: each puts a whole index in the place of the old one, and all
//! are true of the moment at which they were taken.

use super::build::Scene;
use super::format::{self, Index, Reader};
use crate::place::Form;
use sha2::{Digest as _, Sha256};
use sifseal_core::replace::{self, Mode};
use sifseal_core::traits::Engine;
use sifseal_core::{Error, ErrorKind, Result};
use std::ffi::OsString;
use std::fs::{DirBuilder, Metadata};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// In a directory, the index has a hidden directory of its own, so that writing it does
/// not change the directory of which it tells.
const NAME: &str = ".sifseal-index";

/// The largest index that is loaded: a million certificates take about a quarter.
const MAX_INDEX: u64 = 1 << 30;

/// The places where the index of one place may be.
#[derive(Debug)]
pub(crate) struct Shelf {
    beside: PathBuf,
    /// The certificates' owner.
    owner: u32,
    may_write_beside: bool,
    cached: Option<PathBuf>,
    reader: Reader,
}

impl Shelf {
    /// `metadata` is the place's own.
    ///
    /// Whether the place's directory is shared is judged here, and that of the index
    /// once it is there.
    pub(crate) fn of(
        scene: &Scene<'_>,
        metadata: &Metadata,
        cache: Option<&Path>,
        engine: &dyn Engine,
    ) -> Self {
        // Each engine has its own, lest two of them write in turns.
        let reader = engine.describe().name;
        let beside = match scene.form {
            Form::Bundle => {
                let mut name = OsString::from(".");
                name.push(scene.root.file_name().unwrap_or_default());
                name.push(format!("{NAME}-{reader}"));
                scene.root.with_file_name(name)
            }
            Form::Directory | Form::CertD => scene.root.join(NAME).join(reader),
        };
        let written_to = match scene.form {
            Form::Bundle => directory_of(&beside),
            Form::Directory | Form::CertD => scene.root,
        };
        let may_write_beside = !scene.is_read_only && is_ours_alone(written_to);
        Self {
            beside,
            owner: metadata.uid(),
            may_write_beside,
            cached: cache.map(|cache| cache.join(cache_name(scene.root, reader))),
            reader: format::reader(engine),
        }
    }

    /// The indexes that are there, the one beside the certificates first.
    pub(crate) fn load(&self) -> impl Iterator<Item = Index> + '_ {
        std::iter::once(&self.beside)
            .chain(&self.cached)
            .filter_map(|path| self.load_from(path).ok().flatten())
    }

    fn load_from(&self, path: &Path) -> io::Result<Option<Index>> {
        let (mut file, stamp) = super::build::open(path, false)?;
        let owner = file.metadata()?.uid();
        let us = rustix::process::geteuid().as_raw();
        // Whoever owns the certificates could hide them anyway; a stranger could not.
        if ![0, us, self.owner].contains(&owner) || stamp.size() > MAX_INDEX {
            return Ok(None);
        }
        let mut bytes = Vec::with_capacity(usize::try_from(stamp.size()).unwrap_or(0));
        (&mut file).take(MAX_INDEX).read_to_end(&mut bytes)?;
        Ok(Index::decode(bytes).filter(|index| index.reader() == self.reader))
    }

    /// Makes what directory is missing, before the place is looked through: it is in it.
    pub(crate) fn prepare(&self) {
        if self.may_write_beside {
            self.prepare_as_asked();
        }
    }

    /// The same because somebody asked for an index in this place.
    pub(crate) fn prepare_as_asked(&self) {
        // Without it the cache is used, or none.
        let _ = make_directory(&self.beside);
    }

    /// Keeps an index where one can be kept. Whether that works out is of no concern to
    /// the one who asked for a certificate.
    pub(crate) fn save(&self, index: &Index) {
        let may_write = self.may_write_beside && is_ours_alone(directory_of(&self.beside));
        if may_write && put(&self.beside, index).is_ok() {
            return;
        }
        if let Some(cached) = &self.cached {
            let _ = put(cached, index);
        }
    }

    /// Writes an index beside the certificates because somebody asked for that.
    ///
    /// # Errors
    /// `Unsupported` if nothing can be written there.
    pub(crate) fn save_beside(&self, new: &Index) -> Result<PathBuf> {
        put(&self.beside, new).map_err(|error| {
            Error::new(ErrorKind::Unsupported, "the index cannot be written here")
                .at(self.beside.display())
                .because(error)
                .hint(
                    "make the index before the medium is closed, as the owner of the certificates",
                )
        })?;
        Ok(self.beside.clone())
    }
}

fn put(path: &Path, index: &Index) -> Result<()> {
    make_directory(path)?;
    replace::overwrite_unfollowed(path, Mode::Exactly(0o644), index.bytes())
}

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// True for a directory of ours in which nobody else can put anything.
fn is_ours_alone(directory: &Path) -> bool {
    let us = rustix::process::geteuid().as_raw();
    directory
        .metadata()
        .is_ok_and(|metadata| metadata.uid() == us && metadata.mode() & 0o022 == 0)
}

/// Makes the directory of a path, unless it is there as a directory and no link.
fn make_directory(path: &Path) -> Result<()> {
    let directory = directory_of(path);
    let there = directory.symlink_metadata();
    if there.is_ok_and(|metadata| metadata.is_dir()) {
        return Ok(());
    }
    let made = DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(directory);
    made.map_err(|error| Error::io(directory, error))?;
    match directory.symlink_metadata() {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        _ => Err(Error::new(ErrorKind::Denied, "is not a directory").at(directory.display())),
    }
}

/// One name for each place, however it was written.
fn cache_name(root: &Path, reader: &str) -> String {
    let path = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let digest = Sha256::digest(path.as_os_str().as_bytes());
    format!("{}{NAME}-{reader}", hex::encode(digest))
}
