//! Which of the three forms a place has.

use sifseal_core::{Error, ErrorKind, Result};
use std::ffi::OsStr;
use std::fs::{DirEntry, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// How certificates lie in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Files of any names in a directory.
    Directory,
    /// An OpenPGP certificate directory.
    CertD,
    /// One file.
    Bundle,
}

/// The lock of a certificate directory (draft-nwjw-openpgp-cert-d, section 3.3).
pub(crate) const WRITELOCK: &str = "writelock";

/// Looks at a place.
///
/// # Errors
/// `NotFound` if there is nothing, `Malformed` if it is neither a file nor a directory,
/// `Denied` or `Io` if the system refuses.
pub(crate) fn look(path: &Path) -> Result<(Form, Metadata)> {
    let metadata = std::fs::metadata(path).map_err(|error| missing(path, error))?;
    let form = if metadata.is_file() {
        Form::Bundle
    } else if !metadata.is_dir() {
        let what = "is neither a directory nor a file of certificates";
        return Err(Error::new(ErrorKind::Malformed, what).at(path.display()));
    } else if is_cert_d(path).map_err(|error| Error::io(path, error))? {
        Form::CertD
    } else {
        Form::Directory
    };
    Ok((form, metadata))
}

fn missing(path: &Path, error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::NotFound => {
            Error::new(ErrorKind::NotFound, "there are no certificates here: no such directory or file")
                .at(path.display())
                .hint("create the directory or bundle, mount the medium, or correct the keyserver's `path` in the configuration")
        }
        _ => Error::io(path, error),
    }
}

/// A certificate directory is known by the lock that every writer makes, or by a
/// certificate under its fingerprint's name. One that somebody is just making may have
/// empty directories beside the first certificate.
fn is_cert_d(path: &Path) -> io::Result<bool> {
    let lock = path.join(WRITELOCK).symlink_metadata();
    if lock.is_ok_and(|metadata| metadata.is_file()) {
        return Ok(true);
    }
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        if is_prefix(&entry.file_name()) && has_certificate(&entry) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn has_certificate(directory: &DirEntry) -> bool {
    let is_regular = |entry: &DirEntry| entry.file_type().is_ok_and(|kind| kind.is_file());
    let is_directory = directory.file_type().is_ok_and(|kind| kind.is_dir());
    let Ok(mut inside) = std::fs::read_dir(directory.path()) else {
        return false;
    };
    is_directory
        && inside.any(|file| file.is_ok_and(|file| is_rest(&file.file_name()) && is_regular(&file)))
}

/// True for the first two digits of a fingerprint.
pub(crate) fn is_prefix(name: &OsStr) -> bool {
    name.len() == 2 && is_hex(name)
}

/// True for what follows them, of a version 4 or 6 fingerprint.
pub(crate) fn is_rest(name: &OsStr) -> bool {
    matches!(name.len(), 38 | 62) && is_hex(name)
}

fn is_hex(name: &OsStr) -> bool {
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    name.as_bytes().iter().all(is_digit)
}

/// Where a certificate directory keeps the certificate with this fingerprint.
pub(crate) fn in_cert_d(base: &Path, fingerprint: &[u8]) -> PathBuf {
    let digits = hex::encode(fingerprint);
    let (prefix, rest) = digits.split_at(digits.len().min(2));
    base.join(prefix).join(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const REST: &str = "0123456789abcdef0123456789abcdef012345";

    #[test]
    fn a_certificate_directory_is_known_by_its_lock_or_a_certificate_in_place() {
        let root = tempfile::tempdir().unwrap();
        let form = || look(root.path()).unwrap().0;
        assert_eq!(form(), Form::Directory);
        for name in ["aa", "ab", "ac"] {
            fs::create_dir(root.path().join(name)).unwrap();
        }
        fs::write(root.path().join("ab/ada.asc"), "").unwrap();
        assert_eq!(form(), Form::Directory);
        fs::write(root.path().join("ab").join(REST), "").unwrap();
        assert_eq!(form(), Form::CertD);
        fs::remove_dir_all(root.path().join("ab")).unwrap();
        fs::write(root.path().join(WRITELOCK), "").unwrap();
        assert_eq!(form(), Form::CertD);
    }

    #[test]
    fn a_missing_place_says_what_to_do() {
        let error = look(Path::new("/nonexistent/keys")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.hint_text().is_some());
        assert_eq!(error.place(), Some("/nonexistent/keys"));
    }

    #[test]
    fn a_device_is_no_place_for_certificates() {
        let error = look(Path::new("/dev/null")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed);
    }
}
