//! Who a plugin is.

use crate::version::Version;
use crate::wiped::Params;
use serde::{Deserialize, Serialize};

/// The first request of all: who are you? Nobody is asked and nothing opened for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Describe {
    /// The highest version that the host speaks.
    pub protocol: Version,
    /// The host's name and version, for logs.
    #[serde(default)]
    pub host: String,
    /// What the configuration has for the plugin; `{}` if nothing.
    #[serde(default)]
    pub config: Params,
}

/// Who a plugin is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Described {
    /// What it calls itself.
    pub name: String,
    /// Its own version.
    #[serde(default)]
    pub version: String,
    /// The version of the protocol that holds from now on.
    pub protocol: Version,
    /// What it can be.
    pub provides: Vec<Ability>,
}

/// What a plugin can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ability {
    /// It has keys: `find`, `signer`, `sign`.
    KeyStore,
    /// It has certificates of others: `fetch`, `search`, `publish`.
    Keyserver,
    /// It chooses objects: `select`.
    ObjectSelector,
    /// Something of a later version.
    #[serde(other)]
    Other,
}

impl Ability {
    /// What it is in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::KeyStore => "key store",
            Self::Keyserver => "keyserver",
            Self::ObjectSelector => "object selector",
            Self::Other => "something of a later version",
        }
    }

    /// The name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::KeyStore => "key-store",
            Self::Keyserver => "keyserver",
            Self::ObjectSelector => "object-selector",
            Self::Other => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};

    fn read<T: DeserializeOwned>(value: Value) -> T {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn an_ability_of_next_year_is_no_error() {
        let described: Described = read(json!({
            "name": "n", "protocol": "1.7", "provides": ["key-store", "timestamps"]
        }));
        assert_eq!(described.provides, [Ability::KeyStore, Ability::Other]);
    }
}
