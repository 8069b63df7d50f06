//! Where programs that tests need are built, and how several test processes keep
//! out of each other's way meanwhile.

use std::fs::File;
use std::path::{Path, PathBuf};

/// The directory of the running test's profile, such as `target/debug`: what is
/// built there is reused by the next run and goes with `cargo clean`.
pub(crate) fn profile_directory() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    // target/debug/deps/name-0123456789abcdef
    let profile = test.ancestors().nth(2);
    profile.expect("cargo puts tests into deps").to_owned()
}

/// Runs `work` while no other test process does so under the same name.
pub(crate) fn alone<T>(name: &str, work: impl FnOnce(&Path) -> T) -> T {
    let directory = profile_directory();
    let lock = directory.join(format!("{name}.lock"));
    let file = File::create(&lock).unwrap_or_else(|error| panic!("{}: {error}", lock.display()));
    file.lock()
        .unwrap_or_else(|error| panic!("{}: {error}", lock.display()));
    // The lock ends with the file.
    work(&directory)
}
