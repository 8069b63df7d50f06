//! The fields of a signature packet (RFC 9580, section 5.2), versions 3, 4 and 6.
//!
//! Everything is kept as it stands in the packet: what is hashed are those very
//! bytes. Old Go programs wrote wrong bit lengths before the integers of a
//! signature; the integers are read by their length in octets, which was right.

use crate::subpacket::{Subpacket, kind, read_area};
use sifseal_core::Timestamp;
use sifseal_core::openpgp::framing::SignaturePacket;
use sifseal_core::openpgp::{
    Fingerprint, HashAlgorithm, KeyFlags, KeyHandle, KeyId, RevocationReason,
};

/// Reads the body of a signature packet; `None` if it has another version or is
/// not well-formed up to its values.
pub(crate) fn read(body: &[u8]) -> Option<SignaturePacket<'_>> {
    match body.split_first()? {
        (2 | 3, rest) => read_version3(rest),
        (4, _) => read_version4(body),
        (6, _) => read_version6(body),
        _ => None,
    }
}

fn read_version3(body: &[u8]) -> Option<SignaturePacket<'_>> {
    let (&[five, kind, t0, t1, t2, t3], rest) = body.split_first_chunk()?;
    let (id, rest) = rest.split_first_chunk()?;
    let (&[algorithm_id, hash], rest) = rest.split_first_chunk()?;
    let (digest_prefix, values) = rest.split_first_chunk()?;
    if five != 5 {
        return None;
    }
    let created = u32::from_be_bytes([t0, t1, t2, t3]);
    Some(SignaturePacket {
        version: 3,
        kind,
        algorithm_id,
        hash: HashAlgorithm::from_id(hash),
        created: Some(Timestamp(created.into())),
        expires_after: None,
        key_expires_after: None,
        key_flags: None,
        primary_user_id: false,
        revocation_reason: None,
        issuers: vec![KeyHandle::KeyId(KeyId(*id))],
        unknown_critical: Vec::new(),
        embedded: Vec::new(),
        salt: &[],
        trailer: vec![kind, t0, t1, t2, t3],
        digest_prefix: *digest_prefix,
        values,
    })
}

fn read_version4(body: &[u8]) -> Option<SignaturePacket<'_>> {
    let (&[a, b], rest) = body.get(4..)?.split_first_chunk()?;
    let (hashed, rest) = rest.split_at_checked(u16::from_be_bytes([a, b]).into())?;
    let (&[a, b], rest) = rest.split_first_chunk()?;
    let (unhashed, rest) = rest.split_at_checked(u16::from_be_bytes([a, b]).into())?;
    let (digest_prefix, values) = rest.split_first_chunk()?;
    let covered = body.get(..6 + hashed.len())?;
    assemble(covered, hashed, unhashed, *digest_prefix, &[], values)
}

fn read_version6(body: &[u8]) -> Option<SignaturePacket<'_>> {
    let (len, rest) = body.get(4..)?.split_first_chunk()?;
    let (hashed, rest) = rest.split_at_checked(u32::from_be_bytes(*len) as usize)?;
    let (len, rest) = rest.split_first_chunk()?;
    let (unhashed, rest) = rest.split_at_checked(u32::from_be_bytes(*len) as usize)?;
    let (digest_prefix, rest) = rest.split_first_chunk()?;
    let (&salt_len, rest) = rest.split_first()?;
    let (salt, values) = rest.split_at_checked(salt_len.into())?;
    let covered = body.get(..8 + hashed.len())?;
    assemble(covered, hashed, unhashed, *digest_prefix, salt, values)
}

/// Versions 4 and 6 differ only in the widths of their lengths.
fn assemble<'a>(
    covered: &[u8],
    hashed: &'a [u8],
    unhashed: &'a [u8],
    digest_prefix: [u8; 2],
    salt: &'a [u8],
    values: &'a [u8],
) -> Option<SignaturePacket<'a>> {
    let &[version, kind, algorithm_id, hash, ..] = covered else {
        return None;
    };
    let (hashed, true) = read_area(hashed) else {
        return None;
    };
    // Anyone can write into the unhashed area, so it must not be a way to
    // make a signature disappear: what can be read of it counts.
    let (unhashed, _) = read_area(unhashed);
    let mut trailer = covered.to_vec();
    trailer.extend([version, 0xFF]);
    trailer.extend((covered.len() as u32).to_be_bytes());
    let facts = Hashed(&hashed);
    let both = || hashed.iter().chain(&unhashed);
    Some(SignaturePacket {
        version,
        kind,
        algorithm_id,
        hash: HashAlgorithm::from_id(hash),
        created: facts.created(),
        expires_after: facts.span(kind::EXPIRES),
        key_expires_after: facts.span(kind::KEY_EXPIRES),
        key_flags: facts.key_flags(),
        primary_user_id: facts.primary_user_id(),
        revocation_reason: facts.revocation_reason(),
        issuers: both().filter_map(issuer).collect(),
        unknown_critical: hashed
            .iter()
            .filter_map(Subpacket::unknown_critical)
            .collect(),
        embedded: both()
            .filter(|subpacket| subpacket.kind == kind::EMBEDDED_SIGNATURE)
            .map(|subpacket| subpacket.data)
            .collect(),
        salt,
        trailer,
        digest_prefix,
        values,
    })
}

/// The subpackets of the hashed area, and what they say.
struct Hashed<'a>(&'a [Subpacket<'a>]);

impl<'a> Hashed<'a> {
    fn created(&self) -> Option<Timestamp> {
        let seconds = self.last(kind::CREATED)?.number()?;
        Some(Timestamp(seconds.into()))
    }

    /// The first octet of the key flags.
    fn key_flags(&self) -> Option<KeyFlags> {
        let flags = self.last(kind::KEY_FLAGS)?.data;
        Some(KeyFlags(flags.first().copied().unwrap_or(0)))
    }

    fn primary_user_id(&self) -> bool {
        self.last(kind::PRIMARY_USER_ID)
            .is_some_and(|subpacket| subpacket.data == [1])
    }

    fn revocation_reason(&self) -> Option<RevocationReason> {
        let code = self.last(kind::REVOCATION_REASON)?.data.first()?;
        Some(RevocationReason::from_id(*code))
    }

    /// A span of time; zero means "for ever" (sections 5.2.3.13 and 5.2.3.18).
    fn span(&self, kind: u8) -> Option<u32> {
        self.last(kind)?.number().filter(|seconds| *seconds != 0)
    }

    /// The last one of a kind: what comes later wins (section 5.2.3.9).
    fn last(&self, kind: u8) -> Option<&'a Subpacket<'a>> {
        self.0.iter().rev().find(|subpacket| subpacket.kind == kind)
    }
}

/// Whom a subpacket names as the maker. Both areas count: a name is only a hint,
/// which the mathematics confirm or not.
fn issuer(subpacket: &Subpacket<'_>) -> Option<KeyHandle> {
    match subpacket.kind {
        kind::ISSUER => Some(KeyHandle::KeyId(KeyId(subpacket.data.try_into().ok()?))),
        kind::ISSUER_FINGERPRINT => fingerprint(subpacket.data).map(KeyHandle::Fingerprint),
        _ => None,
    }
}

/// An issuer fingerprint: the key's version, then the fingerprint.
fn fingerprint(data: &[u8]) -> Option<Fingerprint> {
    let (version, bytes) = data.split_first()?;
    match (version, Fingerprint::from_bytes(bytes)?) {
        (4, fingerprint @ Fingerprint::V4(_)) | (6, fingerprint @ Fingerprint::V6(_)) => {
            Some(fingerprint)
        }
        _ => None,
    }
}
