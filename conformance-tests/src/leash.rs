//! Programs that cannot outlive their test.
//!
//! Dropping a [`Process`] kills it, which covers a test that ends or panics. A test
//! process that is itself killed drops nothing; for that, `setpriv` of util-linux asks
//! the kernel to kill the program when the thread that started it ends. That reaches the
//! program alone and not what it starts, so it is for servers of one process. It also
//! keeps programs from gaining rights: a file that is setuid runs as whoever runs the
//! test.

use crate::requirement;
use rustix::process::{Pid, Signal, kill_process_group};
use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// How often a server is asked whether it is ready, and the pause between two times:
/// a machine with other work to do may take half a minute.
const TRIES: u32 = 1500;
const PAUSE: Duration = Duration::from_millis(20);

/// Becomes a program, unless the test process has ended before the kernel was asked.
const IF_STILL_WANTED: &str = r#"[ "$PPID" = "$1" ] && shift && exec "$@""#;

/// The means to start programs that cannot outlive the thread that starts them.
#[derive(Debug, Clone)]
pub(crate) struct Leash {
    setpriv: PathBuf,
}

/// A program that runs until the value is dropped, with the processes that it started.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
}

impl Leash {
    /// Or why there is none.
    pub(crate) fn find() -> Result<Self, String> {
        let setpriv = requirement::installed("setpriv")?;
        Ok(Self { setpriv })
    }

    /// A command for a program, with an empty environment.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(&self.setpriv);
        command
            .args(["--no-new-privs", "--pdeathsig", "KILL", "--"])
            .args(["/bin/sh", "-c", IF_STILL_WANTED, "sh"])
            .arg(std::process::id().to_string())
            .arg(program)
            .env_clear();
        command
    }
}

impl Process {
    /// Starts a command of a [`Leash`]; what it prints goes to the end of a log.
    ///
    /// # Panics
    /// It cannot be started.
    pub(crate) fn start(mut command: Command, log: &Path) -> Self {
        let log = File::options().create(true).append(true).open(log);
        let log = log.unwrap_or_else(|error| panic!("a log for {command:?}: {error}"));
        let again = log.try_clone();
        let again = again.unwrap_or_else(|error| panic!("a log for {command:?}: {error}"));
        let child = command
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(again)
            // A group of its own, to be killed as one.
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self { child }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until `ready` says so.
    ///
    /// # Errors
    /// The program's end, if it ended by itself, or `None` if it takes too long.
    pub(crate) fn wait_until(
        &mut self,
        ready: impl Fn() -> bool,
    ) -> Result<(), Option<ExitStatus>> {
        for _ in 0..TRIES {
            if ready() {
                return Ok(());
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(Some(status));
            }
            std::thread::sleep(PAUSE);
        }
        Err(None)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The number stays ours until it has been waited for, so nobody else is hit.
        let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        let _ = self.child.wait();
    }
}

/// What a server wrote, or why that cannot be told.
pub(crate) fn read_log(log: &Path) -> String {
    let text = std::fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    text.unwrap_or_else(|error| format!("{}: {error}", log.display()))
}

/// True while a process does anything. One that has ended keeps its number until its
/// parent asks for the result, and some parents never do.
#[cfg(test)]
pub(crate) fn is_running(id: u32) -> bool {
    let Ok(line) = std::fs::read_to_string(format!("/proc/{id}/stat")) else {
        return false;
    };
    // proc(5): the number, the name in parentheses, the state.
    let state = line.rsplit_once(") ").map(|(_, rest)| rest.chars().next());
    !matches!(state, Some(Some('Z' | 'X')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requirement::require_leash;
    use std::io::{BufRead, BufReader};

    /// Set for a test process that is to start a server and be killed: `later`, when the
    /// server runs, or `at once`.
    const VICTIM: &str = "SIFSEAL_TEST_VICTIM";

    /// A shell, and a process under it, that do nothing.
    fn idle(leash: &Leash, log: &Path) -> (Process, u32) {
        let mut command = leash.command(Path::new("/bin/sh"));
        command.args(["-c", "/bin/sleep 1000 & echo $!; wait"]);
        let mut process = Process::start(command, log);
        let line = || read_log(log).trim().parse::<u32>().ok();
        let started = process.wait_until(|| line().is_some());
        assert_eq!(started, Ok(()), "{}", read_log(log));
        (process, line().unwrap())
    }

    fn gone_at_last(id: u32) -> bool {
        (0..TRIES).any(|_| {
            std::thread::sleep(PAUSE);
            !is_running(id)
        })
    }

    #[test]
    fn a_process_ends_with_its_value_and_so_does_what_it_started() {
        let Some(leash) = require_leash() else { return };
        let folder = tempfile::tempdir().unwrap();
        let (process, below) = idle(&leash, &folder.path().join("log"));
        let id = process.id();
        assert!(is_running(id) && is_running(below));
        drop(process);
        assert!(!is_running(id));
        assert!(gone_at_last(below));
    }

    #[test]
    fn a_process_ends_with_a_test_that_panics() {
        let Some(leash) = require_leash() else { return };
        let folder = tempfile::tempdir().unwrap();
        let (process, _) = idle(&leash, &folder.path().join("log"));
        let id = process.id();
        let test = std::thread::spawn(move || {
            let _process = process;
            panic!("on purpose");
        });
        assert!(test.join().is_err());
        assert!(!is_running(id));
    }

    #[test]
    fn a_process_ends_with_a_test_that_is_killed() {
        let Some(leash) = require_leash() else { return };
        let folder = tempfile::tempdir().unwrap();
        if let Ok(when) = std::env::var(VICTIM) {
            let mut command = leash.command(Path::new("/bin/sleep"));
            command.arg("1000");
            let mut process = Process::start(command, &folder.path().join("log"));
            let id = process.id();
            let name = format!("/proc/{id}/comm");
            let sleeps = || std::fs::read(&name).is_ok_and(|name| name == b"sleep\n");
            if when == "later" {
                process.wait_until(sleeps).unwrap();
            }
            println!("\nserver {id}");
            std::thread::park();
        }
        for when in ["at once", "later"] {
            let id = server_of_a_killed_test(when, folder.path());
            assert!(gone_at_last(id), "{when}");
        }
    }

    /// Runs the test above as a victim, and kills it when it has started a server.
    fn server_of_a_killed_test(when: &str, folder: &Path) -> u32 {
        let name = "leash::tests::a_process_ends_with_a_test_that_is_killed";
        let mut victim = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(VICTIM, when)
            .env("TMPDIR", folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(victim.stdout.take().unwrap()).lines();
        let id = lines
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("server ")?.parse().ok());
        victim.kill().unwrap();
        victim.wait().unwrap();
        id.unwrap()
    }

    #[test]
    fn a_program_that_ends_too_early_is_told_with_its_words() {
        let Some(leash) = require_leash() else { return };
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let mut command = leash.command(Path::new("/bin/sh"));
        command.args(["-c", "echo no port >&2; exit 3"]);
        let ended = Process::start(command, &log).wait_until(|| false);
        assert_eq!(ended.unwrap_err().and_then(|status| status.code()), Some(3));
        assert_eq!(read_log(&log), "no port\n");
    }
}
