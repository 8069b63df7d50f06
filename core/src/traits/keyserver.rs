//! Where certificates of strangers are fetched.

use crate::openpgp::{Fingerprint, KeyHandle};
use crate::{Context, Result, Timestamp};
use std::fmt::Debug;

/// A server, directory or file from which certificates come as bytes.
///
/// It is not trusted: the core parses what it gives, drops every certificate
/// that was not asked for (W-3), and merges.
pub trait Keyserver: Debug + Send + Sync {
    /// Where it is, for reports: its address or path.
    fn place(&self) -> String;

    /// The certificate or certificates that answer to a handle, armored or not;
    /// `None` if the server has none, which is an answer and not an error.
    ///
    /// # Errors
    /// `Unavailable`, `Timeout`, `Denied`, `Malformed`: the server could not be
    /// asked or did not answer properly.
    fn fetch(&self, cx: &Context<'_>, key: &KeyHandle) -> Result<Option<Vec<u8>>>;

    /// What the server knows under a name, an address or a key ID.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch), and `Unsupported` if it cannot search.
    fn search(&self, cx: &Context<'_>, text: &str) -> Result<Vec<SearchHit>>;

    /// Hands a certificate to the server; the answer is in the server's own
    /// words and not to be printed without [`Shown`](crate::Shown).
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch), and `Unsupported` if it takes none.
    fn publish(&self, cx: &Context<'_>, certificate: &[u8]) -> Result<String>;
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
    /// User IDs.
    pub user_ids: Vec<String>,
}
