//! A plugin as a program of its own: requests on standard input, replies on standard
//! output, one a line.

use crate::desk::Desk;
use sifseal_plugin_protocol::Lines;
use std::fs::File;
use std::io::{self, Read, Write};
use std::process::ExitCode;
use zeroize::Zeroizing;

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
    let served = own_pipes().and_then(|(requests, replies)| serve(desk, requests, replies));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Standard input and output as they were given to us, for requests and replies alone.
/// Afterwards the author's code finds nothing to read there, and what it prints goes to
/// standard error.
fn own_pipes() -> io::Result<(File, File)> {
    // Not for what the plugin starts in its turn: that could read a PIN, reply, or hide
    // our end.
    let requests = rustix::io::fcntl_dupfd_cloexec(io::stdin(), 3)?;
    let replies = rustix::io::fcntl_dupfd_cloexec(io::stdout(), 3)?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    rustix::stdio::dup2_stdout(io::stderr())?;
    Ok((File::from(requests), File::from(replies)))
}

/// Each request is answered before the next is read.
fn serve(desk: &Desk, mut requests: impl Read, mut replies: impl Write) -> io::Result<()> {
    let mut lines = Lines::default();
    while let Some(line) = lines.next_of(&mut requests)? {
        let reply = Zeroizing::new(desk.answer(&line));
        replies.write_all(&reply)?;
        replies.write_all(b"\n")?;
        replies.flush()?;
    }
    Ok(())
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
