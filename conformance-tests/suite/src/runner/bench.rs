//! One scenario's workplace: the image, the keyserver, and those who are asked.

use crate::adapter::{Answer, KeyFile, Server, Session, SignQuestion, VerifyQuestion};
use crate::craft::armor;
use crate::image::change::{Change, change};
use crate::image::{base, dsse, edit, hand, legacy};
use crate::keys::{Keys, SuiteKey};
use crate::keyserver::Keyserver;
use crate::scenario::{ChangeBytes, Cut, ImportPart, Scenario, Sign, Step, Verify};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The workplace.
#[derive(Debug)]
pub(super) struct Bench<'a> {
    keys: &'a Keys,
    folder: PathBuf,
    keyserver: Option<Keyserver>,
    signer: Option<Box<dyn Session + 'a>>,
    verifier: Box<dyn Session + 'a>,
}

impl<'a> Bench<'a> {
    /// Lays out an image in an empty folder. Without a `signer` of its own the verifier
    /// signs too.
    pub(super) fn new(
        scenario: &Scenario,
        keys: &'a Keys,
        folder: &Path,
        signer: Option<Box<dyn Session + 'a>>,
        verifier: Box<dyn Session + 'a>,
    ) -> Result<Self, String> {
        let bench = Self {
            keys,
            folder: folder.to_owned(),
            keyserver: None,
            signer,
            verifier,
        };
        let image = base::find(&scenario.image);
        let image = image.ok_or_else(|| format!("there is no image `{}`", scenario.image))?;
        image
            .write(&bench.image())
            .map_err(|error| error.to_string())?;
        Ok(bench)
    }

    /// The image's file.
    pub(super) fn image(&self) -> PathBuf {
        self.folder.join("image.sif")
    }

    fn key(&self, name: &str) -> Result<Arc<SuiteKey>, String> {
        self.keys
            .get(name)
            .ok_or_else(|| format!("there is no key `{name}`"))
    }

    /// Does what a step asks of the suite itself; `None` if it asks an implementation.
    pub(super) fn do_by_hand(&mut self, step: &Step) -> Option<Result<(), String>> {
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

    fn serve(&mut self, step: &crate::scenario::Serve) -> Result<(), String> {
        let keyserver = match self.keyserver.take() {
            Some(keyserver) => keyserver,
            None => Keyserver::start().map_err(|error| error.to_string())?,
        };
        let served = keyserver.serve(step, self.keys, &self.folder.join("served"));
        self.keyserver = Some(keyserver);
        served
    }

    /// Gives the verifier a key.
    pub(super) fn import(&mut self, name: &str, part: ImportPart) -> Result<Answer, String> {
        let file = self.key_file(name, part)?;
        Ok(self.verifier.import_key(&file))
    }

    /// Gives the signer the secret key, and if it takes it, has it sign.
    pub(super) fn sign(&mut self, step: &Sign) -> Result<Answer, String> {
        let key = self.key(&step.key)?;
        let file = self.key_file(&step.key, ImportPart::Secret)?;
        let passphrase = match &step.passphrase {
            None => file.passphrase.clone(),
            Some(text) => Some(self.file("wrong.passphrase", text)?),
        };
        let image = self.image();
        let signer = match &mut self.signer {
            Some(signer) => signer,
            None => &mut self.verifier,
        };
        let taken = signer.import_key(&file);
        if taken.verdict != crate::adapter::Verdict::Accepted {
            return Ok(taken);
        }
        let question = SignQuestion {
            fingerprint: key.fingerprint(),
            selection: step.select.clone(),
            passphrase,
            hash: step.hash.clone(),
        };
        Ok(signer.sign(&image, &question))
    }

    /// Has the verifier verify.
    pub(super) fn verify(&mut self, step: &Verify) -> Result<Answer, String> {
        let question = VerifyQuestion {
            selection: step.select.clone(),
            at: step.at.clone(),
            judge: step.judge.clone(),
            signed_by: self.fingerprints(&step.signed_by)?,
            require: step.require.clone(),
        };
        let image = self.image();
        Ok(self.verifier.verify(&image, &question))
    }

    /// Has the verifier fetch a certificate.
    pub(super) fn fetch(&mut self, name: &str) -> Result<Answer, String> {
        let key = self.key(name)?;
        let keyserver = self.keyserver.as_ref();
        let keyserver = keyserver.ok_or("a key is to be fetched, and nothing is served")?;
        let server = Server {
            url: keyserver.url(),
            folder: self.folder.join("served"),
        };
        Ok(self.verifier.fetch_key(&server, &key.fingerprint()))
    }

    /// The primary fingerprints of some keys.
    pub(super) fn fingerprints(&self, names: &[String]) -> Result<Vec<String>, String> {
        names
            .iter()
            .map(|name| Ok(self.key(name)?.fingerprint()))
            .collect()
    }

    fn key_file(&self, name: &str, part: ImportPart) -> Result<KeyFile, String> {
        let key = self.key(name)?;
        let is_secret = part == ImportPart::Secret;
        let (label, bytes) = match part {
            ImportPart::Certificate => ("PUBLIC KEY BLOCK", key.certificate()),
            ImportPart::Secret => ("PRIVATE KEY BLOCK", key.secret()),
        };
        let end = if is_secret { "secret.asc" } else { "asc" };
        let passphrase = match key.passphrase().filter(|_| is_secret) {
            Some(text) => Some(self.file(&format!("{name}.passphrase"), text)?),
            None => None,
        };
        Ok(KeyFile {
            file: self.file(&format!("{name}.{end}"), &armor(label, bytes))?,
            is_secret,
            passphrase,
        })
    }

    fn file(&self, name: &str, text: &str) -> Result<PathBuf, String> {
        let path = self.folder.join(name);
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
