//! Whom the suite asks: implementations, behind one trait.
//!
//! [`Implementation`] says what it can do and begins a [`Session`] in an empty folder; a
//! session takes the questions of one scenario and gives [`Answer`]s. [`Adapter`] is an
//! executable that speaks the adapter protocol. Rust backends are asked in this process,
//! by implementations of their own.

mod description;
mod process;

pub use description::{Description, Deviation, Observed};
pub use process::Adapter;

use crate::scenario::{PluginConduct, Selection};
use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What an implementation says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Info {
    /// The name by which results speak of it.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where to learn more.
    pub homepage: Option<String>,
    /// What it can do, by the names of the adapter protocol.
    pub features: Vec<String>,
}

/// Somebody who can be asked.
pub trait Implementation: Debug + Send + Sync {
    /// What it says of itself.
    fn info(&self) -> &Info;

    /// What is known to be otherwise with it.
    fn deviations(&self) -> &[Deviation];

    /// Begins a scenario in an empty folder.
    ///
    /// # Errors
    /// It cannot be asked now; in words.
    fn begin(&self, scratch: &Path) -> Result<Box<dyn Session + '_>, String>;
}

/// One scenario's questions. What was imported or fetched holds until the end.
pub trait Session: Debug {
    /// Takes a key.
    fn import_key(&mut self, key: &KeyFile) -> Answer;

    /// Signs an image in place.
    fn sign(&mut self, image: &Path, question: &SignQuestion) -> Answer;

    /// Verifies an image.
    fn verify(&mut self, image: &Path, question: &VerifyQuestion) -> Answer;

    /// Fetches a certificate.
    fn fetch_key(&mut self, server: &Server, fingerprint: &str) -> Answer;
}

/// A key as it is handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFile {
    /// How the suite calls the key.
    pub name: String,
    /// The armored key.
    pub file: PathBuf,
    /// True for a transferable secret key.
    pub is_secret: bool,
    /// A file with what unlocks it.
    pub passphrase: Option<PathBuf>,
}

/// What is to be signed, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignQuestion {
    /// The primary fingerprint of the signer.
    pub fingerprint: String,
    /// What is to be covered.
    pub selection: Selection,
    /// A file with what unlocks the key.
    pub passphrase: Option<PathBuf>,
    /// The hash of the OpenPGP signature, if that is said.
    pub hash: Option<String>,
    /// What the plugin does that holds the key, if a plugin is to sign.
    pub plugin: Option<PluginConduct>,
}

/// What is to be verified, and how.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VerifyQuestion {
    /// What it is about.
    pub selection: Selection,
    /// As if it were then: RFC 3339.
    pub at: Option<String>,
    /// `signing` or `now`.
    pub judge: Option<String>,
    /// Primary fingerprints of those who decide.
    pub signed_by: Vec<String>,
    /// How many of them.
    pub require: Option<String>,
}

/// A keyserver that the suite runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Where it answers by HKP.
    pub url: String,
    /// A folder with the same certificates, for those who have no network; one armored file
    /// each.
    pub folder: PathBuf,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// In one word.
    pub verdict: Verdict,
    /// What was told beside it.
    pub told: Option<Told>,
    /// How it was asked: the words of a call.
    pub call: Vec<String>,
    /// The exit status, where there is a process.
    pub exit: Option<i32>,
    /// What was printed, its beginning.
    pub stdout: String,
    /// What was complained about, its beginning.
    pub stderr: String,
    /// How long it took.
    pub took: Duration,
}

/// An answer in one word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Done; accepted.
    Accepted,
    /// Not accepted, or not done.
    Refused,
    /// Could not be read: a refusal too.
    Unreadable,
    /// Not supported, in its words.
    Unsupported,
    /// No answer that means anything.
    Broken(String),
}

/// What a verification may tell.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct Told {
    /// Its own word for the verdict.
    pub accepted: bool,
    /// Why it refuses.
    #[serde(default)]
    pub reasons: Vec<String>,
    /// Primary fingerprints of those whose signatures count.
    #[serde(default)]
    pub signers: Vec<String>,
}
