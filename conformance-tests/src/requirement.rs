//! What a test needs of the machine beyond Rust, and what happens without it.
//!
//! A newcomer with a bare machine can run all tests: those that need more say so
//! and pass. Where nothing may be left out, `SIFSEAL_REQUIRE` names what must be
//! there, as in `SIFSEAL_REQUIRE=go,gpg`, or `all`; a test that would be skipped
//! then fails.
//!
//! A test begins with `let Some(peer) = require_go() else { return };`.

use crate::Peer;
use crate::isolation::Isolation;
use crate::keyserver::{Onak, Sks};
#[cfg(test)]
use crate::leash::Leash;
use crate::old_go::OldGo;
use crate::softhsm::SoftHsm;
use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The variable that forbids skipping.
const REQUIRE: &str = "SIFSEAL_REQUIRE";

/// The variable with the folder of signed images from elsewhere.
const CORPUS: &str = "SIFSEAL_CORPUS";

/// The reference program, which needs the Go toolchain to be built.
///
/// # Panics
/// It cannot be built and `SIFSEAL_REQUIRE` asks for `go`.
pub fn require_go() -> Option<&'static Peer> {
    had("go", Peer::get().map_err(str::to_owned))
}

/// The program over Go's old OpenPGP library, which needs the Go toolchain too.
///
/// # Panics
/// It cannot be built and `SIFSEAL_REQUIRE` asks for `go`.
pub fn require_old_go() -> Option<&'static OldGo> {
    had("go", OldGo::get().map_err(str::to_owned))
}

/// The path of GnuPG's `gpg`.
///
/// # Panics
/// It is not installed and `SIFSEAL_REQUIRE` asks for `gpg`.
pub fn require_gpg() -> Option<PathBuf> {
    had("gpg", installed("gpg"))
}

/// The path of GnuPG's `dirmngr`, through which it talks to keyservers.
///
/// # Panics
/// It is not installed and `SIFSEAL_REQUIRE` asks for `dirmngr`.
pub fn require_dirmngr() -> Option<PathBuf> {
    had("dirmngr", installed("dirmngr"))
}

/// The path of Python.
///
/// # Panics
/// It is not installed and `SIFSEAL_REQUIRE` asks for `python`.
pub fn require_python() -> Option<PathBuf> {
    had("python", installed("python3"))
}

/// The path of `jq`, with which scripts read JSON.
///
/// # Panics
/// It is not installed and `SIFSEAL_REQUIRE` asks for `jq`.
pub fn require_jq() -> Option<PathBuf> {
    had("jq", installed("jq"))
}

/// The means to start programs that cannot outlive their test.
#[cfg(test)]
pub(crate) fn require_leash() -> Option<Leash> {
    had("setpriv", Leash::find())
}

/// The keyserver SKS.
///
/// # Panics
/// It is not installed and `SIFSEAL_REQUIRE` asks for `sks`.
pub fn require_sks() -> Option<Sks> {
    had("sks", Sks::find())
}

/// The keyserver onak.
///
/// # Panics
/// It is not installed and `SIFSEAL_REQUIRE` asks for `onak`.
pub fn require_onak() -> Option<Onak> {
    had("onak", Onak::find())
}

/// The means to run programs without a network.
///
/// # Panics
/// The system gives none and `SIFSEAL_REQUIRE` asks for `isolation`.
pub fn require_isolation() -> Option<Isolation> {
    had("isolation", Isolation::find())
}

/// The HSM in software, with `pkcs11-tool` to make keys in it.
///
/// # Panics
/// It is not installed and `SIFSEAL_REQUIRE` asks for `softhsm`.
pub fn require_softhsm() -> Option<SoftHsm> {
    had("softhsm", SoftHsm::find())
}

/// The folder of signed images that `SIFSEAL_CORPUS` names.
///
/// # Panics
/// It is not there and `SIFSEAL_REQUIRE` asks for `corpus`.
pub fn require_corpus() -> Option<PathBuf> {
    let corpus = match std::env::var_os(CORPUS).map(PathBuf::from) {
        None => Err(format!("{CORPUS} does not name a folder of signed images")),
        // A wrong path is a mistake, not a machine without a corpus.
        Some(path) => {
            assert!(path.is_dir(), "{CORPUS}: {}: no folder", path.display());
            Ok(path)
        }
    };
    had("corpus", corpus)
}

/// GNOME Keyring and a message bus for [`secret_service`](crate::secret_service).
///
/// # Panics
/// One is not installed and `SIFSEAL_REQUIRE` asks for `secret-service`.
pub fn require_secret_service() -> Option<()> {
    let path = std::env::var_os("PATH");
    let needed = ["gnome-keyring-daemon", "dbus-daemon", "dbus-send"];
    let missing = needed
        .into_iter()
        .find(|name| find_program(name, path.as_deref()).is_none());
    let found = missing.map_or(Ok(()), |name| Err(format!("{name} is not installed")));
    had("secret-service", found)
}

/// The kernel's keyrings, which a container may forbid.
///
/// # Panics
/// They cannot be used and `SIFSEAL_REQUIRE` asks for `keyutils`.
pub fn require_keyutils() -> Option<()> {
    let path = std::env::var_os("PATH");
    let found = find_program("keyctl", path.as_deref()).ok_or("keyctl is not installed".to_owned());
    let found = found.and_then(|keyctl| {
        let output = std::process::Command::new(keyctl)
            .args(["get_persistent", "@s"])
            .output();
        match output {
            Ok(output) if output.status.success() => Ok(()),
            _ => Err("the kernel's keyrings cannot be used here".to_owned()),
        }
    });
    had("keyutils", found)
}

/// The rule: what is missing is told, or is a failure where it was asked for.
pub(crate) fn had<T>(name: &str, found: Result<T, String>) -> Option<T> {
    let reason = match found {
        Ok(found) => return Some(found),
        Err(reason) => reason,
    };
    let required = std::env::var(REQUIRE).unwrap_or_default();
    assert!(
        !is_required(&required, name),
        "{REQUIRE}={required}, and {reason}"
    );
    // Not by `eprintln!`: the test harness would keep it to itself.
    let _ = writeln!(std::io::stderr(), "skipped: {reason}");
    None
}

fn is_required(required: &str, name: &str) -> bool {
    let mut names = required.split(',').map(str::trim);
    names.any(|required| required == "all" || required == name)
}

/// The path of a program, or that there is none.
pub(crate) fn installed(name: &str) -> Result<PathBuf, String> {
    find_program(name, std::env::var_os("PATH").as_deref())
        // Servers are there, and not on everybody's path.
        .or_else(|| installed_in(Path::new("/usr/sbin"), name))
        .ok_or_else(|| format!("{name} is not installed"))
}

/// The path of a program in a folder.
pub(crate) fn installed_in(folder: &Path, name: &str) -> Option<PathBuf> {
    Some(folder.join(name)).filter(|candidate| candidate.is_file())
}

fn find_program(name: &str, path: Option<&OsStr>) -> Option<PathBuf> {
    std::env::split_paths(path?).find_map(|folder| installed_in(&folder, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_required_where_nothing_is_said() {
        assert!(!is_required("", "go"));
    }

    #[test]
    fn all_requires_everything_and_a_list_what_it_names() {
        assert!(is_required("all", "corpus"));
        assert!(is_required("go, gpg", "gpg"));
        assert!(!is_required("go, gpg", "corpus"));
    }

    #[test]
    fn a_program_is_found_along_the_path_or_not_at_all() {
        let directory = tempfile::tempdir().unwrap();
        let program = directory.path().join("tool");
        std::fs::write(&program, "").unwrap();
        let path = std::env::join_paths(["/nowhere".as_ref(), directory.path()]).unwrap();
        assert_eq!(find_program("tool", Some(&path)), Some(program));
        assert_eq!(find_program("other", Some(&path)), None);
        assert_eq!(find_program("tool", None), None);
    }
}
