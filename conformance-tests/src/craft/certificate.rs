//! A certificate, put together packet by packet.

use super::Key;
use super::draft::{Draft, Place};
use super::packet::{packet, tag};

/// A certificate as it grows. Signatures are made over the place where they are put.
#[derive(Debug, Clone)]
pub struct CertificateDraft<'k> {
    primary: &'k Key,
    bytes: Vec<u8>,
    user_id: &'k str,
    subkey: Option<&'k Key>,
}

impl<'k> CertificateDraft<'k> {
    /// A primary key and nothing else.
    pub fn of(primary: &'k Key) -> Self {
        Self {
            primary,
            bytes: primary.primary_packet(),
            user_id: "",
            subkey: None,
        }
    }

    /// A signature over the primary key.
    #[must_use]
    pub fn on_key(self, draft: &Draft<'_>) -> Self {
        let signature = draft.over(Place::Primary(self.primary));
        self.raw(&signature)
    }

    /// A user ID and a signature over it.
    #[must_use]
    pub fn user_id(mut self, user_id: &'k str, draft: &Draft<'_>) -> Self {
        self.user_id = user_id;
        self.raw(&packet(tag::USER_ID, user_id.as_bytes()))
            .on_user_id(draft)
    }

    /// One more signature over the last user ID.
    #[must_use]
    pub fn on_user_id(self, draft: &Draft<'_>) -> Self {
        let signature = draft.over(Place::UserId(self.primary, self.user_id));
        self.raw(&signature)
    }

    /// A subkey and a signature over it.
    #[must_use]
    pub fn subkey(mut self, subkey: &'k Key, draft: &Draft<'_>) -> Self {
        self.subkey = Some(subkey);
        self.raw(&subkey.subkey_packet()).on_subkey(draft)
    }

    /// One more signature over the last subkey.
    #[must_use]
    pub fn on_subkey(self, draft: &Draft<'_>) -> Self {
        let subkey = self.subkey.expect("a subkey comes first");
        let signature = draft.over(Place::Subkey(self.primary, subkey));
        self.raw(&signature)
    }

    /// Any bytes.
    #[must_use]
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// The certificate, without armor.
    pub fn bytes(self) -> Vec<u8> {
        self.bytes
    }
}
