//! Keys that gpg-agent holds, through the plugin for it.

use super::beside::{BesidePlugin, Helper};
use super::{KeyHome, OpenHome};
use crate::Gpg;
use sifseal_conformance::adapter::KeyFile;
use sifseal_core::traits::{Engine, KeyStore};
use sifseal_core::{Error, ErrorKind, Result};
use std::path::Path;
use std::sync::Arc;

/// The home of the plugin for gpg-agent, each scenario with a GnuPG of its own.
#[derive(Debug)]
pub struct GpgAgentHome;

#[derive(Debug)]
struct Open {
    keys: BesidePlugin,
    gpg: Option<Gpg>,
}

impl KeyHome for GpgAgentHome {
    fn name(&self) -> &str {
        "gpg-agent"
    }

    /// A passphrase is for pinentry, where nobody is in a test. The plugin's own tests have
    /// somebody there.
    fn lacks(&self) -> Vec<&'static str> {
        vec!["sign.locked", "sign.plugin"]
    }

    fn open(&self, folder: &Path, engine: &Arc<dyn Engine>) -> Result<Box<dyn OpenHome>> {
        Ok(Box::new(Open {
            keys: BesidePlugin::new(folder, engine),
            gpg: None,
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
    fn import(&mut self, key: &KeyFile) -> Result<()> {
        if key.passphrase.is_some() {
            let what = "nobody is at the agent's dialogue";
            return Err(Error::new(ErrorKind::Unsupported, what));
        }
        let armored = std::fs::read(&key.file).map_err(|error| Error::io(&key.file, error))?;
        let gpg = match self.gpg.take() {
            Some(gpg) => gpg,
            None => {
                let missing = || Error::new(ErrorKind::Unavailable, "GnuPG is not installed");
                let gpg = Gpg::new().ok_or_else(missing)?;
                let settings = serde_json::json!({ "home": gpg.home() });
                self.keys.start(Helper::of_this_workspace(
                    "sifseal-keystore-gpg-agent",
                    settings,
                ))?;
                gpg
            }
        };
        let output = gpg.output(&["--import"], &armored);
        self.gpg = Some(gpg);
        match output.status.success() {
            true => Ok(()),
            false => {
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                Err(Error::new(ErrorKind::Denied, said))
            }
        }
    }
}
