//! The key store over one or two ring files.

use crate::ring::{Edits, Ring, no_such_key, remark, wipe};
use sifseal_core::openpgp::{Fingerprint, Junk, Key, Protection};
use sifseal_core::replace::{self, Mode};
use sifseal_core::traits::{
    Change, Engine, Found, Insertion, KeyEntry, KeyPart, KeyQuery, KeyStore, PrivateKey,
    StoreDescription,
};
use sifseal_core::{Context, Error, ErrorKind, Result, Secret};
use std::fs::{self, Metadata, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

const PUBLIC_RING: &str = "pgp-public";
const SECRET_RING: &str = "pgp-secret";

/// Keys in Apptainer's own files.
///
/// Reading never creates a file or changes a permission, so that a read-only home
/// does not matter, and what is missing is empty. Writing makes the directory 0700
/// and the files 0600, and narrows them to that if they are wider.
#[derive(Debug)]
pub struct FileKeyStore {
    engine: Arc<dyn Engine>,
    public: PathBuf,
    /// Where secret keys are, or why there are none.
    secret: Result<PathBuf, NoSecrets>,
    certificates: Mutex<Option<Certificates>>,
}

/// A keyring without a secret half.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NoSecrets {
    /// A site's, for everybody to read.
    Site,
    /// A user's whose secret keys are elsewhere.
    Elsewhere,
}

/// The certificates of the public ring, kept as long as the file stays the same:
/// a verification asks once for each signature (W-28).
#[derive(Debug)]
struct Certificates {
    state: FileState,
    found: Arc<Found>,
}

/// What changes about a file when its content does. Every writer that replaces
/// the file gives it another inode; Apptainer appends, which changes its length.
#[derive(Debug, PartialEq, Eq)]
struct FileState {
    device: u64,
    inode: u64,
    length: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl FileState {
    fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            length: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

impl FileKeyStore {
    /// A user's keys: `pgp-public` and `pgp-secret` in this directory, which need
    /// not exist.
    pub fn open(directory: PathBuf, engine: Arc<dyn Engine>) -> Self {
        Self {
            engine,
            public: directory.join(PUBLIC_RING),
            secret: Ok(directory.join(SECRET_RING)),
            certificates: Mutex::default(),
        }
    }

    /// A user's certificates alone: `pgp-public` in this directory, for somebody
    /// whose secret keys are in another kind of store.
    pub fn certificates_only(directory: PathBuf, engine: Arc<dyn Engine>) -> Self {
        Self {
            engine,
            public: directory.join(PUBLIC_RING),
            secret: Err(NoSecrets::Elsewhere),
            certificates: Mutex::default(),
        }
    }

    /// A site's keyring: one file of certificates that everybody may read (0644),
    /// [`GLOBAL_KEYRING`](crate::GLOBAL_KEYRING) say.
    pub fn global(path: PathBuf, engine: Arc<dyn Engine>) -> Self {
        Self {
            engine,
            public: path,
            secret: Err(NoSecrets::Site),
            certificates: Mutex::default(),
        }
    }

    fn mode(&self) -> Mode {
        match self.is_private() {
            true => Mode::Exactly(0o600),
            false => Mode::Exactly(0o644),
        }
    }

    fn is_private(&self) -> bool {
        self.secret != Err(NoSecrets::Site)
    }

    /// The secret ring, for reading what may be there.
    fn secret_ring(&self) -> Result<&PathBuf> {
        self.secret.as_ref().map_err(|_| no_such_key())
    }

    /// All certificates, parsed anew only if the file has changed.
    fn certificates(&self) -> Result<Arc<Found>> {
        let state = match fs::metadata(&self.public) {
            Ok(metadata) => FileState::of(&metadata),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Arc::default());
            }
            Err(error) => return Err(Error::io(&self.public, error)),
        };
        let mut kept = self
            .certificates
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = kept.as_ref().filter(|kept| kept.state == state) {
            return Ok(Arc::clone(&kept.found));
        }
        let found = Arc::new(self.read_certificates()?);
        *kept = Some(Certificates {
            state,
            found: Arc::clone(&found),
        });
        Ok(found)
    }

    fn read_certificates(&self) -> Result<Found> {
        let bytes = read_ring(&self.public)?;
        let mut ring = Ring::read(&*self.engine, bytes.expose());
        let (entries, mut junk) = ring.entries(&*self.engine);
        junk.extend(ring.take_junk());
        let mut found = Found::default();
        for entry in entries {
            let certificate = match entry.key {
                Key::Certificate(certificate) => certificate,
                Key::Secret(secret) => {
                    let fingerprint = secret.fingerprint();
                    let what = format!("{fingerprint} is a secret key in a public keyring");
                    junk.push(remark(entry.offset, what));
                    match self.engine.certificate_of(&secret) {
                        Ok(certificate) => certificate,
                        Err(error) => {
                            junk.push(remark(entry.offset, error.to_string()));
                            continue;
                        }
                    }
                }
            };
            found.entries.push(KeyEntry {
                certificate,
                protection: Protection::NoSecret,
            });
        }
        found.junk = in_order(junk);
        Ok(found)
    }

    /// Secret keys are read each time and not kept in memory.
    fn find_secret(&self, query: &KeyQuery) -> Result<Found> {
        let Ok(path) = &self.secret else {
            return Ok(Found::default());
        };
        let bytes = read_ring(path)?;
        let mut ring = Ring::read(&*self.engine, bytes.expose());
        let (entries, mut junk) = ring.entries(&*self.engine);
        junk.extend(ring.take_junk());
        // Whoever lists keys has no use for the half of a secret one.
        wipe(&mut junk);
        let mut found = Found::default();
        for entry in entries {
            match entry.key {
                Key::Certificate(certificate) => {
                    let fingerprint = certificate.fingerprint();
                    let what = format!("{fingerprint} has no secret part here");
                    junk.push(remark(entry.offset, what));
                }
                Key::Secret(secret) => match self.engine.certificate_of(&secret) {
                    Ok(_) if !query.matches(&secret.outline) => {}
                    Ok(certificate) => found.entries.push(KeyEntry {
                        certificate,
                        protection: secret.protection,
                    }),
                    Err(error) => junk.push(remark(entry.offset, error.to_string())),
                },
            }
        }
        found.junk = in_order(junk);
        Ok(found)
    }

    /// Reads a ring under its lock and writes what `edit` makes of it.
    fn change(
        &self,
        cx: &Context<'_>,
        path: &Path,
        edit: impl FnOnce(&Ring<'_>) -> Result<Edits>,
    ) -> Result<()> {
        if self.is_private() {
            close_directory(cx, path);
        }
        replace::update(cx, path, self.mode(), |old| {
            let ring = Ring::read(&*self.engine, old.map(Secret::expose).unwrap_or_default());
            let edits = edit(&ring)?;
            ring.rewritten(&*self.engine, &edits)
                .map_err(|error| error.at(path.display()))
        })
    }

    /// As [`change`](Self::change), for what needs a key that is there: it makes
    /// neither a directory nor a lock where there is no ring.
    fn change_existing(
        &self,
        cx: &Context<'_>,
        path: &Path,
        edit: impl FnOnce(&Ring<'_>) -> Result<Edits>,
    ) -> Result<()> {
        match path.try_exists() {
            Ok(true) => self.change(cx, path, edit),
            Ok(false) => Err(no_such_key()),
            Err(error) => Err(Error::io(path, error)),
        }
    }

    fn add(&self, cx: &Context<'_>, path: &Path, key: &Key) -> Result<(Change, Option<Key>)> {
        let mut change = Change::Unchanged;
        let mut stored = None;
        self.change(cx, path, |ring| {
            let (edits, what, key) = ring.add(&*self.engine, key)?;
            change = what;
            stored = Some(key);
            Ok(edits)
        })?;
        Ok((change, stored))
    }

    /// Refuses to remove from the public ring what is a secret key by mistake,
    /// unless the secret is where it belongs.
    fn spare_stray_secret(&self, ring: &Ring<'_>, primary: &Fingerprint) -> Result<()> {
        if !ring.has_secret(primary) {
            return Ok(());
        }
        if let Ok(path) = &self.secret {
            let bytes = read_ring(path)?;
            if Ring::read(&*self.engine, bytes.expose()).has_secret(primary) {
                return Ok(());
            }
        }
        let what = format!("{primary} is a secret key here, and the only copy of it");
        Err(Error::new(ErrorKind::Denied, what)
            .at(self.public.display())
            .hint("import this file first, so that the secret part is kept"))
    }
}

impl KeyStore for FileKeyStore {
    fn describe(&self) -> StoreDescription {
        let shown = |path: &PathBuf| path.display().to_string();
        StoreDescription {
            name: "file".to_owned(),
            public_place: shown(&self.public),
            secret_place: self.secret.as_ref().ok().map(shown),
            writable: true,
        }
    }

    fn find(&self, _cx: &Context<'_>, part: KeyPart, query: &KeyQuery) -> Result<Found> {
        match part {
            KeyPart::Secret => self.find_secret(query),
            KeyPart::Public => {
                let all = self.certificates()?;
                let matching = |entry: &&KeyEntry| query.matches(&entry.certificate.outline);
                Ok(Found {
                    entries: all.entries.iter().filter(matching).cloned().collect(),
                    junk: all.junk.clone(),
                })
            }
        }
    }

    fn private_key(&self, _cx: &Context<'_>, primary: &Fingerprint) -> Result<PrivateKey> {
        let path = self.secret_ring()?;
        let bytes = read_ring(path)?;
        let ring = Ring::read(&*self.engine, bytes.expose());
        let (entries, _) = ring.entries(&*self.engine);
        entries
            .into_iter()
            .find_map(|entry| match entry.key {
                Key::Secret(secret) if secret.fingerprint() == *primary => Some(secret),
                _ => None,
            })
            .map(PrivateKey::Material)
            .ok_or_else(no_such_key)
    }

    /// The secret ring is written first. Killed between the two, the store has a
    /// secret whose certificate is missing, which inserting it again (or any
    /// certificate of it) mends. The other order could leave a certificate for a
    /// new key whose secret was never stored anywhere.
    fn insert(&self, cx: &Context<'_>, key: &Key) -> Result<Insertion> {
        let secret = match key {
            Key::Certificate(_) => {
                let (public, _) = self.add(cx, &self.public, key)?;
                return Ok(Insertion {
                    public,
                    secret: None,
                });
            }
            Key::Secret(secret) => secret,
        };
        let path = self.secret.as_ref().map_err(|reason| {
            let what = match reason {
                NoSecrets::Site => "global keyring can't contain private keys",
                NoSecrets::Elsewhere => "this keyring is for certificates alone",
            };
            Error::new(ErrorKind::Unsupported, what)
        })?;
        // Asked before anything is written, since it can fail.
        let mut certificate = self.engine.certificate_of(secret)?;
        let (change, stored) = self.add(cx, path, key)?;
        if let Some(Key::Secret(stored)) = &stored {
            certificate = self.engine.certificate_of(stored)?;
        }
        let (public, _) = self.add(cx, &self.public, &Key::Certificate(certificate))?;
        Ok(Insertion {
            public,
            secret: Some(change),
        })
    }

    fn replace(&self, cx: &Context<'_>, key: &Key) -> Result<()> {
        let path = match key {
            Key::Certificate(_) => &self.public,
            Key::Secret(_) => self.secret_ring()?,
        };
        self.change_existing(cx, path, |ring| ring.replace(key))
    }

    fn remove(&self, cx: &Context<'_>, part: KeyPart, primary: &Fingerprint) -> Result<()> {
        match part {
            KeyPart::Public => self.change_existing(cx, &self.public, |ring| {
                self.spare_stray_secret(ring, primary)?;
                ring.remove(primary)
            }),
            KeyPart::Secret => {
                let path = self.secret_ring()?;
                self.change_existing(cx, path, |ring| ring.remove(primary))
            }
        }
    }
}

/// A ring's bytes; none if the file is missing.
fn read_ring(path: &Path) -> Result<Secret> {
    let bytes = replace::read(path)?;
    Ok(bytes.unwrap_or_else(|| Secret::new(Vec::new())))
}

fn in_order(mut junk: Vec<Junk>) -> Vec<Junk> {
    junk.sort_by_key(|junk| junk.offset);
    junk
}

/// Narrows the directory of a ring to 0700. A directory that others must be able
/// to enter (a sticky one, as /tmp is) was named by mistake and is left alone. If
/// it cannot be narrowed, the person is told: the files are closed all the same.
fn close_directory(cx: &Context<'_>, ring: &Path) {
    let Some(directory) = ring.parent() else {
        return;
    };
    let Ok(metadata) = fs::metadata(directory) else {
        return;
    };
    let mode = metadata.mode() & 0o7777;
    let (others, sticky) = (mode & 0o077, mode & 0o1000);
    if others == 0 || sticky != 0 {
        return;
    }
    let place = directory.display();
    match fs::set_permissions(directory, Permissions::from_mode(0o700)) {
        Ok(()) => cx.ui.notice(&format!(
            "the mode of {place} was {mode:o}; it is 700 now, since it holds secret keys"
        )),
        Err(error) => cx.ui.notice(&format!(
            "{place} is open to others (mode {mode:o}) and cannot be closed: {error}"
        )),
    }
}

#[cfg(test)]
mod tests;
