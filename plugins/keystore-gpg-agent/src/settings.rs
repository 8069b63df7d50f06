//! What a person can set.

use serde::Deserialize;
use sifseal_plugin_sdk::openpgp::Fingerprint;
use sifseal_plugin_sdk::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

/// The table `[plugin.config]`. All of it may be left out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GpgSettings {
    /// GnuPG's home, if it is not the usual one; it may begin with `~/`.
    pub home: Option<PathBuf>,
    /// The program `gpg`, by its name or its path.
    pub gpg: Option<PathBuf>,
    /// The program `gpgconf`, likewise.
    pub gpgconf: Option<PathBuf>,
    /// Fingerprints of the keys to sign with where a certificate has several that could,
    /// best first: a subkey on one card or on another, say.
    #[serde(default)]
    pub sign_with: Vec<String>,
}

impl GpgSettings {
    /// The same with the person's home directory in the place of `~`.
    ///
    /// # Errors
    /// `Config` if GnuPG's home is no absolute path afterwards.
    pub fn with_home_of(mut self, person: Option<PathBuf>) -> Result<Self> {
        if let Some(home) = &mut self.home {
            if let (Ok(rest), Some(person)) = (home.strip_prefix("~"), person) {
                *home = person.join(rest);
            }
            if !home.is_absolute() {
                let what = format!("`home = \"{}\"` is no absolute path", home.display());
                return Err(Error::new(ErrorKind::Config, what)
                    .hint("it stands in the table [plugin.config] of the configuration"));
            }
        }
        Ok(self)
    }

    /// The program `gpg`.
    pub(crate) fn gpg(&self) -> &Path {
        self.gpg.as_deref().unwrap_or(Path::new("gpg"))
    }

    /// The program `gpgconf`.
    pub(crate) fn gpgconf(&self) -> &Path {
        self.gpgconf.as_deref().unwrap_or(Path::new("gpgconf"))
    }

    /// The fingerprints of [`sign_with`](Self::sign_with).
    ///
    /// # Errors
    /// `Config` if one is none.
    pub(crate) fn preferred_keys(&self) -> Result<Vec<Fingerprint>> {
        let fingerprints = self.sign_with.iter().map(|text| {
            text.parse().map_err(|error: Error| {
                Error::new(ErrorKind::Config, "the setting `sign_with` is wrong")
                    .because(error.to_string())
                    .hint("it is a list of fingerprints, in the table [plugin.config]")
            })
        });
        fingerprints.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sifseal_plugin_sdk::Settings;

    fn read(value: serde_json::Value) -> Result<GpgSettings> {
        let serde_json::Value::Object(map) = value else {
            panic!("no table");
        };
        let settings: GpgSettings = Settings::from(map).read()?;
        settings.with_home_of(Some("/home/ada".into()))
    }

    #[test]
    fn nothing_need_be_set() {
        let settings = read(json!({})).unwrap();
        assert_eq!(settings.home, None);
        assert_eq!(settings.gpg(), Path::new("gpg"));
        assert_eq!(settings.gpgconf(), Path::new("gpgconf"));
        assert_eq!(settings.preferred_keys().unwrap(), []);
    }

    #[test]
    fn a_home_may_begin_with_a_tilde_and_is_absolute() {
        let home = |text: &str| read(json!({ "home": text }));
        let expected = Path::new("/home/ada/.gnupg-work");
        assert_eq!(
            home("~/.gnupg-work").unwrap().home.as_deref(),
            Some(expected)
        );
        assert_eq!(
            home("/srv/gpg").unwrap().home.as_deref(),
            Some(Path::new("/srv/gpg"))
        );
        for wrong in ["gnupg", "", "~bob/.gnupg", "./~"] {
            let error = home(wrong).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{wrong}");
        }
    }

    #[test]
    fn a_mistake_in_the_settings_is_told() {
        for wrong in [
            json!({"hoem": "/x"}),
            json!({"home": 1}),
            json!({"sign_with": "x"}),
        ] {
            assert_eq!(
                read(wrong.clone()).unwrap_err().kind(),
                ErrorKind::Config,
                "{wrong}"
            );
        }
        let settings = read(json!({"sign_with": ["12345678"]})).unwrap();
        let error = settings.preferred_keys().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
    }
}
