//! The key store over a secret store.

use crate::Vault;
use crate::index::{Index, Row};
use crate::slots::Slots;
use sifseal_core::openpgp::{Fingerprint, Junk, Key, Protection, TransferableSecretKey};
use sifseal_core::replace;
use sifseal_core::traits::{
    Change, Engine, Found, Insertion, KeyEntry, KeyPart, KeyQuery, KeyStore, PrivateKey,
    StoreDescription,
};
use sifseal_core::{Context, Error, ErrorKind, Result};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How long to wait for another writer: as long as the store may keep it waiting.
const PATIENCE: Duration = Duration::from_secs(130);

/// What guards the secret keys in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Guard {
    /// OpenPGP's own passphrase, beside the store's lock. A key that has none is
    /// not taken.
    #[default]
    Passphrase,
    /// The store's lock alone, by the person's own choice: open keys are taken too.
    StoreAlone,
}

/// Secret keys in a secret store of the operating system, certificates in another
/// key store.
///
/// Finding reads files: the certificates', and the list of secret keys. The secret
/// store is asked when a secret key is used or changed, and for a listing in two cases:
/// one that never asks a person is asked whether the keys are still there; and where no
/// list was ever made, or it was lost, the store is searched, or asked for the key of
/// each certificate. Writing makes the list again.
///
/// Items belong to the user, and so must the list, its lock and the sealed files: two
/// stores over the same items with directories of their own would remove each other's
/// keys. Certificates can lie wherever the user wants them.
#[derive(Debug)]
pub struct OsKeyStore {
    engine: Arc<dyn Engine>,
    certificates: Box<dyn KeyStore>,
    slots: Slots,
    index: Index,
    guard: Guard,
}

impl OsKeyStore {
    /// Keys in `vault`, with the list of them and sealed files in `directory`, and
    /// certificates in `certificates`. Nothing is opened yet, nothing need exist.
    pub fn new(
        vault: Vault,
        directory: PathBuf,
        certificates: Box<dyn KeyStore>,
        engine: Arc<dyn Engine>,
    ) -> Self {
        let index = Index::of(vault.capabilities().name, &directory);
        let slots = Slots {
            vault,
            engine: Arc::clone(&engine),
            directory,
        };
        Self {
            engine,
            certificates,
            slots,
            index,
            guard: Guard::default(),
        }
    }

    /// The same, guarded in another way.
    #[must_use]
    pub fn guarded_by(mut self, guard: Guard) -> Self {
        self.guard = guard;
        self
    }

    fn check_guard(&self, key: &TransferableSecretKey) -> Result<()> {
        if self.guard == Guard::StoreAlone || key.protection != Protection::Open {
            return Ok(());
        }
        let what = format!(
            "the secret key {} is not locked with a passphrase",
            key.fingerprint()
        );
        Err(Error::new(ErrorKind::Denied, what).hint(
            "lock it first (`key import --new-password`), or say `protection = \"store\"` under `[keystore]` to rely on the secret store's lock alone",
        ))
    }

    /// Keeps other writers away. Whoever has the lock may be waiting for a person who
    /// types a password: that takes longer than a change of a file.
    fn alone<T>(&self, cx: &Context<'_>, work: impl FnOnce() -> Result<T>) -> Result<T> {
        replace::alone(cx, self.index.path(), PATIENCE, work)
    }

    fn row(&self, key: &TransferableSecretKey) -> Result<Row> {
        let certificate = self.engine.certificate_of(key)?;
        Ok(Row::new(&certificate, &key.protection))
    }

    /// Every secret key, by the list or, where there is none, by a search.
    fn secret_keys(&self, cx: &Context<'_>) -> Result<Found> {
        let Some(mut found) = self.index.found(&*self.engine)? else {
            return self.searched(cx);
        };
        if self.slots.vault.capabilities().never_asks {
            // It may have lost keys since, by a restart of the machine.
            let mut there = Vec::new();
            for entry in found.entries {
                if self.slots.is_there(cx, &entry.certificate.fingerprint())? {
                    there.push(entry);
                }
            }
            found.entries = there;
        }
        Ok(found)
    }

    /// Every secret key, as the store itself has it.
    fn searched(&self, cx: &Context<'_>) -> Result<Found> {
        let mut found = Found::default();
        for fingerprint in self.candidates(cx)? {
            match self.slots.read(cx, &fingerprint) {
                Ok(Some(key)) => found.entries.push(KeyEntry {
                    certificate: self.engine.certificate_of(&key)?,
                    protection: key.protection,
                }),
                Ok(None) => {}
                Err(error) if error.kind() == ErrorKind::Malformed => found.junk.push(Junk {
                    offset: 0,
                    bytes: Vec::new(),
                    what: error.to_string(),
                }),
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    /// The keys that the store may have: those that it is found to have, or, where it
    /// cannot be searched, those whose certificates are here.
    fn candidates(&self, cx: &Context<'_>) -> Result<BTreeSet<Fingerprint>> {
        if self.slots.vault.capabilities().searches {
            return self.slots.all(cx);
        }
        let known = self
            .certificates
            .find(cx, KeyPart::Public, &KeyQuery::All)?;
        let mut there = BTreeSet::new();
        for entry in &known.entries {
            let fingerprint = entry.certificate.fingerprint();
            if self.slots.is_there(cx, &fingerprint)? {
                there.insert(fingerprint);
            }
        }
        Ok(there)
    }

    /// Makes the list again if it is missing.
    ///
    /// # Errors
    /// What the store says; `Malformed` if a key in it cannot be read: a list without it
    /// would hide it for ever.
    fn mend_list(&self, cx: &Context<'_>) -> Result<()> {
        if self.index.found(&*self.engine)?.is_some() {
            return Ok(());
        }
        if !self.slots.vault.capabilities().never_asks {
            // A locked one may look like an empty one here, too.
            self.slots.vault.unlock(cx)?;
        }
        let found = self.searched(cx)?;
        if let Some(junk) = found.junk.first() {
            let what = format!(
                "the list of secret keys cannot be made again: {}",
                junk.what
            );
            return Err(Error::new(ErrorKind::Malformed, what)
                .at(self.slots.vault.capabilities().title)
                .hint("remove the key that cannot be read (`sifseal key remove --secret`), and import it from your backup"));
        }
        let rows = found.entries.iter();
        let rows = rows.map(|entry| Row::new(&entry.certificate, &entry.protection));
        self.index.write(rows.collect())
    }

    /// Unlocks a store that is not to be believed when it says that it has nothing of a key;
    /// true if it is worth asking again. One that is locked may look like an empty one
    /// (KeePassXC does), and this key is listed. What would follow is a copy over the key, or
    /// a secret key that stays behind unlisted.
    fn reveals(&self, cx: &Context<'_>, key: &Fingerprint) -> Result<bool> {
        if self.slots.vault.capabilities().never_asks || !self.index.lists(key)? {
            return Ok(false);
        }
        self.slots.vault.unlock(cx)?;
        Ok(true)
    }

    /// The key, if the store has it, unlocked if need be.
    fn stored(&self, cx: &Context<'_>, key: &Fingerprint) -> Result<Option<TransferableSecretKey>> {
        match self.slots.read(cx, key)? {
            None if self.reveals(cx, key)? => self.slots.read(cx, key),
            found => Ok(found),
        }
    }

    /// True if the store has something of the key, unlocked if need be.
    fn is_there(&self, cx: &Context<'_>, key: &Fingerprint) -> Result<bool> {
        let is_there = || self.slots.is_there(cx, key);
        Ok(is_there()? || (self.reveals(cx, key)? && is_there()?))
    }

    /// Adds a secret key to the store, and gives it as it is stored afterwards.
    fn add(
        &self,
        cx: &Context<'_>,
        new: &TransferableSecretKey,
    ) -> Result<(Change, TransferableSecretKey)> {
        let fingerprint = new.fingerprint();
        let old = self.stored(cx, &fingerprint)?;
        self.mend_list(cx)?;
        let Some(old) = old else {
            self.index.list(self.row(new)?)?;
            if let Err(error) = self.slots.write(cx, new) {
                // Only if it is certain that nothing of it is there, or is still to come.
                if error.kind() != ErrorKind::Timeout
                    && matches!(self.slots.read(cx, &fingerprint), Ok(None))
                {
                    let _ = self.index.unlist(&fingerprint);
                }
                return Err(error);
            }
            return Ok((Change::Added, new.clone()));
        };
        let merged = self
            .engine
            .merge(&Key::Secret(old.clone()), &Key::Secret(new.clone()))?;
        let Key::Secret(merged) = merged else {
            let what = "merging two secret keys gave no secret key";
            return Err(Error::new(ErrorKind::Backend, what));
        };
        let change = match merged.bytes == old.bytes {
            true => Change::Unchanged,
            false => {
                self.check_guard(&merged)?;
                self.slots.write(cx, &merged)?;
                Change::Merged
            }
        };
        self.index.list(self.row(&merged)?)?;
        Ok((change, merged))
    }
}

impl KeyStore for OsKeyStore {
    fn describe(&self) -> StoreDescription {
        StoreDescription {
            name: "os".to_owned(),
            public_place: self.certificates.describe().public_place,
            secret_place: Some(self.slots.vault.capabilities().title.to_owned()),
            writable: true,
        }
    }

    fn find(&self, cx: &Context<'_>, part: KeyPart, query: &KeyQuery) -> Result<Found> {
        match part {
            KeyPart::Public => self.certificates.find(cx, part, query),
            KeyPart::Secret => {
                let mut found = self.secret_keys(cx)?;
                let entries = &mut found.entries;
                entries.retain(|entry| query.matches(&entry.certificate.outline));
                Ok(found)
            }
        }
    }

    fn private_key(&self, cx: &Context<'_>, primary: &Fingerprint) -> Result<PrivateKey> {
        let key = self.stored(cx, primary)?;
        key.map(PrivateKey::Material).ok_or_else(|| {
            no_such_key().hint(
                "if `key list --secret` shows it, another program has removed it from the secret store",
            )
        })
    }

    /// The secret key is stored before its certificate, as in every key store: the
    /// other order could leave a certificate whose secret was never stored anywhere.
    fn insert(&self, cx: &Context<'_>, key: &Key) -> Result<Insertion> {
        let secret = match key {
            Key::Certificate(_) => return self.certificates.insert(cx, key),
            Key::Secret(secret) => secret,
        };
        self.check_guard(secret)?;
        let (change, stored) = self.alone(cx, || self.add(cx, secret))?;
        let certificate = Key::Certificate(self.engine.certificate_of(&stored)?);
        let public = self.certificates.insert(cx, &certificate)?.public;
        Ok(Insertion {
            public,
            secret: Some(change),
        })
    }

    fn replace(&self, cx: &Context<'_>, key: &Key) -> Result<()> {
        let secret = match key {
            Key::Certificate(_) => return self.certificates.replace(cx, key),
            Key::Secret(secret) => secret,
        };
        self.check_guard(secret)?;
        // Nothing is made, not even a lock, where there is nothing; and what is there may
        // be gone when the lock is ours.
        let check = || match self.is_there(cx, &secret.fingerprint())? {
            true => Ok(()),
            false => Err(no_such_key()),
        };
        check()?;
        self.alone(cx, || {
            check()?;
            self.mend_list(cx)?;
            self.slots.write(cx, secret)?;
            self.index.list(self.row(secret)?)
        })
    }

    fn remove(&self, cx: &Context<'_>, part: KeyPart, primary: &Fingerprint) -> Result<()> {
        if part == KeyPart::Public {
            return self.certificates.remove(cx, part, primary);
        }
        // Nothing is made, not even a lock, where there is nothing.
        let has_list = self.index.path().try_exists();
        let has_list = has_list.map_err(|error| Error::io(self.index.path(), error))?;
        if !has_list && !self.slots.is_there(cx, primary)? && !self.slots.has_file(primary)? {
            return Err(no_such_key());
        }
        let was_there = self.alone(cx, || {
            // Unlocked first: the list must not forget a key that is only out of sight.
            self.is_there(cx, primary)?;
            let was_stored = self.slots.remove(cx, primary)?;
            // A key that is only listed is taken off the list.
            let was_listed = self.index.unlist(primary)?;
            Ok(was_stored || was_listed)
        })?;
        match was_there {
            true => Ok(()),
            false => Err(no_such_key()),
        }
    }
}

fn no_such_key() -> Error {
    Error::new(
        ErrorKind::NotFound,
        "no key matching given fingerprint found",
    )
}
