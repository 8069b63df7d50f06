//! Loading a shared library that has a plugin in it.

use crate::PluginV1Ref;
use abi_stable::library::{LibraryError, RawLibrary, lib_header_from_raw_library};
use abi_stable::std_types::RSlice;
use std::fmt;
use std::path::Path;
use zeroize::{Zeroize, Zeroizing};

/// A plugin in this process. It stays until the process ends: what was loaded is never
/// taken away, because nobody can know who still points into it.
#[derive(Clone, Copy)]
pub struct Loaded(PluginV1Ref);

/// Why a file is not loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoadError {
    /// The system's loader refused it, in its words.
    Refused(String),
    /// It is a shared library and exports no plugin.
    NoPlugin,
    /// It has a plugin of another ABI.
    OtherAbi(String),
}

/// Loads the library at this path. Constructors in it run *before* anything can be
/// checked: whoever calls this has made sure of the file.
///
/// A path is one library, whatever is loaded beside it: abi_stable's usual loaders keep
/// one module for each type and would give the first library for the second path.
///
/// # Errors
/// It is no library, or has no plugin of this ABI. A library that is refused stays
/// loaded.
pub fn load(path: &Path) -> Result<Loaded, LoadError> {
    let library = RawLibrary::load_at(path).map_err(refusal)?;
    // For good, also if there is no plugin in it: its constructors may have started a
    // thread, and code must not be taken away under one that runs it.
    let library: &'static RawLibrary = Box::leak(Box::new(library));
    // SAFETY: the header lies in the library, which is never unloaded. That a symbol of
    // this name is abi_stable's header is what the library says; it checks what can be.
    #[allow(unsafe_code)]
    let header = unsafe { lib_header_from_raw_library(library) }.map_err(refusal)?;
    header
        .init_root_module::<PluginV1Ref>()
        .map(Loaded)
        .map_err(refusal)
}

impl Loaded {
    /// The reply to a request. It may hold a secret key: the library's own memory for it is
    /// wiped before the library frees it.
    pub fn call(&self, request: &[u8]) -> Zeroizing<Vec<u8>> {
        let mut reply = self.0.call()(RSlice::from_slice(request));
        let copy = Zeroizing::new(reply.to_vec());
        reply.as_mut_slice().zeroize();
        copy
    }
}

impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Loaded")
    }
}

/// abi_stable tells a wrong layout on hundreds of lines, which nobody but its authors
/// can read.
fn refusal(error: LibraryError) -> LoadError {
    match error {
        LibraryError::OpenError { err, .. } => LoadError::Refused(err.to_string()),
        LibraryError::GetSymbolError { .. } => LoadError::NoPlugin,
        LibraryError::IncompatibleVersionNumber {
            expected_version,
            actual_version,
            ..
        } => LoadError::OtherAbi(format!(
            "version {actual_version} of the ABI instead of {expected_version}"
        )),
        LibraryError::InvalidAbiHeader(_) => {
            LoadError::OtherAbi("another version of abi_stable".to_owned())
        }
        _ => LoadError::OtherAbi("another layout of the ABI's types".to_owned()),
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::fs;
    use std::process::Command;

    /// With a thread of its own, which runs for as long as the process does.
    const NO_PLUGIN: &str = "
        #include <pthread.h>
        #include <unistd.h>
        static void *run(void *nothing) { for (;;) usleep(1000); }
        __attribute__((constructor)) static void start(void) {
            pthread_t thread;
            pthread_create(&thread, 0, run, 0);
        }";

    #[test]
    fn a_library_without_a_plugin_is_refused_and_stays_for_its_threads() {
        let directory = tempfile::tempdir().unwrap();
        let (source, library) = (
            directory.path().join("no.c"),
            directory.path().join("no.so"),
        );
        fs::write(&source, NO_PLUGIN).unwrap();
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-pthread", "-o"])
            .args([&library, &source])
            .status();
        assert!(built.unwrap().success());

        assert_eq!(load(&library).unwrap_err(), LoadError::NoPlugin);
        let loaded = fs::read_to_string("/proc/self/maps").unwrap();
        assert!(loaded.contains(library.to_str().unwrap()));
    }
}
