//! The fields of a signature packet (RFC 9580, section 5.2), versions 3, 4 and 6.
//!
//! The packet is divided here, so that what is hashed are the octets as they stand
//! and a broken unhashed area, which anyone can write, makes no signature
//! disappear. What a subpacket says, Sequoia reads.

use crate::subpacket::{Subpacket, read_area};
use sequoia_openpgp as openpgp;
use sequoia_openpgp::packet::signature::subpacket::{SubpacketTag, SubpacketValue};
use sifseal_core::Timestamp;
use sifseal_core::openpgp::framing::SignaturePacket;
use sifseal_core::openpgp::{
    Fingerprint, HashAlgorithm, KeyFlags, KeyHandle, KeyId, RevocationReason,
};

/// Reads the body of a signature packet; `None` if it has another version or is
/// not well-formed up to its values.
pub(crate) fn read(body: &[u8]) -> Option<SignaturePacket<'_>> {
    let parts = Parts::read(body)?;
    let facts = Facts {
        hashed: parts.hashed,
        unhashed: parts.unhashed,
    };
    let version3 = parts.version3;
    let created = version3.map(|(created, _)| Timestamp(created.into()));
    let issuer = version3.map(|(_, id)| KeyHandle::KeyId(id));
    Some(SignaturePacket {
        version: parts.version,
        kind: parts.kind,
        algorithm_id: parts.algorithm_id,
        hash: HashAlgorithm::from_id(parts.hash),
        created: created.or_else(|| facts.created()),
        expires_after: facts.span(SubpacketTag::SignatureExpirationTime),
        key_expires_after: facts.span(SubpacketTag::KeyExpirationTime),
        key_flags: facts.key_flags(),
        primary_user_id: facts.primary_user_id(),
        revocation_reason: facts.revocation_reason(),
        issuers: issuer.into_iter().chain(facts.issuers()).collect(),
        unknown_critical: facts.unknown_critical(),
        embedded: facts.embedded(),
        salt: parts.salt,
        trailer: parts.trailer,
        digest_prefix: parts.digest_prefix,
        values: parts.values,
    })
}

/// The algorithm and the values of a signature packet that is well-formed up to
/// them: enough to say whether it is whole, without asking Sequoia anything.
pub(crate) fn values(body: &[u8]) -> Option<(u8, &[u8])> {
    Parts::read(body).map(|parts| (parts.algorithm_id, parts.values))
}

/// A signature packet, divided.
struct Parts<'a> {
    version: u8,
    kind: u8,
    algorithm_id: u8,
    hash: u8,
    /// The two fields that version 3 has outside of any subpacket.
    version3: Option<(u32, KeyId)>,
    hashed: Vec<Subpacket<'a>>,
    unhashed: Vec<Subpacket<'a>>,
    salt: &'a [u8],
    trailer: Vec<u8>,
    digest_prefix: [u8; 2],
    values: &'a [u8],
}

impl<'a> Parts<'a> {
    fn read(body: &'a [u8]) -> Option<Self> {
        match body.split_first()? {
            (2 | 3, rest) => Self::read_version3(rest),
            (4, _) => Self::read_version4(body),
            (6, _) => Self::read_version6(body),
            _ => None,
        }
    }

    fn read_version3(body: &'a [u8]) -> Option<Self> {
        let (&[5, kind, t0, t1, t2, t3], rest) = body.split_first_chunk()? else {
            return None;
        };
        let (id, rest) = rest.split_first_chunk()?;
        let (&[algorithm_id, hash, p0, p1], values) = rest.split_first_chunk()?;
        Some(Self {
            version: 3,
            kind,
            algorithm_id,
            hash,
            version3: Some((u32::from_be_bytes([t0, t1, t2, t3]), KeyId(*id))),
            hashed: Vec::new(),
            unhashed: Vec::new(),
            salt: &[],
            trailer: vec![kind, t0, t1, t2, t3],
            digest_prefix: [p0, p1],
            values,
        })
    }

    fn read_version4(body: &'a [u8]) -> Option<Self> {
        let (&[version, kind, algorithm_id, hash, a, b], rest) = body.split_first_chunk()?;
        let (hashed, rest) = rest.split_at_checked(u16::from_be_bytes([a, b]).into())?;
        let (len, rest) = rest.split_first_chunk()?;
        let (unhashed, rest) = rest.split_at_checked(u16::from_be_bytes(*len).into())?;
        let (digest_prefix, values) = rest.split_first_chunk()?;
        Some(Self {
            version,
            kind,
            algorithm_id,
            hash,
            version3: None,
            hashed: whole_area(hashed)?,
            unhashed: read_area(unhashed).0,
            salt: &[],
            trailer: trailer(version, body.get(..6 + hashed.len())?),
            digest_prefix: *digest_prefix,
            values,
        })
    }

    fn read_version6(body: &'a [u8]) -> Option<Self> {
        let (&[version, kind, algorithm_id, hash, a, b, c, d], rest) = body.split_first_chunk()?;
        let (hashed, rest) = rest.split_at_checked(u32::from_be_bytes([a, b, c, d]) as usize)?;
        let (len, rest) = rest.split_first_chunk()?;
        let (unhashed, rest) = rest.split_at_checked(u32::from_be_bytes(*len) as usize)?;
        let (&[p0, p1, salt_len], rest) = rest.split_first_chunk()?;
        let (salt, values) = rest.split_at_checked(salt_len.into())?;
        Some(Self {
            version,
            kind,
            algorithm_id,
            hash,
            version3: None,
            hashed: whole_area(hashed)?,
            unhashed: read_area(unhashed).0,
            salt,
            trailer: trailer(version, body.get(..8 + hashed.len())?),
            digest_prefix: [p0, p1],
            values,
        })
    }
}

fn whole_area(area: &[u8]) -> Option<Vec<Subpacket<'_>>> {
    let (subpackets, is_whole) = read_area(area);
    is_whole.then_some(subpackets)
}

/// What versions 4 and 6 add at the end of what is hashed (section 5.2.4).
fn trailer(version: u8, covered: &[u8]) -> Vec<u8> {
    let mut trailer = covered.to_vec();
    trailer.extend([version, 0xFF]);
    trailer.extend((covered.len() as u32).to_be_bytes());
    trailer
}

/// The two areas, and what Sequoia reads in them.
struct Facts<'a> {
    hashed: Vec<Subpacket<'a>>,
    unhashed: Vec<Subpacket<'a>>,
}

impl<'a> Facts<'a> {
    /// The last one of a kind in the hashed area: what comes later wins (section
    /// 5.2.3.9).
    fn last(&self, tag: SubpacketTag) -> Option<SubpacketValue> {
        self.hashed
            .iter()
            .rev()
            .find(|subpacket| subpacket.tag == tag)?
            .value()
    }

    /// The subpackets of a kind in both areas, the hashed one first.
    fn all(&self, tags: &[SubpacketTag]) -> impl Iterator<Item = &Subpacket<'a>> {
        self.hashed
            .iter()
            .chain(&self.unhashed)
            .filter(|subpacket| tags.contains(&subpacket.tag))
    }

    fn created(&self) -> Option<Timestamp> {
        match self.last(SubpacketTag::SignatureCreationTime)? {
            SubpacketValue::SignatureCreationTime(time) => Some(Timestamp(u32::from(time).into())),
            _ => None,
        }
    }

    /// A span of time; zero means "for ever" (sections 5.2.3.13 and 5.2.3.18).
    fn span(&self, tag: SubpacketTag) -> Option<u32> {
        match self.last(tag)? {
            SubpacketValue::SignatureExpirationTime(span)
            | SubpacketValue::KeyExpirationTime(span) => {
                Some(u32::from(span)).filter(|seconds| *seconds != 0)
            }
            _ => None,
        }
    }

    fn key_flags(&self) -> Option<KeyFlags> {
        match self.last(SubpacketTag::KeyFlags)? {
            SubpacketValue::KeyFlags(flags) => {
                let octets = flags.as_bitfield().as_bytes();
                Some(KeyFlags(octets.first().copied().unwrap_or(0)))
            }
            _ => None,
        }
    }

    fn primary_user_id(&self) -> bool {
        matches!(
            self.last(SubpacketTag::PrimaryUserID),
            Some(SubpacketValue::PrimaryUserID(true))
        )
    }

    fn revocation_reason(&self) -> Option<RevocationReason> {
        match self.last(SubpacketTag::ReasonForRevocation)? {
            SubpacketValue::ReasonForRevocation { code, .. } => {
                Some(RevocationReason::from_id(code.into()))
            }
            _ => None,
        }
    }

    fn issuers(&self) -> impl Iterator<Item = KeyHandle> {
        self.all(&[SubpacketTag::Issuer, SubpacketTag::IssuerFingerprint])
            .filter_map(|subpacket| match subpacket.value()? {
                SubpacketValue::Issuer(openpgp::KeyID::Long(id)) => {
                    Some(KeyHandle::KeyId(KeyId(id)))
                }
                SubpacketValue::IssuerFingerprint(openpgp::Fingerprint::V4(bytes)) => {
                    Some(KeyHandle::Fingerprint(Fingerprint::V4(bytes)))
                }
                SubpacketValue::IssuerFingerprint(openpgp::Fingerprint::V6(bytes)) => {
                    Some(KeyHandle::Fingerprint(Fingerprint::V6(bytes)))
                }
                _ => None,
            })
    }

    /// Embedded signatures as they stand: each is read as any other signature.
    fn embedded(&self) -> Vec<&'a [u8]> {
        self.all(&[SubpacketTag::EmbeddedSignature])
            .map(|subpacket| subpacket.data)
            .collect()
    }

    /// Only the hashed area can demand anything.
    fn unknown_critical(&self) -> Vec<String> {
        self.hashed
            .iter()
            .filter_map(Subpacket::unknown_critical)
            .collect()
    }
}
