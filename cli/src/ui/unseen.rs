//! Reading a line from a terminal that does not show it.
//!
//! The terminal belongs to whoever started the program, so it must be as it was
//! before on every way out, also on Ctrl-C: a shell after a program that leaves the
//! echo off shows nothing of what is typed. The signal would end the program before
//! anything could be put right. So the terminal makes no signals while it is
//! silent; Ctrl-C and Ctrl-\ end the line instead, the terminal is put right, and
//! then the program sends itself the signal that the person meant. All other
//! editing (erasing, killing the line, the end of input) stays the terminal's.

use super::standard_input;
use rustix::process::{Signal, getpid, kill_process};
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};
use sifseal_core::Secret;
use std::fs::File;
use std::io::{ErrorKind, Read};
use zeroize::Zeroizing;

/// The next line of the terminal at standard input, without its ending. `None` at
/// the end of input, for an interrupt that did not end the program, and if the
/// terminal cannot be silenced.
pub(super) fn unseen_line() -> Option<Secret> {
    let terminal = standard_input().ok()?;
    let silenced = Silenced::new(&terminal)?;
    let end = silenced.line();
    drop(silenced);
    match end {
        End::Line(line) => Some(line),
        End::Signal(signal) => {
            let _ = kill_process(getpid(), signal);
            None
        }
        End::OfInput => None,
    }
}

/// How reading a line ended.
enum End {
    Line(Secret),
    Signal(Signal),
    OfInput,
}

/// A terminal without echo and signals; as it was before when dropped.
struct Silenced<'a> {
    terminal: &'a File,
    before: Termios,
    interrupt: u8,
    quit: u8,
}

impl<'a> Silenced<'a> {
    fn new(terminal: &'a File) -> Option<Self> {
        let before = tcgetattr(terminal).ok()?;
        let interrupt = before.special_codes[SpecialCodeIndex::VINTR];
        let quit = before.special_codes[SpecialCodeIndex::VQUIT];
        let mut silent = before.clone();
        let off = LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ISIG;
        silent.local_modes.remove(off);
        silent.local_modes.insert(LocalModes::ICANON);
        silent.special_codes[SpecialCodeIndex::VEOL] = interrupt;
        silent.special_codes[SpecialCodeIndex::VEOL2] = quit;
        // What was typed ahead is an answer too, and stays.
        tcsetattr(terminal, OptionalActions::Now, &silent).ok()?;
        Some(Self {
            terminal,
            before,
            interrupt,
            quit,
        })
    }

    fn line(&self) -> End {
        let mut line = Zeroizing::new(Vec::with_capacity(256));
        let mut terminal = self.terminal;
        loop {
            let mut byte = [0];
            match terminal.read(&mut byte) {
                Ok(1) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Ok(_) if !line.is_empty() => break,
                _ => return End::OfInput,
            }
            match byte[0] {
                b'\n' => break,
                // 0 is no character but means that there is none.
                0 => line.push(0),
                typed if typed == self.interrupt => return End::Signal(Signal::INT),
                typed if typed == self.quit => return End::Signal(Signal::QUIT),
                typed => line.push(typed),
            }
        }
        End::Line(Secret::new(std::mem::take(&mut *line)))
    }
}

impl Drop for Silenced<'_> {
    fn drop(&mut self) {
        let _ = tcsetattr(self.terminal, OptionalActions::Now, &self.before);
    }
}
