//! One transferable key as components (RFC 9580, sections 10.1 and 10.2): the
//! primary key, then user IDs and subkeys, each with the signatures behind it.

use super::{KeyFault, Packet, PacketReader, malformed, tag, write};
use crate::Result;

/// A packet and the signatures that follow it.
#[derive(Debug, Clone)]
pub struct Component<'a> {
    /// The key, user ID or user attribute.
    pub packet: Packet<'a>,
    /// The signature packets behind it.
    pub signatures: Vec<Packet<'a>>,
}

/// A whole transferable key, public or secret.
#[derive(Debug, Clone)]
pub struct Transferable<'a> {
    /// The primary key with the signatures directly on it.
    pub primary: Component<'a>,
    /// User IDs, user attributes, and packets of types that nobody knows yet.
    pub identities: Vec<Component<'a>>,
    /// Subkeys.
    pub subkeys: Vec<Component<'a>>,
}

impl<'a> Transferable<'a> {
    /// Takes apart the bytes of exactly one key.
    ///
    /// # Errors
    /// `Malformed` if they are anything else.
    pub fn read(bytes: &'a [u8]) -> Result<Self> {
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

    /// Takes apart the packets of exactly one key.
    ///
    /// # Errors
    /// `Malformed` if they are anything else.
    pub fn from_packets(packets: &[Packet<'a>]) -> Result<Self> {
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
    pub fn components(&self) -> impl Iterator<Item = &Component<'a>> {
        std::iter::once(&self.primary)
            .chain(&self.identities)
            .chain(&self.subkeys)
    }

    /// The primary key and the subkeys.
    pub fn keys(&self) -> impl Iterator<Item = &Component<'a>> {
        std::iter::once(&self.primary).chain(&self.subkeys)
    }

    /// True if any packet has a secret part.
    pub fn is_secret(&self) -> bool {
        self.keys().any(|component| component.packet.is_secret())
    }

    /// The packets as bytes, as they stand. Allocated in one piece: growing would
    /// leave copies of a secret behind.
    pub fn to_bytes(&self) -> Vec<u8> {
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
    /// The first key packet that cannot be read.
    pub fn to_public_bytes(&self, reader: &impl PacketReader) -> Result<Vec<u8>, KeyFault> {
        let mut bytes = Vec::new();
        for component in self.components() {
            component.write_public(reader, &mut bytes)?;
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
    /// Appends its signatures to `out`, as they stand.
    pub fn write_signatures(&self, out: &mut Vec<u8>) {
        for signature in &self.signatures {
            out.extend_from_slice(signature.raw);
        }
    }

    fn write_public(&self, reader: &impl PacketReader, out: &mut Vec<u8>) -> Result<(), KeyFault> {
        let public = || reader.key(&self.packet).map(|key| key.public);
        match self.packet.tag {
            tag::SECRET_KEY => write(tag::PUBLIC_KEY, public()?, out),
            tag::SECRET_SUBKEY => write(tag::PUBLIC_SUBKEY, public()?, out),
            _ => out.extend_from_slice(self.packet.raw),
        }
        Ok(())
    }
}
