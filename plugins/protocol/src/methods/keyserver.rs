//! A plugin as a keyserver.

use super::find::Query;
use crate::binary::Binary;
use serde::{Deserialize, Serialize};
use sifseal_core::traits::{SearchHit, SearchQuery};
use sifseal_core::{Error, ErrorKind, Result, Timestamp};

/// Give the certificate that answers to a fingerprint or a key ID.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetch {
    /// One of the two.
    pub query: Query,
}

/// What a keyserver has.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Fetched {
    /// One certificate or several, armored or not; absent if it has none, which is no
    /// error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificates: Option<Binary>,
}

/// Search for keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    /// What for.
    #[serde(flatten)]
    pub query: SearchFor,
}

/// What is searched for: one of these.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SearchFor {
    /// A fingerprint, or a key ID of 16 or 8 digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// A name, an e-mail address, or a part of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl From<&SearchQuery> for SearchFor {
    fn from(query: &SearchQuery) -> Self {
        match query {
            SearchQuery::Text(text) => Self {
                key: None,
                text: Some(text.clone()),
            },
            key => Self {
                key: Some(key.to_string().trim_start_matches("0x").to_owned()),
                text: None,
            },
        }
    }
}

impl SearchFor {
    /// As core says it.
    ///
    /// # Errors
    /// `Malformed` if it says nothing, or no key.
    pub fn search_query(self) -> Result<SearchQuery> {
        match (self.key, self.text) {
            (Some(key), _) => format!("0x{key}").parse(),
            (None, Some(text)) => Ok(SearchQuery::Text(text)),
            (None, None) => Err(Error::new(ErrorKind::Malformed, "nothing to search for")),
        }
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SearchHits {
    /// One for each key, at most [`MAX_KEYS`](crate::MAX_KEYS).
    pub hits: Vec<Hit>,
}

/// One key that a search found: claims, nothing checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// The fingerprint, or what the server has in its place.
    pub key: String,
    /// OpenPGP's number of the algorithm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<u8>,
    /// Length in bits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bits: Option<u32>,
    /// When it was made, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<i64>,
    /// When it expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<i64>,
    /// `r` revoked, `d` disabled, `e` expired.
    #[serde(default)]
    pub flags: String,
    /// User IDs.
    #[serde(default)]
    pub user_ids: Vec<String>,
}

impl From<SearchHit> for Hit {
    fn from(hit: SearchHit) -> Self {
        Self {
            key: hit.key,
            algorithm: hit.algorithm,
            bits: hit.bits,
            created: hit.created.map(|time| time.0),
            expires: hit.expires.map(|time| time.0),
            flags: hit.flags,
            user_ids: hit.user_ids,
        }
    }
}

impl From<Hit> for SearchHit {
    fn from(hit: Hit) -> Self {
        Self {
            fingerprint: hit.key.parse().ok(),
            key: hit.key,
            algorithm: hit.algorithm,
            bits: hit.bits,
            created: hit.created.map(Timestamp),
            expires: hit.expires.map(Timestamp),
            flags: hit.flags,
            user_ids: hit.user_ids,
        }
    }
}

/// Take this certificate and tell others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publish {
    /// In ASCII armor.
    pub certificate: Binary,
}

/// It was taken.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Published {
    /// In the server's words.
    #[serde(default)]
    pub message: String,
}
