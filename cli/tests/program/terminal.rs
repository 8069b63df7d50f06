//! The program at a terminal: a pseudo-terminal with a test at its other end.

use crate::world::{Ended, World};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};

/// A program in a session of its own, and the terminal that it sits at.
struct Session {
    child: Child,
    terminal: File,
    seen: String,
}

impl Session {
    /// Starts a line of words at a new terminal. `setsid` of util-linux gives the
    /// terminal to the program, as a login does; `env` makes it hear Ctrl-C also
    /// where whoever runs the tests ignores it, as a shell does in the background.
    fn start(world: &World, line: &str) -> Self {
        let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&terminal).unwrap();
        unlockpt(&terminal).unwrap();
        let name = ptsname(&terminal, Vec::new()).unwrap();
        let other_end = OpenOptions::new()
            .read(true)
            .write(true)
            .open(name.to_str().unwrap())
            .unwrap();
        let end = || Stdio::from(other_end.try_clone().unwrap());
        let inner = world.command(line);
        let mut command = Command::new("setsid");
        command
            .args(["--ctty", "--wait", "env", "--default-signal=INT"])
            .arg(inner.get_program())
            .args(inner.get_args());
        command
            .current_dir(inner.get_current_dir().unwrap())
            .env_clear();
        for (variable, value) in inner.get_envs() {
            command.env(variable, value.unwrap());
        }
        command.env("PATH", "/usr/bin:/bin");
        let child = command
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .unwrap();
        Self {
            child,
            terminal: File::from(terminal),
            seen: String::new(),
        }
    }

    /// Reads until the screen ends with this question.
    #[track_caller]
    fn wait_for(&mut self, question: &str) {
        while !self.seen.ends_with(question) {
            let mut byte = [0];
            match self.terminal.read(&mut byte) {
                Ok(1) => self.seen.push(char::from(byte[0])),
                _ => panic!("no {question:?} after {:?}", self.seen),
            }
        }
    }

    fn shows_what_is_typed(&self) -> bool {
        let modes = tcgetattr(&self.terminal).unwrap().local_modes;
        modes.contains(LocalModes::ECHO)
    }

    fn answer(&mut self, question: &str, answer: &str) {
        self.wait_for(question);
        writeln!(self.terminal, "{answer}").unwrap();
    }

    /// Answers once the terminal hides what is typed. The question is printed
    /// before that, and nothing tells the moment, so it is watched for.
    fn answer_unseen(&mut self, question: &str, answer: &str) {
        self.wait_for(question);
        while self.shows_what_is_typed() {
            std::thread::yield_now();
        }
        writeln!(self.terminal, "{answer}").unwrap();
    }

    /// The rest of what is shown, and the status.
    fn end(mut self) -> Ended {
        // Linux reports the end of a terminal as an error.
        let mut rest = Vec::new();
        let _ = self.terminal.read_to_end(&mut rest);
        self.seen.push_str(&String::from_utf8_lossy(&rest));
        Ended {
            code: self.child.wait().unwrap().code(),
            stdout: self.seen,
            stderr: String::new(),
            bytes: Vec::new(),
        }
    }
}

#[test]
fn a_passphrase_typed_at_a_terminal_shows_nowhere() {
    let world = World::new();
    let mut session = Session::start(&world, "key newpair --algorithm ed25519");
    session.answer("Enter your name (e.g., John Doe) : ", "Ada");
    session.answer("(e.g., john.doe@example.com) : ", "ada@example.com");
    session.answer("(e.g., development keys) : ", "");
    session.answer_unseen("Enter a passphrase : ", "hidden words");
    session.answer_unseen("Retype your passphrase : ", "hidden words");
    let ended = session.end().expect_done();
    assert!(!ended.stdout.contains("hidden"), "{ended:?}");
    let end = "Enter a passphrase : \r\nRetype your passphrase : \r\nGenerating Entity and OpenPGP Key Pair... done\r\n";
    assert!(ended.stdout.ends_with(end), "{ended:?}");
    assert_eq!(world.listed("--secret").len(), 1);
}

#[test]
fn an_open_secret_key_is_locked_before_it_is_stored_w2() {
    let maker = World::new();
    let flags = "--name Ada --email ada@example.com --comment= --algorithm ed25519";
    maker
        .run_with(&format!("key newpair {flags}"), "\n\ny\n")
        .expect_done();
    maker.run("key export --secret open.key").expect_done();

    let world = World::new();
    world.write("open.key", maker.read("open.key"));
    let mut session = Session::start(&world, "key import open.key");
    session.answer_unseen("Enter a passphrase : ", "secret");
    session.answer_unseen("Retype your passphrase : ", "secret");
    session.end().expect_done();
    let list = world
        .run("key list --secret --format json")
        .expect_done()
        .json();
    assert_eq!(list["keys"][0]["secret"], "passphrase");
}

#[test]
fn ctrl_c_at_a_question_leaves_nothing_behind() {
    let world = World::new();
    let mut session = Session::start(&world, "key newpair --name Ada");
    session.wait_for("(e.g., john.doe@example.com) : ");
    session.terminal.write_all(b"\x03").unwrap();
    assert_ne!(session.end().code, Some(0));
    assert!(!world.path("home/.apptainer").exists());
}
