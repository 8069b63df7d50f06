//! A home directory, and a way to run the program in it.

use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A passphrase that is put into the file `passphrase` of every world.
pub(crate) const PASSPHRASE: &str = "correct horse";

/// A working directory with a home in it.
pub(crate) struct World {
    directory: TempDir,
    variables: Vec<(String, String)>,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) bytes: Vec<u8>,
}

impl World {
    pub(crate) fn new() -> Self {
        let directory = TempDir::new().unwrap();
        fs::create_dir(directory.path().join("home")).unwrap();
        let world = Self {
            directory,
            variables: Vec::new(),
        };
        world.write("passphrase", PASSPHRASE);
        world
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn ring(&self, name: &str) -> PathBuf {
        self.path("home/.apptainer/keys").join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sifseal"));
        command
            .args(line.split_whitespace())
            .current_dir(self.directory.path())
            .env_clear()
            .env("HOME", self.path("home"))
            .env("TZ", "PST8")
            // Nobody on the network, unless a test says whom.
            .env("SIFSEAL_KEYSERVER", "none")
            .envs(crate::ENGINE.map(|engine| ("SIFSEAL_ENGINE", engine)))
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a line of words without any input.
    pub(crate) fn run(&self, line: &str) -> Ended {
        self.run_with(line, "")
    }

    /// Runs a line of words with this on standard input, a pipe.
    pub(crate) fn run_with(&self, line: &str, input: impl AsRef<[u8]>) -> Ended {
        let mut child = self
            .command(line)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that does not read its input may be gone by now.
        let _ = child.stdin.take().unwrap().write_all(input.as_ref());
        Ended::from(child.wait_with_output().unwrap())
    }

    /// Makes a quick key pair and tells its fingerprint.
    pub(crate) fn key_pair(&self, name: &str) -> String {
        let email = format!("{}@example.com", name.to_lowercase());
        let line = format!(
            "key newpair --name {name} --email {email} --comment= --algorithm ed25519 --passphrase-file passphrase --format json"
        );
        let made = self.run(&line).expect_done().json();
        made["fingerprint"].as_str().unwrap().to_owned()
    }

    /// The fingerprints that a listing shows.
    pub(crate) fn listed(&self, flags: &str) -> Vec<String> {
        let list = self
            .run(&format!("key list --format json {flags}"))
            .expect_done()
            .json();
        let keys = list["keys"].as_array().unwrap().iter();
        keys.map(|key| key["fingerprint"].as_str().unwrap().to_owned())
            .collect()
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            bytes: output.stdout,
        }
    }
}

impl Ended {
    #[track_caller]
    pub(crate) fn expect_done(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }

    /// It ended with 1, one line of FATAL that has these words in it, and
    /// perhaps a hint.
    #[track_caller]
    pub(crate) fn expect_failure(self, words: &[&str]) -> Self {
        assert_eq!(self.code, Some(1), "{self:?}");
        let fatal: Vec<&str> = self
            .stderr
            .lines()
            .filter(|line| line.starts_with("FATAL:   "))
            .collect();
        assert_eq!(fatal.len(), 1, "{self:?}");
        for word in words {
            assert!(fatal[0].contains(word), "{word:?} is not in {:?}", fatal[0]);
        }
        self
    }

    #[track_caller]
    pub(crate) fn expect_usage_error(self) -> Self {
        assert_eq!(self.code, Some(2), "{self:?}");
        assert_eq!(self.stdout, "");
        self
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

/// The permission bits of a file.
pub(crate) fn mode(path: impl AsRef<Path>) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}
