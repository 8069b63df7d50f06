//! The lines that go into the plugin's settings.

use crate::args::KeyArgs;
use sifseal_core::openpgp::Fingerprint;
use sifseal_core::{Error, Result};
use std::fmt;
use std::path::{Path, PathBuf};

/// A table `[[plugin.config.keys]]`.
#[derive(Debug)]
pub(crate) struct Table {
    label: Option<String>,
    id: Option<String>,
    certificate: PathBuf,
    fingerprint: Fingerprint,
    subkey: Option<Fingerprint>,
}

impl Table {
    /// The table for a key and its certificate.
    ///
    /// # Errors
    /// The file is not there any more.
    pub(crate) fn new(
        key: &KeyArgs,
        certificate: &Path,
        fingerprint: Fingerprint,
        subkey: Option<Fingerprint>,
    ) -> Result<Self> {
        let absolute = certificate.canonicalize();
        Ok(Self {
            label: key.label.clone(),
            id: key.id.clone(),
            certificate: absolute.map_err(|error| Error::io(certificate, error))?,
            fingerprint,
            subkey,
        })
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "[[plugin.config.keys]]")?;
        let texts = [("label", &self.label), ("id", &self.id)];
        for (name, text) in texts {
            if let Some(text) = text {
                writeln!(f, "{name} = {}", quoted(text))?;
            }
        }
        let path = self.certificate.to_string_lossy();
        writeln!(f, "certificate = {}", quoted(&path))?;
        writeln!(f, "fingerprint = \"{}\"", self.fingerprint)?;
        match &self.subkey {
            Some(subkey) => writeln!(f, "subkey = \"{subkey}\""),
            None => Ok(()),
        }
    }
}

/// A text as TOML writes it, which for these characters is as JSON does.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_are_those_of_the_settings() {
        let fingerprint = Fingerprint::V4([0xAB; 20]);
        let table = Table {
            label: Some("the \"release\" key".to_owned()),
            id: None,
            certificate: "/etc/sifseal/release.asc".into(),
            fingerprint,
            subkey: None,
        };
        let expected = format!(
            "[[plugin.config.keys]]\nlabel = \"the \\\"release\\\" key\"\n\
             certificate = \"/etc/sifseal/release.asc\"\nfingerprint = \"{fingerprint}\"\n"
        );
        assert_eq!(table.to_string(), expected);
    }
}
