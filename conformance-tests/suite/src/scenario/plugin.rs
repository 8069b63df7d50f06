//! What a plugin does that holds a secret key.

use serde::Deserialize;
use std::fmt;

/// A plugin's conduct: as it should be, or with one thing that no plugin may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PluginConduct {
    /// It signs what it is asked to.
    Honest,
    /// Its code panics, or throws what nobody catches.
    Panics,
    /// It ends before it has answered, and says that all is well.
    Ends,
    /// It never answers.
    Hangs,
    /// It asks the person something, again and again.
    AsksWithoutEnd,
    /// It gives out another key's signature as this one's.
    SignsWithAnotherKey,
    /// It gives another key than the one that it was asked for.
    GivesAnotherKey,
    /// Its signature has no bytes.
    EmptySignature,
    /// Its signature lacks a byte.
    ShortSignature,
    /// Its signature is a hundred times too long.
    LongSignature,
    /// Its signature is by another algorithm.
    OtherAlgorithm,
    /// What it gives as a certificate is none.
    GarbageCertificate,
    /// It has more keys than anybody wants to read.
    TooManyKeys,
}

impl PluginConduct {
    /// Every one.
    pub const ALL: [Self; 13] = [
        Self::Honest,
        Self::Panics,
        Self::Ends,
        Self::Hangs,
        Self::AsksWithoutEnd,
        Self::SignsWithAnotherKey,
        Self::GivesAnotherKey,
        Self::EmptySignature,
        Self::ShortSignature,
        Self::LongSignature,
        Self::OtherAlgorithm,
        Self::GarbageCertificate,
        Self::TooManyKeys,
    ];

    /// By the words of the adapter protocol.
    pub fn word(self) -> &'static str {
        match self {
            Self::Honest => "honest",
            Self::Panics => "panics",
            Self::Ends => "ends",
            Self::Hangs => "hangs",
            Self::AsksWithoutEnd => "asks-without-end",
            Self::SignsWithAnotherKey => "signs-with-another-key",
            Self::GivesAnotherKey => "gives-another-key",
            Self::EmptySignature => "empty-signature",
            Self::ShortSignature => "short-signature",
            Self::LongSignature => "long-signature",
            Self::OtherAlgorithm => "other-algorithm",
            Self::GarbageCertificate => "garbage-certificate",
            Self::TooManyKeys => "too-many-keys",
        }
    }
}

impl fmt::Display for PluginConduct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
