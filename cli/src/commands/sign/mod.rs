//! `sifseal sign`: adds signatures to images.
//!
//! The passphrase is asked for once, after the first image was read and the key was
//! found, so that nobody types it for nothing (W-22).

mod identity;

use crate::ExitStatus;
use crate::app::{App, Launch};
use crate::args::{Format, SignArgs, SignHash};
use crate::config::Environment;
use crate::output::signed::{SignDocument, SignedImage};
use identity::{Finder, Identity};
use sifseal_core::integrity::{
    GroupsAndObjects, Selection, SignOptions, SigningIdentity, against_image, sign, usual_hash,
};
use sifseal_core::sif::{Draft, Editor, Image, ObjectId, SignatureHash};
use sifseal_core::traits::{Engine, KeyStore, ObjectSelector};
use sifseal_core::{Error, ErrorKind, Result, Shown, Timestamp};
use std::path::Path;

/// Reproducible builds take the time of what they make from this variable
/// (<https://reproducible-builds.org/specs/source-date-epoch/>).
const SOURCE_DATE_EPOCH: &str = "SOURCE_DATE_EPOCH";

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
    let app = launch.app(&args.keysdir, &args.passphrase)?;
    let dated = match args.deterministic {
        true => source_date(&launch.places.environment)?,
        false => None,
    };
    let engine = app.engine()?;
    let store = app.key_store(&engine, false)?;
    let mut desk = Desk {
        app: &app,
        args,
        engine: &*engine,
        store: &*store,
        dated,
        identity: None,
    };
    let mut status = ExitStatus::Done;
    let mut without_key = None;
    let mut images = Vec::new();
    for path in &args.images {
        let name = path.display().to_string();
        if let Some(error) = &without_key {
            images.push(SignedImage::failed(name, error));
            continue;
        }
        match desk.sign_image(path) {
            Ok(image) => images.push(image),
            Err(stopped) => {
                let (Stopped::Image(error) | Stopped::Key(error)) = &stopped;
                images.push(SignedImage::failed(name, error));
                let error = error.reworded(format!("Failed to sign container: {error}"));
                match stopped {
                    Stopped::Image(_) => app.console.talk().fatal(&error),
                    Stopped::Key(_) => without_key = Some(error),
                }
                status = ExitStatus::Failed;
            }
        }
    }
    if args.format.format == Format::Json {
        app.output.json(&SignDocument::new(images))?;
    }
    match without_key {
        Some(error) => Err(error),
        None => Ok(status),
    }
}

/// The date of what is signed, if the environment has one.
fn source_date(environment: &Environment) -> Result<Option<Timestamp>> {
    let seconds = |text: &std::ffi::OsStr| {
        let seconds = text.to_str().and_then(|text| text.parse().ok());
        seconds.map(Timestamp).ok_or_else(|| {
            Error::new(ErrorKind::Config, "not a number of seconds").at(SOURCE_DATE_EPOCH)
        })
    };
    environment.get(SOURCE_DATE_EPOCH).map(seconds).transpose()
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
    dated: Option<Timestamp>,
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
                self.warn_of_image(&name, editor.image());
                (path, self.sign(&mut editor)?)
            }
            Some(new) => {
                // Everything that may be asked is asked before the copy is made, so
                // that whoever gives up leaves none behind.
                let image = Image::open(path).map_err(Stopped::Image)?;
                self.warn_of_image(&name, &image);
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

    /// A signature that is no good is the fault of whoever made it: the store, or the
    /// plugin, that the signer came from.
    fn placed(&self, error: Error) -> Error {
        match (error.kind(), self.store.describe().secret_place) {
            (ErrorKind::Backend, Some(place)) => error.at(place),
            _ => error,
        }
    }

    /// Some images are never verified, however they are signed.
    fn warn_of_image(&self, name: &str, image: &Image) {
        let Some(refusal) = against_image(image) else {
            return;
        };
        let hint = refusal
            .hint()
            .map_or_else(String::new, |hint| format!("; {hint}"));
        self.app.console.talk().warning(&format!(
            "{name}: `sifseal verify` will refuse this image whoever signs it: {refusal}{hint}"
        ));
    }

    /// Finds out what is to be signed in an image, and by whom.
    fn prepare(&mut self, image: &Image) -> Result<Vec<Selection>, Stopped> {
        let selector: Box<dyn ObjectSelector> = match &self.args.selector {
            Some(plugin) => self.app.selector(plugin).map_err(Stopped::Key)?,
            None => Box::new(GroupsAndObjects {
                groups: self.args.group_ids.clone(),
                objects: self.args.object_ids.clone(),
            }),
        };
        let selections = selector
            .select(image.table())
            .map_err(|error| Stopped::Image(error.at(image.path().display())))?;
        if self.identity.is_none() {
            let finder = Finder {
                app: self.app,
                args: self.args,
                engine: self.engine,
                store: self.store,
            };
            self.identity = Some(finder.identity().map_err(Stopped::Key)?);
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
            Some(SignHash::Sha256) => SignatureHash::Sha256,
            Some(SignHash::Sha384) => SignatureHash::Sha384,
            Some(SignHash::Sha512) => SignatureHash::Sha512,
            None => usual_hash(&*identity.signer),
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
            SignOptions::at(time)
                .with_hash(hash)
                .dated(self.dated)
                .despite(identity.despite.clone()),
        )
        .map_err(|error| Stopped::Image(self.placed(error)))
    }
}
