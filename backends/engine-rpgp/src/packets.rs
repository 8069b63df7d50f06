//! The frames of packets, and the tree that they form in one key.
//!
//! rPGP parses what is in a packet; where packets begin and end is found here, so
//! that a broken one costs no more than itself, and so that keys can be merged and
//! kept byte for byte, also where rPGP does not understand a part.

use pgp::packet::{Packet, PacketParser};
use sifseal_core::{Error, ErrorKind, Result};

/// Packet types (RFC 9580, section 5) that make up keys.
pub(crate) mod tag {
    pub(crate) const SIGNATURE: u8 = 2;
    pub(crate) const SECRET_KEY: u8 = 5;
    pub(crate) const PUBLIC_KEY: u8 = 6;
    pub(crate) const SECRET_SUBKEY: u8 = 7;
    pub(crate) const MARKER: u8 = 10;
    pub(crate) const TRUST: u8 = 12;
    pub(crate) const USER_ID: u8 = 13;
    pub(crate) const PUBLIC_SUBKEY: u8 = 14;
    pub(crate) const USER_ATTRIBUTE: u8 = 17;
    pub(crate) const PADDING: u8 = 21;
}

/// One packet where it stands: its type, all its bytes, and its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    pub(crate) tag: u8,
    pub(crate) whole: &'a [u8],
    pub(crate) body: &'a [u8],
}

impl<'a> Frame<'a> {
    /// The packet at the beginning of `bytes`; `None` if none stands there. Lengths
    /// that are not known beforehand are for data, never for keys.
    pub(crate) fn first(bytes: &'a [u8]) -> Option<Self> {
        let (&octet, rest) = bytes.split_first()?;
        if octet & 0x80 == 0 {
            return None;
        }
        let (tag, length, header) = if octet & 0x40 != 0 {
            let (length, octets) = new_length(rest)?;
            (octet & 0x3f, length, 1 + octets)
        } else {
            let octets = 1 << (octet & 0x03);
            let field = rest.get(..octets).filter(|_| octets <= 4)?;
            let length = field
                .iter()
                .fold(0, |length, octet| length << 8 | usize::from(*octet));
            ((octet >> 2) & 0x0f, length, 1 + octets)
        };
        let whole = bytes.get(..header.checked_add(length)?)?;
        Some(Self {
            tag,
            whole,
            body: whole.get(header..)?,
        })
    }

    /// The packet as rPGP reads it.
    pub(crate) fn parse(&self) -> Result<Packet> {
        match PacketParser::new(self.whole).next() {
            Some(Ok(packet)) => Ok(packet),
            Some(Err(error)) => Err(malformed(&error.to_string())),
            None => Err(malformed("an empty packet")),
        }
    }

    pub(crate) fn starts_key(&self) -> bool {
        matches!(self.tag, tag::PUBLIC_KEY | tag::SECRET_KEY)
    }

    /// True for what may follow in a key after its first packet.
    pub(crate) fn continues_key(&self) -> bool {
        matches!(
            self.tag,
            tag::SIGNATURE
                | tag::SECRET_SUBKEY
                | tag::MARKER
                | tag::TRUST
                | tag::USER_ID
                | tag::PUBLIC_SUBKEY
                | tag::USER_ATTRIBUTE
                | tag::PADDING
        )
    }
}

/// RFC 9580, section 4.2.1: one, two or five octets; partial lengths are refused.
fn new_length(rest: &[u8]) -> Option<(usize, usize)> {
    match *rest.first()? {
        short @ 0..192 => Some((short.into(), 1)),
        first @ 192..224 => {
            let second = *rest.get(1)?;
            Some((
                (usize::from(first) - 192) * 256 + usize::from(second) + 192,
                2,
            ))
        }
        255 => {
            let octets: [u8; 4] = rest.get(1..5)?.try_into().ok()?;
            Some((u32::from_be_bytes(octets).try_into().ok()?, 5))
        }
        _ => None,
    }
}

/// A packet with its header in the form that every reader knows.
pub(crate) fn framed(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut whole = vec![0xc0 | tag, 255];
    whole.extend(u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes());
    whole.extend(body);
    whole
}

/// A key as a tree of packets: what stands on the primary key, then user IDs and
/// subkeys, each with the signatures on it (RFC 9580, section 10.1). Packets that
/// say nothing about the key (trust, markers, padding) are left out.
#[derive(Debug, Clone)]
pub(crate) struct KeyTree<'a> {
    pub(crate) primary: Frame<'a>,
    pub(crate) on_primary: Vec<Frame<'a>>,
    pub(crate) parts: Vec<Part<'a>>,
}

/// A user ID, user attribute or subkey with the signatures on it.
#[derive(Debug, Clone)]
pub(crate) struct Part<'a> {
    pub(crate) packet: Frame<'a>,
    pub(crate) signatures: Vec<Frame<'a>>,
}

impl<'a> KeyTree<'a> {
    /// The tree of exactly one key.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self> {
        let mut rest = bytes;
        let mut next = || -> Result<Option<Frame<'a>>> {
            if rest.is_empty() {
                return Ok(None);
            }
            let frame = Frame::first(rest).ok_or_else(|| malformed("a torn packet"))?;
            rest = rest.get(frame.whole.len()..).unwrap_or_default();
            Ok(Some(frame))
        };
        let primary = next()?
            .filter(Frame::starts_key)
            .ok_or_else(|| malformed("it does not begin with a key packet"))?;
        let mut tree = Self {
            primary,
            on_primary: vec![],
            parts: vec![],
        };
        while let Some(frame) = next()? {
            match frame.tag {
                tag::SIGNATURE => match tree.parts.last_mut() {
                    Some(part) => part.signatures.push(frame),
                    None => tree.on_primary.push(frame),
                },
                tag::MARKER | tag::TRUST | tag::PADDING => {}
                _ if frame.continues_key() => tree.parts.push(Part {
                    packet: frame,
                    signatures: vec![],
                }),
                _ => return Err(malformed("it holds more than one key")),
            }
        }
        Ok(tree)
    }
}

pub(crate) fn malformed(what: &str) -> Error {
    Error::new(
        ErrorKind::Malformed,
        format!("not a proper OpenPGP key: {what}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_length_is_read() {
        let body = [7; 300];
        let five = framed(tag::USER_ID, &body);
        let mut two = vec![0xc0 | tag::USER_ID, 192, 300 - 192];
        two.extend(body);
        let mut old = vec![0x80 | tag::USER_ID << 2 | 1, 1, 300 - 256];
        old.extend(body);
        for whole in [&five, &two, &old] {
            let frame = Frame::first(whole).unwrap();
            assert_eq!((frame.tag, frame.body), (tag::USER_ID, &body[..]));
            assert_eq!(frame.whole, &whole[..]);
            assert_eq!(Frame::first(&whole[..whole.len() - 1]), None, "cut short");
        }
        assert_eq!(
            Frame::first(&[0xc0 | tag::USER_ID, 224, 0]),
            None,
            "partial"
        );
        assert_eq!(Frame::first(b"text"), None);
        assert_eq!(Frame::first(&[]), None);
    }
}
