//! The fields of a signature packet (RFC 9580, section 5.2), versions 3, 4 and 6.
//!
//! Everything is kept as it stands in the packet: what is hashed are those very
//! bytes. Old Go programs wrote wrong bit lengths before the integers of a
//! signature; the integers are read by their length in octets, which was right.

use crate::subpacket::{Subpacket, kind, read_area};
use sifseal_core::Timestamp;
use sifseal_core::openpgp::{
    Fingerprint, HashAlgorithm, KeyFlags, KeyHandle, KeyId, RevocationReason,
};

/// A signature packet, taken apart.
#[derive(Debug, Clone)]
pub(crate) struct SignaturePacket<'a> {
    /// 3, 4 or 6.
    pub(crate) version: u8,
    /// The signature type (section 5.2.1).
    pub(crate) kind: u8,
    /// OpenPGP's number of the public-key algorithm.
    pub(crate) algorithm: u8,
    /// The hash algorithm.
    pub(crate) hash: HashAlgorithm,
    /// What the signature itself adds at the end of what is hashed.
    pub(crate) trailer: Vec<u8>,
    /// What version 6 hashes first; empty otherwise.
    pub(crate) salt: &'a [u8],
    /// The first two octets of the digest.
    pub(crate) digest_prefix: [u8; 2],
    /// The values of the public-key algorithm.
    pub(crate) values: &'a [u8],
    /// The two fields that version 3 has outside of any subpacket.
    version3: Option<(Timestamp, KeyId)>,
    hashed: Vec<Subpacket<'a>>,
    unhashed: Vec<Subpacket<'a>>,
}

impl<'a> SignaturePacket<'a> {
    /// Reads the body of a signature packet; `None` if it has another version or
    /// is not well-formed up to its values.
    pub(crate) fn read(body: &'a [u8]) -> Option<Self> {
        match body.split_first()? {
            (2 | 3, rest) => Self::read_version3(rest),
            (4, _) => Self::read_version4(body),
            (6, _) => Self::read_version6(body),
            _ => None,
        }
    }

    fn read_version3(body: &'a [u8]) -> Option<Self> {
        let (&[five, kind, t0, t1, t2, t3], rest) = body.split_first_chunk()?;
        let (id, rest) = rest.split_first_chunk()?;
        let (&[algorithm, hash], rest) = rest.split_first_chunk()?;
        let (digest_prefix, values) = rest.split_first_chunk()?;
        if five != 5 {
            return None;
        }
        let created = u32::from_be_bytes([t0, t1, t2, t3]);
        Some(Self {
            version: 3,
            kind,
            algorithm,
            hash: HashAlgorithm::from_id(hash),
            trailer: vec![kind, t0, t1, t2, t3],
            salt: &[],
            digest_prefix: *digest_prefix,
            values,
            version3: Some((Timestamp(created.into()), KeyId(*id))),
            hashed: Vec::new(),
            unhashed: Vec::new(),
        })
    }

    fn read_version4(body: &'a [u8]) -> Option<Self> {
        let (&[a, b], rest) = body.get(4..)?.split_first_chunk()?;
        let (hashed, rest) = rest.split_at_checked(u16::from_be_bytes([a, b]).into())?;
        let (&[a, b], rest) = rest.split_first_chunk()?;
        let (unhashed, rest) = rest.split_at_checked(u16::from_be_bytes([a, b]).into())?;
        let (digest_prefix, values) = rest.split_first_chunk()?;
        let covered = body.get(..6 + hashed.len())?;
        Self::assemble(covered, hashed, unhashed, *digest_prefix, &[], values)
    }

    fn read_version6(body: &'a [u8]) -> Option<Self> {
        let (len, rest) = body.get(4..)?.split_first_chunk()?;
        let (hashed, rest) = rest.split_at_checked(u32::from_be_bytes(*len) as usize)?;
        let (len, rest) = rest.split_first_chunk()?;
        let (unhashed, rest) = rest.split_at_checked(u32::from_be_bytes(*len) as usize)?;
        let (digest_prefix, rest) = rest.split_first_chunk()?;
        let (&salt_len, rest) = rest.split_first()?;
        let (salt, values) = rest.split_at_checked(salt_len.into())?;
        let covered = body.get(..8 + hashed.len())?;
        Self::assemble(covered, hashed, unhashed, *digest_prefix, salt, values)
    }

    /// Versions 4 and 6 differ only in the widths of their lengths.
    fn assemble(
        covered: &[u8],
        hashed: &'a [u8],
        unhashed: &'a [u8],
        digest_prefix: [u8; 2],
        salt: &'a [u8],
        values: &'a [u8],
    ) -> Option<Self> {
        let &[version, kind, algorithm, hash, ..] = covered else {
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
        Some(Self {
            version,
            kind,
            algorithm,
            hash: HashAlgorithm::from_id(hash),
            trailer,
            salt,
            digest_prefix,
            values,
            version3: None,
            hashed,
            unhashed,
        })
    }

    /// When it says it was made.
    pub(crate) fn created(&self) -> Option<Timestamp> {
        if let Some((created, _)) = self.version3 {
            return Some(created);
        }
        let seconds = self.last(kind::CREATED)?.number()?;
        Some(Timestamp(seconds.into()))
    }

    /// For how many seconds after that it holds.
    pub(crate) fn expires_after(&self) -> Option<u32> {
        self.span(kind::EXPIRES)
    }

    /// For how many seconds after the key's creation the key holds.
    pub(crate) fn key_expires_after(&self) -> Option<u32> {
        self.span(kind::KEY_EXPIRES)
    }

    /// The first octet of the key flags.
    pub(crate) fn key_flags(&self) -> Option<KeyFlags> {
        let flags = self.last(kind::KEY_FLAGS)?.data;
        Some(KeyFlags(flags.first().copied().unwrap_or(0)))
    }

    /// True if it marks its user ID as the primary one.
    pub(crate) fn primary_user_id(&self) -> bool {
        self.last(kind::PRIMARY_USER_ID)
            .is_some_and(|subpacket| subpacket.data.first().is_some_and(|octet| *octet != 0))
    }

    /// Why something was revoked.
    pub(crate) fn revocation_reason(&self) -> Option<RevocationReason> {
        let code = self.last(kind::REVOCATION_REASON)?.data.first()?;
        Some(RevocationReason::from_id(*code))
    }

    /// Everyone it names as its maker. Both areas count: a name is only a hint,
    /// which the mathematics confirm or not.
    pub(crate) fn issuers(&self) -> Vec<KeyHandle> {
        let version3 = self.version3.map(|(_, id)| KeyHandle::KeyId(id));
        let named =
            self.hashed
                .iter()
                .chain(&self.unhashed)
                .filter_map(|subpacket| match subpacket.kind {
                    kind::ISSUER => Some(KeyHandle::KeyId(KeyId(subpacket.data.try_into().ok()?))),
                    kind::ISSUER_FINGERPRINT => {
                        fingerprint(subpacket.data).map(KeyHandle::Fingerprint)
                    }
                    _ => None,
                });
        version3.into_iter().chain(named).collect()
    }

    /// The bodies of embedded signatures. Both areas count: GnuPG writes them
    /// unhashed, and each is a signature of its own.
    pub(crate) fn embedded(&self) -> impl Iterator<Item = &'a [u8]> {
        self.hashed
            .iter()
            .chain(&self.unhashed)
            .filter(|subpacket| subpacket.kind == kind::EMBEDDED_SIGNATURE)
            .map(|subpacket| subpacket.data)
    }

    /// What is marked critical and understood by nobody here. Only the hashed
    /// area can demand anything.
    pub(crate) fn unknown_critical(&self) -> Vec<String> {
        self.hashed
            .iter()
            .filter_map(Subpacket::unknown_critical)
            .collect()
    }

    /// The last one of a kind in the hashed area: what comes later wins (RFC
    /// 9580, section 5.2.3.9).
    fn last(&self, kind: u8) -> Option<&Subpacket<'a>> {
        self.hashed
            .iter()
            .rev()
            .find(|subpacket| subpacket.kind == kind)
    }

    /// A span of time; zero means "for ever" (sections 5.2.3.13 and 5.2.3.18).
    fn span(&self, kind: u8) -> Option<u32> {
        self.last(kind)?.number().filter(|seconds| *seconds != 0)
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
