//! Which secret keys are in the store, in a file beside it.
//!
//! Listing must not make anybody unlock anything, and some stores cannot list at
//! all. So each key in a store has a row in `os-STORE.json`: its certificate, and
//! how it is protected; nothing that is secret. A row is written before its key and
//! removed after it. Interrupted in between, a key may be listed that is not there,
//! and none is ever there unlisted.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use sifseal_core::openpgp::{Certificate, Fingerprint, Junk, Key, Protection};
use sifseal_core::replace::{self, Mode};
use sifseal_core::traits::{Engine, Found, KeyEntry};
use sifseal_core::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

const SCHEMA: &str = "sifseal/os-key-index/1";

/// The file, there or not.
#[derive(Debug)]
pub(crate) struct Index {
    path: PathBuf,
}

#[derive(Debug, Serialize, Deserialize)]
struct Rows {
    schema: String,
    keys: Vec<Row>,
}

/// One key, as the file has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    fingerprint: String,
    protection: Guarded,
    certificate: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Guarded {
    Open,
    Passphrase,
    Elsewhere(String),
}

impl Row {
    pub(crate) fn new(certificate: &Certificate, protection: &Protection) -> Self {
        Self {
            fingerprint: certificate.fingerprint().to_string(),
            protection: match protection {
                Protection::Passphrase => Guarded::Passphrase,
                Protection::Elsewhere(place) => Guarded::Elsewhere(place.clone()),
                _ => Guarded::Open,
            },
            certificate: BASE64_STANDARD.encode(&certificate.bytes),
        }
    }

    fn is_about(&self, key: &Fingerprint) -> bool {
        self.fingerprint == key.to_string()
    }

    fn entry(&self, engine: &dyn Engine) -> Result<KeyEntry, String> {
        let bytes = BASE64_STANDARD
            .decode(&self.certificate)
            .map_err(|error| error.to_string())?;
        match engine.read_keys(&bytes).keys.pop() {
            Some(Key::Certificate(certificate)) if self.is_about(&certificate.fingerprint()) => {
                Ok(KeyEntry {
                    certificate,
                    protection: match &self.protection {
                        Guarded::Open => Protection::Open,
                        Guarded::Passphrase => Protection::Passphrase,
                        Guarded::Elsewhere(place) => Protection::Elsewhere(place.clone()),
                    },
                })
            }
            _ => Err("no such certificate in it".to_owned()),
        }
    }
}

impl Index {
    /// The index of the store of this name, in this directory.
    pub(crate) fn of(store: &str, directory: &Path) -> Self {
        Self {
            path: directory.join(format!("os-{store}.json")),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Everything that is listed; `None` if there is no file.
    ///
    /// # Errors
    /// `Malformed`, `Denied`, `Io`: it cannot be read.
    pub(crate) fn found(&self, engine: &dyn Engine) -> Result<Option<Found>> {
        let Some(rows) = self.rows()? else {
            return Ok(None);
        };
        let mut found = Found::default();
        for row in rows {
            match row.entry(engine) {
                Ok(entry) => found.entries.push(entry),
                Err(error) => found.junk.push(Junk {
                    offset: 0,
                    bytes: Vec::new(),
                    what: format!(
                        "{}: the row of {}: {error}",
                        self.path.display(),
                        row.fingerprint
                    ),
                }),
            }
        }
        Ok(Some(found))
    }

    /// True if the key is listed.
    pub(crate) fn lists(&self, key: &Fingerprint) -> Result<bool> {
        let rows = self.rows()?.unwrap_or_default();
        Ok(rows.iter().any(|row| row.is_about(key)))
    }

    /// Lists a key, in the place of what was said about it. Whoever calls it keeps
    /// other writers away.
    pub(crate) fn list(&self, row: Row) -> Result<()> {
        let mut rows = self.rows()?.unwrap_or_default();
        match rows
            .iter_mut()
            .find(|old| old.fingerprint == row.fingerprint)
        {
            Some(old) if *old == row => return Ok(()),
            Some(old) => *old = row,
            None => rows.push(row),
        }
        self.write(rows)
    }

    /// Lists a key no more; false if it was not listed.
    pub(crate) fn unlist(&self, key: &Fingerprint) -> Result<bool> {
        let mut rows = self.rows()?.unwrap_or_default();
        let before = rows.len();
        rows.retain(|row| !row.is_about(key));
        if rows.len() == before {
            return Ok(false);
        }
        self.write(rows)?;
        Ok(true)
    }

    /// Makes the file anew.
    pub(crate) fn write(&self, keys: Vec<Row>) -> Result<()> {
        let schema = SCHEMA.to_owned();
        let text = serde_json::to_vec_pretty(&Rows { schema, keys })
            .map_err(|error| Error::new(ErrorKind::Backend, error.to_string()))?;
        replace::overwrite(&self.path, Mode::Exactly(0o600), &text)
    }

    fn rows(&self) -> Result<Option<Vec<Row>>> {
        let Some(bytes) = replace::read(&self.path)? else {
            return Ok(None);
        };
        let rows: Result<Rows, _> = serde_json::from_slice(bytes.expose());
        match rows {
            Ok(rows) if rows.schema == SCHEMA => Ok(Some(rows.keys)),
            other => {
                let what = "this is no list of secret keys that this version reads";
                let error = Error::new(ErrorKind::Malformed, what).at(self.path.display());
                let error = error.hint("move it away; the keys themselves lie in the store");
                Err(match other {
                    Ok(_) => error,
                    Err(cause) => error.because(cause),
                })
            }
        }
    }
}
