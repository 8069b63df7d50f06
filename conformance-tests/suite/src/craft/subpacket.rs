//! Subpackets of signatures (RFC 9580, section 5.2.3.7).

use super::Key;
use sifseal_core::Timestamp;
use sifseal_core::openpgp::{Fingerprint, KeyId};

/// One subpacket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subpacket {
    kind: u8,
    critical: bool,
    data: Vec<u8>,
}

impl Subpacket {
    /// Any subpacket.
    pub fn new(kind: u8, data: &[u8]) -> Self {
        Self {
            kind,
            critical: false,
            data: data.to_vec(),
        }
    }

    /// The same, marked critical.
    #[must_use]
    pub fn critical(mut self) -> Self {
        self.critical = true;
        self
    }

    /// True if only one of the two can stand in a signature that makes sense.
    pub(super) fn is_replaced_by(&self, other: &Self) -> bool {
        const NOTATION: u8 = 20;
        self.kind == other.kind && self.kind != NOTATION
    }

    /// With its length, always in five octets.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let len = self.data.len() as u32 + 1;
        let kind = self.kind | if self.critical { 0x80 } else { 0 };
        [&[0xFF][..], &len.to_be_bytes(), &[kind], &self.data].concat()
    }
}

/// When a signature says it was made.
pub fn created(when: Timestamp) -> Subpacket {
    let seconds = u32::try_from(when.0).expect("a date between 1970 and 2106");
    Subpacket::new(2, &seconds.to_be_bytes())
}

/// For how many seconds a signature holds.
pub fn expires_after(seconds: u32) -> Subpacket {
    Subpacket::new(3, &seconds.to_be_bytes())
}

/// For how many seconds after its creation a key holds.
pub fn key_expires_after(seconds: u32) -> Subpacket {
    Subpacket::new(9, &seconds.to_be_bytes())
}

/// The maker, by key ID.
pub fn issuer(id: KeyId) -> Subpacket {
    Subpacket::new(16, &id.0)
}

/// The maker, by fingerprint.
pub fn issuer_fingerprint(fingerprint: Fingerprint) -> Subpacket {
    let version = match fingerprint {
        Fingerprint::V4(_) => 4,
        Fingerprint::V6(_) => 6,
    };
    Subpacket::new(33, &[&[version][..], fingerprint.as_bytes()].concat())
}

/// A readable notation.
pub fn notation(name: &str, value: &str) -> Subpacket {
    let mut data = vec![0x80, 0, 0, 0];
    data.extend((name.len() as u16).to_be_bytes());
    data.extend((value.len() as u16).to_be_bytes());
    data.extend_from_slice(name.as_bytes());
    data.extend_from_slice(value.as_bytes());
    Subpacket::new(20, &data)
}

/// Where the owner wants the key to be looked for.
pub fn preferred_key_server(url: &str) -> Subpacket {
    Subpacket::new(24, url.as_bytes())
}

/// Marks a user ID as the primary one.
pub fn primary_user_id() -> Subpacket {
    Subpacket::new(25, &[1])
}

/// What a key may be used for: 0x01 certifies, 0x02 signs, 0x0C encrypts.
pub fn key_flags(flags: u8) -> Subpacket {
    Subpacket::new(27, &[flags])
}

/// Why something is revoked: 0 not said, 1 superseded, 2 compromised, 3 retired,
/// 32 user ID no longer valid.
pub fn reason(code: u8) -> Subpacket {
    Subpacket::new(29, &[code])
}

/// A signature within a signature: its packet's body.
pub fn embedded(body: &[u8]) -> Subpacket {
    Subpacket::new(32, body)
}

/// Both names of a maker, as most programs write them.
pub(super) fn issuers(key: &Key) -> [Subpacket; 2] {
    let fingerprint = key.fingerprint();
    [
        issuer_fingerprint(fingerprint),
        issuer(fingerprint.key_id()),
    ]
}
