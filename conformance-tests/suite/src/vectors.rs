//! The suite's images and keys as files, for those who do not want an adapter.
//!
//! Every verification that a scenario asks for, where the image until then came from the
//! suite's own hand alone, is a *vector*: an image, the certificates at hand, a question and
//! what must come of it. Everything is the same every time; `vectors.sha256` beside this
//! crate's manifest has the digests, so that a change of any is seen.

use crate::craft::armor;
use crate::image::base;
use crate::keys::Keys;
use crate::result::Level;
use crate::runner::Workpiece;
use crate::scenario::{Expect, Library, Scenario, Step};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::path::Path;

/// A file of the suite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VectorFile {
    /// Its path, with `/` between folders.
    pub path: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// One vector, as `vectors.json` lists it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Vector {
    /// The scenario's id.
    pub scenario: String,
    /// What is so, in one sentence.
    pub title: String,
    /// How much it binds.
    pub level: Level,
    /// The image's file.
    pub image: String,
    /// The certificates' files.
    pub certificates: Vec<String>,
    /// What is asked about, by the words of the adapter protocol.
    pub selection: String,
    /// As if it were then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// When keys are judged, if that is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judge: Option<String>,
    /// Primary fingerprints of those who decide; everybody, if empty.
    pub signed_by: Vec<String>,
    /// How many of them, if that is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require: Option<String>,
    /// `accept`, `refuse` or `either`.
    pub expect: &'static str,
    /// Why it is refused: one of these.
    pub because: Vec<String>,
}

/// Every vector and every file.
#[derive(Debug)]
pub struct Vectors {
    /// The vectors, in the order of the library.
    pub vectors: Vec<Vector>,
    /// The files, sorted by path.
    pub files: Vec<VectorFile>,
}

impl Vectors {
    /// Makes them all.
    ///
    /// # Errors
    /// In words: a scenario cannot be carried out.
    pub fn of(library: &Library, keys: &Keys) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let mut all = Self {
            vectors: Vec::new(),
            files: Vec::new(),
        };
        for image in base::IMAGES {
            let path = folder.path().join(image.name);
            image.write(&path).map_err(|error| error.to_string())?;
            all.add_file(format!("images/{}.sif", image.name), read(&path)?);
        }
        for entry in Keys::table() {
            let key = keys.get(entry.name).ok_or("a key of the table")?;
            let public = armor("PUBLIC KEY BLOCK", key.certificate());
            let secret = armor("PRIVATE KEY BLOCK", key.secret());
            all.add_file(certificate_of(key.name), public.into_bytes());
            all.add_file(format!("keys/{}.secret.asc", key.name), secret.into_bytes());
        }
        for scenario in &library.scenarios {
            let own = tempfile::tempdir_in(folder.path()).map_err(|error| error.to_string())?;
            let made = all.add_scenario(scenario, keys, own.path());
            made.map_err(|problem| format!("scenario {}: {problem}", scenario.id))?;
        }
        all.files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(all)
    }

    fn add_file(&mut self, path: String, bytes: Vec<u8>) {
        self.files.push(VectorFile { path, bytes });
    }

    fn add_scenario(
        &mut self,
        scenario: &Scenario,
        keys: &Keys,
        folder: &Path,
    ) -> Result<(), String> {
        let mut piece = Workpiece::new(scenario, keys, folder)?;
        let mut certificates: Vec<_> = scenario
            .trusts
            .iter()
            .map(|name| certificate_of(name))
            .collect();
        let mut count = 0;
        for step in &scenario.steps {
            let by_hand = step.by_hand();
            if let Some(done) = piece.do_by_hand(by_hand.as_ref().unwrap_or(step)) {
                done?;
                continue;
            }
            match step {
                Step::Verify(verify) => {
                    count += 1;
                    let image = format!("images/{}-{count}.sif", scenario.id);
                    self.add_file(image.clone(), read(&piece.image())?);
                    self.vectors.push(Vector {
                        scenario: scenario.id.clone(),
                        title: scenario.title.clone(),
                        level: scenario.level,
                        image,
                        certificates: certificates.clone(),
                        selection: verify.select.to_string(),
                        at: verify.at.clone(),
                        judge: verify.judge.clone(),
                        signed_by: piece.fingerprints(&verify.signed_by)?,
                        require: verify.require.clone(),
                        expect: word(verify.expect),
                        because: verify.because.clone(),
                    });
                }
                Step::Import(import) if import.expect == Expect::Accept => {
                    certificates.push(certificate_of(&import.key));
                }
                // From here on the image is somebody else's work.
                Step::Sign(sign) if sign.expect == Expect::Refuse => {}
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    /// A line for each file: its SHA-256 and its path, as `sha256sum` writes it.
    pub fn digests(&self) -> String {
        let mut lines = String::new();
        for file in &self.files {
            let digest = hex::encode(Sha256::digest(&file.bytes));
            let _ = writeln!(lines, "{digest}  {}", file.path);
        }
        lines
    }

    /// Writes everything, with a list in `vectors.json`.
    ///
    /// # Errors
    /// What writing says.
    pub fn write(&self, folder: &Path) -> std::io::Result<()> {
        for file in &self.files {
            let path = folder.join(&file.path);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            std::fs::write(path, &file.bytes)?;
        }
        let list = serde_json::to_string_pretty(&self.vectors)?;
        std::fs::write(folder.join("vectors.json"), list + "\n")
    }
}

fn certificate_of(name: &str) -> String {
    format!("keys/{name}.asc")
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| error.to_string())
}

fn word(expect: Expect) -> &'static str {
    match expect {
        Expect::Accept => "accept",
        Expect::Refuse => "refuse",
        Expect::Either => "either",
    }
}
