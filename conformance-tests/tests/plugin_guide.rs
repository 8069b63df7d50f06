//! "Write a key backend in an hour", followed literally: every block of the page that has
//! a file's name is that file, every block of shell is run, in their order, in an empty
//! folder.

#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

use sifseal_conformance_tests::Program;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

const GUIDE: &str = include_str!("../../docs/write-a-key-backend.md");

/// The page as one script.
fn script() -> String {
    let mut script = String::from("set -eu\n");
    let mut rest = GUIDE;
    while let Some((_, block)) = rest.split_once("\n```") {
        let (kind, block) = block.split_once('\n').unwrap();
        let (text, after) = block.split_once("```").unwrap();
        match kind.split_once(" file=") {
            Some((_, file)) => {
                write!(script, "cat > {file} <<'END OF FILE'\n{text}END OF FILE\n").unwrap();
            }
            None => {
                assert_eq!(kind, "sh", "a block that nobody follows");
                script.push_str(text);
                if text.starts_with("cargo new") {
                    // What another run of this test has built is not built again.
                    script.push_str("cp \"$LOCK\" logged/ && ln -s \"$TARGET\" logged/target\n");
                }
            }
        }
        rest = after;
    }
    script
}

#[test]
fn the_guide_leads_from_an_empty_folder_to_a_verified_signature() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let sources = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .unwrap();
    symlink(&sources, path("sifseal")).unwrap();
    fs::create_dir(path("bin")).unwrap();
    symlink(Program::new(folder.path()).binary(), path("bin/sifseal")).unwrap();
    let target = target_directory();
    fs::create_dir_all(&target).unwrap();
    // Nobody debugs what is built here, and it is built in half the time without.
    fs::create_dir(path(".cargo")).unwrap();
    fs::write(path(".cargo/config.toml"), "[profile.dev]\ndebug = false\n").unwrap();

    let programs = std::env::var("PATH").unwrap();
    let output = Command::new("/bin/sh")
        .args(["-c", &script()])
        .current_dir(folder.path())
        .env_clear()
        .env("CARGO_HOME", cargo_home())
        .envs(std::env::vars().filter(|(name, _)| name.starts_with("RUSTUP_")))
        .env("CARGO_NET_OFFLINE", "true")
        .env("PATH", format!("{}:{programs}", path("bin").display()))
        .env("HOME", folder.path())
        .env("SIFSEAL_KEYSERVER", "none")
        .env("LOCK", sources.join("Cargo.lock"))
        .env("TARGET", target)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (said, heard) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{said}\n{heard}");
    assert!(said.contains("Container verified: image.sif"), "{said}");
    let log = fs::read_to_string(path("log")).unwrap();
    assert_eq!(log.lines().count(), 1, "{log}");
    assert!(log.trim_end().ends_with("SHA256"), "{log}");
}

/// Beside what is built otherwise: a crate outside of the workspace is built with other
/// settings.
fn target_directory() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    // target/debug/deps/name-0123456789abcdef
    test.ancestors().nth(3).unwrap().join("guide")
}

/// Where cargo keeps what it has downloaded.
fn cargo_home() -> PathBuf {
    let usual = || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cargo");
    std::env::var_os("CARGO_HOME").map_or_else(usual, PathBuf::from)
}
