//! What a scenario is about: an image, the files of keys, a keyserver; and what the suite
//! does to them by its own hand.

use crate::adapter::{KeyFile, Server};
use crate::craft::armor;
use crate::image::change::{Change, change};
use crate::image::{base, dsse, edit, hand, legacy};
use crate::keys::{Keys, SuiteKey};
use crate::keyserver::Keyserver;
use crate::scenario::{ChangeBytes, Cut, ImportPart, Scenario, Serve, Step};
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The things of one scenario.
#[derive(Debug)]
pub struct Workpiece<'a> {
    keys: &'a Keys,
    folder: PathBuf,
    keyserver: Option<Keyserver>,
    /// How many files were handed over.
    files: Cell<u32>,
}

impl<'a> Workpiece<'a> {
    /// Lays out the scenario's image in an empty folder.
    ///
    /// # Errors
    /// In words.
    pub fn new(scenario: &Scenario, keys: &'a Keys, folder: &Path) -> Result<Self, String> {
        let piece = Self {
            keys,
            folder: folder.to_owned(),
            keyserver: None,
            files: Cell::new(0),
        };
        let image = base::find(&scenario.image);
        let image = image.ok_or_else(|| format!("there is no image `{}`", scenario.image))?;
        image
            .write(&piece.image())
            .map_err(|error| error.to_string())?;
        Ok(piece)
    }

    /// The image's file.
    pub fn image(&self) -> PathBuf {
        self.folder.join("image.sif")
    }

    /// The key of this name.
    ///
    /// # Errors
    /// There is none.
    pub fn key(&self, name: &str) -> Result<Arc<SuiteKey>, String> {
        self.keys
            .get(name)
            .ok_or_else(|| format!("there is no key `{name}`"))
    }

    /// Does what a step asks of the suite itself; `None` if it asks an implementation.
    pub fn do_by_hand(&mut self, step: &Step) -> Option<Result<(), String>> {
        let image = self.image();
        let said = |result: sifseal_core::Result<()>| result.map_err(|error| error.to_string());
        Some(match step {
            Step::SignByHand(step) => hand::sign(&image, step, self.keys),
            Step::SignLegacyByHand(step) => legacy::sign(&image, step, self.keys),
            Step::SignAsDsse(step) => dsse::sign(&image, step),
            Step::AddObject(step) => {
                said(edit::add_object(&image, step.group, step.text.as_bytes()))
            }
            Step::DeleteObject(step) => said(edit::delete_object(&image, step.object)),
            Step::SetPrimary(step) => said(edit::set_primary(&image, step.object)),
            Step::Change(step) => change_bytes(&image, step),
            Step::Cut(step) => cut(&image, step),
            Step::Append(step) => append(&image, step.text.as_bytes()),
            Step::Serve(step) => self.serve(step),
            Step::Import(_) | Step::Sign(_) | Step::Verify(_) | Step::FetchKey(_) => return None,
        })
    }

    fn serve(&mut self, step: &Serve) -> Result<(), String> {
        let keyserver = match self.keyserver.take() {
            Some(keyserver) => keyserver,
            None => Keyserver::start().map_err(|error| error.to_string())?,
        };
        let served = keyserver.serve(step, self.keys, &self.served());
        self.keyserver = Some(keyserver);
        served
    }

    /// The keyserver, if one answers.
    pub fn server(&self) -> Option<Server> {
        let keyserver = self.keyserver.as_ref()?;
        Some(Server {
            url: keyserver.url(),
            folder: self.served(),
        })
    }

    fn served(&self) -> PathBuf {
        self.folder.join("served")
    }

    /// The primary fingerprints of some keys.
    ///
    /// # Errors
    /// There is no such key.
    pub fn fingerprints(&self, names: &[String]) -> Result<Vec<String>, String> {
        names
            .iter()
            .map(|name| Ok(self.key(name)?.fingerprint()))
            .collect()
    }

    /// A key as it is handed over.
    ///
    /// # Errors
    /// There is no such key, or no file can be written.
    pub fn key_file(&self, name: &str, part: ImportPart) -> Result<KeyFile, String> {
        let key = self.key(name)?;
        let is_secret = part == ImportPart::Secret;
        let (label, bytes) = match part {
            ImportPart::Certificate => ("PUBLIC KEY BLOCK", key.certificate()),
            ImportPart::Secret => ("PRIVATE KEY BLOCK", key.secret()),
        };
        let passphrase = match key.passphrase().filter(|_| is_secret) {
            Some(text) => Some(self.file(text)?),
            None => None,
        };
        Ok(KeyFile {
            name: name.to_owned(),
            file: self.file(&armor(label, bytes))?,
            is_secret,
            passphrase,
        })
    }

    /// A file with a text. Its name tells nothing: who is asked goes by what is in it, and
    /// not by what a scenario calls it.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn file(&self, text: &str) -> Result<PathBuf, String> {
        let number = self.files.get() + 1;
        self.files.set(number);
        let path = self.folder.join(format!("file-{number}"));
        std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(path)
    }
}

fn change_bytes(image: &Path, step: &ChangeBytes) -> Result<(), String> {
    let byte = step.byte;
    let what = match (&step.hex, &step.text, step.number) {
        (None, None, None) => Change::Flip { byte },
        (Some(digits), None, None) => Change::Bytes {
            byte,
            bytes: hex::decode(digits).map_err(|error| error.to_string())?,
        },
        (None, Some(text), None) => Change::Bytes {
            byte,
            bytes: text.clone().into_bytes(),
        },
        (None, None, Some(number)) => Change::Number(number),
        _ => return Err("a change has one of hex, text and number".to_owned()),
    };
    rewrite(image, |bytes| change(bytes, &step.place, &what))
}

fn cut(image: &Path, step: &Cut) -> Result<(), String> {
    rewrite(image, |bytes| {
        let length = match u64::try_from(step.length) {
            Ok(length) => usize::try_from(length).unwrap_or(usize::MAX),
            Err(_) => {
                let off = usize::try_from(step.length.unsigned_abs()).unwrap_or(usize::MAX);
                bytes.len().saturating_sub(off)
            }
        };
        bytes.truncate(length);
        Ok(())
    })
}

fn append(image: &Path, more: &[u8]) -> Result<(), String> {
    rewrite(image, |bytes| {
        bytes.extend_from_slice(more);
        Ok(())
    })
}

fn rewrite(
    image: &Path,
    edit: impl FnOnce(&mut Vec<u8>) -> Result<(), String>,
) -> Result<(), String> {
    let mut bytes = std::fs::read(image).map_err(|error| error.to_string())?;
    edit(&mut bytes)?;
    std::fs::write(image, bytes).map_err(|error| error.to_string())
}
