//! `adapter.toml`: what an adapter's folder says of it.

use serde::Deserialize;
use std::path::Path;

/// The version of the adapter protocol.
pub(super) const PROTOCOL: u32 = 1;

/// What stands in `adapter.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Description {
    /// The version of the protocol.
    pub protocol: u32,
    /// The name by which results speak of it.
    pub name: String,
    /// Where to learn more.
    pub homepage: Option<String>,
    /// How to get the implementation.
    pub how_to_get: Option<String>,
    /// The executable, from the folder on.
    pub run: String,
    /// Variables that are handed on to it.
    #[serde(default)]
    pub environment: Vec<String>,
    /// A command that builds it; `$OUT` stands for a folder that `OUT` names to the
    /// adapter too.
    pub build: Option<Vec<String>>,
    /// What is known to be otherwise.
    #[serde(default)]
    pub deviation: Vec<Deviation>,
}

/// Something that is known to be otherwise than scenarios expect.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Deviation {
    /// In these scenarios.
    pub scenarios: Vec<String>,
    /// What is seen in place of what is expected.
    pub observed: Observed,
    /// Why.
    pub reason: String,
    /// Where that is discussed.
    pub link: Option<String>,
}

/// What a deviation shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Observed {
    /// What should be refused is accepted.
    Accepted,
    /// What should be accepted is refused, or refused for another reason.
    Refused,
    /// There is no answer.
    Error,
}

impl Description {
    /// Reads `adapter.toml` in a folder.
    ///
    /// # Errors
    /// It cannot be read, makes no sense, or is of another version.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let path = folder.join("adapter.toml");
        let wrong = |what: String| format!("{}: {what}", path.display());
        let text = std::fs::read_to_string(&path).map_err(|error| wrong(error.to_string()))?;
        let description: Self = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        if description.protocol != PROTOCOL {
            let theirs = description.protocol;
            return Err(wrong(format!(
                "it speaks version {theirs} of the adapter protocol, and this suite version {PROTOCOL}"
            )));
        }
        Ok(description)
    }
}
