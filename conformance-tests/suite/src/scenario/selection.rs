//! Which objects a signature is to cover, or a verification is about, as adapters are told.

use serde::{Deserialize, Deserializer};
use std::fmt;
use std::str::FromStr;

/// A selection, by the words of the adapter protocol.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Selection {
    /// Every group.
    #[default]
    Default,
    /// One group.
    Group(u32),
    /// These objects.
    Objects(Vec<u32>),
    /// The primary partition, by a legacy signature.
    Legacy,
    /// A group, by a legacy signature.
    LegacyGroup(u32),
    /// An object, by a legacy signature.
    LegacyObject(u32),
    /// Every object, by legacy signatures.
    LegacyAll,
}

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Group(id) => write!(f, "group:{id}"),
            Self::Objects(ids) => {
                let ids: Vec<_> = ids.iter().map(u32::to_string).collect();
                write!(f, "object:{}", ids.join(","))
            }
            Self::Legacy => f.write_str("legacy"),
            Self::LegacyGroup(id) => write!(f, "legacy-group:{id}"),
            Self::LegacyObject(id) => write!(f, "legacy-object:{id}"),
            Self::LegacyAll => f.write_str("legacy-all"),
        }
    }
}

impl FromStr for Selection {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |_| format!("`{text}` selects nothing that the adapter protocol knows");
        match text.split_once(':') {
            None => match text {
                "default" => Ok(Self::Default),
                "legacy" => Ok(Self::Legacy),
                "legacy-all" => Ok(Self::LegacyAll),
                _ => Err(format!("`{text}` is no selection")),
            },
            Some(("group", id)) => id.parse().map(Self::Group).map_err(wrong),
            Some(("legacy-group", id)) => id.parse().map(Self::LegacyGroup).map_err(wrong),
            Some(("legacy-object", id)) => id.parse().map(Self::LegacyObject).map_err(wrong),
            Some(("object", ids)) => {
                let ids: Result<_, _> = ids.split(',').map(str::parse).collect();
                ids.map(Self::Objects).map_err(wrong)
            }
            Some(_) => Err(format!("`{text}` is no selection")),
        }
    }
}

impl<'de> Deserialize<'de> for Selection {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_selection_is_read_as_it_is_written() {
        for text in [
            "default",
            "group:1",
            "object:2",
            "object:1,3",
            "legacy",
            "legacy-group:1",
            "legacy-object:2",
            "legacy-all",
        ] {
            assert_eq!(text.parse::<Selection>().unwrap().to_string(), text);
        }
        for text in ["", "all", "object:", "group:x", "groups:1"] {
            assert!(text.parse::<Selection>().is_err(), "{text}");
        }
    }
}
