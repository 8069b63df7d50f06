//! Building the small Go programs in `peers/`.

use crate::{built, process};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds a program into cargo's target directory; why not, if it could not.
///
/// Go's own cache decides whether there is anything to do.
pub(crate) fn build(name: &str) -> Result<PathBuf, String> {
    built::alone(name, |directory| {
        let program = directory.join(name);
        go_build(name, &program).map(|()| program)
    })
}

fn go_build(name: &str, program: &Path) -> Result<(), String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("peers")
        .join(name);
    let output = Command::new("go")
        .current_dir(source)
        // The versions in go.mod are the reference; building must not move them.
        // The commit is left out: it changes more often than the program.
        .args(["build", "-mod=readonly", "-buildvcs=false", "-o"])
        .arg(program)
        .arg(".")
        .output();
    match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let message = process::text(&output.stderr);
            Err(format!("{name} does not build: {message}"))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Err(format!(
            "the Go toolchain is not installed (needed to build {name})"
        )),
        Err(error) => Err(format!("the Go toolchain cannot be run: {error}")),
    }
}
