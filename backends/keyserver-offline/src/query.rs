//! What a certificate is looked for by, and which certificates answer to it.
//!
//! A text is one of three things. With an `@` inside it is a whole e-mail address, with
//! one in front (`@example.com`) everybody at a host, and otherwise a part of a name.
//! The case of letters never matters.

use sifseal_core::openpgp::{Fingerprint, KeyHandle, Outline};
use sifseal_core::traits::SearchQuery;

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Query {
    /// A key, primary or subkey.
    Handle(KeyHandle),
    /// A key, primary or subkey, by the end of its version 4 fingerprint.
    ShortId([u8; 4]),
    /// A text in user IDs.
    Text(Text),
}

/// A text to look for, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Text {
    /// A whole e-mail address.
    Address(String),
    /// Any address at a host; with its `@`.
    Host(String),
    /// A part of a user ID.
    Part(String),
}

impl From<&SearchQuery> for Query {
    fn from(query: &SearchQuery) -> Self {
        match query {
            SearchQuery::Key(handle) => Self::Handle(*handle),
            SearchQuery::ShortId(id) => Self::ShortId(*id),
            SearchQuery::Text(text) => Self::Text(Text::read(text)),
        }
    }
}

impl Query {
    /// True if a certificate with this outline is among those asked for.
    pub(crate) fn matches(&self, outline: &Outline) -> bool {
        match self {
            Self::Handle(handle) => outline.answers_to(handle),
            Self::ShortId(id) => std::iter::once(&outline.fingerprint)
                .chain(&outline.subkeys)
                .any(|key| matches!(key, Fingerprint::V4(bytes) if bytes.ends_with(id))),
            Self::Text(text) => outline.user_ids.iter().any(|user_id| text.is_in(user_id)),
        }
    }

    /// True if an index leads to a certificate with this outline. It knows only the IDs
    /// of keys, and no more of user IDs than their letters.
    pub(crate) fn is_led_to(&self, outline: &Outline) -> bool {
        match self {
            Self::Handle(KeyHandle::Fingerprint(fingerprint)) => {
                outline.answers_to(&KeyHandle::KeyId(fingerprint.key_id()))
            }
            Self::Handle(handle) => outline.answers_to(handle),
            Self::ShortId(id) => std::iter::once(&outline.fingerprint)
                .chain(&outline.subkeys)
                .any(|key| key.key_id().0.ends_with(id)),
            Self::Text(text) => {
                let has_it = |user_id: &String| folded(user_id).contains(text.needle());
                outline.user_ids.iter().any(has_it)
            }
        }
    }
}

impl Text {
    fn read(text: &str) -> Self {
        let text = folded(text.trim());
        let bare = text
            .strip_prefix('<')
            .and_then(|rest| rest.strip_suffix('>'))
            .unwrap_or(&text);
        match bare.rfind('@') {
            Some(0) if bare.len() > 1 => Self::Host(bare.to_owned()),
            Some(at) if at > 0 && at + 1 < bare.len() && !bare.contains(char::is_whitespace) => {
                Self::Address(bare.to_owned())
            }
            _ => Self::Part(text),
        }
    }

    fn is_in(&self, user_id: &str) -> bool {
        let user_id = folded(user_id);
        match self {
            Self::Address(address) => address_of(&user_id) == address,
            Self::Host(host) => address_of(&user_id)
                .rfind('@')
                .is_some_and(|at| address_of(&user_id).get(at..) == Some(host)),
            Self::Part(part) => user_id.contains(part.as_str()),
        }
    }

    /// What stands, folded, in every user ID that has the text.
    pub(crate) fn needle(&self) -> &str {
        match self {
            Self::Address(text) | Self::Host(text) | Self::Part(text) => text,
        }
    }
}

/// The form in which texts are compared.
pub(crate) fn folded(text: &str) -> String {
    text.to_lowercase()
}

/// The e-mail address in a user ID: between the last `<` and `>`, or all of it.
fn address_of(user_id: &str) -> &str {
    user_id
        .trim_end()
        .rsplit_once('<')
        .and_then(|(_, rest)| rest.strip_suffix('>'))
        .unwrap_or(user_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(text: &str, user_id: &str) -> bool {
        Text::read(text).is_in(user_id)
    }

    #[test]
    fn an_address_is_whole_and_its_case_does_not_matter() {
        let ada = "Ada Lovelace (work) <Ada@Example.com>";
        assert!(finds("ada@example.COM", ada));
        assert!(finds("<ada@example.com>", ada));
        assert!(finds("ada@example.com", "ada@example.com"));
        assert!(!finds("da@example.com", ada));
        assert!(!finds("ada@example.co", ada));
    }

    #[test]
    fn a_host_is_everybody_there_and_nobody_elsewhere() {
        assert!(finds("@example.com", "Ada <ada@EXAMPLE.com>"));
        assert!(!finds("@example.com", "Ada <ada@example.com.evil.org>"));
        assert!(!finds("@example.com", "Ada @example.com <ada@evil.org>"));
    }

    #[test]
    fn a_part_of_a_name_is_found_in_any_case() {
        assert!(finds("lovelace", "Ada Lovelace <a@b.c>"));
        assert!(finds("GROSS ", "Jürgen Gross"));
        assert!(finds("jÜrgen", "Jürgen Gross"));
        assert!(finds(
            "ada lovelace <ada@example.com>",
            "Ada Lovelace <ada@example.com>"
        ));
        assert!(!finds("grace", "Ada Lovelace <a@b.c>"));
    }
}
