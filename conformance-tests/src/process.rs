//! Running another program to its end.

use std::io::{ErrorKind, Write};
use std::process::{Command, Output, Stdio};

/// Runs a program with this standard input and collects what it prints.
pub(crate) fn run(command: &mut Command, stdin: &[u8]) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let pipe = child.stdin.take();
    std::thread::scope(|scope| {
        // Beside the reading: both pipes could fill up.
        scope.spawn(move || {
            let Some(mut pipe) = pipe else { return };
            match pipe.write_all(stdin) {
                // A program need not read what it is offered.
                Err(error) if error.kind() != ErrorKind::BrokenPipe => panic!("{error}"),
                _ => {}
            }
        });
        child
            .wait_with_output()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"))
    })
}

/// What a program printed, as text; bytes that are none are marked.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
