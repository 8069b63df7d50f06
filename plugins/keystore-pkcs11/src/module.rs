//! A PKCS#11 module, and the one token of it that an instance of the plugin is about.

use crate::failure::told;
use crate::key::TokenKey;
use crate::login::{Login, Purpose};
use crate::objects;
use crate::pin::PinSource;
use crate::settings::{KeyName, Pkcs11Settings, TokenName, wrong};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error as CryptokiError, RvError};
use cryptoki::slot::{Slot, TokenInfo};
use sifseal_plugin_sdk::{Context, Error, ErrorKind, Result};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A token behind a module. Nothing is loaded before a key is opened.
#[derive(Debug)]
pub struct Hsm {
    module: PathBuf,
    login: Login,
    loaded: Mutex<Option<Pkcs11>>,
}

impl Hsm {
    /// The token that the settings name. A variable with the PIN is looked up in
    /// `environment`, now.
    ///
    /// # Errors
    /// `Config` if the settings contradict each other.
    pub fn new(
        settings: &Pkcs11Settings,
        environment: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self> {
        if !settings.module.is_absolute() {
            return Err(wrong("`module` must be an absolute path"));
        }
        Ok(Self {
            module: settings.module.clone(),
            login: Login {
                token: settings.token_name()?,
                pins: PinSource::new(settings, environment)?,
            },
            loaded: Mutex::default(),
        })
    }

    /// By what the token is known.
    pub fn token(&self) -> &TokenName {
        &self.login.token
    }

    /// A key of the token, ready to sign: looks for the token, logs in, and finds the
    /// key's objects.
    ///
    /// # Errors
    /// `Config` if the module cannot be loaded, `Unavailable` if the token is not there,
    /// `Locked` if it does not let us in, `NotFound`, `Ambiguous` and `Unsupported` for
    /// the key.
    pub fn open(&self, cx: &Context<'_>, key: &KeyName) -> Result<TokenKey> {
        let pkcs11 = self.load()?;
        let (slot, info) = self.slot(&pkcs11)?;
        let place = self.token().to_string();
        let failed = |doing: &'static str| {
            let place = place.clone();
            move |error| told(error, &place, doing)
        };
        let session = pkcs11
            .open_ro_session(slot)
            .map_err(failed("cannot open a session"))?;
        self.login.log_in(cx, &session, &info, Purpose::Session)?;
        let pair = objects::find(&session, &place, key)?;
        let mechanisms = pkcs11
            .get_mechanism_list(slot)
            .map_err(failed("cannot tell what it can do"))?;
        let needed = TokenKey::mechanism(&pair.values).mechanism_type();
        if !mechanisms.contains(&needed) {
            let what = format!("the module does not sign by {needed}, as {key} needs it");
            return Err(Error::new(ErrorKind::Unsupported, what).at(place));
        }
        Ok(TokenKey::new(
            &self.module,
            self.login.clone(),
            info,
            session,
            pair,
        ))
    }

    /// The module, loaded and initialised when it is first needed.
    fn load(&self) -> Result<Pkcs11> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(module) = &*loaded {
            return Ok(module.clone());
        }
        let module = load(&self.module)?;
        *loaded = Some(module.clone());
        Ok(module)
    }

    /// The slot with the token.
    fn slot(&self, pkcs11: &Pkcs11) -> Result<(Slot, TokenInfo)> {
        let module = self.module.display().to_string();
        let failed = |error| told(error, &module, "cannot list its tokens");
        let mut found = None;
        let mut others = Vec::new();
        for slot in pkcs11.get_slots_with_token().map_err(failed)? {
            // It may be gone by now.
            let Ok(info) = pkcs11.get_token_info(slot) else {
                continue;
            };
            if !self.is_meant(slot, &info) {
                others.push(info.label().to_owned());
            } else if found.replace((slot, info)).is_some() {
                let what = format!("there are several tokens that are the {}", self.token());
                return Err(Error::new(ErrorKind::Ambiguous, what)
                    .at(module)
                    .hint("name it by its `serial` number"));
            }
        }
        found.ok_or_else(|| self.not_there(&others))
    }

    fn is_meant(&self, slot: Slot, info: &TokenInfo) -> bool {
        info.token_initialized()
            && match self.token() {
                TokenName::Label(label) => info.label() == label,
                TokenName::Serial(serial) => info.serial_number() == serial,
                TokenName::Slot(id) => slot.id() == *id,
            }
    }

    fn not_there(&self, others: &[String]) -> Error {
        let others: Vec<&str> = others
            .iter()
            .map(String::as_str)
            .filter(|label| !label.is_empty())
            .collect();
        let hint = if others.is_empty() {
            "plug it in, or see that its service runs; the module sees no token".to_owned()
        } else {
            format!("the module sees other tokens: {}", others.join(", "))
        };
        Error::new(
            ErrorKind::Unavailable,
            format!("the {} is not there", self.token()),
        )
        .at(self.module.display())
        .hint(hint)
    }
}

fn load(path: &Path) -> Result<Pkcs11> {
    let cannot = |why: String| {
        Error::new(ErrorKind::Config, "cannot be loaded as a PKCS#11 module")
            .at(path.display())
            .because(why)
            .hint("the setting `module` names the shared library of the device's maker")
    };
    let module = Pkcs11::new(path).map_err(|error| {
        cannot(match error {
            CryptokiError::LibraryLoading(why) => why.to_string(),
            other => other.to_string(),
        })
    })?;
    match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        // By another instance of this plugin in the same process.
        Ok(()) | Err(CryptokiError::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(error) => return Err(told(error, &path.display().to_string(), "cannot start")),
    }
    // It stays loaded for as long as this process lives: modules have threads, and other
    // instances may be using this one.
    std::mem::forget(module.clone());
    Ok(module)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_module_is_told_by_its_path() {
        let directory = tempfile::tempdir().unwrap();
        let text = directory.path().join("text.so");
        std::fs::write(&text, "no library").unwrap();
        for path in [text, directory.path().join("absent.so")] {
            let error = load(&path).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            let place = path.display().to_string();
            assert!(error.to_string().starts_with(&place), "{error}");
        }
    }
}
