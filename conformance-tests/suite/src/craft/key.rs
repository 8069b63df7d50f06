//! A public-key packet with the hand that signs for it.

use super::draft::Draft;
use super::hash::digest;
use super::packet::{packet, tag};
use super::subpacket::{embedded, key_flags};
use super::{Hand, Place};
use sifseal_core::Timestamp;
use sifseal_core::openpgp::{Fingerprint, HashAlgorithm};

/// A key of version 4 or 6, primary or subkey: that is for its place to say.
#[derive(Debug, Clone)]
pub struct Key {
    pub(super) version: u8,
    pub(super) hand: Hand,
    body: Vec<u8>,
}

impl Key {
    /// A version 4 key that says it was made then.
    pub fn new(created: Timestamp, hand: Hand) -> Self {
        Self::of_version(4, created, hand)
    }

    /// A version 6 key (RFC 9580, section 5.5.2.3).
    pub fn version6(created: Timestamp, hand: Hand) -> Self {
        Self::of_version(6, created, hand)
    }

    fn of_version(version: u8, created: Timestamp, hand: Hand) -> Self {
        let created = u32::try_from(created.0).expect("a date between 1970 and 2106");
        let values = hand.public_values();
        let mut body = vec![version];
        body.extend(created.to_be_bytes());
        body.push(hand.algorithm());
        if version == 6 {
            body.extend((values.len() as u32).to_be_bytes());
        }
        body.extend(values);
        Self {
            version,
            hand,
            body,
        }
    }

    /// The body of the public-key packet.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The packet, as a primary key.
    pub fn primary_packet(&self) -> Vec<u8> {
        packet(tag::PUBLIC_KEY, &self.body)
    }

    /// The packet, as a subkey.
    pub fn subkey_packet(&self) -> Vec<u8> {
        packet(tag::PUBLIC_SUBKEY, &self.body)
    }

    /// The private key in the DER of PKCS#8, as tokens take it; `None` for a kind that they
    /// do not have.
    pub fn pkcs8(&self) -> Option<Vec<u8>> {
        self.hand.pkcs8()
    }

    /// The packet with the secret part, as a primary key, not locked.
    pub fn secret_primary_packet(&self) -> Vec<u8> {
        packet(tag::SECRET_KEY, &self.secret_body())
    }

    /// The packet with the secret part, as a subkey, not locked.
    pub fn secret_subkey_packet(&self) -> Vec<u8> {
        packet(tag::SECRET_SUBKEY, &self.secret_body())
    }

    /// Section 5.5.3: no protection, the values, and before version 6 their sum.
    fn secret_body(&self) -> Vec<u8> {
        let values = self.hand.secret_values();
        let mut body = [&self.body[..], &[0], &values].concat();
        if self.version != 6 {
            let sum: u32 = values.iter().map(|octet| u32::from(*octet)).sum();
            body.extend(&sum.to_be_bytes()[2..]);
        }
        body
    }

    /// The fingerprint (section 5.5.4).
    pub fn fingerprint(&self) -> Fingerprint {
        let hash = match self.version {
            6 => HashAlgorithm::Sha256,
            _ => HashAlgorithm::Sha1,
        };
        Fingerprint::from_bytes(&digest(hash, &self.hashed_form())).expect("20 or 32 octets")
    }

    /// What signatures over this key cover of it (section 5.2.4).
    pub(super) fn hashed_form(&self) -> Vec<u8> {
        let len = self.body.len() as u32;
        let head = match self.version {
            6 => [&[0x9B][..], &len.to_be_bytes()].concat(),
            _ => [&[0x99][..], &len.to_be_bytes()[2..]].concat(),
        };
        [&head[..], &self.body].concat()
    }

    /// A signature over a text (0x01).
    pub fn signs(&self, when: Timestamp) -> Draft<'_> {
        Draft::new(self, 0x01, when)
    }

    /// A certification of a user ID of its own (0x13), for a key that certifies and
    /// signs.
    pub fn certifies(&self, when: Timestamp) -> Draft<'_> {
        Draft::new(self, 0x13, when).with(key_flags(0x03))
    }

    /// A statement about itself (0x1F).
    pub fn states(&self, when: Timestamp) -> Draft<'_> {
        Draft::new(self, 0x1F, when).with(key_flags(0x03))
    }

    /// The binding of a subkey that signs (0x18), with the subkey's answer.
    pub fn binds<'k>(&'k self, subkey: &Key, when: Timestamp) -> Draft<'k> {
        let answer = subkey.answers(when).body(Place::Subkey(self, subkey));
        self.binds_without_answer(when).with(embedded(&answer))
    }

    /// The binding of a subkey that signs, without the subkey's answer.
    pub fn binds_without_answer(&self, when: Timestamp) -> Draft<'_> {
        Draft::new(self, 0x18, when).with(key_flags(0x02))
    }

    /// A subkey's own signature over its primary key (0x19).
    pub fn answers(&self, when: Timestamp) -> Draft<'_> {
        Draft::new(self, 0x19, when)
    }

    /// The revocation of the key itself (0x20).
    pub fn revokes_itself(&self, when: Timestamp) -> Draft<'_> {
        Draft::new(self, 0x20, when)
    }

    /// The revocation of a subkey (0x28).
    pub fn revokes_subkey(&self, when: Timestamp) -> Draft<'_> {
        Draft::new(self, 0x28, when)
    }

    /// The revocation of a user ID (0x30).
    pub fn revokes_user_id(&self, when: Timestamp) -> Draft<'_> {
        Draft::new(self, 0x30, when)
    }
}
