//! One transferable key as components (RFC 9580, sections 10.1 and 10.2): the
//! primary key, then user IDs and subkeys, each with the signatures behind it.

use crate::failure::malformed;
use crate::key_packet::KeyPacket;
use crate::packet::{Packet, tag, write};
use sifseal_core::Result;

/// A packet and the signatures that follow it.
#[derive(Debug, Clone)]
pub(crate) struct Component<'a> {
    pub(crate) packet: Packet<'a>,
    pub(crate) signatures: Vec<Packet<'a>>,
}

/// A whole transferable key, public or secret.
#[derive(Debug, Clone)]
pub(crate) struct Transferable<'a> {
    /// The primary key with the signatures directly on it.
    pub(crate) primary: Component<'a>,
    /// User IDs, user attributes, and packets of types that nobody knows yet.
    pub(crate) identities: Vec<Component<'a>>,
    /// Subkeys.
    pub(crate) subkeys: Vec<Component<'a>>,
}

impl<'a> Transferable<'a> {
    /// Takes apart the bytes of exactly one key.
    ///
    /// # Errors
    /// `Malformed` if they are anything else.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self> {
        let mut packets = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let packet = Packet::first(rest)
                .ok_or_else(|| malformed("the key does not consist of whole packets"))?;
            rest = rest.get(packet.raw.len()..).unwrap_or_default();
            packets.push(packet);
        }
        Self::from_packets(&packets)
    }

    /// # Errors
    /// `Malformed` if the packets are not one key.
    pub(crate) fn from_packets(packets: &[Packet<'a>]) -> Result<Self> {
        let Some((first, rest)) = packets
            .split_first()
            .filter(|(first, _)| first.is_primary())
        else {
            return Err(malformed("the key does not begin with a primary key"));
        };
        let component = |packet: &Packet<'a>| Component {
            packet: *packet,
            signatures: Vec::new(),
        };
        let mut key = Self {
            primary: component(first),
            identities: Vec::new(),
            subkeys: Vec::new(),
        };
        // The component whose signatures are being read.
        let mut current = Place::Primary;
        for packet in rest {
            match packet.tag {
                tag::SIGNATURE => key.at(current).signatures.push(*packet),
                tag::MARKER | tag::TRUST | tag::PADDING => {}
                _ if packet.is_primary() => {
                    return Err(malformed("a second key follows the first one"));
                }
                _ if packet.is_subkey() => {
                    key.subkeys.push(component(packet));
                    current = Place::Subkey;
                }
                _ => {
                    key.identities.push(component(packet));
                    current = Place::Identity;
                }
            }
        }
        Ok(key)
    }

    fn at(&mut self, place: Place) -> &mut Component<'a> {
        let last = match place {
            Place::Primary => None,
            Place::Identity => self.identities.last_mut(),
            Place::Subkey => self.subkeys.last_mut(),
        };
        last.unwrap_or(&mut self.primary)
    }

    /// Every component in the order in which they are written.
    pub(crate) fn components(&self) -> impl Iterator<Item = &Component<'a>> {
        std::iter::once(&self.primary)
            .chain(&self.identities)
            .chain(&self.subkeys)
    }

    /// The primary key and the subkeys.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &Component<'a>> {
        std::iter::once(&self.primary).chain(&self.subkeys)
    }

    /// True if any packet has a secret part.
    pub(crate) fn is_secret(&self) -> bool {
        self.keys().any(|component| component.packet.is_secret())
    }

    /// The packets as bytes, as they stand. Allocated in one piece: growing would
    /// leave copies of a secret behind.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let len = |component: &Component<'_>| -> usize {
            let signatures = component.signatures.iter().map(|packet| packet.raw.len());
            component.packet.raw.len() + signatures.sum::<usize>()
        };
        let mut bytes = Vec::with_capacity(self.components().map(len).sum());
        for component in self.components() {
            bytes.extend_from_slice(component.packet.raw);
            component.write_signatures(&mut bytes);
        }
        bytes
    }

    /// The packets as bytes, without any secret part.
    ///
    /// # Errors
    /// `Malformed` if a key packet cannot be read.
    pub(crate) fn to_public_bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        for component in self.components() {
            component.write_public(&mut bytes)?;
            component.write_signatures(&mut bytes);
        }
        Ok(bytes)
    }
}

#[derive(Debug, Clone, Copy)]
enum Place {
    Primary,
    Identity,
    Subkey,
}

impl Component<'_> {
    /// The public fields, for a key.
    ///
    /// # Errors
    /// `Malformed` if they cannot be read.
    pub(crate) fn key(&self) -> Result<KeyPacket<'_>> {
        KeyPacket::read(&self.packet).map_err(malformed)
    }

    pub(crate) fn write_signatures(&self, out: &mut Vec<u8>) {
        for signature in &self.signatures {
            out.extend_from_slice(signature.raw);
        }
    }

    fn write_public(&self, out: &mut Vec<u8>) -> Result<()> {
        match self.packet.tag {
            tag::SECRET_KEY => write(tag::PUBLIC_KEY, self.key()?.public, out),
            tag::SECRET_SUBKEY => write(tag::PUBLIC_SUBKEY, self.key()?.public, out),
            _ => out.extend_from_slice(self.packet.raw),
        }
        Ok(())
    }
}
