//! The adapters for other implementations, and for our own program, ready to be asked.

use crate::program::built_program;
use crate::requirement::{had, installed, require_jq};
use sifseal_conformance::adapter::Adapter;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long one call may take: far more than any needs, on a machine with other work to do.
const PATIENCE: Duration = Duration::from_secs(120);

/// The folder of all adapters.
pub fn adapters_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters")
}

/// The newest Go library; `None`, said aloud, without the Go toolchain.
///
/// # Panics
/// It cannot be had, and was required.
pub fn sif_go(out: &Path) -> Option<Adapter> {
    let found = installed("go").and_then(|_| open("sif-go", out));
    had("go", found)
}

/// Debian's Go library; `None`, said aloud, where it is not installed.
///
/// # Panics
/// It cannot be had, and was required.
pub fn sif_2_8(out: &Path) -> Option<Adapter> {
    let found = installed("go").and_then(|_| open("sif-2.8", out));
    had("sif-2.8", found)
}

/// Apptainer or SingularityCE; `None` where it is not installed, of which nothing is said:
/// few have them, and no test needs them. One that is there and cannot be asked is told.
///
/// # Panics
/// It is installed, `jq` is not, and was required.
pub fn if_installed(name: &str, out: &Path) -> Option<Adapter> {
    installed(name).ok()?;
    require_jq()?;
    let told = |problem| {
        let _ = writeln!(std::io::stderr(), "skipped: {problem}");
    };
    open(name, out).map_err(told).ok()
}

fn open(name: &str, out: &Path) -> Result<Adapter, String> {
    Adapter::open(&adapters_folder().join(name), out, PATIENCE)
}

/// Our own program with an engine, as its users run it, called `sifseal-ENGINE`; `None`,
/// said aloud, where `jq` is not installed.
///
/// # Panics
/// It does not build, or cannot be asked.
pub fn sifseal(engine: &str, out: &Path) -> Option<Adapter> {
    require_jq()?;
    let name = format!("sifseal-{engine}");
    let folder = out.join("folders").join(&name);
    let variables = [("ADAPTER_NAME", name.as_str()), ("SIFSEAL_ENGINE", engine)];
    Some(wrapped(&folder, "sifseal/run", &name, &variables, PATIENCE))
}

/// An adapter in a folder of its own around one of our scripts, which finds the program
/// that was just built and these variables.
///
/// # Panics
/// It cannot be written, or cannot be asked.
pub fn wrapped(
    folder: &Path,
    script: &str,
    name: &str,
    variables: &[(&str, &str)],
    patience: Duration,
) -> Adapter {
    let program = built_program("sifseal");
    let script = adapters_folder().join(script);
    let variables: String = variables
        .iter()
        .map(|(name, value)| format!("{name}='{value}' "))
        .collect();
    let text = format!(
        "#!/bin/sh\nSIFSEAL_PROGRAM='{}' {variables}exec '{}' \"$@\"\n",
        program.display(),
        script.display()
    );
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let run = folder.join("run");
        std::fs::write(&run, text)?;
        std::fs::set_permissions(&run, std::fs::Permissions::from_mode(0o755))?;
        let description = format!("protocol = 1\nname = '{name}'\nrun = './run'\n");
        std::fs::write(folder.join("adapter.toml"), description)
    };
    write().unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    Adapter::open(folder, &folder.join("out"), patience)
        .unwrap_or_else(|problem| panic!("{problem}"))
}
