//! The secret part of a secret-key packet (RFC 9580, section 5.5.3): how it is
//! guarded, and rPGP's form of it.

use crate::failure::{backend, malformed};
use crate::key_packet::KeyPacket;
use crate::packet::{Packet, tag};
use pgp::packet::{PacketHeader, SecretKey, SecretSubkey};
use pgp::ser::Serialize;
use pgp::types::{PacketHeaderVersion, PacketLength, Tag};
use sifseal_core::Result;
use zeroize::Zeroizing;

/// How the secret part of one packet is guarded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Guard {
    /// Not at all.
    Open,
    /// By a passphrase.
    Passphrase,
    /// It is not here; the text says where it is instead.
    Elsewhere(String),
}

impl Guard {
    /// Reads the beginning of a secret part.
    ///
    /// GnuPG marks a secret that it does not have by a string-to-key specifier
    /// of type 101 with the letters `GNU` and a mode (GnuPG's `doc/DETAILS`).
    pub(crate) fn read(secret: &[u8]) -> Self {
        match *secret {
            [0, ..] => Self::Open,
            [253..=255, _, 101, _, b'G', b'N', b'U', mode, ref rest @ ..] => {
                Self::Elsewhere(place(mode, rest))
            }
            _ => Self::Passphrase,
        }
    }
}

fn place(mode: u8, rest: &[u8]) -> String {
    match (mode, rest.split_first()) {
        (1, _) => "the secret part was left out of this copy".to_owned(),
        (2, Some((len, serial))) => {
            let serial = serial.get(..usize::from(*len)).unwrap_or(serial);
            let digits: String = serial.iter().map(|byte| format!("{byte:02X}")).collect();
            format!("smart card {digits}")
        }
        (2, None) => "a smart card".to_owned(),
        _ => "somewhere that GnuPG knows".to_owned(),
    }
}

/// rPGP's form of a secret-key packet; wiped when dropped.
#[derive(Debug)]
pub(crate) enum SecretPacket {
    Primary(SecretKey),
    Subkey(SecretSubkey),
}

impl SecretPacket {
    /// Reads a secret primary key or subkey.
    ///
    /// # Errors
    /// `Malformed` if rPGP cannot read it.
    pub(crate) fn read(packet: &Packet<'_>, key: &KeyPacket<'_>) -> Result<Self> {
        let read = || -> pgp::errors::Result<Self> {
            let length = PacketLength::Fixed(u32::try_from(packet.body.len())?);
            let header = |tag| PacketHeader::from_parts(PacketHeaderVersion::New, tag, length);
            if packet.tag == tag::SECRET_KEY {
                SecretKey::try_from_reader(header(Tag::SecretKey)?, packet.body).map(Self::Primary)
            } else {
                SecretSubkey::try_from_reader(header(Tag::SecretSubkey)?, packet.body)
                    .map(Self::Subkey)
            }
        };
        read().map_err(|error| {
            malformed(format!(
                "the secret part of key {} cannot be read",
                key.fingerprint
            ))
            .because(error.to_string())
        })
    }

    /// Appends the packet to `out`.
    ///
    /// # Errors
    /// `Backend` if rPGP cannot write it.
    pub(crate) fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        let (tag, body) = match self {
            Self::Primary(key) => (tag::SECRET_KEY, key.to_bytes()),
            Self::Subkey(key) => (tag::SECRET_SUBKEY, key.to_bytes()),
        };
        let body = body.map_err(|error| backend("the secret key cannot be written", error))?;
        crate::packet::write(tag, &Zeroizing::new(body), out);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stub_says_where_the_secret_is() {
        let dummy = Guard::read(b"\xFF\x00\x65\x00GNU\x01");
        assert!(matches!(dummy, Guard::Elsewhere(text) if text.contains("left out")));
        let card = Guard::read(b"\xFF\x00\x65\x00GNU\x02\x02\xD2\x76");
        assert_eq!(card, Guard::Elsewhere("smart card D276".to_owned()));
    }

    #[test]
    fn a_guard_is_read_off_its_first_octets() {
        assert_eq!(Guard::read(&[0, 1, 2]), Guard::Open);
        assert_eq!(Guard::read(&[254, 9, 3, 8]), Guard::Passphrase);
        assert_eq!(Guard::read(&[]), Guard::Passphrase);
    }
}
