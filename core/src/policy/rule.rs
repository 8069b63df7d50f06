//! The rules by name, and which of them a site may relax.

use crate::{Error, ErrorKind, Result};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// One rule of the [page of rules](super).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum Rule {
    BackSignatureMissing,
    BadSignature,
    HashHeaderMismatch,
    KeyCannotSign,
    KeyExpired,
    KeyNotBound,
    KeyRevoked,
    NotATextSignature,
    SignatureBeforeKey,
    SignatureExpired,
    SignatureFromTheFuture,
    SignatureUndated,
    UnknownCritical,
    UnknownSigner,
    UnsupportedAlgorithm,
    WeakHash,
    WeakKey,
    WeakSelfSignature,
}

impl Rule {
    /// Every rule, in the order of the names.
    pub const ALL: [Self; 18] = [
        Self::BackSignatureMissing,
        Self::BadSignature,
        Self::HashHeaderMismatch,
        Self::KeyCannotSign,
        Self::KeyExpired,
        Self::KeyNotBound,
        Self::KeyRevoked,
        Self::NotATextSignature,
        Self::SignatureBeforeKey,
        Self::SignatureExpired,
        Self::SignatureFromTheFuture,
        Self::SignatureUndated,
        Self::UnknownCritical,
        Self::UnknownSigner,
        Self::UnsupportedAlgorithm,
        Self::WeakHash,
        Self::WeakKey,
        Self::WeakSelfSignature,
    ];

    /// The name, as reports and configuration use it; never changes.
    pub fn name(self) -> &'static str {
        match self {
            Self::BackSignatureMissing => "back-signature-missing",
            Self::BadSignature => "bad-signature",
            Self::HashHeaderMismatch => "hash-header-mismatch",
            Self::KeyCannotSign => "key-cannot-sign",
            Self::KeyExpired => "key-expired",
            Self::KeyNotBound => "key-not-bound",
            Self::KeyRevoked => "key-revoked",
            Self::NotATextSignature => "not-a-text-signature",
            Self::SignatureBeforeKey => "signature-before-key",
            Self::SignatureExpired => "signature-expired",
            Self::SignatureFromTheFuture => "signature-from-the-future",
            Self::SignatureUndated => "signature-undated",
            Self::UnknownCritical => "unknown-critical",
            Self::UnknownSigner => "unknown-signer",
            Self::UnsupportedAlgorithm => "unsupported-algorithm",
            Self::WeakHash => "weak-hash",
            Self::WeakKey => "weak-key",
            Self::WeakSelfSignature => "weak-self-signature",
        }
    }

    /// True if a site may decide that breaking the rule does not count. The page
    /// of rules says why, and why not.
    pub fn is_relaxable(self) -> bool {
        matches!(
            self,
            Self::HashHeaderMismatch
                | Self::KeyExpired
                | Self::SignatureBeforeKey
                | Self::SignatureExpired
                | Self::WeakHash
                | Self::WeakKey
                | Self::WeakSelfSignature
        )
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Rule {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|rule| rule.name() == name)
            .ok_or_else(|| Error::new(ErrorKind::Config, format!("there is no rule `{name}`")))
    }
}

/// The rules that do not count. Only relaxable ones can be in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Relaxations(BTreeSet<Rule>);

impl Relaxations {
    /// The rules of these names.
    ///
    /// # Errors
    /// `Config` for a name that no rule has, and for a rule that may not be
    /// relaxed; the hint lists those that may.
    pub fn named<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        let relaxable = |name: &'a str| {
            let rule: Rule = name.parse()?;
            if rule.is_relaxable() {
                return Ok(rule);
            }
            let what = format!("the rule `{rule}` cannot be relaxed");
            Err(Error::new(ErrorKind::Config, what))
        };
        names
            .into_iter()
            .map(|name| relaxable(name).map_err(|error| error.hint(list_of_relaxable())))
            .collect::<Result<_>>()
            .map(Self)
    }

    /// True if the rule does not count.
    pub fn contains(&self, rule: Rule) -> bool {
        self.0.contains(&rule)
    }

    /// The rules in it, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = Rule> {
        self.0.iter().copied()
    }
}

fn list_of_relaxable() -> String {
    let names: Vec<_> = Rule::ALL
        .iter()
        .filter(|rule| rule.is_relaxable())
        .map(|rule| rule.name())
        .collect();
    format!("these can be relaxed: {}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_in_the_order_of_their_names_and_each_name_names_one() {
        let names: Vec<_> = Rule::ALL.iter().map(|rule| rule.name()).collect();
        assert!(names.is_sorted_by(|one, next| one < next), "{names:?}");
        for rule in Rule::ALL {
            assert_eq!(rule.name().parse::<Rule>().unwrap(), rule);
        }
    }

    #[test]
    fn an_unknown_name_and_one_that_may_not_be_relaxed_list_those_that_may() {
        for (name, words) in [
            ("weak-hsah", "there is no rule `weak-hsah`"),
            ("bad-signature", "`bad-signature` cannot be relaxed"),
        ] {
            let error = Relaxations::named(["weak-hash", name]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.what().contains(words), "{error}");
            let hint = error.hint_text().unwrap();
            assert!(hint.contains("weak-hash, weak-key") && !hint.contains("bad-signature"));
        }
    }

    #[test]
    fn nothing_that_speaks_against_the_signer_can_be_relaxed() {
        for rule in [
            Rule::BackSignatureMissing,
            Rule::BadSignature,
            Rule::KeyCannotSign,
            Rule::KeyNotBound,
            Rule::KeyRevoked,
            Rule::UnknownSigner,
        ] {
            assert!(Relaxations::named([rule.name()]).is_err(), "{rule}");
        }
    }
}
