//! rPGP's form of a secret-key packet (RFC 9580, section 5.5.3).

use crate::failure::{backend, malformed};
use pgp::packet::{PacketHeader, SecretKey, SecretSubkey};
use pgp::ser::Serialize;
use pgp::types::{PacketHeaderVersion, PacketLength, Tag};
use sifseal_core::Result;
use sifseal_core::openpgp::framing::{KeyPacket, Packet, tag, write};
use zeroize::Zeroizing;

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
                key.facts.fingerprint
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
        write(tag, &Zeroizing::new(body), out);
        Ok(())
    }
}
