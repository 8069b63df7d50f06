//! Programs without a network, and with a medium that cannot be written to: in Linux
//! namespaces of their own, which end with the program.
//!
//! In a new network namespace there is not even loopback: whoever tries to reach
//! anybody fails. Root may make namespaces; where the system lets everybody have user
//! namespaces, others may, too.

use crate::process;
use crate::requirement::installed;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Mounts a folder over itself, read-only, and becomes a program. The working directory
/// is looked up again: it may lie below.
const WITH_MEDIUM: &str = r#"m=$1 f=$2; shift 2
"$m" --bind "$f" "$f" && "$m" -o remount,bind,ro "$f" && cd "$(pwd)" && exec "$@""#;

/// The means to shut programs off.
#[derive(Debug, Clone)]
pub struct Isolation {
    unshare: PathBuf,
    mount: PathBuf,
    namespaces: &'static [&'static str],
    /// A folder that the program cannot write to.
    medium: Option<PathBuf>,
}

impl Isolation {
    /// Or why there is none. Tests ask [`require_isolation`](crate::require_isolation)
    /// instead.
    pub(crate) fn find() -> Result<Self, String> {
        let (unshare, mount) = (installed("unshare")?, installed("mount")?);
        let medium = tempfile::tempdir().map_err(|error| error.to_string())?;
        let mut said = String::new();
        for namespaces in [
            &["--net", "--mount"][..],
            &["--map-root-user", "--net", "--mount"],
        ] {
            let isolation = Self {
                unshare: unshare.clone(),
                mount: mount.clone(),
                namespaces,
                medium: None,
            };
            let mut attempt = isolation
                .clone()
                .with_medium(medium.path())
                .command(Path::new("/bin/true"));
            let output = process::run(&mut attempt, b"");
            if output.status.success() {
                return Ok(isolation);
            }
            said = process::text(&output.stderr).trim().to_owned();
        }
        Err(format!("this user may not make namespaces: {said}"))
    }

    /// The same, with a folder that is mounted read-only for the program.
    #[must_use]
    pub fn with_medium(mut self, folder: &Path) -> Self {
        self.medium = Some(folder.to_owned());
        self
    }

    /// A command for a program, which is shut off.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut line: Vec<OsString> = Vec::new();
        if let Some(medium) = &self.medium {
            line.extend(["/bin/sh", "-c", WITH_MEDIUM, "sh"].map(OsString::from));
            line.extend([self.mount.clone(), medium.clone()].map(OsString::from));
        }
        let mut command = Command::new(&self.unshare);
        command
            .args(self.namespaces)
            .arg("--")
            .args(line)
            .arg(program);
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::require_isolation;
    use std::net::TcpListener;

    #[test]
    fn nobody_can_be_reached_not_even_on_loopback() {
        let Some(isolation) = require_isolation() else {
            return;
        };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let knock = format!("exec 3<>/dev/tcp/127.0.0.1/{port}");
        for (mut command, reached) in [
            (Command::new("/bin/bash"), true),
            (isolation.command(Path::new("/bin/bash")), false),
        ] {
            command.args(["-c", &knock]);
            let output = process::run(&mut command, b"");
            assert_eq!(output.status.success(), reached, "{output:?}");
        }
    }

    #[test]
    fn a_medium_can_be_read_and_not_written() {
        let Some(isolation) = require_isolation() else {
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("old"), "old").unwrap();
        let isolation = isolation.with_medium(folder.path());
        let mut command = isolation.command(Path::new("/bin/sh"));
        command
            .args(["-c", "cat old; echo new >new"])
            .current_dir(folder.path());
        let output = process::run(&mut command, b"");
        assert_eq!(process::text(&output.stdout), "old");
        assert!(!output.status.success(), "{output:?}");
        assert!(!folder.path().join("new").exists());
        std::fs::write(folder.path().join("new"), "new").unwrap();
    }
}
