//! A certificate, put together packet by packet.

use super::Key;
use super::draft::{Draft, Place};
use super::packet::{packet, tag};

/// A certificate as it grows. Signatures are made over the place where they are put.
#[derive(Debug, Clone)]
pub struct CertificateDraft<'k> {
    primary: &'k Key,
    packets: Vec<Part<'k>>,
    user_id: &'k str,
    subkey: Option<&'k Key>,
}

/// A key is written with or without its secret part, everything else as it is.
#[derive(Debug, Clone)]
enum Part<'k> {
    Primary(&'k Key),
    Subkey(&'k Key),
    Raw(Vec<u8>),
}

impl<'k> CertificateDraft<'k> {
    /// A primary key and nothing else.
    pub fn of(primary: &'k Key) -> Self {
        Self {
            primary,
            packets: vec![Part::Primary(primary)],
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
        self.packets.push(Part::Subkey(subkey));
        self.on_subkey(draft)
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
        self.packets.push(Part::Raw(bytes.to_vec()));
        self
    }

    /// The certificate, without armor.
    pub fn bytes(&self) -> Vec<u8> {
        self.written(Key::primary_packet, Key::subkey_packet)
    }

    /// The transferable secret key (RFC 9580, section 10.2), without armor and not
    /// locked.
    pub fn secret_bytes(&self) -> Vec<u8> {
        self.written(Key::secret_primary_packet, Key::secret_subkey_packet)
    }

    fn written(&self, primary: fn(&Key) -> Vec<u8>, subkey: fn(&Key) -> Vec<u8>) -> Vec<u8> {
        self.packets
            .iter()
            .flat_map(|part| match part {
                Part::Primary(key) => primary(key),
                Part::Subkey(key) => subkey(key),
                Part::Raw(bytes) => bytes.clone(),
            })
            .collect()
    }
}
