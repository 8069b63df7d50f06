//! What a certificate is looked for by, and which certificates answer to it.
//!
//! A text is one of three things. With an `@` inside it is a whole e-mail address, with
//! one in front (`@example.com`) everybody at a host, and otherwise a part of a name.
//! The case of letters never matters.

use sifseal_core::openpgp::{Fingerprint, KeyHandle, Outline};
use sifseal_core::traits::{KeyQuery, SearchQuery};

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

/// A text to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Text {
    /// A whole e-mail address. Whether a user ID has it is judged by the framework, as
    /// for every other place that keeps keys: what is found here it must not refuse.
    Address {
        /// As it was written.
        written: String,
        /// In lower case.
        folded: String,
    },
    /// Any address at a host, in lower case; with its `@`.
    Host(String),
    /// A part of a user ID, in lower case.
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
            Self::Text(text) => text.is_in(&outline.user_ids),
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
        let text = text.trim();
        let bare = text
            .strip_prefix('<')
            .and_then(|rest| rest.strip_suffix('>'))
            .unwrap_or(text);
        match bare.rfind('@') {
            Some(0) if bare.len() > 1 => Self::Host(folded(bare)),
            Some(at) if at > 0 && at + 1 < bare.len() && !bare.contains(char::is_whitespace) => {
                Self::Address {
                    written: bare.to_owned(),
                    folded: folded(bare),
                }
            }
            _ => Self::Part(folded(text)),
        }
    }

    fn is_in(&self, user_ids: &[String]) -> bool {
        match self {
            Self::Address { written, .. } => KeyQuery::is_email_of(written, user_ids),
            Self::Host(host) => user_ids.iter().any(|user_id| {
                let address = folded(KeyQuery::email_in(user_id));
                let at = address.rfind('@');
                at.is_some_and(|at| address.get(at..) == Some(host))
            }),
            Self::Part(part) => {
                let has_it = |user_id: &String| folded(user_id).contains(part);
                user_ids.iter().any(has_it)
            }
        }
    }

    /// What stands, folded, in every user ID that has the text.
    pub(crate) fn needle(&self) -> &str {
        match self {
            Self::Address { folded: text, .. } | Self::Host(text) | Self::Part(text) => text,
        }
    }
}

/// The form in which texts are compared.
pub(crate) fn folded(text: &str) -> String {
    text.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(text: &str, user_id: &str) -> bool {
        Text::read(text).is_in(&[user_id.to_owned()])
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

    /// Otherwise a search would find what a fetch by the same address then refuses.
    #[test]
    fn whoever_is_found_by_an_address_has_it_in_the_framework_s_eyes() {
        for user_id in [
            "Ada <ada@example.com>",
            " Ada <ADA@example.com> ",
            "ada@example.com ",
            "Ada <ada@example.com",
            "Ada <ada@example.com> (x)",
            "Ada < ada@example.com >",
            "Jürgen <JÜRGEN@example.com>",
            "jürgen@example.com",
        ] {
            for text in [
                "ada@example.com",
                "<Ada@Example.com>",
                " ada@example.com",
                "jürgen@example.com",
                "JÜRGEN@example.com",
            ] {
                let judged = KeyQuery::is_email_of(text, &[user_id.to_owned()]);
                assert_eq!(finds(text, user_id), judged, "{text:?} in {user_id:?}");
                let needle = Text::read(text).needle().to_owned();
                assert!(
                    !judged || folded(user_id).contains(&needle),
                    "the index leads there"
                );
            }
        }
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
