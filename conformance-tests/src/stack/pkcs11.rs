//! Keys in a token, through the plugin for PKCS#11.

use super::beside::{BesidePlugin, Helper};
use super::{KeyHome, OpenHome};
use crate::softhsm::{PIN, SoftHsm, Token};
use sifseal_conformance::adapter::KeyFile;
use sifseal_conformance::craft::armor;
use sifseal_conformance::keys::Keys;
use sifseal_core::traits::{Engine, KeyStore};
use sifseal_core::{Error, ErrorKind, Result};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The home of the plugin for PKCS#11, each scenario with a token of its own.
#[derive(Debug)]
pub struct Pkcs11Home(pub SoftHsm);

#[derive(Debug)]
struct Open {
    hsm: SoftHsm,
    folder: PathBuf,
    keys: BesidePlugin,
    token: Option<Token>,
    /// A table of the plugin's settings for each key.
    tables: Vec<serde_json::Value>,
}

impl KeyHome for Pkcs11Home {
    fn name(&self) -> &str {
        "pkcs11"
    }

    /// A token has a PIN and no passphrases.
    fn lacks(&self) -> Vec<&'static str> {
        vec!["sign.locked", "sign.plugin"]
    }

    fn open(&self, folder: &Path, engine: &Arc<dyn Engine>) -> Result<Box<dyn OpenHome>> {
        Ok(Box::new(Open {
            hsm: self.0.clone(),
            folder: folder.to_owned(),
            keys: BesidePlugin::new(folder, engine),
            token: None,
            tables: Vec::new(),
        }))
    }
}

impl OpenHome for Open {
    fn store(&self) -> &dyn KeyStore {
        &self.keys
    }

    fn bring(&mut self, key: &KeyFile) -> Option<Result<()>> {
        Some(self.import(key))
    }
}

impl Open {
    fn import(&mut self, file: &KeyFile) -> Result<()> {
        if file.passphrase.is_some() {
            let what = "a token takes no key that is locked with a passphrase";
            return Err(Error::new(ErrorKind::Unsupported, what));
        }
        let keys = Keys::default();
        let missing = || Error::new(ErrorKind::NotFound, format!("no key `{}`", file.name));
        let key = keys.get(&file.name).ok_or_else(missing)?;
        let pkcs8 = key.signing().pkcs8().ok_or_else(|| {
            Error::new(ErrorKind::Unsupported, "a token has no keys of this kind")
        })?;
        if self.tables.iter().any(|table| table["label"] == file.name) {
            return Ok(());
        }
        let token = self.token.get_or_insert_with(|| self.hsm.token("suite"));
        let number = self.tables.len() + 1;
        token.import_key(&pkcs8, &file.name, &format!("{number:02x}"));

        std::fs::create_dir_all(&self.folder).map_err(|error| Error::io(&self.folder, error))?;
        let certificate = self.private_file(
            &format!("{}.token.asc", file.name),
            &armor("PUBLIC KEY BLOCK", key.certificate()),
        )?;
        let mut table = serde_json::json!({
            "label": file.name,
            "certificate": certificate,
            "fingerprint": key.fingerprint(),
        });
        let subkey = key.signing().fingerprint();
        if subkey != key.primary().fingerprint() {
            table["subkey"] = subkey.to_string().into();
        }
        self.tables.push(table);
        let settings = serde_json::json!({
            "module": self.hsm.module(),
            "token": "suite",
            "pin-file": self.private_file("pin", PIN)?,
            "keys": self.tables,
        });
        let configuration = self
            .token
            .as_ref()
            .map(Token::configuration)
            .unwrap_or_default();
        let environment = vec![("SOFTHSM2_CONF".into(), configuration.into_os_string())];
        let plugin = Helper::of_this_workspace("sifseal-keystore-pkcs11", settings);
        self.keys.start(Helper {
            environment,
            ..plugin
        })
    }

    fn private_file(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.folder.join(name);
        std::fs::write(&path, text)
            .and_then(|()| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)))
            .map_err(|error| Error::io(&path, error))?;
        Ok(path)
    }
}
