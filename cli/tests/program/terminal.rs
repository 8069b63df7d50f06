//! The program at a terminal: a pseudo-terminal with a test at its other end.

use crate::world::{Ended, World};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
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
    assert!(ended.stdout.contains(end), "{ended:?}");
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

/// What a shell would find after the program: whether typed characters are shown,
/// read by lines, and make signals.
fn modes(session: &Session) -> [bool; 3] {
    let modes = tcgetattr(&session.terminal).unwrap().local_modes;
    [LocalModes::ECHO, LocalModes::ICANON, LocalModes::ISIG].map(|mode| modes.contains(mode))
}

#[test]
fn ctrl_c_at_a_passphrase_leaves_the_terminal_as_it_was() {
    let flags = "--name Ada --email ada@example.com --comment= --algorithm ed25519";
    for (typed, signal) in [("\x03", 2), ("half a word\x03", 2), ("\x1c", 3)] {
        let world = World::new();
        let mut session = Session::start(&world, &format!("key newpair {flags}"));
        assert_eq!(modes(&session), [true; 3]);
        // A second descriptor keeps the terminal, and its modes, beyond the program.
        let kept = session.terminal.try_clone().unwrap();
        session.wait_for("Enter a passphrase : ");
        while session.shows_what_is_typed() {
            std::thread::yield_now();
        }
        session.terminal.write_all(typed.as_bytes()).unwrap();
        let mut child = session.child;
        let status = child.wait().unwrap();
        session = Session {
            child,
            terminal: kept,
            seen: String::new(),
        };
        // `setsid` hands the signal on as the shell's number for it.
        assert!(
            status.code() == Some(128 + signal) || status.signal() == Some(signal),
            "{status:?}"
        );
        assert_eq!(modes(&session), [true; 3], "{typed:?}");
        assert!(!world.path("home/.apptainer").exists());
    }
}

#[test]
fn a_slip_can_be_mended_while_typing_a_passphrase() {
    let world = World::new();
    let flags = "--name Ada --email ada@example.com --comment= --algorithm ed25519";
    let mut session = Session::start(&world, &format!("key newpair {flags}"));
    // Erasing one character, and the whole line.
    session.answer_unseen("Enter a passphrase : ", "correct horsf\x7fe");
    session.answer_unseen("Retype your passphrase : ", "nonsense\x15correct horse");
    session.end().expect_done();
    assert_eq!(world.listed("--secret").len(), 1);
}

#[test]
fn a_new_keys_passphrase_is_not_asked_for_again_to_sign() {
    let world = World::new();
    world.write("object", "Bootstrap: scratch\n");
    world.run("sif new a.sif").expect_done();
    world
        .run("sif add --datatype 1 --groupid 1 a.sif object")
        .expect_done();
    let mut session = Session::start(&world, "sign a.sif");
    session.answer("Enter your name (e.g., John Doe) : ", "Ada");
    session.answer("(e.g., john.doe@example.com) : ", "ada@example.com");
    session.answer("(e.g., development keys) : ", "");
    session.answer_unseen("Enter a passphrase : ", "secret");
    session.answer_unseen("Retype your passphrase : ", "secret");
    let ended = session.end().expect_done();
    assert!(!ended.stdout.contains("Enter key passphrase"), "{ended:?}");
    world.run("verify a.sif").expect_done();
}

#[test]
fn a_wrong_passphrase_is_called_that_and_may_be_typed_again() {
    let world = World::new();
    world.key_pair("Ada");
    world.write("object", "Bootstrap: scratch\n");
    world.run("sif new a.sif").expect_done();
    world
        .run("sif add --datatype 1 --groupid 1 a.sif object")
        .expect_done();
    let mut session = Session::start(&world, "sign a.sif");
    session.answer_unseen("Enter key passphrase : ", "wrong");
    session.wait_for("WARNING: wrong passphrase\r\nEnter key passphrase : ");
    session.answer_unseen("Enter key passphrase : ", crate::world::PASSPHRASE);
    session.end().expect_done();
}

#[test]
fn an_export_asks_before_it_replaces_a_file() {
    let world = World::new();
    world.key_pair("Ada");
    for (answer, replaced) in [("n", false), ("y", true)] {
        world.write("out", "precious");
        let mut session = Session::start(&world, "key export out");
        session.answer("out is already there. Replace it? [y/n] ", answer);
        assert_eq!(session.end().code == Some(0), replaced);
        assert_eq!(world.read("out") != b"precious", replaced);
    }
}
