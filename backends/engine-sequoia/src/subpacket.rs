//! The subpackets of a signature (RFC 9580, section 5.2.3.7), read by Sequoia.
//!
//! Sequoia reads them only inside of a whole signature, and drops the signature for
//! one subpacket that it does not like. So core cuts an area into its subpackets,
//! and Sequoia gets each one alone; one that it cannot read says nothing.

use sequoia_openpgp::packet::Signature;
use sequoia_openpgp::packet::signature::subpacket::{SubpacketTag, SubpacketValue};
use sequoia_openpgp::parse::Parse;
use sifseal_core::openpgp::framing::{self, SALT_NOTATIONS};

/// One subpacket.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subpacket<'a> {
    pub(crate) tag: SubpacketTag,
    critical: bool,
    /// With its length and its type.
    raw: &'a [u8],
    /// What follows the type.
    pub(crate) data: &'a [u8],
}

impl Subpacket<'_> {
    /// What it says, if Sequoia can read it.
    pub(crate) fn value(&self) -> Option<SubpacketValue> {
        let len = u16::try_from(self.raw.len()).ok()?;
        // A version 4 signature by RSA with SHA-256 whose integer is zero.
        let mut body = vec![4, 0, 1, 8];
        body.extend(len.to_be_bytes());
        body.extend_from_slice(self.raw);
        body.extend([0; 6]);
        let signature = Signature::from_bytes(&body).ok()?;
        let read = signature.hashed_area().iter().next()?;
        Some(read.value().clone())
    }

    /// Why a critical subpacket is one too many: its name, if nobody here
    /// understands it.
    pub(crate) fn unknown_critical(&self) -> Option<String> {
        if !self.critical {
            return None;
        }
        let unknown = || Some(format!("subpacket {}", u8::from(self.tag)));
        #[allow(deprecated)]
        match self.tag {
            SubpacketTag::NotationData => match self.value() {
                Some(SubpacketValue::NotationData(notation)) => {
                    let name = notation.name();
                    (!SALT_NOTATIONS.contains(&name)).then(|| format!("notation {name}"))
                }
                // It demands something, and nobody can read what.
                _ => unknown(),
            },
            // Sequoia knows the last two; the RFC does not assign them.
            SubpacketTag::Unknown(_)
            | SubpacketTag::Private(_)
            | SubpacketTag::Reserved(_)
            | SubpacketTag::PlaceholderForBackwardCompatibility
            | SubpacketTag::ApprovedCertifications => unknown(),
            _ => None,
        }
    }
}

/// The subpackets of an area, and whether the area was well-formed to its end.
pub(crate) fn read_area(area: &[u8]) -> (Vec<Subpacket<'_>>, bool) {
    let (subpackets, is_whole) = framing::subpackets(area);
    let own = subpackets.into_iter().map(|subpacket| Subpacket {
        tag: subpacket.kind.into(),
        critical: subpacket.critical,
        raw: subpacket.raw,
        data: subpacket.data,
    });
    (own.collect(), is_whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn critical(kind: u8, data: &[u8]) -> Option<String> {
        let area = [&[data.len() as u8 + 1, kind | 0x80], data].concat();
        let (subpackets, true) = read_area(&area) else {
            panic!("a whole area");
        };
        subpackets[0].unknown_critical()
    }

    #[test]
    fn a_critical_subpacket_counts_if_nobody_assigned_its_type() {
        assert_eq!(critical(2, &[]), None);
        for kind in [10, 37, 38, 100, 120] {
            assert_eq!(critical(kind, &[]), Some(format!("subpacket {kind}")));
        }
    }

    #[test]
    fn a_critical_notation_counts_unless_it_only_adds_salt() {
        let notation = |name: &[u8]| {
            let head = [0, 0, 0, 0, 0, name.len() as u8, 0, 0];
            critical(20, &[&head, name].concat())
        };
        assert_eq!(notation(b"salt@notations.sequoia-pgp.org"), None);
        assert_eq!(notation(b"x@y").as_deref(), Some("notation x@y"));
        assert_eq!(critical(20, b"\0").as_deref(), Some("subpacket 20"));
    }

    #[test]
    fn a_subpacket_that_sequoia_cannot_read_hides_no_other() {
        // A creation time of one octet, then a proper one.
        let (subpackets, whole) = read_area(&[2, 2, 9, 5, 2, 0, 0, 0, 1]);
        assert!(whole);
        assert!(subpackets[0].value().is_none());
        assert!(matches!(
            subpackets[1].value(),
            Some(SubpacketValue::SignatureCreationTime(_))
        ));
    }

    #[test]
    fn a_subpacket_that_runs_over_the_end_spoils_its_area() {
        let (good, whole) = read_area(&[5, 2, 0, 0, 0, 1, 9, 3, 0]);
        assert_eq!(good.len(), 1);
        assert!(!whole);
        assert!(!read_area(&[0]).1, "no room for the type");
    }
}
