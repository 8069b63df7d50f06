//! Finding keys in a stream, past everything that is none.
//!
//! A key ring belongs to a person and may be old, cut or damaged. Whatever stands
//! in it, the good keys come out, in order, and every other byte is reported as
//! junk, so that rewriting the ring loses nothing. Time is linear in the length.
//!
//! Two things are dropped silently because they mean nothing outside of the
//! program that wrote them: text around armored blocks, and marker, trust and
//! padding packets (RFC 9580, sections 5.8, 5.10 and 5.14).

use super::{KeyFault, Packet, PacketReader, Transferable, armor, outline, tag};
use crate::openpgp::{Junk, Keyring};
use std::ops::Range;

/// No real user ID is longer (RFC 9580 sets no limit, GnuPG writes 2048 bytes).
pub(super) const LONGEST_USER_ID: usize = 2048;

/// Every key in `bytes`, binary or armored: the work of
/// [`Engine::read_keys`](crate::traits::Engine::read_keys).
pub fn read(contents: &impl PacketReader, bytes: &[u8]) -> Keyring {
    let mut ring = Keyring::default();
    if bytes.trim_ascii().is_empty() {
        return ring;
    }
    // A packet header has its first bit set, and no letter of plain text has.
    let is_binary = Packet::first(bytes).is_some_and(|packet| packet.is_primary());
    let blocks = if is_binary {
        Vec::new()
    } else {
        armor::blocks(bytes)
    };
    if blocks.is_empty() {
        read_packets(contents, bytes, None, &mut ring);
        return ring;
    }
    for block in blocks {
        let is_key = block.label.ends_with(b"KEY BLOCK");
        match (&block.content, is_key) {
            (Ok(content), true) => read_packets(contents, content, Some(block.offset), &mut ring),
            (Ok(_), false) => ring.junk.push(Junk {
                offset: block.offset,
                bytes: block.raw.to_vec(),
                what: "an armored block that is not a key".to_owned(),
            }),
            (Err(what), _) => ring.junk.push(Junk {
                offset: block.offset,
                bytes: block.raw.to_vec(),
                what: (*what).to_owned(),
            }),
        }
    }
    ring
}

/// Every key in a binary stream. Junk inside an armored block is given decoded,
/// with the offset of the block.
fn read_packets(
    contents: &impl PacketReader,
    bytes: &[u8],
    offset_of_block: Option<usize>,
    ring: &mut Keyring,
) {
    let mut reader = Reader {
        contents,
        bytes,
        at: 0,
        is_whole: is_whole(bytes),
        offset_of_block,
        ring,
        junk_since: None,
    };
    while reader.at < bytes.len() {
        reader.step();
    }
    reader.end_junk(bytes.len());
}

struct Reader<'a, 'r, R> {
    contents: &'r R,
    bytes: &'a [u8],
    at: usize,
    /// All packets are framed without a gap. Then nothing is searched for: random
    /// bytes (a locked secret, a signature) can look like the beginning of a key.
    is_whole: bool,
    offset_of_block: Option<usize>,
    ring: &'r mut Keyring,
    /// Where the junk began that is being passed over, and what it is.
    junk_since: Option<(usize, String)>,
}

impl<'a, R: PacketReader> Reader<'a, '_, R> {
    /// Reads one key, or passes over one piece of junk.
    fn step(&mut self) {
        let start = self.at;
        let Some(first) = self.packet_at(start) else {
            self.begin_junk("damaged or no OpenPGP at all".to_owned());
            let end = self.bytes.len();
            self.at = self.next_key(start + 1, end).map_or(end, |key| key.start);
            return;
        };
        if first.is_primary() {
            match self.key_at(start) {
                Ok(()) => {}
                Err(what) => {
                    self.begin_junk(what);
                    self.at = self.end_of_group(start);
                }
            }
            return;
        }
        if !matches!(first.tag, tag::MARKER | tag::TRUST | tag::PADDING) {
            self.begin_junk("packets that belong to no key".to_owned());
        }
        self.at += first.raw.len();
    }

    /// Reads the key that begins at `start` and moves behind it.
    fn key_at(&mut self, start: usize) -> Result<(), String> {
        let end = self.end_of_group(start);
        let mut packets = Vec::new();
        let mut at = start;
        while at < end {
            let packet = self.packet_at(at).ok_or("a damaged key")?;
            packets.push((at, packet));
            at += packet.raw.len();
        }
        if let Some((_, primary)) = packets.first() {
            self.contents
                .key(primary)
                .map_err(|fault| fault.to_string())?;
        }
        let (kept, lost) = self.without_unreadable_subkeys(packets);
        let transferable = Transferable::from_packets(&kept).map_err(|error| error.to_string())?;
        let key = outline::key(self.contents, &transferable).map_err(|fault| fault.to_string())?;
        self.end_junk(start);
        self.ring.keys.push(key);
        for (offset, packet, fault) in lost {
            self.report(offset, packet.raw.to_vec(), fault.to_string());
        }
        self.at = end;
        Ok(())
    }

    /// Where the packets that begin with a primary key end: before the next
    /// primary key, a packet that has no place in a key, or damage.
    fn end_of_group(&self, start: usize) -> usize {
        let mut at = start;
        while let Some(packet) = self.packet_at(at) {
            let begins_another = packet.is_primary() && at != start;
            let belongs = stands_in_a_ring(packet.tag) && !begins_another;
            if !belongs {
                break;
            }
            at += packet.raw.len();
        }
        at
    }

    /// The packet at an offset, if it looks undamaged. Where its content does
    /// not tell, what follows must; and a packet that was cut claims the
    /// beginning of what stands behind it, and shows it by the key in its end.
    fn packet_at(&self, at: usize) -> Option<Packet<'a>> {
        let packet = Packet::first(self.bytes.get(at..)?)?;
        if self.is_whole {
            return Some(packet);
        }
        let end = at + packet.raw.len();
        let behind = self.bytes.get(end..)?;
        let hidden = self.next_key(at + 1, end);
        let undamaged = match self.makes_sense(&packet) {
            Some(true) => hidden.is_none() || self.leads_somewhere(behind),
            Some(false) => false,
            None => self.leads_somewhere(behind),
        };
        let is_cut = hidden.is_some_and(|key| key.end > end);
        (undamaged && !is_cut).then_some(packet)
    }

    /// Where, within `from..to`, the next readable primary key packet begins, and
    /// where it ends.
    fn next_key(&self, from: usize, to: usize) -> Option<Range<usize>> {
        (from..to).find_map(|at| {
            let packet = Packet::first(self.bytes.get(at..)?)?;
            let readable = packet.is_primary() && self.contents.is_readable_key(&packet);
            readable.then(|| at..at + packet.raw.len())
        })
    }

    /// Whether the content of a packet is whole; `None` if it does not tell.
    fn makes_sense(&self, packet: &Packet<'_>) -> Option<bool> {
        match packet.tag {
            // It may have a version or an algorithm that is not known here.
            _ if packet.is_key() => self.contents.is_readable_key(packet).then_some(true),
            tag::SIGNATURE => self.contents.is_whole_signature(packet),
            tag::USER_ID => (packet.body.len() <= LONGEST_USER_ID
                && std::str::from_utf8(packet.body).is_ok())
            .then_some(true),
            _ => None,
        }
    }

    /// True if the next packets whose content tells anything make sense, or there
    /// is nothing more. A few are looked at, so that the time stays linear.
    fn leads_somewhere(&self, mut bytes: &[u8]) -> bool {
        const FEW: usize = 8;
        for _ in 0..FEW {
            if bytes.is_empty() {
                return true;
            }
            let Some(packet) = Packet::first(bytes).filter(|packet| stands_in_a_ring(packet.tag))
            else {
                return false;
            };
            if let Some(sense) = self.makes_sense(&packet) {
                return sense;
            }
            bytes = bytes.get(packet.raw.len()..).unwrap_or_default();
        }
        true
    }

    /// Splits off subkeys that cannot be read, with what follows each of them up
    /// to the next component: such a subkey makes only itself useless.
    fn without_unreadable_subkeys(
        &self,
        packets: Vec<(usize, Packet<'a>)>,
    ) -> (Vec<Packet<'a>>, Vec<(usize, Packet<'a>, KeyFault)>) {
        let mut kept = Vec::new();
        let mut lost = Vec::new();
        let mut losing = None;
        for (offset, packet) in packets {
            if packet.is_subkey() {
                losing = self.contents.key(&packet).err();
            } else if packet.tag != tag::SIGNATURE {
                losing = None;
            }
            match losing {
                Some(fault) => lost.push((offset, packet, fault)),
                None => kept.push(packet),
            }
        }
        (kept, lost)
    }

    fn begin_junk(&mut self, what: String) {
        self.junk_since.get_or_insert((self.at, what));
    }

    fn end_junk(&mut self, end: usize) {
        if let Some((start, what)) = self.junk_since.take() {
            let bytes = self.bytes.get(start..end).unwrap_or_default().to_vec();
            self.report(start, bytes, what);
        }
    }

    fn report(&mut self, offset: usize, bytes: Vec<u8>, what: String) {
        self.ring.junk.push(Junk {
            offset: self.offset_of_block.unwrap_or(offset),
            bytes,
            what,
        });
    }
}

/// True if the packets of a ring follow each other from the first byte to the last.
fn is_whole(mut bytes: &[u8]) -> bool {
    while let Some(packet) = Packet::first(bytes).filter(|packet| stands_in_a_ring(packet.tag)) {
        bytes = bytes.get(packet.raw.len()..).unwrap_or_default();
    }
    bytes.is_empty()
}

/// True for packets that a key consists of, those to be passed over included
/// (40 to 63 are not critical: RFC 9580, section 4.3).
fn stands_in_a_ring(tag: u8) -> bool {
    matches!(
        tag,
        tag::SIGNATURE
            | tag::SECRET_KEY
            | tag::PUBLIC_KEY
            | tag::SECRET_SUBKEY
            | tag::MARKER
            | tag::TRUST
            | tag::USER_ID
            | tag::PUBLIC_SUBKEY
            | tag::USER_ATTRIBUTE
            | tag::PADDING
            | 40..=63
    )
}
