//! A signature before it is made: every field can still be changed.

use super::Key;
use super::hash::digest;
use super::packet::{packet, tag};
use super::subpacket::{self, Subpacket};
use sifseal_core::Timestamp;
use sifseal_core::openpgp::HashAlgorithm;

/// What a signature covers (RFC 9580, section 5.2.4).
#[derive(Debug, Clone, Copy)]
pub enum Place<'a> {
    /// A document's bytes.
    Data(&'a [u8]),
    /// A primary key.
    Primary(&'a Key),
    /// A user ID of a primary key.
    UserId(&'a Key, &'a str),
    /// A subkey of a primary key, from either side.
    Subkey(&'a Key, &'a Key),
}

/// A signature to be made by a key.
#[derive(Debug, Clone)]
pub struct Draft<'k> {
    by: &'k Key,
    kind: u8,
    hash: HashAlgorithm,
    when: Timestamp,
    hashed: Vec<Subpacket>,
    unhashed: Vec<Subpacket>,
    unhashed_junk: Vec<u8>,
    version3: bool,
    salt_len: usize,
}

impl<'k> Draft<'k> {
    /// With SHA-256, a date and the issuer's names, all in the hashed area.
    pub(super) fn new(by: &'k Key, kind: u8, when: Timestamp) -> Self {
        let mut hashed = vec![subpacket::created(when)];
        hashed.extend(subpacket::issuers(by));
        Self {
            by,
            kind,
            hash: HashAlgorithm::Sha256,
            when,
            hashed,
            unhashed: Vec::new(),
            unhashed_junk: Vec::new(),
            version3: false,
            // As long as SHA-256 asks for (RFC 9580, section 9.5).
            salt_len: 16,
        }
    }

    /// Another signature type.
    #[must_use]
    pub fn kind(mut self, kind: u8) -> Self {
        self.kind = kind;
        self
    }

    /// A salt of another length, where the version has one.
    #[must_use]
    pub fn salt_len(mut self, octets: u8) -> Self {
        self.salt_len = octets.into();
        self
    }

    /// Another hash.
    #[must_use]
    pub fn hash(mut self, hash: HashAlgorithm) -> Self {
        self.hash = hash;
        self
    }

    /// One more hashed subpacket. One of the same type that is there already goes,
    /// unless it is a notation.
    #[must_use]
    pub fn with(mut self, subpacket: Subpacket) -> Self {
        self.hashed.retain(|own| !own.is_replaced_by(&subpacket));
        self.hashed.push(subpacket);
        self
    }

    /// One more hashed subpacket, also if one of its type is there.
    #[must_use]
    pub fn with_also(mut self, subpacket: Subpacket) -> Self {
        self.hashed.push(subpacket);
        self
    }

    /// One more unhashed subpacket.
    #[must_use]
    pub fn with_unhashed(mut self, subpacket: Subpacket) -> Self {
        self.unhashed.push(subpacket);
        self
    }

    /// Bytes at the end of the unhashed area that are no subpacket.
    #[must_use]
    pub fn with_unhashed_junk(mut self, junk: &[u8]) -> Self {
        self.unhashed_junk = junk.to_vec();
        self
    }

    /// Nothing in either area: neither date nor issuer.
    #[must_use]
    pub fn bare(mut self) -> Self {
        self.hashed.clear();
        self.unhashed.clear();
        self
    }

    /// Another date.
    #[must_use]
    pub fn dated(mut self, when: Timestamp) -> Self {
        self.when = when;
        self.with(subpacket::created(when))
    }

    /// The names of another key as its maker's.
    #[must_use]
    pub fn claiming_to_be_by(self, other: &Key) -> Self {
        subpacket::issuers(other).into_iter().fold(self, Self::with)
    }

    /// Without a word on what the key may be used for.
    #[must_use]
    pub fn without_flags(mut self) -> Self {
        let flags = subpacket::key_flags(0);
        self.hashed.retain(|own| !own.is_replaced_by(&flags));
        self
    }

    /// Both names of its maker in the unhashed area.
    #[must_use]
    pub fn with_issuers(mut self) -> Self {
        self.unhashed.extend(subpacket::issuers(self.by));
        self
    }

    /// In version 3 (section 5.2.2), which has no subpackets.
    #[must_use]
    pub fn version3(mut self) -> Self {
        self.version3 = true;
        self
    }

    /// The hash that it uses.
    pub(super) fn uses(&self) -> HashAlgorithm {
        self.hash
    }

    /// The signature packet over something.
    pub fn over(&self, place: Place<'_>) -> Vec<u8> {
        packet(tag::SIGNATURE, &self.body(place))
    }

    /// The body of the signature packet.
    pub fn body(&self, place: Place<'_>) -> Vec<u8> {
        if self.version3 {
            return self.body_of_version3(place);
        }
        let version = self.by.version;
        let salt = vec![7; if version == 6 { self.salt_len } else { 0 }];
        let salt = salt.as_slice();
        let mut covered = vec![version, self.kind, self.by.hand.algorithm(), self.hash.id()];
        covered.extend(area(version, &self.hashed, b""));
        let mut hashed = [salt, &covered_data(place, false), &covered].concat();
        hashed.extend([version, 0xFF]);
        hashed.extend((covered.len() as u32).to_be_bytes());
        let digest = digest(self.hash, &hashed);

        let mut body = covered;
        body.extend(area(version, &self.unhashed, &self.unhashed_junk));
        body.extend(&digest[..2]);
        if version == 6 {
            body.push(salt.len() as u8);
            body.extend(salt);
        }
        body.extend(self.by.hand.sign(self.hash, &digest));
        body
    }

    fn body_of_version3(&self, place: Place<'_>) -> Vec<u8> {
        let seconds = u32::try_from(self.when.0).expect("a date between 1970 and 2106");
        let mut covered = vec![self.kind];
        covered.extend(seconds.to_be_bytes());
        let hashed = [covered_data(place, true), covered.clone()].concat();
        let digest = digest(self.hash, &hashed);
        let mut body = vec![3, 5];
        body.extend(covered);
        body.extend(self.by.fingerprint().key_id().0);
        body.extend([self.by.hand.algorithm(), self.hash.id()]);
        body.extend(&digest[..2]);
        body.extend(self.by.hand.sign(self.hash, &digest));
        body
    }
}

/// An area of subpackets; its length has two octets, or four in version 6.
fn area(version: u8, subpackets: &[Subpacket], junk: &[u8]) -> Vec<u8> {
    let mut bytes: Vec<u8> = subpackets.iter().flat_map(Subpacket::bytes).collect();
    bytes.extend(junk);
    let len = (bytes.len() as u32).to_be_bytes();
    let len = if version == 6 { &len[..] } else { &len[2..] };
    [len, &bytes].concat()
}

fn covered_data(place: Place<'_>, version3: bool) -> Vec<u8> {
    match place {
        Place::Data(bytes) => bytes.to_vec(),
        Place::Primary(key) => key.hashed_form(),
        Place::UserId(key, user_id) => {
            let mut data = key.hashed_form();
            if !version3 {
                data.push(0xB4);
                data.extend((user_id.len() as u32).to_be_bytes());
            }
            data.extend_from_slice(user_id.as_bytes());
            data
        }
        Place::Subkey(primary, subkey) => [primary.hashed_form(), subkey.hashed_form()].concat(),
    }
}
