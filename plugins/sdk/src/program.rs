//! A plugin as a program of its own: requests on standard input, replies on standard
//! output, one a line.

use crate::desk::Desk;
use sifseal_plugin_protocol::MAX_LINE;
use std::fs::File;
use std::io::{self, BufRead, Read, Write};
use std::process::ExitCode;

/// The one argument with which the host starts a program, so that a person who starts it
/// by hand is told what it is. The number is the protocol's first.
const ARGUMENT: &str = "--sifseal-plugin=1";

/// Answers requests until there are no more. For `main`.
pub fn run(desk: &Desk) -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if (arguments.next(), arguments.next()) != (Some(ARGUMENT.into()), None) {
        eprintln!(
            "This is a plugin for sifseal, which starts it when it needs it.\n\
             `sifseal plugin inspect FILE` tells what it can do."
        );
        return ExitCode::from(2);
    }
    let served = own_output().and_then(|replies| serve(desk, io::stdin().lock(), replies));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Standard output as it was given to us, for replies alone; what the author's code
/// prints goes to standard error.
fn own_output() -> io::Result<File> {
    // Not for what the plugin starts in its turn: that could reply, too, or hide our end.
    let own = rustix::io::fcntl_dupfd_cloexec(io::stdout(), 3)?;
    rustix::stdio::dup2_stdout(io::stderr())?;
    Ok(File::from(own))
}

/// Each request is answered before the next is read.
fn serve(desk: &Desk, mut requests: impl BufRead, mut replies: impl Write) -> io::Result<()> {
    loop {
        let mut line = Vec::new();
        let mut limited = requests.by_ref().take(MAX_LINE as u64);
        if limited.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        if line.pop() != Some(b'\n') {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "half a request"));
        }
        let mut reply = desk.answer(&line);
        reply.push(b'\n');
        replies.write_all(&reply)?;
        replies.flush()?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::Plugin;

    #[test]
    fn every_line_has_its_reply_in_order() {
        let desk = Desk::new(Plugin::new("test", "1"));
        let mut replies = Vec::new();
        let lines = b"{\"id\":7,\"method\":\"a\"}\nnonsense\n{\"id\":8,\"method\":\"b\"}\n";
        serve(&desk, &lines[..], &mut replies).unwrap();
        let text = String::from_utf8(replies).unwrap();
        let ids = text.lines().map(|line| {
            let reply: serde_json::Value = serde_json::from_str(line).unwrap();
            reply["id"].as_u64().unwrap()
        });
        assert_eq!(ids.collect::<Vec<_>>(), [7, 0, 8]);
    }

    #[test]
    fn half_a_request_at_the_end_is_not_answered() {
        let desk = Desk::new(Plugin::new("test", "1"));
        let mut replies = Vec::new();
        assert!(serve(&desk, &b"{\"id\":7"[..], &mut replies).is_err());
        assert!(replies.is_empty());
    }
}
