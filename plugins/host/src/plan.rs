//! What the configuration says of a plugin, and what the program lends to all.

use crate::pin::Digest;
use sifseal_plugin_protocol::Params;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// One plugin, as configured.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The name that other settings use.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// The SHA-256 of its bytes.
    pub sha256: Digest,
    /// How it runs.
    pub carriage: Carriage,
    /// How long one request may take.
    pub timeout: Duration,
    /// Handed to the plugin as it stands. There may be a PIN among it.
    pub settings: Params,
}

impl Plan {
    /// How long a request may take where nothing is said. A device may want a touch, and
    /// a service may be slow; the time in which *we* ask the person does not count.
    pub const TIMEOUT: Duration = Duration::from_secs(60);
}

/// The ways to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carriage {
    /// A program of its own.
    Executable,
    /// A shared library in this process: its crash is ours, and a hang cannot be ended.
    Library,
    /// A shared library in a child of this program.
    IsolatedLibrary,
}

impl Carriage {
    /// The usual way for a file of this name: shared libraries are told by their ending.
    pub fn usual_for(path: &std::path::Path, isolate: bool) -> Self {
        match (path.extension().is_some_and(|end| end == "so"), isolate) {
            (false, _) => Self::Executable,
            (true, false) => Self::Library,
            (true, true) => Self::IsolatedLibrary,
        }
    }
}

impl fmt::Display for Carriage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Executable => "executable",
            Self::Library => "library",
            Self::IsolatedLibrary => "isolated library",
        })
    }
}

/// What the program lends to all plugins.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// How the program calls itself: `sifseal 0.1.0`.
    pub host: String,
    /// The environment of those that are processes. Variables that begin with `SIFSEAL_`
    /// are left out: they are meant for the program, and one may name a passphrase.
    pub environment: Vec<(OsString, OsString)>,
    /// The child in which isolated libraries run.
    pub child: Child,
}

/// A program that calls [`serve_library`](crate::serve_library) with the path that
/// follows its arguments.
#[derive(Debug, Clone)]
pub struct Child {
    /// The program, usually this one.
    pub program: PathBuf,
    /// What stands before the path.
    pub arguments: Vec<OsString>,
}
