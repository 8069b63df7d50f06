//! Who could have changed a file: nobody but the user and root may.

use rustix::fs::{FileType, Stat};
use rustix::process::{getegid, geteuid, getgid, getuid};
use sifseal_core::{Error, ErrorKind, Result};
use std::fs::File;
use std::path::Path;

const WRITABLE_BY_OTHERS: u32 = 0o022;
const STICKY: u32 = 0o1000;

/// A program that runs with rights of somebody else than who started it loads nothing
/// that a configuration names.
pub(super) fn refuse_borrowed_rights() -> Result<()> {
    if getuid() == geteuid() && getgid() == getegid() {
        return Ok(());
    }
    let what = "plugins are not used by a program that is setuid or setgid";
    Err(Error::new(ErrorKind::Denied, what))
}

/// Every directory above, by the path as it is written and as it is without links: who
/// can rename a directory can put another file in its place.
pub(super) fn check_directories(path: &Path) -> Result<()> {
    let parent = path.parent().unwrap_or(Path::new("/"));
    let whole = parent
        .canonicalize()
        .map_err(|error| Error::io(parent, error))?;
    for directory in parent.ancestors().chain(whole.ancestors()) {
        let stat = rustix::fs::stat(directory)
            .map_err(|error| Error::io(directory, std::io::Error::from(error)))?;
        check_directory(&stat).map_err(|error| error.at(directory.display()))?;
    }
    Ok(())
}

fn check_directory(stat: &Stat) -> Result<()> {
    check_owner(stat, "the directory")?;
    // In a sticky directory such as /tmp, others cannot rename what is not theirs.
    let sticky = stat.st_mode & STICKY != 0;
    if stat.st_mode & WRITABLE_BY_OTHERS != 0 && !sticky {
        let what = "others can write to the directory, and so replace the plugin";
        return Err(Error::new(ErrorKind::Denied, what)
            .hint("take that right away: `chmod go-w DIRECTORY`"));
    }
    Ok(())
}

/// The open file itself.
pub(super) fn check_file(file: &File) -> Result<()> {
    let stat = rustix::fs::fstat(file)
        .map_err(|error| Error::new(ErrorKind::Io, std::io::Error::from(error).to_string()))?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(Error::new(ErrorKind::Malformed, "it is no regular file"));
    }
    check_owner(&stat, "it")?;
    if stat.st_mode & WRITABLE_BY_OTHERS != 0 {
        let what = "others can write to it";
        return Err(Error::new(ErrorKind::Denied, what)
            .hint("take that right away: `chmod go-w FILE`, and make sure of what is in it"));
    }
    Ok(())
}

fn check_owner(stat: &Stat, what: &str) -> Result<()> {
    let owner = stat.st_uid;
    if owner == 0 || owner == geteuid().as_raw() {
        return Ok(());
    }
    let what = format!("{what} belongs to user {owner}, and neither to you nor to root");
    Err(Error::new(ErrorKind::Denied, what))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stat(owner: u32, mode: u32) -> Stat {
        let mut stat = rustix::fs::stat("/").unwrap();
        stat.st_uid = owner;
        stat.st_mode = mode;
        stat
    }

    #[test]
    fn a_directory_is_safe_if_only_we_and_root_can_rename_what_is_in_it() {
        let me = geteuid().as_raw();
        check_directory(&stat(0, 0o40755)).unwrap();
        check_directory(&stat(me, 0o40700)).unwrap();
        check_directory(&stat(0, 0o41777)).unwrap();
        let refused = |owner, mode| check_directory(&stat(owner, mode)).unwrap_err().to_string();
        assert!(refused(0, 0o40777).contains("others can write"));
        assert!(refused(me, 0o40775).contains("others can write"));
        assert!(refused(me + 1, 0o40755).contains("belongs to user"));
    }
}
