//! Where keys are kept.

use super::Signer;
use crate::openpgp::{
    Certificate, Fingerprint, Junk, Key, KeyHandle, Outline, Protection, TransferableSecretKey,
};
use crate::{Context, Result};
use std::fmt::Debug;

/// A place that keeps keys: a directory, an OS secret store, a token.
///
/// Finding never unlocks and never asks; only [`private_key`](Self::private_key)
/// may. Nothing that only reads creates a file or changes a permission.
pub trait KeyStore: Debug + Send + Sync {
    /// What it is, where it is, what it can do.
    fn describe(&self) -> StoreDescription;

    /// The public or the secret keys that answer to a query, in the store's
    /// order. No match is an empty answer, and so is a store not yet made.
    ///
    /// # Errors
    /// `Io`, `Denied`, `Unavailable`: the store could not be read.
    fn find(&self, cx: &Context<'_>, part: KeyPart, query: &KeyQuery) -> Result<Found>;

    /// The private key with this *primary* fingerprint.
    ///
    /// # Errors
    /// `NotFound` if the store has no secret part of it.
    fn private_key(&self, cx: &Context<'_>, primary: &Fingerprint) -> Result<PrivateKey>;

    /// Adds a key, or merges it into the one that is there. A secret key brings
    /// its certificate along: afterwards both can be found.
    ///
    /// # Errors
    /// `Unsupported` if the store is read-only or takes no secret keys.
    fn insert(&self, cx: &Context<'_>, key: &Key) -> Result<Insertion>;

    /// Puts this key in the place of the stored one, for a change that merging
    /// cannot express (another passphrase).
    ///
    /// # Errors
    /// `NotFound` if it is not there, `Unsupported` if the store is read-only.
    fn replace(&self, cx: &Context<'_>, key: &Key) -> Result<()>;

    /// Removes the public or the secret part of one key; all others stay as they
    /// are, byte for byte (W-1).
    ///
    /// # Errors
    /// `NotFound` if it is not there, `Unsupported` if the store is read-only.
    fn remove(&self, cx: &Context<'_>, part: KeyPart, primary: &Fingerprint) -> Result<()>;
}

/// Which half of a key store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyPart {
    /// Certificates.
    Public,
    /// Keys to sign with.
    Secret,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyQuery {
    /// Everything.
    All,
    /// Keys of which the primary or a subkey answers to the handle.
    Handle(KeyHandle),
    /// Keys one of whose user IDs has this e-mail address, as
    /// [`is_email_of`](Self::is_email_of) tells.
    Email(String),
}

impl KeyQuery {
    /// True if a key with this outline is among those asked for.
    pub fn matches(&self, outline: &Outline) -> bool {
        match self {
            Self::All => true,
            Self::Handle(handle) => outline.answers_to(handle),
            Self::Email(email) => Self::is_email_of(email, &outline.user_ids),
        }
    }

    /// True if one of these user IDs has the e-mail address, which may be written
    /// with `<` and `>` around it. The case of ASCII letters is ignored.
    pub fn is_email_of(email: &str, user_ids: &[String]) -> bool {
        let email = email.trim();
        let bare = email.strip_prefix('<').and_then(|e| e.strip_suffix('>'));
        let email = bare.unwrap_or(email);
        let mut addresses = user_ids.iter().map(|user_id| Self::email_in(user_id));
        addresses.any(|address| address.eq_ignore_ascii_case(email))
    }

    /// The e-mail address in a user ID: between its last `<` and a `>` at its end, or
    /// all of it. White space around the user ID, which some programs have left there,
    /// is none of its address; inside the brackets nothing is changed.
    pub fn email_in(user_id: &str) -> &str {
        let user_id = user_id.trim();
        user_id
            .rsplit_once('<')
            .and_then(|(_, rest)| rest.strip_suffix('>'))
            .unwrap_or(user_id)
    }
}

/// What a search in a store gave.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// The keys, in the store's order.
    pub entries: Vec<KeyEntry>,
    /// What in the store could not be read; the keys beside it are not harmed.
    pub junk: Vec<Junk>,
}

/// One key in a store: public data only.
#[derive(Debug, Clone)]
pub struct KeyEntry {
    /// The certificate.
    pub certificate: Certificate,
    /// How the secret part is guarded; `NoSecret` in an answer about the public
    /// half.
    pub protection: Protection,
}

/// A key to sign with.
#[derive(Debug)]
pub enum PrivateKey {
    /// A secret that never leaves its device.
    Device(Box<dyn Signer>),
    /// A secret key as it is stored; an engine unlocks it.
    Material(TransferableSecretKey),
}

/// What adding a key changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Insertion {
    /// In the public half.
    pub public: Change,
    /// In the secret half; `None` if a certificate was added.
    pub secret: Option<Change>,
}

/// What became of a key that was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It was not there before.
    Added,
    /// It was there; something new came to it.
    Merged,
    /// It was there with everything it brought.
    Unchanged,
}

/// What a key store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreDescription {
    /// The name in the configuration: `file`, say, or a plugin's.
    pub name: String,
    /// Where certificates are kept, as listings show it.
    pub public_place: String,
    /// Where secret keys are kept, as listings show it; `None` if it keeps none.
    pub secret_place: Option<String>,
    /// False if nothing can be added, replaced or removed.
    pub writable: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_is_found_where_a_user_id_has_it_and_nowhere_else() {
        for (user_id, email) in [
            ("Ada (work) <ada@example.com>", "ada@example.com"),
            ("ada@example.com", "ada@example.com"),
            (" Ada <ada@example.com> \n", "ada@example.com"),
            (" ada@example.com ", "ada@example.com"),
            ("Ada < > <ada@example.com", "Ada < > <ada@example.com"),
            ("Ada <ada@example.com> (x)", "Ada <ada@example.com> (x)"),
            ("Ada < ada@example.com >", " ada@example.com "),
        ] {
            assert_eq!(KeyQuery::email_in(user_id), email, "{user_id:?}");
        }
    }

    #[test]
    fn an_email_may_be_written_as_in_a_user_id() {
        let user_ids = ["Ada <Ada@example.com> ".to_owned()];
        for email in ["ada@EXAMPLE.com", "<ada@example.com>", " ada@example.com "] {
            assert!(KeyQuery::is_email_of(email, &user_ids), "{email:?}");
        }
        for email in ["da@example.com", "ada@example.co", "Ada", "<", ""] {
            assert!(!KeyQuery::is_email_of(email, &user_ids), "{email:?}");
        }
    }
}
