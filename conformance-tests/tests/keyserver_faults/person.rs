//! Someone with a key ring, an image, a list of keyservers, and the program.

use crate::stock::STOCK;
use sifseal_conformance_tests::Program;
use sifseal_conformance_tests::program::Output;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::SystemTime;
use tempfile::TempDir;

const RING: &str = ".apptainer/keys/pgp-public";
const IMAGE: &str = "a.sif";
pub(crate) const CONFIG: &str = ".config/sifseal/config.toml";

/// For what no engine gets to see.
pub(crate) const ONE_ENGINE: &[&str] = &["rpgp"];

/// What a person does with keyservers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    Search,
    Pull,
    Push,
    Refresh,
    Verify,
}

impl Command {
    pub(crate) const ALL: [Self; 5] = [
        Self::Search,
        Self::Pull,
        Self::Push,
        Self::Refresh,
        Self::Verify,
    ];

    fn line(self) -> String {
        match self {
            Self::Search => "key search --long-list ada@example.com".to_owned(),
            Self::Pull => format!("key pull {}", STOCK.bob.fingerprint()),
            Self::Push => format!("key push {}", STOCK.ada.fingerprint()),
            Self::Refresh => "key refresh --all".to_owned(),
            Self::Verify => format!("verify {IMAGE}"),
        }
    }

    /// The exit status where nobody could help.
    pub(crate) fn failure(self) -> i32 {
        match self {
            Self::Verify => 3,
            _ => 1,
        }
    }

    /// The engines for which it is run where certificates come: both, if it reads them.
    pub(crate) fn engines(self) -> &'static [&'static str] {
        match self {
            Self::Pull | Self::Verify => &["rpgp", "sequoia"],
            _ => ONE_ENGINE,
        }
    }
}

/// A file: when it was last written, and what is in it.
type State = (SystemTime, Vec<u8>);

pub(crate) struct Person {
    home: TempDir,
    program: Program,
}

impl Person {
    /// Someone who has Ada's key and asks these servers, none for longer than a second.
    pub(crate) fn asking(servers: &[String], engine: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let program = Program::new(home.path())
            .with_env("SIFSEAL_KEYSERVER", "")
            .with_env("SIFSEAL_ENGINE", engine);
        let person = Self { home, program };
        let table =
            |url: &String| format!("[[keyserver]]\nbackend = 'hkp'\nurl = '{url}'\ntimeout = 1\n");
        let config: String = servers.iter().map(table).collect();
        person.write(CONFIG, config.as_bytes());
        person.write(RING, &STOCK.ada.bytes);
        person.write(IMAGE, &STOCK.image);
        person
    }

    /// Runs a line of words with this on standard input.
    pub(crate) fn types(&self, line: &str, input: &str) -> Output {
        let words: Vec<_> = line.split(' ').collect();
        self.program.run(&words, input.as_bytes())
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub(crate) fn does(&self, command: Command) -> Output {
        self.types(&command.line(), "")
    }

    /// The key ring, and what nobody but their owner changes.
    pub(crate) fn ring(&self) -> State {
        self.state(RING)
    }

    /// The image and the configuration.
    pub(crate) fn other_files(&self) -> [State; 2] {
        [self.state(IMAGE), self.state(CONFIG)]
    }

    fn state(&self, name: &str) -> State {
        let path = self.path(name);
        let written = fs::metadata(&path).unwrap().modified().unwrap();
        (written, fs::read(path).unwrap())
    }
}
