//! What sifseal and a plugin say to each other: plain types; nothing here opens anything.
//!
//! A message is one line of JSON in UTF-8. The host sends a [`Request`] and gets one
//! [`Reply`], then it may send the next. How the lines travel is not told here: through
//! a function of a shared library, or through the standard input and output of a
//! program. The page `docs/plugins.md` tells the same to authors in any language.
//!
//! The rules that keep old plugins alive:
//!
//! - Nobody minds what they do not know. A field that is not known is ignored, by either
//!   side; a method that is not known is answered with the error `unsupported`; an error
//!   of a kind that is not known counts as `backend`. The host sends fields and methods
//!   that mean nothing, so that plugins stay used to it.
//! - A [`Version`] has two numbers. Within one first number, messages only ever gain
//!   optional things, and the host works with every second number there has been.
//! - A field is never given another meaning.

mod binary;
mod envelope;
mod failure;
mod limits;
mod lines;
mod methods;
mod version;
mod wiped;
mod words;

pub use binary::{Binary, SecretText};
pub use envelope::{Answer, Ask, Need, Outcome, Reply, Request, Resume};
pub use failure::Failure;
pub use limits::{MAX_KEYS, MAX_LINE};
pub use lines::Lines;
pub use methods::{
    Ability, Describe, Described, Fetch, Fetched, Find, FoundKey, FoundKeys, KeyToSign, Method,
    Part, Publish, Published, Query, Search, SearchFor, SearchHits, Select, SelectedObjects,
    Selections, Sign, SignerOf, TableObject,
};
pub use methods::{Guard, Hit, RawValues};
pub use version::{THIS_VERSION, Version};
pub use wiped::{Body, Discreet, Params, Wipe};
pub use words::{fingerprint, hash};
