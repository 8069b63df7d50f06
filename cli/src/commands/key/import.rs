//! `key import`: keys of files into a keyring.
//!
//! Every file and every key in it gets its turn: one that is bad is reported, and
//! the others are imported all the same.

use super::newpair::check_locked;
use crate::ExitStatus;
use crate::app::App;
use crate::args::{Format, ImportArgs};
use crate::output::keys::{ImportReport, in_one_line};
use crate::ui::{existing_passphrase, new_passphrase, standard_input};
use sifseal_core::openpgp::{Fingerprint, Key, Protection, TransferableSecretKey};
use sifseal_core::replace::MAX_BYTES;
use sifseal_core::traits::{Change, Engine, KeyPart, KeyStore};
use sifseal_core::{Error, ErrorKind, Result, Secret, Shown};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

const OLD: &str = "Enter your key password : ";
const NEW: &str = "Enter a new password for this key : ";
const LOCK: &str = "Enter a passphrase : ";

pub(super) fn run(app: &App<'_>, args: &ImportArgs) -> Result<ExitStatus> {
    let engine = app.engine()?;
    let store = app.key_store(&engine, args.global)?;
    let mut import = Import {
        app,
        args,
        engine,
        store,
        report: ImportReport::default(),
        failed: false,
    };
    for file in &args.files {
        if let Err(error) = import.file(file) {
            import.failure(error, file);
        }
    }
    if args.format.format == Format::Json {
        app.output.json(&import.report)?;
    }
    Ok(match import.failed {
        true => ExitStatus::Failed,
        false => ExitStatus::Done,
    })
}

struct Import<'a> {
    app: &'a App<'a>,
    args: &'a ImportArgs,
    engine: Arc<dyn Engine>,
    store: Box<dyn KeyStore>,
    report: ImportReport,
    failed: bool,
}

impl Import<'_> {
    fn failure(&mut self, error: Error, file: &Path) {
        let error = error.at(file.display());
        self.app.console.talk().fatal(&error);
        self.report.error(error.to_string());
        self.failed = true;
    }

    fn file(&mut self, path: &Path) -> Result<()> {
        let bytes = read(path)?;
        let ring = self.engine.read_keys(bytes.expose());
        if ring.keys.is_empty() {
            let what = match ring.junk.first() {
                Some(junk) => format!("there is no OpenPGP key in it: {}", junk.what),
                None => "there is no OpenPGP key in it".to_owned(),
            };
            return Err(Error::new(ErrorKind::Malformed, what));
        }
        for junk in &ring.junk {
            let place = path.display();
            let what = format!("{place}: at byte {}: {}", junk.offset, junk.what);
            self.app.console.talk().warning(&what);
        }
        for key in ring.keys {
            if let Err(error) = self.key(path, key) {
                self.failure(error, path);
            }
        }
        Ok(())
    }

    fn key(&mut self, path: &Path, key: Key) -> Result<()> {
        let fingerprint = key.fingerprint();
        let key = match key {
            Key::Certificate(certificate) => Key::Certificate(certificate),
            Key::Secret(_) if self.args.global => {
                let what = format!("{fingerprint}: global keyring can't contain private keys");
                return Err(Error::new(ErrorKind::Unsupported, what)
                    .hint("export the public key first, and import that"));
            }
            Key::Secret(key) => Key::Secret(self.locked(key)?),
        };
        let inserted = self.store.insert(&self.app.context(), &key)?;
        if let Some(change) = inserted.secret {
            self.tell(path, fingerprint, KeyPart::Secret, change)?;
        }
        self.tell(path, fingerprint, KeyPart::Public, inserted.public)
    }

    /// The secret key as it is to be stored: with nothing open that its owner meant to
    /// lock (W-2).
    fn locked(&self, key: TransferableSecretKey) -> Result<TransferableSecretKey> {
        let name = in_one_line(&key.outline);
        let is_locked_in_part = is_locked_in_part(&*self.engine, &key)?;
        if self.args.new_password {
            return self.locked_anew(&key, &name, is_locked_in_part);
        }
        let config = &self.app.config;
        if config.is_without_passphrases(&config.keystore_backend.value) {
            return opened(self.app, &*self.engine, key);
        }
        if key.protection != Protection::Open {
            return Ok(key);
        }
        if is_locked_in_part {
            return locked_throughout(self.app, &*self.engine, &key);
        }
        let console = &self.app.console;
        if console.has_passphrase() || console.is_terminal() {
            let what = format!("the private key {name} is not locked; choose a passphrase for it");
            console.talk().info(&what);
            if let Some(new) = new_passphrase(console, LOCK, &name)? {
                return self.lock(&key, None, &new);
            }
        }
        let what = format!(
            "the private key {name} is not locked: whoever reads the file can sign with it (import it with --new-password or --passphrase-file to lock it)"
        );
        console.talk().warning(&what);
        Ok(key)
    }

    fn locked_anew(
        &self,
        key: &TransferableSecretKey,
        name: &str,
        is_locked_in_part: bool,
    ) -> Result<TransferableSecretKey> {
        let console = &self.app.console;
        let old = match key.protection == Protection::Passphrase || is_locked_in_part {
            // Whoever cannot open it is told so before a new passphrase is asked for.
            true => {
                let open = |old: &Secret| self.engine.relock(key, Some(old), None);
                Some(existing_passphrase(console, OLD, name, open)?.1)
            }
            false => None,
        };
        match new_passphrase(console, NEW, name)? {
            Some(new) => self.lock(key, old.as_ref(), &new),
            None => self.engine.relock(key, old.as_ref(), None),
        }
    }

    fn lock(
        &self,
        key: &TransferableSecretKey,
        old: Option<&Secret>,
        new: &Secret,
    ) -> Result<TransferableSecretKey> {
        lock(&*self.engine, key, old, new)
    }

    fn tell(&mut self, path: &Path, key: Fingerprint, part: KeyPart, change: Change) -> Result<()> {
        let file = path.display().to_string();
        self.report.key(&file, key, part, change);
        if self.args.format.format == Format::Json {
            return Ok(());
        }
        let ring = match part {
            KeyPart::Public => "public",
            KeyPart::Secret => "private",
        };
        self.app.output.print(&match change {
            Change::Added => {
                format!("Key with fingerprint {key} successfully added to the {ring} keyring\n")
            }
            Change::Merged => {
                format!("Key with fingerprint {key} was already in the {ring} keyring: updated\n")
            }
            Change::Unchanged => format!(
                "Key with fingerprint {key} was already in the {ring} keyring: nothing new\n"
            ),
        })
    }
}

/// True if one part lies open and another one is locked, as Apptainer leaves the
/// subkeys of its keys.
pub(super) fn is_locked_in_part(engine: &dyn Engine, key: &TransferableSecretKey) -> Result<bool> {
    if key.protection != Protection::Open {
        return Ok(false);
    }
    match engine.relock(key, None, None) {
        Ok(_) => Ok(false),
        Err(error) if error.kind() == ErrorKind::Locked => Ok(true),
        Err(error) => Err(error),
    }
}

/// Locks the open parts with the passphrase of the others.
pub(super) fn locked_throughout(
    app: &App<'_>,
    engine: &dyn Engine,
    key: &TransferableSecretKey,
) -> Result<TransferableSecretKey> {
    let name = in_one_line(&key.outline);
    let what = format!(
        "a part of the private key {name} is not locked; its passphrase will lock all of it"
    );
    app.console.talk().info(&what);
    let lock = |passphrase: &Secret| lock(engine, key, Some(passphrase), passphrase);
    existing_passphrase(&app.console, OLD, &name, lock).map(|(locked, _)| locked)
}

/// The secret key without a passphrase, for a store whose own lock is to guard it.
pub(super) fn opened(
    app: &App<'_>,
    engine: &dyn Engine,
    key: TransferableSecretKey,
) -> Result<TransferableSecretKey> {
    if key.protection != Protection::Passphrase && !is_locked_in_part(engine, &key)? {
        return Ok(key);
    }
    let name = in_one_line(&key.outline);
    let open = |old: &Secret| engine.relock(&key, Some(old), None);
    existing_passphrase(&app.console, OLD, &name, open).map(|(opened, _)| opened)
}

/// Locks every part with a passphrase.
pub(super) fn lock(
    engine: &dyn Engine,
    key: &TransferableSecretKey,
    old: Option<&Secret>,
    new: &Secret,
) -> Result<TransferableSecretKey> {
    let locked = engine.relock(key, old, Some(new))?;
    check_locked(&locked)?;
    Ok(locked)
}

/// A whole file of keys, or standard input; the bytes may be secret.
fn read(path: &Path) -> Result<Secret> {
    let file = match path == Path::new("-") {
        true => standard_input()?,
        false => File::open(path).map_err(|error| Error::io(path, error))?,
    };
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Error::io(path, error))?;
    let bytes = Secret::new(bytes);
    if bytes.expose().len() as u64 > MAX_BYTES {
        let shown = path.display().to_string();
        let what = format!(
            "{} has more than {} MiB",
            Shown::new(&shown),
            MAX_BYTES >> 20
        );
        return Err(Error::new(ErrorKind::Malformed, what));
    }
    Ok(bytes)
}
