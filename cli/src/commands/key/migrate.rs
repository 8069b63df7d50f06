//! `key migrate`: secret keys from one kind of key store into another.
//!
//! Each key is copied, read back and compared before anything is said or, with
//! `--move`, removed. One that fails is reported, and the others get their turn.

use super::import::{is_locked_in_part, lock, locked_throughout, opened};
use super::{find_in, find_key, place};
use crate::ExitStatus;
use crate::app::App;
use crate::args::{Format, MigrateArgs};
use crate::output::keys::{MigrationReport, in_one_line};
use crate::ui::new_passphrase;
use sifseal_core::openpgp::{Fingerprint, Key, Protection, TransferableSecretKey};
use sifseal_core::traits::{Change, Engine, KeyPart, KeyQuery, KeyStore, PrivateKey};
use sifseal_core::{Context, Error, ErrorKind, Result};
use std::sync::Arc;

const LOCK: &str = "Enter a passphrase : ";

pub(super) fn run(app: &App<'_>, args: &MigrateArgs) -> Result<ExitStatus> {
    if args.from == args.to {
        let what = format!("`{}` is named as the source and as the target", args.from);
        return Err(Error::new(ErrorKind::Config, what).hint("give two kinds of key store"));
    }
    for (flag, name) in [("--from", &args.from), ("--to", &args.to)] {
        if app.is_plugin(name) {
            let what = format!("`{name}` is a plugin, and its keys stay where they are");
            return Err(Error::new(ErrorKind::Unsupported, what)
                .at(flag)
                .hint("keys go into and out of a plugin with its own tools, if at all"));
        }
    }
    app.config
        .check_key_store(&args.to)
        .map_err(|error| error.at("--to"))?;
    if args.moves && args.to == "os" && app.config.keystore_store.value == "keyutils" {
        // The only copy would go with the power.
        let what = "the kernel forgets its keys when the machine goes down, and after three days";
        return Err(Error::new(ErrorKind::Denied, what)
            .at("--move")
            .hint("leave --move out, and keep the copy that lasts"));
    }
    let engine = app.engine()?;
    let migration = Migration {
        app,
        args,
        from: app.key_store_of(&args.from, &engine)?,
        to: app.key_store_of(&args.to, &engine)?,
        engine,
    };
    let mut report = MigrationReport::new(&args.from, &args.to);
    let mut failed = false;
    let keys = migration.chosen()?;
    if keys.is_empty() {
        let place = place(&migration.from.describe(), KeyPart::Secret);
        let what = format!(
            "there are no secret keys in the key store `{}` ({place})",
            args.from
        );
        app.console.talk().info(&what);
    }
    for key in keys {
        match migration.key(&key) {
            Ok(change) => {
                migration.tell(key, change)?;
                report.key(key, change, args.moves);
            }
            Err(error) => {
                app.console.talk().fatal(&error);
                report.error(error.to_string());
                failed = true;
            }
        }
    }
    if args.format.format == Format::Json {
        app.output.json(&report)?;
    }
    Ok(match failed {
        true => ExitStatus::Failed,
        false => ExitStatus::Done,
    })
}

struct Migration<'a> {
    app: &'a App<'a>,
    args: &'a MigrateArgs,
    engine: Arc<dyn Engine>,
    from: Box<dyn KeyStore>,
    to: Box<dyn KeyStore>,
}

impl Migration<'_> {
    /// The keys that are meant, each once.
    fn chosen(&self) -> Result<Vec<Fingerprint>> {
        let mut keys = Vec::new();
        if self.args.keys.is_empty() {
            let found = find_in(self.app, &*self.from, KeyPart::Secret, &KeyQuery::All)?;
            let entries = found.entries.iter();
            keys.extend(entries.map(|entry| entry.certificate.fingerprint()));
        }
        for choice in &self.args.keys {
            let entry = find_key(self.app, &*self.from, KeyPart::Secret, choice)
                .map_err(|error| self.not_found(error))?;
            keys.push(entry.certificate.fingerprint());
        }
        let mut seen = Vec::new();
        keys.retain(|key| {
            let is_new = !seen.contains(key);
            seen.push(*key);
            is_new
        });
        Ok(keys)
    }

    /// The same error, with the store named that was searched: it need not be the one that
    /// is configured, which other commands show.
    fn not_found(&self, error: Error) -> Error {
        if error.kind() != ErrorKind::NotFound {
            return error;
        }
        let from = &self.args.from;
        let how = match self.app.config.keystore_backend.value == *from {
            true => String::new(),
            false => format!(" with `SIFSEAL_KEYSTORE={from}`"),
        };
        error
            .at(place(&self.from.describe(), KeyPart::Secret))
            .hint(format!(
                "`sifseal key list --secret`{how} shows which there are in the key store `{from}`"
            ))
    }

    /// Copies one key, reads it back, and removes the source if that is asked for.
    fn key(&self, key: &Fingerprint) -> Result<Change> {
        let cx = self.app.context();
        let source = self.material(&*self.from, key)?;
        let moved = self.guarded(source.clone())?;
        let inserted = self.to.insert(&cx, &Key::Secret(moved.clone()))?;
        let change = inserted.secret.unwrap_or(inserted.public);

        let arrived = Key::Secret(self.material(&*self.to, key)?);
        let with_all = self.engine.merge(&arrived, &Key::Secret(moved))?;
        if with_all.bytes() != arrived.bytes() {
            let what = format!("key {key} did not arrive whole");
            return Err(Error::new(ErrorKind::Backend, what)
                .at(&self.args.to)
                .hint("it is still where it was"));
        }
        if self.args.moves {
            self.remove_source(&cx, key, &source)?;
        }
        Ok(change)
    }

    /// Removes what was copied, and nothing that came to it in the meantime.
    fn remove_source(
        &self,
        cx: &Context<'_>,
        key: &Fingerprint,
        copied: &TransferableSecretKey,
    ) -> Result<()> {
        if self.material(&*self.from, key)?.bytes != copied.bytes {
            let what = format!("key {key} has changed while it was copied");
            return Err(Error::new(ErrorKind::Unavailable, what)
                .at(&self.args.from)
                .hint("it is still there; repeat the command"));
        }
        self.from.remove(cx, KeyPart::Secret, key)
    }

    fn material(&self, store: &dyn KeyStore, key: &Fingerprint) -> Result<TransferableSecretKey> {
        match store.private_key(&self.app.context(), key)? {
            PrivateKey::Material(key) => Ok(key),
            PrivateKey::Device(_) => {
                let what = format!("the private key {key} cannot leave its device");
                Err(Error::new(ErrorKind::Unsupported, what))
            }
        }
    }

    /// The key as it is to lie where it goes: open where the store's own lock is to
    /// guard it, else locked if that can be had.
    fn guarded(&self, key: TransferableSecretKey) -> Result<TransferableSecretKey> {
        let console = &self.app.console;
        if self.app.config.is_without_passphrases(&self.args.to) {
            return opened(self.app, &*self.engine, key);
        }
        if key.protection != Protection::Open {
            return Ok(key);
        }
        if is_locked_in_part(&*self.engine, &key)? {
            return locked_throughout(self.app, &*self.engine, &key);
        }
        let name = in_one_line(&key.outline);
        if !console.has_passphrase() && !console.is_terminal() {
            // It may even take the place of a copy that is locked.
            let what = format!(
                "the private key {name} has no passphrase, and would lie open where it goes"
            );
            return Err(Error::new(ErrorKind::Locked, what)
                .at(&self.args.to)
                .hint("give it one with --passphrase-file; it is still where it was"));
        }
        match new_passphrase(console, LOCK, &name)? {
            Some(new) => lock(&*self.engine, &key, None, &new),
            // A person has said that it is to be so.
            None => Ok(key),
        }
    }

    fn tell(&self, key: Fingerprint, change: Change) -> Result<()> {
        if self.args.format.format == Format::Json {
            return Ok(());
        }
        let done = match self.args.moves {
            true => "moved",
            false => "copied",
        };
        let already = match change {
            Change::Added => "",
            Change::Merged => "; it was there already: updated",
            Change::Unchanged => "; it was there already: nothing new",
        };
        let (from, to) = (&self.args.from, &self.args.to);
        self.app.output.print(&format!(
            "Private key with fingerprint {key} {done} from {from} to {to}{already}\n"
        ))
    }
}
