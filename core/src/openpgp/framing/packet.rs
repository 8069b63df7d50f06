//! Framing: where one packet ends and the next begins (RFC 9580, section 4.2).
//!
//! Only lengths that are known in advance are accepted. Partial and
//! indeterminate lengths are for data packets (section 4.2.1.4) and have no
//! business among keys and signatures.

/// Packet type IDs (RFC 9580, section 5).
#[allow(missing_docs)]
pub mod tag {
    pub const SIGNATURE: u8 = 2;
    pub const SECRET_KEY: u8 = 5;
    pub const PUBLIC_KEY: u8 = 6;
    pub const SECRET_SUBKEY: u8 = 7;
    pub const MARKER: u8 = 10;
    pub const TRUST: u8 = 12;
    pub const USER_ID: u8 = 13;
    pub const PUBLIC_SUBKEY: u8 = 14;
    pub const USER_ATTRIBUTE: u8 = 17;
    pub const PADDING: u8 = 21;
}

/// One packet as it stands in a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// The packet type ID.
    pub tag: u8,
    /// Header and body.
    pub raw: &'a [u8],
    /// The body alone.
    pub body: &'a [u8],
}

impl<'a> Packet<'a> {
    /// The packet at the beginning of `bytes`; `None` if no packet begins there
    /// or it does not end within them.
    pub fn first(bytes: &'a [u8]) -> Option<Self> {
        let header = Header::read(bytes)?;
        let end = header.len.checked_add(header.body_len)?;
        let raw = bytes.get(..end)?;
        Some(Self {
            tag: header.tag,
            raw,
            body: raw.get(header.len..)?,
        })
    }

    /// True for a primary or a subkey, public or secret.
    pub fn is_key(&self) -> bool {
        self.is_primary() || self.is_subkey()
    }

    /// True for a primary key, public or secret: where a new key begins.
    pub fn is_primary(&self) -> bool {
        matches!(self.tag, tag::PUBLIC_KEY | tag::SECRET_KEY)
    }

    /// True for a subkey, public or secret.
    pub fn is_subkey(&self) -> bool {
        matches!(self.tag, tag::PUBLIC_SUBKEY | tag::SECRET_SUBKEY)
    }

    /// True for a packet with a secret part.
    pub fn is_secret(&self) -> bool {
        matches!(self.tag, tag::SECRET_KEY | tag::SECRET_SUBKEY)
    }
}

struct Header {
    tag: u8,
    len: usize,
    body_len: usize,
}

impl Header {
    fn read(bytes: &[u8]) -> Option<Self> {
        let first = *bytes.first()?;
        let rest = bytes.get(1..)?;
        let (tag, (length_len, body_len)) = match first {
            0xC0..=0xFF => (first & 0x3F, new_length(rest)?),
            0x80..=0xBF => ((first >> 2) & 0x0F, old_length(first & 0x03, rest)?),
            _ => return None,
        };
        // Type ID 0 is reserved and must not be used (section 5).
        (tag != 0).then_some(Self {
            tag,
            len: 1 + length_len,
            body_len,
        })
    }
}

/// The length of a new-format header: how many octets it takes, and the value.
fn new_length(bytes: &[u8]) -> Option<(usize, usize)> {
    match *bytes {
        [one @ 0..=191, ..] => Some((1, usize::from(one))),
        [one @ 192..=223, two, ..] => {
            Some((2, (usize::from(one) - 192) * 256 + usize::from(two) + 192))
        }
        [255, a, b, c, d, ..] => Some((5, u32::from_be_bytes([a, b, c, d]) as usize)),
        _ => None,
    }
}

/// The length of an old-format header (section 4.2.2).
fn old_length(kind: u8, bytes: &[u8]) -> Option<(usize, usize)> {
    match (kind, bytes) {
        (0, [a, ..]) => Some((1, usize::from(*a))),
        (1, [a, b, ..]) => Some((2, usize::from(u16::from_be_bytes([*a, *b])))),
        (2, [a, b, c, d, ..]) => Some((4, u32::from_be_bytes([*a, *b, *c, *d]) as usize)),
        _ => None,
    }
}

/// A packet with a new-format header, appended to `out`.
pub fn write(tag: u8, body: &[u8], out: &mut Vec<u8>) {
    out.push(0xC0 | tag);
    match body.len() {
        len @ 0..=191 => out.push(len as u8),
        len @ 192..=8383 => {
            let len = len - 192;
            out.extend([(len / 256 + 192) as u8, (len % 256) as u8]);
        }
        len => {
            out.push(255);
            out.extend((len as u32).to_be_bytes());
        }
    }
    out.extend_from_slice(body);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_survives_writing_and_reading() {
        for len in [0, 1, 191, 192, 193, 447, 448, 8383, 8384, 70_000] {
            let body = vec![7; len];
            let mut bytes = Vec::new();
            write(tag::USER_ID, &body, &mut bytes);
            let packet = Packet::first(&bytes).unwrap();
            assert_eq!(packet.tag, tag::USER_ID);
            assert_eq!(packet.body, body);
            assert_eq!(packet.raw, bytes);
        }
    }

    #[test]
    fn old_headers_are_read() {
        for header in [&[0xB4, 2][..], &[0xB5, 0, 2], &[0xB6, 0, 0, 0, 2]] {
            let bytes = [header, b"xy", b"rest"].concat();
            let packet = Packet::first(&bytes).unwrap();
            assert_eq!((packet.tag, packet.body), (tag::USER_ID, &b"xy"[..]));
        }
    }

    #[test]
    fn what_has_no_known_end_is_no_packet() {
        assert_eq!(Packet::first(b""), None);
        assert_eq!(Packet::first(b"text"), None);
        assert_eq!(Packet::first(&[0xB7, 1, 2, 3]), None, "indeterminate");
        assert_eq!(Packet::first(&[0xCD, 0xE1, 1, 2]), None, "partial");
        assert_eq!(Packet::first(&[0xCD, 9, 1, 2]), None, "cut short");
        assert_eq!(Packet::first(&[0xC0, 1, 2]), None, "reserved type");
        assert_eq!(Packet::first(&[0xFF; 6]), None, "beyond any memory");
    }
}
