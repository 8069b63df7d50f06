//! Somebody with the program, a home of their own, and a keyserver to ask.

use sifseal_conformance_tests::keyserver::Serves;
use sifseal_conformance_tests::program::Output;
use sifseal_conformance_tests::workshop::Workshop;
use sifseal_conformance_tests::{Isolation, Program, Site};
use sifseal_core::Timestamp;
use std::fs;
use std::path::PathBuf;

/// What a person is given to find others' keys with.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// An address or a path.
    pub(crate) url: String,
    pub(crate) serves: Serves,
    /// How the program is run, if not as usual.
    pub(crate) isolation: Option<Isolation>,
}

impl Place {
    /// The address as GnuPG wants it.
    pub(crate) fn hkp_url(&self) -> String {
        self.url.replacen("http:", "hkp:", 1)
    }
}

impl From<&Site> for Place {
    fn from(site: &Site) -> Self {
        Self {
            url: site.url(),
            serves: site.serves(),
            isolation: None,
        }
    }
}

/// Somebody.
#[derive(Debug)]
pub(crate) struct Person {
    program: Program,
    engine: &'static str,
    home: Workshop,
}

/// A key pair, as far as others can know it.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    pub(crate) fingerprint: String,
    pub(crate) user_id: String,
    pub(crate) email: String,
}

impl Person {
    /// Somebody without keys, who is told of no keyserver.
    pub(crate) fn new(engine: &'static str) -> Self {
        let home = Workshop::new();
        fs::write(home.path("passphrase"), "correct horse\n").unwrap();
        Self {
            program: Program::new(&home.path("")),
            engine,
            home,
        }
    }

    /// Somebody who asks this place, because the environment says so.
    pub(crate) fn asking(place: &Place, engine: &'static str) -> Self {
        Self::new(engine)
            .isolated(place)
            .with_env("SIFSEAL_KEYSERVER", &place.url)
    }

    /// The same person, who has this place in the configuration and no other.
    pub(crate) fn configured(self, place: &Place) -> Self {
        let person = self.isolated(place).with_env("SIFSEAL_KEYSERVER", "");
        person.done(&["keyserver", "add", "--order", "1", &place.url]);
        person.done(&["keyserver", "remove", "https://keys.openpgp.org"]);
        person
    }

    pub(crate) fn with_env(mut self, name: &str, value: &str) -> Self {
        self.program = self.program.with_env(name, value);
        self
    }

    fn isolated(mut self, place: &Place) -> Self {
        if let Some(isolation) = &place.isolation {
            self.program = self.program.isolated(isolation.clone());
        }
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path(name)
    }

    /// The file with the certificates that this person has; empty if there is none.
    pub(crate) fn ring(&self) -> Vec<u8> {
        fs::read(self.path(".apptainer/keys/pgp-public")).unwrap_or_default()
    }

    pub(crate) fn ring_name(&self) -> String {
        self.path(".apptainer/keys/pgp-public")
            .display()
            .to_string()
    }

    pub(crate) fn run(&self, line: &[&str]) -> Output {
        self.program
            .run(&[&["--engine", self.engine], line].concat(), b"")
    }

    /// What is printed by a command that succeeds.
    #[track_caller]
    pub(crate) fn done(&self, line: &[&str]) -> String {
        let output = self.run(line);
        assert_eq!(output.status, 0, "{line:?}: {output:#?}");
        output.stdout
    }

    /// A command that fails, with a last line of these words and a hint if there is one.
    #[track_caller]
    pub(crate) fn failed(&self, line: &[&str], status: i32, words: &str) -> Output {
        let output = self.run(line);
        assert_eq!(output.status, status, "{line:?}: {output:#?}");
        let fatal: Vec<&str> = output
            .stderr
            .lines()
            .filter(|line| line.starts_with("FATAL:"))
            .collect();
        assert_eq!(fatal.len(), 1, "{line:?}: {output:#?}");
        assert!(fatal[0].contains(words), "{line:?}: {output:#?}");
        output
    }

    /// Makes a key pair, with more arguments if need be.
    #[track_caller]
    pub(crate) fn new_pair(&self, name: &str, comment: &str, email: &str, more: &[&str]) -> Pair {
        let given = [
            "key",
            "newpair",
            "--algorithm",
            "ed25519",
            "--passphrase-file",
            "passphrase",
            "--name",
            name,
            "--comment",
            comment,
            "--email",
            email,
        ];
        let printed = self.done(&[&given, more].concat());
        let fingerprint = printed.strip_prefix("Fingerprint: ").unwrap();
        let comment = match comment {
            "" => String::new(),
            comment => format!("({comment}) "),
        };
        Pair {
            fingerprint: fingerprint.trim_end().to_owned(),
            user_id: format!("{name} {comment}<{email}>"),
            email: email.to_owned(),
        }
    }

    /// An image of this name, signed with the only key.
    pub(crate) fn signed_image(&self, name: &str) -> PathBuf {
        let image = self.home.image(name, 1).unwrap();
        self.done(&["sign", "--passphrase-file", "passphrase", name]);
        image
    }

    /// The same, signed at another time.
    pub(crate) fn image_signed_at(&self, when: Timestamp, name: &str) -> PathBuf {
        let image = self.home.image(name, 1).unwrap();
        let program = self.program.clone();
        let program = program.with_env("SOURCE_DATE_EPOCH", &when.0.to_string());
        let line = ["--engine", self.engine, "sign", "--deterministic", name];
        let output = program.run(&line, b"");
        assert_eq!(output.status, 0, "{output:#?}");
        image
    }

    /// Keeps a file of somebody else's under this name.
    pub(crate) fn receives(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    /// Has the secret key that somebody else made, as from another of their machines.
    pub(crate) fn owning(engine: &'static str, secret: &[u8]) -> Self {
        let person = Self::new(engine);
        person.receives("secret.asc", secret);
        person.done(&["key", "import", "secret.asc"]);
        person
    }

    /// The date of the only key, as listings have it.
    pub(crate) fn creation_date(&self) -> String {
        let list = self.done(&["key", "list"]);
        let date = list
            .lines()
            .find_map(|line| line.trim().strip_prefix("C: "));
        date.unwrap().to_owned()
    }
}

impl Pair {
    pub(crate) fn key_id(&self) -> &str {
        &self.fingerprint[24..]
    }

    pub(crate) fn short_id(&self) -> &str {
        &self.fingerprint[32..]
    }
}

/// What `verify` prints of an image of the workshop's that this key has signed.
pub(crate) fn verified(image: &str, label: &str, pair: &Pair) -> String {
    format!(
        "Verifying image: {image}\n\
         {label:<18} Signing entity: {}\n\
         {label:<18} Fingerprint: {}\n\
         Objects verified:\n\
         ID  |GROUP   |LINK    |TYPE\n\
         ------------------------------------------------\n\
         1   |1       |NONE    |Def.FILE\n\
         2   |1       |NONE    |FS\n\
         Container verified: {image}\n",
        pair.user_id, pair.fingerprint
    )
}
