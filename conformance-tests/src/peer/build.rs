//! Building the reference program.

use crate::{built, process};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds the program into cargo's target directory; why not, if it could not.
///
/// Go's own cache decides whether there is anything to do.
pub(super) fn build() -> Result<PathBuf, String> {
    built::alone("sif-go", |directory| {
        let program = directory.join("sif-go");
        go_build(&program).map(|()| program)
    })
}

fn go_build(program: &Path) -> Result<(), String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/sif-go");
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
            Err(format!("the reference program does not build: {message}"))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let reason = "the Go toolchain is not installed";
            Err(format!("{reason} (needed to build the reference program)"))
        }
        Err(error) => Err(format!("the Go toolchain cannot be run: {error}")),
    }
}
