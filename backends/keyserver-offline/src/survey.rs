//! Which files there are, told without opening one.

use crate::place::{Form, is_prefix, is_rest};
use crate::stamp::Stamp;
use sifseal_core::{Context, Error, ErrorKind, Result, Shown};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How many files and directories are looked at. Ten times the largest store of
/// certificates that this was built for; a place with more is somebody's whole disk.
const MAX_ENTRIES: usize = 1_000_000;

/// How deep a directory is searched: enough for sites, teams and years, each with a
/// level of its own.
const MAX_DEPTH: usize = 8;

/// What there is in a place, sorted by path.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// Directories that were read; empty for a bundle. Paths are relative.
    pub(crate) directories: Vec<Directory>,
    /// Files that may hold certificates.
    pub(crate) files: Vec<File>,
    /// What was passed over and might be missed, in words.
    pub(crate) remarks: Vec<String>,
    entries: usize,
}

#[derive(Debug)]
pub(crate) struct Directory {
    pub(crate) path: PathBuf,
    pub(crate) stamp: Stamp,
}

#[derive(Debug)]
pub(crate) struct File {
    /// Relative to the place; empty for a bundle, which is the place.
    pub(crate) path: PathBuf,
    pub(crate) stamp: Stamp,
}

/// Looks through a place.
///
/// # Errors
/// `Malformed` if it holds more than a store of certificates can, `Denied` or `Io` if
/// the place itself cannot be read, `Timeout` when the context says so.
pub(crate) fn survey(cx: &Context<'_>, root: &Path, form: Form) -> Result<Survey> {
    let mut survey = Survey::default();
    match form {
        Form::Bundle => {
            let metadata = std::fs::metadata(root).map_err(|error| Error::io(root, error))?;
            survey.files.push(File {
                path: PathBuf::new(),
                stamp: Stamp::of(&metadata),
            });
        }
        Form::Directory => survey.enter(cx, root, PathBuf::new(), 0, &any_name)?,
        Form::CertD => survey.enter(cx, root, PathBuf::new(), 0, &name_in_cert_d)?,
    }
    survey.files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    Ok(survey)
}

/// What a name may stand for, by how deep it stands.
struct Names {
    directory: bool,
    file: bool,
}

fn any_name(name: &OsStr, depth: usize) -> Names {
    let visible = !name.as_bytes().starts_with(b".");
    Names {
        directory: visible && depth < MAX_DEPTH,
        file: visible,
    }
}

/// Special names (`trust-root`, `_…`) and the lock are not certificates to be found.
fn name_in_cert_d(name: &OsStr, depth: usize) -> Names {
    Names {
        directory: depth == 0 && is_prefix(name),
        file: depth == 1 && is_rest(name),
    }
}

impl Survey {
    fn enter(
        &mut self,
        cx: &Context<'_>,
        root: &Path,
        relative: PathBuf,
        depth: usize,
        names: &dyn Fn(&OsStr, usize) -> Names,
    ) -> Result<()> {
        cx.budget(Duration::MAX)?;
        let path = root.join(&relative);
        let refused = |error| Error::io(&path, error);
        // Before the names are read: what comes later leaves a later stamp.
        let metadata = std::fs::metadata(&path).map_err(refused)?;
        let entries = std::fs::read_dir(&path).map_err(refused)?;
        self.directories.push(Directory {
            path: relative.clone(),
            stamp: Stamp::of(&metadata),
        });
        let mut below = Vec::new();
        for entry in entries {
            let entry = entry.map_err(refused)?;
            let name = entry.file_name();
            self.count(root)?;
            let wanted = names(&name, depth);
            if !wanted.directory && !wanted.file {
                continue;
            }
            let relative = relative.join(&name);
            let Ok(metadata) = entry.metadata() else {
                continue; // it went away meanwhile
            };
            if metadata.is_dir() && wanted.directory {
                below.push(relative);
            } else if metadata.is_dir() && depth == MAX_DEPTH {
                self.remark(&relative, "is too deep, and was passed over");
            } else if metadata.is_file() && wanted.file {
                let stamp = Stamp::of(&metadata);
                self.files.push(File {
                    path: relative,
                    stamp,
                });
            } else if metadata.is_symlink() {
                self.remark(&relative, "is a symbolic link, and was passed over");
            }
        }
        below.sort_unstable();
        for relative in below {
            let seen = relative.clone();
            match self.enter(cx, root, relative, depth + 1, names) {
                Err(error) if matches!(error.kind(), ErrorKind::Denied | ErrorKind::Io) => {
                    self.remark(&seen, &format!("was passed over: {}", error.what()));
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                result => result?,
            }
        }
        Ok(())
    }

    fn count(&mut self, root: &Path) -> Result<()> {
        self.entries += 1;
        if self.entries <= MAX_ENTRIES {
            return Ok(());
        }
        let what = format!("more than {MAX_ENTRIES} files are no store of certificates");
        Err(Error::new(ErrorKind::Malformed, what)
            .at(root.display())
            .hint("name the directory that holds the certificates and nothing else"))
    }

    fn remark(&mut self, path: &Path, what: &str) {
        let path = path.to_string_lossy();
        self.remarks.push(format!("{} {what}", Shown::new(&path)));
    }
}
