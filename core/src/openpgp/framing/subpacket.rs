//! Framing once more, inside a signature: where one subpacket ends and the next
//! begins (RFC 9580, section 5.2.3.7). What they say, engines read.

/// Notations that add randomness and say nothing, so that "critical" asks for
/// nothing either.
pub const SALT_NOTATIONS: [&str; 2] = [
    "salt@notations.openpgpjs.org",
    "salt@notations.sequoia-pgp.org",
];

/// One subpacket as it stands in its area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subpacket<'a> {
    /// The subpacket type ID, without the critical bit.
    pub kind: u8,
    /// Whether who does not understand it must not use the signature.
    pub critical: bool,
    /// Length, type and data.
    pub raw: &'a [u8],
    /// What follows the type.
    pub data: &'a [u8],
}

/// The subpackets of an area up to the first one that runs over its end, and
/// whether the area was well-formed to its end.
pub fn subpackets(mut area: &[u8]) -> (Vec<Subpacket<'_>>, bool) {
    let mut subpackets = Vec::new();
    while !area.is_empty() {
        let Some((subpacket, rest)) = first(area) else {
            return (subpackets, false);
        };
        subpackets.push(subpacket);
        area = rest;
    }
    (subpackets, true)
}

fn first(area: &[u8]) -> Option<(Subpacket<'_>, &[u8])> {
    let (head, len) = match *area {
        [one @ 0..=191, ..] => (1, usize::from(one)),
        [255, a, b, c, d, ..] => (5, u32::from_be_bytes([a, b, c, d]) as usize),
        [one @ 192..=254, two, ..] => (2, (usize::from(one) - 192) * 256 + usize::from(two) + 192),
        _ => return None,
    };
    let (raw, rest) = area.split_at_checked(len.checked_add(head)?)?;
    let (kind, data) = raw.get(head..)?.split_first()?;
    let subpacket = Subpacket {
        kind: kind & 0x7F,
        critical: kind & 0x80 != 0,
        raw,
        data,
    };
    Some((subpacket, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subpacket_that_runs_over_the_end_spoils_its_area() {
        let (good, whole) = subpackets(&[5, 2, 0, 0, 0, 1, 9, 3, 0]);
        assert_eq!(good.len(), 1);
        assert!(!whole);
        assert!(!subpackets(&[0]).1, "no room for the type");
    }
}
