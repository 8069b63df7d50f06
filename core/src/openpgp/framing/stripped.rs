//! A signature without what anyone could have written into it.

use super::{Packet, SignaturePacket, Subpacket, subpackets, tag, write};

/// The body of a signature packet with nothing but signed octets in it, and a few
/// others that were found to be good.
pub(super) struct Stripped<'a> {
    /// The body.
    pub(super) body: Vec<u8>,
    /// The packet that it was stripped from.
    from: Packet<'a>,
    /// What makes it this signature and no other: what it says, and its values as
    /// numbers, whatever zeros stand before them.
    identity: (Vec<u8>, Vec<Vec<u8>>),
}

impl Stripped<'_> {
    /// The packet, as it stands if there was nothing to strip.
    pub(super) fn packet(&self) -> Vec<u8> {
        if self.body == self.from.body {
            return self.from.raw.to_vec();
        }
        let mut packet = Vec::new();
        write(tag::SIGNATURE, &self.body, &mut packet);
        packet
    }

    /// True if the two differ in unsigned octets at most.
    pub(super) fn is_same(&self, other: &Stripped<'_>) -> bool {
        self.identity == other.identity
    }
}

/// The signature with those unhashed subpackets that are to be kept, each once; `None`
/// if its maker does not want it to go to others (RFC 9580, section 5.2.3.19), or its
/// areas do not end where they say.
pub(super) fn stripped<'a>(
    from: &Packet<'a>,
    signature: &SignaturePacket<'_>,
    keep: impl Fn(&Subpacket<'_>) -> bool,
) -> Option<Stripped<'a>> {
    let as_stripped = |body| Stripped {
        body,
        from: *from,
        identity: (signature.trailer.clone(), numbers(signature.values)),
    };
    let Some(areas) = Areas::of(from.body, signature.version)? else {
        return Some(as_stripped(from.body.to_vec()));
    };
    if is_not_for_others(areas.hashed) {
        return None;
    }
    let mut kept: Vec<&[u8]> = Vec::new();
    for subpacket in subpackets(areas.unhashed).0 {
        if keep(&subpacket) && !kept.contains(&subpacket.raw) {
            kept.push(subpacket.raw);
        }
    }
    let kept = kept.concat();
    let mut body = areas.head.to_vec();
    match areas.wide {
        true => body.extend_from_slice(&u32::try_from(kept.len()).ok()?.to_be_bytes()),
        false => body.extend_from_slice(&u16::try_from(kept.len()).ok()?.to_be_bytes()),
    }
    body.extend_from_slice(&kept);
    body.extend_from_slice(areas.tail);
    Some(as_stripped(body))
}

/// The parts of a version 4 or version 6 signature (section 5.2.3).
struct Areas<'a> {
    /// Everything up to the end of the hashed area.
    head: &'a [u8],
    hashed: &'a [u8],
    unhashed: &'a [u8],
    /// What follows the unhashed area.
    tail: &'a [u8],
    /// Version 6: lengths have four octets.
    wide: bool,
}

impl<'a> Areas<'a> {
    /// `Some(None)` for a version that has no areas; `None` if they run over the end.
    fn of(body: &'a [u8], version: u8) -> Option<Option<Self>> {
        /// Version, type and two algorithms stand before the first length.
        const FIXED: usize = 4;
        let wide = match version {
            4 => false,
            6 => true,
            _ => return Some(None),
        };
        let (hashed, after) = area(body.get(FIXED..)?, wide)?;
        let (unhashed, tail) = area(after, wide)?;
        Some(Some(Self {
            head: body.get(..body.len() - after.len())?,
            hashed,
            unhashed,
            tail,
            wide,
        }))
    }
}

/// An area with its length in front, and what follows it.
fn area(bytes: &[u8], wide: bool) -> Option<(&[u8], &[u8])> {
    let (len, rest) = match (bytes, wide) {
        (&[a, b, ref rest @ ..], false) => (usize::from(u16::from_be_bytes([a, b])), rest),
        (&[a, b, c, d, ref rest @ ..], true) => (u32::from_be_bytes([a, b, c, d]) as usize, rest),
        _ => return None,
    };
    rest.split_at_checked(len)
}

fn is_not_for_others(hashed: &[u8]) -> bool {
    const EXPORTABLE_CERTIFICATION: u8 = 4;
    let mut subpackets = subpackets(hashed).0.into_iter();
    subpackets.any(|it| it.kind == EXPORTABLE_CERTIFICATION && it.data == [0])
}

/// Multiprecision integers (section 3.2) without the zeros before them; values that are
/// none (Ed25519's of version 6) as they stand.
fn numbers(values: &[u8]) -> Vec<Vec<u8>> {
    let mut numbers = Vec::new();
    let mut rest = values;
    while let &[a, b, ref after @ ..] = rest {
        let len = usize::from(u16::from_be_bytes([a, b])).div_ceil(8);
        let Some((number, after)) = after.split_at_checked(len) else {
            return vec![values.to_vec()];
        };
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        numbers.push(number.get(zeros..).unwrap_or_default().to_vec());
        rest = after;
    }
    match rest.is_empty() {
        true => numbers,
        false => vec![values.to_vec()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_same_whatever_zeros_stand_before_them() {
        let plain = [0, 9, 1, 2, 0, 8, 0xFF];
        let padded = [0, 24, 0, 1, 2, 0, 16, 0, 0xFF];
        assert_eq!(numbers(&plain), numbers(&padded));
        assert_eq!(numbers(&plain), [vec![1, 2], vec![0xFF]]);
    }

    #[test]
    fn values_that_are_no_numbers_are_compared_as_they_stand() {
        for values in [&[0xFF_u8; 64][..], &[0, 9, 1, 2, 7], &[]] {
            let whole: Vec<u8> = numbers(values).concat();
            assert_eq!(whole, values);
        }
    }
}
