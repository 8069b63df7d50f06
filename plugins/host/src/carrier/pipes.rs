//! The three pipes of a child, none of which may block us.
//!
//! A plugin may write to standard error while it should read, or write a reply while we
//! still send: whoever serves one pipe at a time can wait for ever. So all three are
//! served together, for as long as there is time.

use crate::fault::Fault;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::Errno;
use sifseal_plugin_protocol::Lines;
use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use std::time::Instant;
use zeroize::Zeroizing;

/// What is kept of standard error: its end.
const LAST_WORDS: usize = 4096;

/// Standard input, output and error of a child, seen from outside.
pub(super) struct Pipes {
    input: Option<ChildStdin>,
    output: Option<ChildStdout>,
    error: Option<ChildStderr>,
    to_send: Zeroizing<Vec<u8>>,
    sent: usize,
    received: Lines,
    last_words: Vec<u8>,
}

impl Pipes {
    /// Takes the pipes of a child that was started with them.
    pub(super) fn of(child: &mut Child) -> Self {
        Self {
            input: child.stdin.take(),
            output: child.stdout.take(),
            error: child.stderr.take(),
            to_send: Zeroizing::default(),
            sent: 0,
            received: Lines::default(),
            last_words: Vec::new(),
        }
    }

    /// Sees to it that none of them blocks.
    ///
    /// # Errors
    /// The system's.
    pub(super) fn unblock(&self) -> io::Result<()> {
        unblock(self.input.as_ref())?;
        unblock(self.output.as_ref())?;
        unblock(self.error.as_ref())
    }

    /// Sends this next.
    pub(super) fn send(&mut self, line: &[u8]) {
        // There may be a PIN in it: nothing may be left behind by growing.
        let mut whole = Zeroizing::new(Vec::with_capacity(line.len() + 1));
        whole.extend_from_slice(line);
        whole.push(b'\n');
        self.to_send = whole;
        self.sent = 0;
    }

    /// The next line, if there is one in time.
    ///
    /// # Errors
    /// The line has no end.
    pub(super) fn receive(&mut self, until: Instant) -> Result<Line, Fault> {
        let mut in_time = true;
        loop {
            if let Some(line) = self.received.take() {
                return Ok(Line::Whole(line));
            }
            if self.received.is_too_long() {
                return Err(Fault::TooLong);
            }
            if self.output.is_none() {
                return Ok(Line::NoMore);
            }
            if !in_time {
                return Ok(Line::NotYet);
            }
            // A pipe that is always ready, because the plugin floods it, lets no time pass.
            in_time = self.serve(until) && Instant::now() < until;
        }
    }

    /// Closes standard input, which tells the plugin to end.
    pub(super) fn hang_up(&mut self) {
        self.input = None;
    }

    /// The end of what it wrote to standard error, once it has ended.
    pub(super) fn last_words(&mut self) -> String {
        let read = read_some(&mut self.error);
        self.keep_last_words(&read);
        String::from_utf8_lossy(&self.last_words).trim().to_owned()
    }

    /// Waits until a pipe is ready, and serves those that are; false when time is up.
    fn serve(&mut self, until: Instant) -> bool {
        let left = until.saturating_duration_since(Instant::now());
        let Ok(timeout) = Timespec::try_from(left) else {
            return false;
        };
        let sending = self
            .input
            .as_ref()
            .filter(|_| self.sent < self.to_send.len());
        let wanted = [
            sending.map(|pipe| PollFd::new(pipe, PollFlags::OUT)),
            self.output
                .as_ref()
                .map(|pipe| PollFd::new(pipe, PollFlags::IN)),
            self.error
                .as_ref()
                .map(|pipe| PollFd::new(pipe, PollFlags::IN)),
        ];
        let mut wanted: Vec<_> = wanted.into_iter().flatten().collect();
        match poll(&mut wanted, Some(&timeout)) {
            Ok(0) => return false,
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => return false,
        }
        drop(wanted);
        self.write();
        let read = read_some(&mut self.output);
        self.received.extend(&read);
        let read = read_some(&mut self.error);
        self.keep_last_words(&read);
        true
    }

    fn write(&mut self) {
        let rest = self.to_send.get(self.sent..).unwrap_or_default();
        let Some(input) = self.input.as_mut().filter(|_| !rest.is_empty()) else {
            return;
        };
        match input.write(rest) {
            Ok(written) => self.sent += written,
            Err(error) if is_not_yet(&error) => {}
            // It reads no more; what it writes or how it ends says why.
            Err(_) => self.input = None,
        }
    }

    fn keep_last_words(&mut self, bytes: &[u8]) {
        self.last_words.extend_from_slice(bytes);
        let excess = self.last_words.len().saturating_sub(LAST_WORDS);
        self.last_words.drain(..excess);
    }
}

/// Without what goes through them, PINs among it.
impl fmt::Debug for Pipes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipes").finish_non_exhaustive()
    }
}

/// What a plugin has written.
pub(super) enum Line {
    /// A line.
    Whole(Zeroizing<Vec<u8>>),
    /// None so far.
    NotYet,
    /// None, and there will be none.
    NoMore,
}

/// One piece of what is there; the pipe is closed when it ends.
fn read_some(pipe: &mut Option<impl Read>) -> Zeroizing<Vec<u8>> {
    let mut buffer = Zeroizing::new(vec![0; 1 << 16]);
    let read = match pipe.as_mut().map(|pipe| pipe.read(&mut buffer)) {
        Some(Ok(read)) if read > 0 => read,
        Some(Err(error)) if is_not_yet(&error) => 0,
        _ => {
            *pipe = None;
            0
        }
    };
    buffer.truncate(read);
    buffer
}

fn is_not_yet(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

fn unblock(pipe: Option<impl AsFd>) -> io::Result<()> {
    let Some(pipe) = pipe else { return Ok(()) };
    let flags = fcntl_getfl(&pipe)?;
    Ok(fcntl_setfl(&pipe, flags | OFlags::NONBLOCK)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::os::fd::OwnedFd;
    use std::time::Duration;

    /// The pipes of a plugin that writes this to standard output, and does not end.
    fn pipes(output: &[u8], error: Option<File>) -> (Pipes, io::PipeWriter) {
        let (reader, mut writer) = io::pipe().unwrap();
        writer.write_all(output).unwrap();
        let pipes = Pipes {
            input: None,
            output: Some(OwnedFd::from(reader).into()),
            error: error.map(|file| OwnedFd::from(file).into()),
            to_send: Zeroizing::default(),
            sent: 0,
            received: Lines::default(),
            last_words: Vec::new(),
        };
        pipes.unblock().unwrap();
        (pipes, writer)
    }

    #[test]
    fn a_flood_of_remarks_does_not_outlast_the_deadline() {
        let endless = File::open("/dev/zero").unwrap();
        let (mut pipes, _writer) = pipes(b"half a line", Some(endless));
        let until = Instant::now() + Duration::from_millis(20);
        assert!(matches!(pipes.receive(until), Ok(Line::NotYet)));
    }

    #[test]
    fn what_is_there_is_read_even_when_time_is_up() {
        let (mut pipes, _writer) = pipes(b"one\ntwo\n", None);
        for expected in [&b"one"[..], b"two"] {
            let Ok(Line::Whole(line)) = pipes.receive(Instant::now()) else {
                panic!("no line");
            };
            assert_eq!(line.as_slice(), expected);
        }
        assert!(matches!(pipes.receive(Instant::now()), Ok(Line::NotYet)));
    }
}
