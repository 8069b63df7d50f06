//! `sifseal` itself, run as a person runs it.

use crate::{Isolation, built, process};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// The program with a home directory of its own and an otherwise empty
/// environment, so that nothing on the machine can change what a test sees.
#[derive(Debug, Clone)]
pub struct Program {
    binary: PathBuf,
    home: PathBuf,
    variables: Vec<(String, String)>,
    isolation: Option<Isolation>,
}

/// How a run ended, and what it printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The exit status.
    pub status: i32,
    /// What a person or a pipe gets.
    pub stdout: String,
    /// Questions, progress and notices.
    pub stderr: String,
}

impl Program {
    /// The program, built on the first call, for a person who lives in `home`.
    ///
    /// # Panics
    /// It cannot be built.
    pub fn new(home: &Path) -> Self {
        Self::named("sifseal", home)
    }

    /// Another program of this workspace, for the same person.
    ///
    /// # Panics
    /// It cannot be built.
    pub fn named(name: &'static str, home: &Path) -> Self {
        Self {
            binary: built_program(name),
            home: home.to_owned(),
            variables: Vec::new(),
            isolation: None,
        }
    }

    /// The same with one more environment variable.
    #[must_use]
    pub fn with_env(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same, run in isolation.
    #[must_use]
    pub fn isolated(mut self, isolation: Isolation) -> Self {
        self.isolation = Some(isolation);
        self
    }

    /// The program's file.
    pub fn binary(&self) -> &Path {
        &self.binary
    }

    /// The home directory, which is also the working directory.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Runs one command; standard input is a pipe with these bytes.
    ///
    /// # Panics
    /// It was ended by a signal: that is never a right answer.
    pub fn run<A: AsRef<OsStr>>(&self, args: &[A], stdin: &[u8]) -> Output {
        let mut command = match &self.isolation {
            None => Command::new(&self.binary),
            Some(isolation) => isolation.command(&self.binary),
        };
        command.args(args);
        self.finish(command, stdin)
    }

    /// Runs one command at a terminal where somebody types this, by `script` of
    /// util-linux. What is on the screen is the output.
    ///
    /// # Panics
    /// As [`run`](Self::run); and if it is to be isolated.
    pub fn run_at_a_terminal(&self, args: &[&str], typed: &str) -> Output {
        assert!(self.isolation.is_none(), "no terminal in isolation");
        let binary = self.binary.to_str().expect("the path of the target");
        let words = std::iter::once(&binary).chain(args);
        let words: Vec<_> = words.map(|word| shell_word(word)).collect();
        let mut command = Command::new("/usr/bin/script");
        command.args(["-qec", &words.join(" "), "/dev/null"]);
        self.finish(command, typed.as_bytes())
    }

    fn finish(&self, mut command: Command, stdin: &[u8]) -> Output {
        command
            .env_clear()
            .env("HOME", &self.home)
            // Times are printed in the local zone.
            .env("TZ", "UTC")
            // Nobody on the network, unless a test says whom.
            .env("SIFSEAL_KEYSERVER", "none")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.home);
        let output = process::run(&mut command, stdin);
        let stderr = process::text(&output.stderr);
        let status = output.status.code();
        Output {
            status: status.unwrap_or_else(|| panic!("{command:?}: {}: {stderr}", output.status)),
            stdout: process::text(&output.stdout),
            stderr,
        }
    }
}

/// A word as a shell is told it.
fn shell_word(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// One line of what cargo tells with `--message-format=json`, as far as it
/// matters here.
#[derive(Debug, Deserialize)]
struct Message {
    #[serde(default)]
    target: Target,
    executable: Option<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
struct Target {
    name: String,
}

/// The path of a program of this workspace, built on the first call.
///
/// # Panics
/// It cannot be built.
pub fn built_program(name: &'static str) -> PathBuf {
    static BUILT: Mutex<BTreeMap<&str, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    built.entry(name).or_insert_with(|| build(name)).clone()
}

/// Builds a program of this workspace, in the profile that the test has.
fn build(name: &str) -> PathBuf {
    // Cargo locks its directory as well, but says so on the terminal.
    let output = built::alone("cargo-build", |_| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        // Features as in a build of the whole workspace: with another choice
        // most dependencies would be compiled a second time.
        command
            .args(["build", "--workspace", "--message-format=json", "--bin"])
            .arg(name)
            .current_dir(env!("CARGO_MANIFEST_DIR"));
        if !cfg!(debug_assertions) {
            command.arg("--release");
        }
        // What cargo tells a test of its package is no word to another cargo: a build
        // script that watches such a variable (ring's) would run anew, and all that
        // stands on it be compiled again.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_MANIFEST_") || text.starts_with("CARGO_PKG_") {
                command.env_remove(&name);
            }
        }
        process::run(&mut command, b"")
    });
    let messages = process::text(&output.stdout);
    let executable = find_executable(name, &messages).filter(|_| output.status.success());
    executable.unwrap_or_else(|| panic!("{name} does not build: {}", process::text(&output.stderr)))
}

fn find_executable(name: &str, messages: &str) -> Option<PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Message>(line).ok())
        .filter(|message| message.target.name == name)
        .find_map(|message| message.executable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(binary: &str, home: &Path) -> Program {
        Program {
            binary: binary.into(),
            home: home.to_owned(),
            variables: Vec::new(),
            isolation: None,
        }
    }

    #[test]
    fn the_program_is_found_among_what_cargo_tells() {
        let messages = r#"
            {"reason":"compiler-artifact","target":{"name":"serde"},"executable":null}
            {"reason":"compiler-artifact","target":{"name":"sifseal"},"executable":null}
            {"reason":"compiler-artifact","target":{"name":"sifseal"},"executable":"/t/sifseal"}
            {"reason":"build-finished","success":true}
            "#;
        let found = find_executable("sifseal", messages);
        assert_eq!(found, Some(PathBuf::from("/t/sifseal")));
        assert_eq!(find_executable("other", messages), None);
    }

    #[test]
    fn a_run_sees_its_home_and_nothing_else() {
        let home = tempfile::tempdir().unwrap();
        let program = program("/usr/bin/env", home.path()).with_env("SIFSEAL_TEST", "1");
        let output = program.run::<&str>(&[], b"");
        let mut seen: Vec<&str> = output.stdout.lines().collect();
        seen.sort_unstable();
        let home = format!("HOME={}", home.path().display());
        let nobody = "SIFSEAL_KEYSERVER=none";
        assert_eq!(seen, [home.as_str(), nobody, "SIFSEAL_TEST=1", "TZ=UTC"]);
        assert_eq!((output.status, output.stderr.as_str()), (0, ""));
    }

    #[test]
    fn somebody_types_at_a_terminal() {
        let home = tempfile::tempdir().unwrap();
        let program = program("/bin/sh", home.path());
        let line = "test -t 0 && read x && echo \"it's $x\"; exit 3";
        let output = program.run_at_a_terminal(&["-c", line], "hello\n");
        assert!(output.stdout.contains("it's hello"), "{output:?}");
        assert_eq!(output.status, 3);
    }

    #[test]
    fn standard_input_and_the_exit_status_pass_through() {
        let home = tempfile::tempdir().unwrap();
        let program = program("/bin/sh", home.path());
        let output = program.run(&["-c", "read x; echo \"$x\" >&2; pwd; exit 3"], b"hello\n");
        assert_eq!((output.status, output.stderr.as_str()), (3, "hello\n"));
        let place = PathBuf::from(output.stdout.trim_end());
        assert_eq!(place, home.path().canonicalize().unwrap());
    }
}
