//! Where certificates of strangers are fetched.

use crate::openpgp::{Fingerprint, KeyHandle};
use crate::{Context, Error, ErrorKind, Result, Timestamp};
use std::fmt;
use std::fmt::Debug;
use std::str::FromStr;

/// A server, directory or file from which certificates come as bytes.
///
/// It is not trusted: [`keyservers`](crate::keyservers) parses what it gives, drops
/// every certificate that was not asked for (W-3), and merges.
pub trait Keyserver: Debug + Send + Sync {
    /// Where it is, for reports: its address or path, without credentials.
    fn place(&self) -> String;

    /// The certificate or certificates that answer to a handle, armored or not;
    /// `None` if the server has none, which is an answer and not an error.
    ///
    /// # Errors
    /// `Unavailable`, `Timeout`, `Denied`, `Malformed`: the server could not be
    /// asked or did not answer properly.
    fn fetch(&self, cx: &Context<'_>, key: &KeyHandle) -> Result<Option<Vec<u8>>>;

    /// What the server knows under a name, an address or a key ID: all of it,
    /// however many pages that takes. Nothing found is an empty answer.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch), and `Unsupported` if it cannot search, or not for
    /// that kind of text.
    fn search(&self, cx: &Context<'_>, query: &SearchQuery) -> Result<Vec<SearchHit>>;

    /// Hands it one certificate, in ASCII armor; the server merges it with what it
    /// has. The answer is in the server's own words, perhaps empty, and not to be
    /// printed without [`Shown`](crate::Shown). It proves nothing: some servers say
    /// yes to anything.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch), and `Unsupported` if it takes none.
    fn publish(&self, cx: &Context<'_>, armored: &[u8]) -> Result<String>;
}

/// What a keyserver is searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SearchQuery {
    /// A fingerprint or a 64-bit key ID.
    Key(KeyHandle),
    /// A 32-bit key ID, the end of a version 4 fingerprint. Anyone can make a key
    /// that has a given one: good for looking around, and for nothing else.
    ShortId([u8; 4]),
    /// A name, an e-mail address, or a part of one (`@example.com`).
    Text(String),
}

impl FromStr for SearchQuery {
    type Err = Error;

    /// Takes 8, 16, 40 or 64 hexadecimal digits for a key, of either case, with or
    /// without `0x` (W-24); anything else for text.
    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        if let Ok(fingerprint) = text.parse() {
            return Ok(Self::Key(KeyHandle::Fingerprint(fingerprint)));
        }
        if let Ok(id) = text.parse() {
            return Ok(Self::Key(KeyHandle::KeyId(id)));
        }
        let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
        if let Ok(Ok(id)) = hex::decode(digits.unwrap_or(text)).map(TryInto::try_into) {
            return Ok(Self::ShortId(id));
        }
        match digits {
            Some(_) => Err(
                Error::new(ErrorKind::Malformed, format!("`{text}` is not a key ID"))
                    .hint("after 0x come 8, 16, 40 or 64 hexadecimal digits"),
            ),
            None if text.is_empty() => Err(Error::new(
                ErrorKind::Malformed,
                "there is nothing to search for",
            )
            .hint("give a name, an e-mail address, or a key ID")),
            None => Ok(Self::Text(text.to_owned())),
        }
    }
}

impl fmt::Display for SearchQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(handle) => write!(f, "0x{handle}"),
            Self::ShortId(id) => write!(f, "0x{}", hex::encode_upper(id)),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// One line of a server's answer to a search: claims, nothing checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchHit {
    /// The fingerprint, if the server gave it.
    pub fingerprint: Option<Fingerprint>,
    /// What the server gave as the key's name, fingerprint or key ID.
    pub key: String,
    /// OpenPGP's number of the algorithm.
    pub algorithm: Option<u8>,
    /// Length in bits.
    pub bits: Option<u32>,
    /// When the key was made.
    pub created: Option<Timestamp>,
    /// When it expires.
    pub expires: Option<Timestamp>,
    /// The server's flags: `r` revoked, `d` disabled, `e` expired.
    pub flags: String,
    /// User IDs, decoded; not to be printed without [`Shown`](crate::Shown).
    pub user_ids: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> SearchQuery {
        text.parse().unwrap()
    }

    #[test]
    fn key_ids_of_every_length_are_told_from_names_in_both_cases() {
        let whole = "8232570480B868E1473AEEB03DBCBA1EE9D661E5";
        for (digits, expected) in [
            (
                whole,
                SearchQuery::Key(KeyHandle::Fingerprint(whole.parse().unwrap())),
            ),
            (
                &whole[24..],
                SearchQuery::Key(KeyHandle::KeyId(whole[24..].parse().unwrap())),
            ),
            (&whole[32..], SearchQuery::ShortId([0xE9, 0xD6, 0x61, 0xE5])),
        ] {
            for prefix in ["", "0x", "0X"] {
                for digits in [digits.to_owned(), digits.to_lowercase()] {
                    let text = format!("{prefix}{digits}");
                    assert_eq!(read(&text), expected, "{text}");
                    assert_eq!(read(&expected.to_string()), expected);
                }
            }
        }
    }

    #[test]
    fn anything_else_is_text_and_stays_as_it_is() {
        for text in [
            "Godlove",
            "@gmail.com",
            "a@b.c",
            "ABCDEF012",
            "Ada (x) <a@b>",
        ] {
            assert_eq!(read(text), SearchQuery::Text(text.to_owned()));
        }
    }

    #[test]
    fn a_key_id_with_digits_missing_is_an_error_and_no_name() {
        for text in ["0x123", "0xE9D661E", "0xnohex", "", "  "] {
            let error = text.parse::<SearchQuery>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed, "{text}");
            assert!(error.hint_text().is_some());
        }
    }
}
