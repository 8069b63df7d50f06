//! The inside of a child that loads a library for its parent.
//!
//! The parent has checked the library and names the copy that it holds; the child loads
//! that, and passes lines through. If the library crashes, it is the child that is gone.

use crate::carrier::load;
use rustix::io::fcntl_dupfd_cloexec;
use rustix::stdio::{dup2_stdin, dup2_stdout};
use sifseal_core::{Error, ErrorKind, Result};
use sifseal_plugin_protocol::{Failure, Lines, Outcome, Reply};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// Loads the library at this path and serves it on standard input and output, until there
/// is no more input. For a process that does nothing else: afterwards its standard input is
/// empty, and its standard output leads to standard error, so that the library reads no
/// request and what it prints is no reply.
///
/// # Errors
/// The library cannot be loaded, which the parent is told; or the pipes do not work.
pub fn serve_library(path: &Path) -> Result<()> {
    let (mut requests, mut replies) = own_pipes().map_err(|error| pipe(&error))?;
    let library = load(path).inspect_err(|error| {
        let outcome = Outcome::Error(Failure::from(error));
        if let Ok(line) = (Reply { id: 0, outcome }).line() {
            // The error is returned too, if nobody reads here.
            let _ = write_line(&mut replies, &line);
        }
    })?;
    let mut lines = Lines::default();
    while let Some(line) = lines.next_of(&mut requests).map_err(|error| pipe(&error))? {
        let reply = library.call(&line);
        write_line(&mut replies, &reply).map_err(|error| pipe(&error))?;
    }
    Ok(())
}

fn own_pipes() -> io::Result<(File, File)> {
    // Not for what the library starts in its turn: that could read a PIN, reply, or hide
    // our end.
    let requests = fcntl_dupfd_cloexec(io::stdin(), 3)?;
    let replies = fcntl_dupfd_cloexec(io::stdout(), 3)?;
    dup2_stdin(File::open("/dev/null")?)?;
    dup2_stdout(io::stderr())?;
    Ok((File::from(requests), File::from(replies)))
}

fn write_line(to: &mut File, line: &[u8]) -> io::Result<()> {
    to.write_all(line)?;
    to.write_all(b"\n")?;
    to.flush()
}

fn pipe(error: &io::Error) -> Error {
    Error::new(ErrorKind::Io, "the pipe to the host").because(error.to_string())
}
