//! Programs of GnuPG that are run to their end, and how long that may take.

use sifseal_plugin_sdk::{Context, Error, ErrorKind, Result};
use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// The most that a program may print. The key ring of a large distribution has a few MiB.
const MAX_OUTPUT: u64 = 16 << 20;

/// The most of its messages that is read.
const MAX_MESSAGES: u64 = 64 << 10;

/// How often is looked whether the person has given up, or a program has ended.
const LOOK_UP: Duration = Duration::from_millis(250);

/// How long a program has to end after it has closed its output.
const END: Duration = Duration::from_secs(5);

/// The end of the time that something may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    end: Instant,
    of: Duration,
}

impl Limit {
    /// So long from now.
    pub(crate) fn of(of: Duration) -> Self {
        Self {
            end: Instant::now() + of,
            of,
        }
    }

    /// What is left of it, and of the time for the whole operation.
    ///
    /// # Errors
    /// `Timeout` if nothing is, or the person has given up.
    pub(crate) fn left(self, cx: &Context<'_>) -> Result<Duration> {
        let left = self.end.saturating_duration_since(Instant::now());
        let left = cx.budget(left)?;
        match left.is_zero() {
            true => Err(self.passed()),
            false => Ok(left),
        }
    }

    /// It has passed.
    pub(crate) fn passed(self) -> Error {
        let what = format!("there was no answer within {} seconds", self.of.as_secs());
        Error::new(ErrorKind::Timeout, what)
    }
}

/// A program's standard output.
///
/// # Errors
/// `Unavailable` if it cannot be started, `Timeout`, `Malformed` if it prints too much,
/// and `Backend` with its last message if it fails.
pub(crate) fn output(cx: &Context<'_>, command: Command, limit: Limit) -> Result<Vec<u8>> {
    let name = command.get_program().to_string_lossy().into_owned();
    run(cx, command, limit).map_err(|error| error.at(name))
}

fn run(cx: &Context<'_>, mut command: Command, limit: Limit) -> Result<Vec<u8>> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut program = Program(command.spawn().map_err(|error| not_started(&error))?);
    let output = read_aside(program.0.stdout.take(), MAX_OUTPUT);
    let messages = read_aside(program.0.stderr.take(), MAX_MESSAGES);
    let output = wait_for(cx, &output, limit)?;
    if output.len() as u64 >= MAX_OUTPUT {
        let what = format!("it prints more than {MAX_OUTPUT} bytes");
        return Err(Error::new(ErrorKind::Malformed, what));
    }
    let messages = wait_for(cx, &messages, limit)?;
    match program.end(cx)? {
        status if status.success() => Ok(output),
        status => Err(failed(status, &messages)),
    }
}

/// A program that does not outlive this value.
struct Program(Child);

impl Program {
    fn end(&mut self, cx: &Context<'_>) -> Result<ExitStatus> {
        let limit = Limit::of(END);
        loop {
            match self.0.try_wait() {
                Ok(Some(status)) => return Ok(status),
                Ok(None) => thread::sleep(limit.left(cx)?.min(Duration::from_millis(1))),
                Err(error) => {
                    return Err(Error::new(ErrorKind::Backend, error.to_string()));
                }
            }
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Without effect if it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Reads to the end, or up to a limit, in a thread of its own.
fn read_aside(pipe: Option<impl Read + Send + 'static>, limit: u64) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    if let Some(pipe) = pipe {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            // What was read before an error is all there is.
            let _ = pipe.take(limit).read_to_end(&mut bytes);
            let _ = sender.send(bytes);
        });
    }
    receiver
}

fn wait_for(cx: &Context<'_>, bytes: &Receiver<Vec<u8>>, limit: Limit) -> Result<Vec<u8>> {
    loop {
        match bytes.recv_timeout(limit.left(cx)?.min(LOOK_UP)) {
            Ok(bytes) => return Ok(bytes),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(Vec::new()),
        }
    }
}

fn not_started(error: &std::io::Error) -> Error {
    let error = match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such program".to_owned(),
        _ => error.to_string(),
    };
    Error::new(ErrorKind::Unavailable, "it cannot be started")
        .because(error)
        .hint(
            "install GnuPG 2.2 or later, or name its programs with `gpg` and `gpgconf` in \
             [plugin.config]",
        )
}

/// The last thing that it said is what made it fail.
fn failed(status: ExitStatus, messages: &[u8]) -> Error {
    let messages = String::from_utf8_lossy(messages);
    let last = messages.lines().rfind(|line| !line.trim().is_empty());
    let why = last.map_or_else(|| status.to_string(), |line| line.trim().to_owned());
    Error::new(ErrorKind::Backend, "it failed").because(why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sifseal_plugin_sdk::Timestamp;
    use sifseal_plugin_sdk::traits::Nobody;
    use std::sync::atomic::AtomicBool;

    static NEVER: AtomicBool = AtomicBool::new(false);

    const CX: Context<'_> = Context {
        now: Timestamp(0),
        deadline: None,
        cancelled: &NEVER,
        ui: &Nobody,
    };

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    fn ample() -> Limit {
        Limit::of(Duration::from_secs(600))
    }

    #[test]
    fn what_a_program_prints_is_given() {
        let output = output(&CX, shell("echo out; echo err >&2"), ample()).unwrap();
        assert_eq!(output, b"out\n");
    }

    #[test]
    fn a_program_that_fails_is_quoted() {
        let script = "echo 'gpg: first' >&2; echo 'gpg: last' >&2; echo >&2; exit 2";
        let error = output(&CX, shell(script), ample()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Backend);
        assert_eq!(error.to_string(), "/bin/sh: it failed: gpg: last");
    }

    #[test]
    fn a_program_that_is_missing_is_named() {
        let error = output(&CX, Command::new("/nowhere/gpg"), ample()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(error.to_string().starts_with("/nowhere/gpg: "), "{error}");
        assert!(error.hint_text().is_some());
    }

    #[test]
    fn a_program_that_never_stops_printing_is_stopped() {
        let error = output(&CX, shell("exec yes"), ample()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed);
    }

    #[test]
    fn a_program_that_hangs_is_stopped_at_the_deadline() {
        let cx = Context {
            deadline: Some(Instant::now() + Duration::from_millis(50)),
            ..CX
        };
        let error = output(&cx, shell("exec sleep 1000"), ample()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        let short = Limit::of(Duration::from_millis(50));
        let error = output(&CX, shell("exec sleep 1000"), short).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
    }

    #[test]
    fn a_program_is_stopped_when_the_person_has_given_up() {
        let cancelled = AtomicBool::new(true);
        let cx = Context {
            cancelled: &cancelled,
            ..CX
        };
        let error = output(&cx, shell("exec sleep 1000"), ample()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
    }
}
