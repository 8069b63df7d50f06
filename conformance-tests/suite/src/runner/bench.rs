//! One scenario's workplace: a [`Workpiece`] and those who are asked about it.

use super::workpiece::Workpiece;
use crate::adapter::{Answer, Server, Session, SignQuestion, Verdict, VerifyQuestion};
use crate::keys::Keys;
use crate::scenario::{ImportPart, Scenario, Sign, Step, Verify};
use std::path::{Path, PathBuf};

/// The workplace.
#[derive(Debug)]
pub(super) struct Bench<'a> {
    piece: Workpiece<'a>,
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
        Ok(Self {
            piece: Workpiece::new(scenario, keys, folder)?,
            signer,
            verifier,
        })
    }

    /// The image's file.
    pub(super) fn image(&self) -> PathBuf {
        self.piece.image()
    }

    /// Does what a step asks of the suite itself; `None` if it asks an implementation.
    pub(super) fn do_by_hand(&mut self, step: &Step) -> Option<Result<(), String>> {
        self.piece.do_by_hand(step)
    }

    /// Gives the verifier a key.
    pub(super) fn import(&mut self, name: &str, part: ImportPart) -> Result<Answer, String> {
        let file = self.piece.key_file(name, part)?;
        Ok(self.verifier.import_key(&file))
    }

    /// Gives the signer the secret key, and if it takes it, has it sign. A key that is not
    /// taken is no refusal to sign: whatever is expected of signing, it is an `Err` in the
    /// inner result.
    pub(super) fn sign(&mut self, step: &Sign) -> Result<Result<Answer, Answer>, String> {
        let key = self.piece.key(&step.key)?;
        let file = self.piece.key_file(&step.key, ImportPart::Secret)?;
        let passphrase = match &step.passphrase {
            None => file.passphrase.clone(),
            Some(text) => Some(self.piece.file(text)?),
        };
        let image = self.image();
        let signer = match &mut self.signer {
            Some(signer) => signer,
            None => &mut self.verifier,
        };
        let taken = signer.import_key(&file);
        if taken.verdict != Verdict::Accepted {
            return Ok(Err(taken));
        }
        let question = SignQuestion {
            fingerprint: key.fingerprint(),
            selection: step.select.clone(),
            passphrase,
            hash: step.hash.clone(),
            plugin: step.plugin,
        };
        Ok(Ok(signer.sign(&image, &question)))
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
        let key = self.piece.key(name)?;
        let server = self.server()?;
        Ok(self.verifier.fetch_key(&server, &key.fingerprint()))
    }

    fn server(&self) -> Result<Server, String> {
        let server = self.piece.server();
        server.ok_or_else(|| "a key is to be fetched, and nothing is served".to_owned())
    }

    /// The primary fingerprints of some keys.
    pub(super) fn fingerprints(&self, names: &[String]) -> Result<Vec<String>, String> {
        self.piece.fingerprints(names)
    }
}
