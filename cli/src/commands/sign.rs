//! `sifseal sign`: adds signatures to images.
//!
//! The passphrase is asked for once, after the first image was read and the key was
//! found, so that nobody types it for nothing (W-22).

use super::{choose_key, find_key, make_key_pair};
use crate::ExitStatus;
use crate::app::{App, Launch};
use crate::args::{Format, NewpairArgs, SignArgs, SignHash};
use crate::output::signed::{SignDocument, SignedImage};
use sifseal_core::integrity::{
    GroupsAndObjects, Selection, SignOptions, SigningIdentity, sign, usable_signing_keys,
};
use sifseal_core::openpgp::{Certificate, Key, KeyHandle};
use sifseal_core::sif::{Draft, Editor, Image, ObjectId, SignatureHash};
use sifseal_core::traits::{
    Ask, Engine, KeyEntry, KeyPart, KeyQuery, KeyStore, ObjectSelector, PrivateKey, Signer, Ui,
};
use sifseal_core::{Error, ErrorKind, Result, Shown, Timestamp};
use std::path::Path;

/// How often a passphrase may be mistyped.
const PASSPHRASE_TRIES: u8 = 3;

/// Reproducible builds take the time of what they make from this variable
/// (<https://reproducible-builds.org/specs/source-date-epoch/>).
const SOURCE_DATE_EPOCH: &str = "SOURCE_DATE_EPOCH";

/// Who signs, unlocked.
struct Identity {
    certificate: Certificate,
    signer: Box<dyn Signer>,
}

/// Signs every image; one that cannot be signed does not stop the others.
///
/// # Errors
/// What concerns all images: the configuration, the key, its passphrase.
pub(super) fn run(launch: &Launch<'_>, args: &SignArgs) -> Result<ExitStatus> {
    if args.output.is_some() && args.images.len() > 1 {
        return Err(Error::new(
            ErrorKind::Config,
            "--output names one new file, and several images are to be signed",
        ));
    }
    let mut app = launch.app(&args.keysdir, &args.passphrase)?;
    if args.deterministic
        && let Some(time) = launch.places.environment.get(SOURCE_DATE_EPOCH)
    {
        app.now = time
            .to_str()
            .and_then(|seconds| seconds.parse().ok())
            .map(Timestamp)
            .ok_or_else(|| {
                Error::new(ErrorKind::Config, "not a number of seconds").at(SOURCE_DATE_EPOCH)
            })?;
    }
    let engine = app.engine()?;
    let store = app.key_store(&engine, false)?;
    let mut desk = Desk {
        app: &app,
        args,
        engine: &*engine,
        store: &*store,
        identity: None,
    };
    let mut status = ExitStatus::Done;
    let mut signed = Vec::new();
    for path in &args.images {
        match desk.sign_image(path) {
            Ok(image) => signed.push(image),
            Err(Stopped::Image(error)) => {
                status = ExitStatus::Failed;
                app.console.talk().fatal(&told(&error));
            }
            Err(Stopped::Key(error)) => return Err(told(&error)),
        }
    }
    if args.format.format == Format::Json {
        app.output.json(&SignDocument::new(signed))?;
    }
    Ok(status)
}

fn told(error: &Error) -> Error {
    let told = Error::new(error.kind(), format!("Failed to sign container: {error}"));
    match error.hint_text() {
        Some(hint) => told.hint(hint),
        None => told,
    }
}

/// Why an image was not signed: for its own sake, or for the key's, which the next
/// image would not change.
enum Stopped {
    Image(Error),
    Key(Error),
}

/// Everything that signing one image after the other needs.
struct Desk<'a> {
    app: &'a App<'a>,
    args: &'a SignArgs,
    engine: &'a dyn Engine,
    store: &'a dyn KeyStore,
    identity: Option<Identity>,
}

impl Desk<'_> {
    fn sign_image(&mut self, path: &Path) -> Result<SignedImage, Stopped> {
        let name = path.display().to_string();
        let progress = format!("Signing image: {}\n", Shown::new(&name));
        self.app.console.talk().progress(&progress);
        let (target, signatures) = match &self.args.output {
            None => {
                let mut editor = Editor::open(path).map_err(Stopped::Image)?;
                (path, self.sign(&mut editor)?)
            }
            Some(new) => {
                // Everything that may be asked is asked before the copy is made, so
                // that whoever gives up leaves none behind.
                let image = Image::open(path).map_err(Stopped::Image)?;
                self.prepare(&image)?;
                let mut draft = Draft::new(path, new).map_err(Stopped::Image)?;
                let signatures = self.sign(draft.editor())?;
                draft.publish().map_err(Stopped::Image)?;
                (new.as_path(), signatures)
            }
        };
        let target = target.display().to_string();
        if self.args.format.format == Format::Text {
            let done = format!("Signature created and applied to {}\n", Shown::new(&target));
            self.app.output.print(&done).map_err(Stopped::Image)?;
        }
        let signer = self
            .identity
            .as_ref()
            .map(|identity| identity.certificate.fingerprint());
        Ok(SignedImage::new(name, target, signer, &signatures))
    }

    /// Finds out what is to be signed in an image, and by whom.
    fn prepare(&mut self, image: &Image) -> Result<Vec<Selection>, Stopped> {
        let selector = GroupsAndObjects {
            groups: self.args.group_ids.clone(),
            objects: self.args.object_ids.clone(),
        };
        let selections = selector.select(image).map_err(Stopped::Image)?;
        if self.identity.is_none() {
            self.identity = Some(self.find_identity().map_err(Stopped::Key)?);
        }
        Ok(selections)
    }

    fn sign(&mut self, editor: &mut Editor) -> Result<Vec<ObjectId>, Stopped> {
        let selections = self.prepare(editor.image())?;
        let Some(identity) = &self.identity else {
            return Ok(vec![]);
        };
        let time = if self.args.deterministic {
            Timestamp::GO_ZERO
        } else {
            self.app.now
        };
        let hash = match self.args.hash {
            SignHash::Sha256 => SignatureHash::Sha256,
            SignHash::Sha384 => SignatureHash::Sha384,
            SignHash::Sha512 => SignatureHash::Sha512,
        };
        sign(
            &self.app.context(),
            self.engine,
            editor,
            &selections,
            SigningIdentity {
                certificate: &identity.certificate,
                signer: &*identity.signer,
            },
            SignOptions::at(time).with_hash(hash),
        )
        .map_err(Stopped::Image)
    }

    fn find_identity(&self) -> Result<Identity> {
        let entry = self.choose()?;
        let certificate = self.newest_certificate(entry.certificate)?;
        let facts = self.engine.certificate_facts(&certificate)?;
        let usable = usable_signing_keys(&facts, self.app.now)?;
        let cx = self.app.context();
        let signer = match self.store.private_key(&cx, &certificate.fingerprint())? {
            PrivateKey::Device(signer) => signer,
            PrivateKey::Material(key) => {
                let mut reason = None;
                let unlocked = usable.iter().find_map(|which| {
                    let unlock =
                        |passphrase: Option<&_>| self.engine.unlock(&key, which, passphrase);
                    match self.with_passphrase(&certificate, unlock) {
                        Ok(signer) => Some(Ok(signer)),
                        // A subkey's secret may be here where the primary's is not.
                        Err(error)
                            if matches!(
                                error.kind(),
                                ErrorKind::Unavailable | ErrorKind::NotFound
                            ) =>
                        {
                            reason.get_or_insert(error);
                            None
                        }
                        Err(error) => Some(Err(error)),
                    }
                });
                match (unlocked, reason) {
                    (Some(unlocked), _) => unlocked?,
                    (None, Some(reason)) => return Err(reason),
                    (None, None) => {
                        return Err(Error::new(ErrorKind::NotFound, "no key can sign"));
                    }
                }
            }
        };
        Ok(Identity {
            certificate,
            signer,
        })
    }

    /// The key that is named, the only one, or the one that the person chooses; with
    /// no key at all, a new one.
    fn choose(&self) -> Result<KeyEntry> {
        let cx = self.app.context();
        if let Some(choice) = &self.args.signer {
            return find_key(self.app, self.store, KeyPart::Secret, choice);
        }
        let mut found = self.store.find(&cx, KeyPart::Secret, &KeyQuery::All)?;
        if let Some(index) = self.args.keyidx {
            let count = found.entries.len();
            if index >= count {
                return Err(Error::new(
                    ErrorKind::NotFound,
                    format!("index out of range: there is no key {index}"),
                )
                .hint(format!(
                    "`sifseal key list --secret` shows {count} keys; better name one with --signer"
                )));
            }
            return Ok(found.entries.swap_remove(index));
        }
        if found.entries.is_empty() && self.app.console.is_terminal() {
            self.app
                .console
                .talk()
                .info("there is no key to sign with yet; making one");
            let usual = NewpairArgs {
                bit_length: NewpairArgs::BIT_LENGTH,
                ..NewpairArgs::default()
            };
            let key = make_key_pair(self.app, self.engine, self.store, &usual)?;
            return Ok(KeyEntry {
                certificate: self.engine.certificate_of(&key)?,
                protection: key.protection,
            });
        }
        choose_key(self.app, self.store, KeyPart::Secret, "--signer")
    }

    /// The certificate of a secret key, with what the public half knows of it beside:
    /// revocations and newer self-signatures.
    fn newest_certificate(&self, certificate: Certificate) -> Result<Certificate> {
        let handle = KeyHandle::Fingerprint(certificate.fingerprint());
        let query = KeyQuery::Handle(handle);
        let cx = self.app.context();
        let public = self.store.find(&cx, KeyPart::Public, &query)?;
        let mut merged = Key::Certificate(certificate.clone());
        for entry in public.entries {
            if entry.certificate.fingerprint() == certificate.fingerprint() {
                merged = self
                    .engine
                    .merge(&merged, &Key::Certificate(entry.certificate))?;
            }
        }
        Ok(match merged {
            Key::Certificate(merged) => merged,
            Key::Secret(_) => certificate,
        })
    }

    /// Unlocks without a passphrase, then with what the person says.
    fn with_passphrase(
        &self,
        certificate: &Certificate,
        unlock: impl Fn(Option<&sifseal_core::Secret>) -> Result<Box<dyn Signer>>,
    ) -> Result<Box<dyn Signer>> {
        let mut locked = match unlock(None) {
            Err(error) if error.kind() == ErrorKind::Locked => error,
            other => return other,
        };
        let fingerprint = certificate.fingerprint().to_string();
        for attempt in 1..=PASSPHRASE_TRIES {
            let ask = Ask {
                question: "Enter key passphrase : ",
                key: &fingerprint,
                attempt,
            };
            let Some(passphrase) = self.app.console.passphrase(&ask) else {
                break;
            };
            locked = match unlock(Some(&passphrase)) {
                Err(error) if error.kind() == ErrorKind::Locked => error,
                other => return other,
            };
            if !self.app.console.is_terminal() {
                break;
            }
            self.app.console.talk().warning("wrong passphrase");
        }
        Err(Error::new(
            ErrorKind::Locked,
            format!("key {fingerprint}: {}", locked.what()),
        )
        .hint("give the passphrase at the prompt, or in a file with --passphrase-file"))
    }
}
