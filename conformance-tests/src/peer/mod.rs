//! The reference: Apptainer's own library, asked through a small Go program.
//!
//! The program lies in `peers/sif-go` and holds no knowledge of its own. It is
//! built once per test process, which takes a moment when nothing has changed,
//! and each question is one run of it.

mod answer;
mod key;
mod sign;
mod spec;

pub use answer::{
    ImageDescription, KeyDescription, KeyPart, MessageVerdict, ObjectDescription, RingDescription,
    SignatureResult, Verdict,
};
pub use key::KeySpec;
pub use sign::{SignSpec, VerifyMode};

use crate::{go_program, process};
use serde::de::DeserializeOwned;
use sifseal_core::Timestamp;
use sifseal_core::sif::{CreateOptions, NewObject};
use spec::ImageSpec;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The reference program, built.
#[derive(Debug)]
pub struct Peer {
    program: PathBuf,
}

/// Why the reference could not do or answer something, in its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(pub String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// What the reference answers.
pub type Answer<T> = Result<T, Refused>;

impl Peer {
    /// The program, built on the first call; or why there is none.
    ///
    /// Tests ask [`require_go`](crate::require_go) instead.
    pub(crate) fn get() -> Result<&'static Self, &'static str> {
        static PEER: OnceLock<Result<Peer, String>> = OnceLock::new();
        PEER.get_or_init(|| go_program::build("sif-go").map(|program| Self { program }))
            .as_ref()
            .map_err(String::as_str)
    }

    /// Creates an image of objects and their data.
    pub fn create(
        &self,
        image: &Path,
        options: &CreateOptions,
        objects: &[(NewObject, Vec<u8>)],
    ) -> Answer<()> {
        let spec = ImageSpec::create(options, objects);
        self.with_spec("create", image, &spec)
    }

    /// Adds objects one after the other. `None` for the time that the library
    /// itself would choose: none in a deterministic image.
    pub fn add(
        &self,
        image: &Path,
        when: Option<Timestamp>,
        objects: &[(NewObject, Vec<u8>)],
    ) -> Answer<()> {
        self.with_spec("add", image, &ImageSpec::add(when, objects))
    }

    fn with_spec(&self, verb: &str, image: &Path, spec: &ImageSpec) -> Answer<()> {
        let file = spec.file();
        self.run(&[&verb, &image, &file.path()], b"").map(drop)
    }

    /// Deletes an object: `words` are of `zero`, `compact`, `deterministic`.
    pub fn delete(&self, image: &Path, id: u32, words: &[&str]) -> Answer<()> {
        let id = id.to_string();
        let mut args: Vec<&dyn AsRef<OsStr>> = vec![&"delete", &image, &id];
        args.extend(words.iter().map(|word| word as &dyn AsRef<OsStr>));
        self.run(&args, b"").map(drop)
    }

    /// Makes a system partition the primary one.
    pub fn set_primary(&self, image: &Path, id: u32) -> Answer<()> {
        let id = id.to_string();
        self.run(&[&"setprim", &image, &id], b"").map(drop)
    }

    /// All that the library tells of an image.
    pub fn describe(&self, image: &Path) -> Answer<ImageDescription> {
        self.ask(&[&"describe", &image], b"")
    }

    /// The text of `siftool list`.
    pub fn list(&self, image: &Path) -> Answer<String> {
        self.text(&[&"list", &image], b"")
    }

    /// The text of `siftool header`.
    pub fn header(&self, image: &Path) -> Answer<String> {
        self.text(&[&"header", &image], b"")
    }

    /// The text of `siftool info`.
    pub fn info(&self, image: &Path, id: u32) -> Answer<String> {
        self.text(&[&"info", &image, &id.to_string()], b"")
    }

    /// The data of an object, as `siftool dump` prints it.
    pub fn dump(&self, image: &Path, id: u32) -> Answer<Vec<u8>> {
        self.run(&[&"dump", &image, &id.to_string()], b"")
    }

    fn ask<T: DeserializeOwned>(&self, args: &[&dyn AsRef<OsStr>], stdin: &[u8]) -> Answer<T> {
        let answer = self.run(args, stdin)?;
        Ok(serde_json::from_slice(&answer).unwrap_or_else(|error| {
            panic!("sif-go's answer: {error}: {}", process::text(&answer));
        }))
    }

    fn text(&self, args: &[&dyn AsRef<OsStr>], stdin: &[u8]) -> Answer<String> {
        self.run(args, stdin).map(|answer| process::text(&answer))
    }

    fn run(&self, args: &[&dyn AsRef<OsStr>], stdin: &[u8]) -> Answer<Vec<u8>> {
        let mut command = Command::new(&self.program);
        command.args(args.iter().map(|arg| arg.as_ref()));
        let output = process::run(&mut command, stdin);
        let message = process::text(&output.stderr).trim_end().to_owned();
        match output.status.code() {
            Some(0) => Ok(output.stdout),
            Some(1) => Err(Refused(message)),
            // A panic of the reference is a finding, but no answer.
            _ => Err(Refused(format!("crashed: {message}"))),
        }
    }
}
