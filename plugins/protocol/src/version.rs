//! The version of the protocol.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// The version that this crate speaks.
pub const THIS_VERSION: Version = Version { major: 1, minor: 0 };

/// Two numbers, `1.0`.
///
/// The host names the highest that it speaks, the plugin answers with the lower of that
/// and its own, and that one holds between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Another one is another protocol: it also has another name in the ABI and on the
    /// command line of a program.
    pub major: u32,
    /// A higher one adds what may be left out.
    pub minor: u32,
}

impl Version {
    /// What holds between two who speak these; `None` if they have nothing in common.
    pub fn in_common(self, other: Self) -> Option<Self> {
        (self.major == other.major).then_some(self.min(other))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no version of the protocol");
        let (major, minor) = text.split_once('.').ok_or_else(wrong)?;
        Ok(Self {
            major: major.parse().map_err(|_| wrong())?,
            minor: minor.parse().map_err(|_| wrong())?,
        })
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn the_lower_of_two_versions_holds() {
        let common = version("1.4").in_common(version("1.12"));
        assert_eq!(common, Some(version("1.4")));
        assert_eq!(version("1.12").in_common(version("1.4")), common);
        assert_eq!(version("2.0").in_common(version("1.0")), None);
    }

    #[test]
    fn a_version_is_two_numbers_and_nothing_else() {
        for text in ["", "1", "1.", ".1", "1.x", "1.0.0", "-1.0"] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
        assert_eq!(version("1.10").to_string(), "1.10");
    }
}
