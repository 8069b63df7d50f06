//! A plugin in a process of its own.
//!
//! It cannot outlive us, however we end. Usually its standard input is closed and it
//! ends by itself; if it does not, or has broken the protocol, it is killed, and with it
//! what it has started, because it has a process group to itself. Against our own sudden
//! death there is the kernel: it kills the plugin when the thread that started it is
//! gone. That thread does nothing else but wait.

use super::Carrier;
use super::pipes::{Line, Pipes};
use crate::fault::Fault;
use crate::pin::Sealed;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{
    Pid, PidfdFlags, Signal, getppid, kill_process_group, pidfd_open,
    set_parent_process_death_signal,
};
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// How long a plugin may take to end by itself.
const FAREWELL: Duration = Duration::from_secs(1);

/// Attempts to start a program that another process is said to be writing: one that we
/// are just starting elsewhere has, for a moment, a copy of every open file.
const ATTEMPTS: u32 = 1000;

/// A process and its pipes.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    pipes: Pipes,
    ended: bool,
    /// Dropped, it lets the thread go that the child's life hangs on.
    _keeper: Sender<()>,
    /// An interpreter reads its script when it likes.
    _sealed: Sealed,
}

impl Process {
    /// Starts a program with these arguments and nothing of ours but this environment,
    /// without the variables that are meant for us.
    /// `sealed` is what it runs, or what it is told to load.
    ///
    /// # Errors
    /// The system does not start it.
    pub(crate) fn start(
        program: &Path,
        arguments: &[OsString],
        environment: &[(OsString, OsString)],
        sealed: Sealed,
    ) -> Result<Self, Fault> {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .envs(
                environment
                    .iter()
                    .filter(|(name, _)| !is_ours(name))
                    .cloned(),
            )
            // Nothing may depend on where we happen to be.
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        let (mut child, keeper) =
            spawn(command).map_err(|error| Fault::NotStarted(plain(&error)))?;
        // What goes wrong from here on ends the child.
        let process = Self {
            pipes: Pipes::of(&mut child),
            child,
            ended: false,
            _keeper: keeper,
            _sealed: sealed,
        };
        let unblocked = process.pipes.unblock();
        unblocked.map_err(|error| Fault::NotStarted(plain(&error)))?;
        Ok(process)
    }

    fn kill(&mut self) -> String {
        // The number is the child's until it has been waited for, so that nobody else is
        // hit; what it started goes as well.
        let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        self.ended = true;
        if self.ends_within(FAREWELL) == Some(false) {
            // It waits for a device or a file server that does not answer. Nobody need wait
            // with it: when the kernel lets it go, it ends.
            return "it cannot be killed".to_owned();
        }
        match self.child.wait() {
            Ok(status) => status.to_string(),
            Err(error) => plain(&error),
        }
    }

    /// Whether it ends in this time; `None` if the kernel does not tell.
    fn ends_within(&self, limit: Duration) -> Option<bool> {
        let pid = pidfd_open(Pid::from_child(&self.child), PidfdFlags::empty()).ok()?;
        let timeout = Timespec::try_from(limit).ok()?;
        let mut wanted = [PollFd::new(&pid, PollFlags::IN)];
        let ready = poll(&mut wanted, Some(&timeout)).ok()?;
        Some(ready > 0)
    }
}

impl Carrier for Process {
    fn send(&mut self, request: &[u8]) {
        self.pipes.send(request);
    }

    fn receive(&mut self, until: Instant) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
        match self.pipes.receive(until)? {
            Line::Whole(line) => Ok(Some(line)),
            Line::NotYet => Ok(None),
            Line::NoMore => {
                // It may have closed its output and live on.
                self.pipes.hang_up();
                self.ends_within(FAREWELL);
                Err(Fault::Ended {
                    how: self.kill(),
                    last_words: self.pipes.last_words(),
                })
            }
        }
    }

    fn end(&mut self) {
        if !self.ended {
            self.kill();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.ended {
            self.pipes.hang_up();
            self.ends_within(FAREWELL);
            self.kill();
        }
    }
}

/// True for a variable that is meant for this program.
fn is_ours(name: &OsStr) -> bool {
    name.as_bytes().starts_with(b"SIFSEAL_")
}

/// Starts a child that the kernel kills when the other half of the sender is gone, or
/// this process.
#[allow(unsafe_code)]
fn spawn(mut command: Command) -> io::Result<(Child, Sender<()>)> {
    let parent = Pid::from_raw(std::process::id().cast_signed());
    // SAFETY: between `fork` and `exec` only system calls may be made that are safe in a
    // signal handler. These two are `prctl` and `getppid`, made by rustix without a lock
    // or an allocation; an error is only a number.
    unsafe {
        command.pre_exec(move || {
            set_parent_process_death_signal(Some(Signal::KILL))?;
            match getppid() == parent {
                true => Ok(()),
                // We were gone before the kernel was asked.
                false => Err(io::Error::from_raw_os_error(
                    rustix::io::Errno::SRCH.raw_os_error(),
                )),
            }
        });
    }
    let (started_in, started) = channel();
    let (keeper, kept) = channel::<()>();
    thread::Builder::new()
        .name("plugin".to_owned())
        .spawn(move || {
            if started_in.send(start_at_last(&mut command)).is_ok() {
                let _ = kept.recv();
            }
        })?;
    let gone = |_| io::Error::other("the thread that starts it is gone");
    let child = started.recv().map_err(gone)??;
    Ok((child, keeper))
}

fn start_at_last(command: &mut Command) -> io::Result<Child> {
    for _ in 1..ATTEMPTS {
        match command.spawn() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => thread::yield_now(),
            done => return done,
        }
    }
    command.spawn()
}

fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    let end = text.find(" (os error").unwrap_or(text.len());
    text[..end].to_lowercase()
}
