//! What a test needs beside Rust, and what happens on a machine that lacks it.
//!
//! Such a test says that it is skipped, and why, and passes. Where
//! `SIFSEAL_REQUIRE=all` is set, as in continuous integration, it fails instead, so
//! that a skip never looks green there.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Says that something is missing.
///
/// # Panics
/// If nothing may be missing (`SIFSEAL_REQUIRE=all`).
#[allow(clippy::panic)]
pub fn skip<T>(why: &str) -> Option<T> {
    assert!(
        std::env::var_os("SIFSEAL_REQUIRE").is_none_or(|what| what != "all"),
        "nothing may be skipped here, but {why}"
    );
    eprintln!("skipped: {why}");
    None
}

/// The folder with real signed images, from `SIFSEAL_CORPUS`.
pub fn require_corpus() -> Option<PathBuf> {
    match std::env::var_os("SIFSEAL_CORPUS").map(PathBuf::from) {
        Some(folder) if folder.join("verdicts.json").is_file() => Some(folder),
        Some(folder) => skip(&format!("{} holds no corpus", folder.display())),
        None => skip("SIFSEAL_CORPUS does not name a folder with signed images"),
    }
}

/// GnuPG's program.
pub fn require_gpg() -> Option<&'static str> {
    require_program("gpg", "--version")
}

/// The Go toolchain.
pub fn require_go() -> Option<&'static str> {
    require_program("go", "version")
}

fn require_program(name: &'static str, version: &str) -> Option<&'static str> {
    let found = Command::new(name)
        .arg(version)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if found {
        Some(name)
    } else {
        skip(&format!("the program `{name}` is not installed"))
    }
}
