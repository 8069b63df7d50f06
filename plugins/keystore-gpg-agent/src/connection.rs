//! A conversation with a server that speaks Assuan, on its socket.
//!
//! Whoever is at the other end may say too much, too slowly, or nothing at all. So a line,
//! an answer and the time for it each have a limit.

use crate::assuan::{Line, MAX_LINE, Refusal};
use crate::process::Limit;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};
use sifseal_plugin_sdk::{Context, Error, ErrorKind, Result};
use std::io::{ErrorKind as IoKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// The longest answer, in bytes. A signature by an RSA key of 16,384 bits has 2 KiB.
const MAX_ANSWER: usize = 16 << 10;

/// The most lines in one answer. gpg-agent sends a handful, one for each dialogue it opens.
const MAX_LINES: usize = 1000;

/// The most questions in one answer; one whose replies are not read fills the socket.
const MAX_QUESTIONS: usize = 50;

/// How long a server may take to read a line.
const SEND: Duration = Duration::from_secs(10);

/// How often is looked whether the person has given up.
const LOOK_UP: Duration = Duration::from_millis(250);

/// A socket, after the greeting.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: UnixStream,
    /// What was read and belongs to a line that is yet to come.
    unread: Vec<u8>,
}

impl Connection {
    /// Connects and waits for the greeting.
    ///
    /// # Errors
    /// `NotFound` if nobody listens there; otherwise as [`command`](Self::command).
    pub(crate) fn open(cx: &Context<'_>, socket: &Path, limit: Limit) -> Result<Self> {
        let stream = connected(socket, limit.left(cx)?)?;
        let mut connection = Self {
            stream,
            unread: Vec::new(),
        };
        match connection.answer(cx, limit)? {
            Ok(_) => Ok(connection),
            Err(refusal) => {
                let what = "gpg-agent lets nobody in";
                Err(Error::new(ErrorKind::Denied, what).because(refusal.words))
            }
        }
    }

    /// Sends a command and gives the data that it answers with, or why it does not.
    ///
    /// # Errors
    /// `Timeout`, `Unavailable` if the server has gone, `Malformed` if it says what the
    /// protocol does not have, or too much.
    pub(crate) fn command(
        &mut self,
        cx: &Context<'_>,
        command: &str,
        limit: Limit,
    ) -> Result<Result<Vec<u8>, Refusal>> {
        self.send(cx, command)?;
        self.answer(cx, limit)
    }

    fn answer(&mut self, cx: &Context<'_>, limit: Limit) -> Result<Result<Vec<u8>, Refusal>> {
        let mut data = Vec::new();
        let mut questions = 0;
        for _ in 0..MAX_LINES {
            match Line::read(&self.line(cx, limit)?)? {
                Line::Done => return Ok(Ok(data)),
                Line::Refused(refusal) => return Ok(Err(refusal)),
                Line::Remark => {}
                Line::Data(piece) => {
                    data.extend(piece);
                    if data.len() > MAX_ANSWER {
                        return Err(too_much(&format!("more than {MAX_ANSWER} bytes")));
                    }
                }
                Line::Inquiry(keyword) => {
                    questions += 1;
                    if questions > MAX_QUESTIONS {
                        return Err(too_much(&format!("more than {MAX_QUESTIONS} questions")));
                    }
                    self.send(cx, reply_to(&keyword))?;
                }
            }
        }
        Err(too_much(&format!("more than {MAX_LINES} lines")))
    }

    fn send(&mut self, cx: &Context<'_>, line: &str) -> Result<()> {
        if line.len() > MAX_LINE || line.contains(['\n', '\r']) {
            let what = "what is to be told to gpg-agent does not fit on a line";
            return Err(Error::new(ErrorKind::Malformed, what));
        }
        let limit = Limit::of(SEND);
        let timeout = Some(limit.left(cx)?);
        self.stream
            .set_write_timeout(timeout)
            .and_then(|()| self.stream.write_all(format!("{line}\n").as_bytes()))
            .map_err(|error| match error.kind() {
                IoKind::WouldBlock | IoKind::TimedOut => limit.passed(),
                _ => gone(),
            })
    }

    /// The next line, without its line break.
    fn line(&mut self, cx: &Context<'_>, limit: Limit) -> Result<Vec<u8>> {
        loop {
            let end = self.unread.iter().position(|byte| *byte == b'\n');
            // A carriage return may stand before the line break.
            if end.unwrap_or(self.unread.len()) > MAX_LINE + 1 {
                return Err(too_much(&format!("a line of more than {MAX_LINE} bytes")));
            }
            if let Some(end) = end {
                let rest = self.unread.split_off(end + 1);
                let mut line = std::mem::replace(&mut self.unread, rest);
                line.truncate(end);
                return Ok(line);
            }
            let mut chunk = [0; MAX_LINE];
            let wait = limit.left(cx)?.min(LOOK_UP);
            let read = self
                .stream
                .set_read_timeout(Some(wait))
                .and_then(|()| self.stream.read(&mut chunk));
            match read {
                Ok(0) => return Err(gone()),
                Ok(count) => self.unread.extend(&chunk[..count]),
                Err(error) => match error.kind() {
                    IoKind::WouldBlock | IoKind::TimedOut | IoKind::Interrupted => {}
                    _ => return Err(gone()),
                },
            }
        }
    }
}

/// What a question is answered with. One is none: gpg-agent says that it has opened its
/// dialogue, and waits until it has been heard. We know the answer to no other.
fn reply_to(keyword: &str) -> &'static str {
    match keyword {
        "PINENTRY_LAUNCHED" => "END",
        _ => "CAN",
    }
}

/// Connects within a time: a server that is stopped lets callers wait at its door.
fn connected(socket: &Path, within: Duration) -> Result<UnixStream> {
    let failed = |errno: rustix::io::Errno| {
        use rustix::io::Errno;
        let kind = match errno {
            Errno::NOENT | Errno::CONNREFUSED | Errno::NOTSOCK => ErrorKind::NotFound,
            Errno::AGAIN => ErrorKind::Timeout,
            Errno::ACCESS | Errno::PERM => ErrorKind::Denied,
            _ => ErrorKind::Unavailable,
        };
        Error::new(kind, "gpg-agent does not listen").because(std::io::Error::from(errno))
    };
    let address = SocketAddrUnix::new(socket).map_err(|_| {
        let what = "the path of gpg-agent's socket is too long for the system";
        Error::new(ErrorKind::Unsupported, what).hint("choose a home for GnuPG with a shorter path")
    })?;
    let flags = SocketFlags::CLOEXEC;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None);
    let socket = socket.map_err(failed)?;
    set_socket_timeout(&socket, Timeout::Send, Some(within)).map_err(failed)?;
    connect(&socket, &address).map_err(failed)?;
    Ok(UnixStream::from(socket))
}

fn gone() -> Error {
    Error::new(
        ErrorKind::Unavailable,
        "gpg-agent has gone in the middle of its answer",
    )
    .hint("try again: it is started when it is needed")
}

fn too_much(what: &str) -> Error {
    Error::new(ErrorKind::Malformed, format!("it answers with {what}"))
}
