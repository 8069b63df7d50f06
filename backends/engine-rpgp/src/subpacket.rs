//! The subpackets of a signature (RFC 9580, section 5.2.3.7), as they stand.

use sifseal_core::openpgp::framing::{self, SALT_NOTATIONS};

/// Subpacket type IDs that carry a fact.
pub(crate) mod kind {
    pub(crate) const CREATED: u8 = 2;
    pub(crate) const EXPIRES: u8 = 3;
    pub(crate) const KEY_EXPIRES: u8 = 9;
    pub(crate) const ISSUER: u8 = 16;
    pub(crate) const NOTATION: u8 = 20;
    pub(crate) const PRIMARY_USER_ID: u8 = 25;
    pub(crate) const KEY_FLAGS: u8 = 27;
    pub(crate) const REVOCATION_REASON: u8 = 29;
    pub(crate) const EMBEDDED_SIGNATURE: u8 = 32;
    pub(crate) const ISSUER_FINGERPRINT: u8 = 33;
}

/// One subpacket.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subpacket<'a> {
    pub(crate) kind: u8,
    pub(crate) critical: bool,
    pub(crate) data: &'a [u8],
}

impl<'a> Subpacket<'a> {
    /// The data as a 32-bit number, for times and spans.
    pub(crate) fn number(&self) -> Option<u32> {
        self.data.try_into().ok().map(u32::from_be_bytes)
    }

    /// Why a critical subpacket is one too many: its name, if nobody here
    /// understands it.
    pub(crate) fn unknown_critical(&self) -> Option<String> {
        if !self.critical {
            return None;
        }
        if self.kind == kind::NOTATION {
            return match notation_name(self.data) {
                Some(name) if SALT_NOTATIONS.contains(&name) => None,
                Some(name) => Some(format!("notation {name}")),
                // It demands something, and nobody can read what.
                None => Some(format!("subpacket {}", self.kind)),
            };
        }
        (!is_assigned(self.kind)).then(|| format!("subpacket {}", self.kind))
    }
}

/// The types that RFC 9580 and its predecessors assign (section 5.2.3.7).
fn is_assigned(kind: u8) -> bool {
    matches!(kind, 2..=7 | 9 | 11 | 12 | 16 | 20..=35 | 39)
}

/// The name in a notation: flags (4), name length (2), value length (2), name,
/// value.
fn notation_name(data: &[u8]) -> Option<&str> {
    let (&[_, _, _, _, n0, n1, v0, v1], rest) = data.split_first_chunk()?;
    let (name, value) = rest.split_at_checked(u16::from_be_bytes([n0, n1]).into())?;
    (value.len() == usize::from(u16::from_be_bytes([v0, v1])))
        .then(|| std::str::from_utf8(name).ok())?
}

/// The subpackets of an area, and whether the area was well-formed to its end.
pub(crate) fn read_area(area: &[u8]) -> (Vec<Subpacket<'_>>, bool) {
    let (subpackets, is_whole) = framing::subpackets(area);
    let own = subpackets.into_iter().map(|subpacket| Subpacket {
        kind: subpacket.kind,
        critical: subpacket.critical,
        data: subpacket.data,
    });
    (own.collect(), is_whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn critical(kind: u8, data: &[u8]) -> Option<String> {
        Subpacket {
            kind,
            critical: true,
            data,
        }
        .unknown_critical()
    }

    #[test]
    fn a_critical_subpacket_counts_if_nobody_assigned_its_type() {
        assert_eq!(critical(kind::CREATED, &[]), None);
        assert_eq!(critical(100, &[]), Some("subpacket 100".to_owned()));
    }

    #[test]
    fn a_critical_notation_counts_unless_it_only_adds_salt() {
        let notation = |name: &[u8]| {
            let head = [0, 0, 0, 0, 0, name.len() as u8, 0, 0];
            critical(kind::NOTATION, &[&head, name].concat())
        };
        assert_eq!(notation(b"salt@notations.sequoia-pgp.org"), None);
        assert_eq!(notation(b"x@y").as_deref(), Some("notation x@y"));
        assert_eq!(
            critical(kind::NOTATION, b"\0").as_deref(),
            Some("subpacket 20")
        );
    }

    #[test]
    fn a_subpacket_that_runs_over_the_end_spoils_its_area() {
        let (good, whole) = read_area(&[5, 2, 0, 0, 0, 1, 9, 3, 0]);
        assert_eq!(good.len(), 1);
        assert!(!whole);
        assert!(!read_area(&[0]).1, "no room for the type");
    }
}
