//! Arguments of the commands of `sifseal key` that talk to keyservers.

use super::{FormatArgs, KeyChoice, KeysdirArgs, UrlArgs};
use clap::Args;
use sifseal_core::traits::SearchQuery;
use std::fmt;
use std::str::FromStr;

/// `sifseal key search`.
#[derive(Debug, Clone, Args)]
pub struct SearchArgs {
    /// A name, an e-mail address or a part of one, a fingerprint or a key ID
    #[arg(value_name = "TEXT")]
    pub query: SearchQuery,
    /// Show fingerprints, algorithms, dates and status too
    #[arg(short, long)]
    pub long_list: bool,
    /// Whom to ask.
    #[command(flatten)]
    pub url: UrlArgs,
    /// How the result is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// `sifseal key pull`.
#[derive(Debug, Clone, Args)]
pub struct PullArgs {
    /// The keys: fingerprints, key IDs or e-mail addresses
    #[arg(required = true, value_name = "FPR|KEYID|EMAIL")]
    pub keys: Vec<WantedKey>,
    /// Add to the keyring of the whole site
    #[arg(short, long)]
    pub global: bool,
    /// Whom to ask.
    #[command(flatten)]
    pub url: UrlArgs,
    /// Where the keys go.
    #[command(flatten)]
    pub keysdir: KeysdirArgs,
    /// How the result is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// `sifseal key push`.
#[derive(Debug, Clone, Args)]
pub struct PushArgs {
    /// The key: its fingerprint, key ID or e-mail address
    #[arg(value_name = "FPR|KEYID|EMAIL")]
    pub key: KeyChoice,
    /// Take it from the keyring of the whole site
    #[arg(short, long)]
    pub global: bool,
    /// Whom to give it to.
    #[command(flatten)]
    pub url: UrlArgs,
    /// Which keys.
    #[command(flatten)]
    pub keysdir: KeysdirArgs,
    /// How the result is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// `sifseal key refresh`.
///
/// Every keyserver is asked, since any of them may be the one that has heard of a
/// revocation. They learn which keys you have.
#[derive(Debug, Clone, Args)]
pub struct RefreshArgs {
    /// The keys: their fingerprints, key IDs or e-mail addresses
    #[arg(required_unless_present = "all", value_name = "FPR|KEYID|EMAIL")]
    pub keys: Vec<KeyChoice>,
    /// Every key in the keyring
    #[arg(long, conflicts_with = "keys")]
    pub all: bool,
    /// Refresh the keyring of the whole site
    #[arg(short, long)]
    pub global: bool,
    /// Whom to ask.
    #[command(flatten)]
    pub url: UrlArgs,
    /// Which keys.
    #[command(flatten)]
    pub keysdir: KeysdirArgs,
    /// How the result is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// What a person wrote to name a key that is elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedKey(SearchQuery);

impl WantedKey {
    /// The question to ask keyservers.
    pub fn query(&self) -> &SearchQuery {
        &self.0
    }
}

impl fmt::Display for WantedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for WantedKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(SearchQuery::Text(text)) if !is_address(&text) => Err(
                "expected a fingerprint (40 or 64 hexadecimal digits), a key ID (16 or 8) or a \
                 whole e-mail address; `sifseal key search` looks for names"
                    .to_owned(),
            ),
            Ok(query) => Ok(Self(query)),
            Err(error) => Err(error.to_string()),
        }
    }
}

fn is_address(text: &str) -> bool {
    let parts = text.split_once('@');
    parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_elsewhere_is_named_exactly() {
        for text in [
            "8232570480B868E1473AEEB03DBCBA1EE9D661E5",
            "0x3dbcba1ee9d661e5",
            "E9D661E5",
            "ada@example.com",
        ] {
            assert!(text.parse::<WantedKey>().is_ok(), "{text}");
        }
        for text in ["Ada", "@example.com", "ada@", "", "0x12"] {
            assert!(text.parse::<WantedKey>().is_err(), "{text}");
        }
    }
}
