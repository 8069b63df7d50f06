//! A certificate without what others have hung on it.
//!
//! On a keyserver anyone can add to anyone's certificate: user IDs that its owner
//! never had, and signatures by the hundred thousand, until programs choke on it
//! (CVE-2019-13050). What counts here is what the key says of itself; so that is all
//! that is taken in: signatures that were checked and found good, once each.
//!
//! A signature's unhashed area is not signed, so anyone can make a thousand copies of
//! a good signature that differ in nothing else (`stripped`). What its owner has
//! marked as not for others (RFC 9580, section 5.2.3.19) does not travel either way.

use super::ring::LONGEST_USER_ID;
use super::stripped::{Stripped, stripped};
use super::{
    Component, KeyPacket, Packet, PacketReader, SignaturePacket, Subpacket, Transferable, covered,
    malformed, outline, tag, verify,
};
use crate::openpgp::{Certificate, Maths};
use crate::{Error, ErrorKind, Result};
use std::borrow::Cow;

/// The types of signatures about the primary key: direct-key and revocation.
const ON_PRIMARY: &[u8] = &[0x1F, 0x20];
/// Certifications of a user ID and their revocation.
const ON_USER_ID: &[u8] = &[0x10, 0x11, 0x12, 0x13, 0x30];
/// Binding and revocation of a subkey.
const ON_SUBKEY: &[u8] = &[0x18, 0x28];
/// A subkey's answer to its binding.
const BACK_SIGNATURE: u8 = 0x19;

/// Signatures that are checked at the most: each may cost milliseconds. Certificates
/// that people use have some dozens of their own; those of the best-known people had
/// some thousands by others, before keyservers stopped giving those out.
const MOST_SIGNATURES: usize = 10_000;

/// The largest key packet in bytes. RSA of 16384 bits has 2 KiB, and the largest key
/// after quantum computers 3 KiB; every signature is over its key's octets.
const LARGEST_KEY: usize = 16 << 10;

/// The primary key, and of the rest what the primary key has signed, with those
/// signatures: the work of
/// [`Engine::own_statements`](crate::traits::Engine::own_statements).
///
/// User attributes (photographs) go.
///
/// # Errors
/// `Malformed` if the bytes are not one certificate, or one that is too large to be
/// looked through; `Unsupported` if the engine cannot check signatures by its key.
pub fn read(reader: &impl PacketReader, bytes: &[u8]) -> Result<Certificate> {
    let whole = Transferable::read(bytes)?;
    refuse_giants(&whole)?;
    let primary = reader.key(&whole.primary.packet)?;
    let sieve = Sieve {
        reader,
        primary: &primary,
    };
    let mut own = whole.primary.packet.raw.to_vec();
    own.extend(sieve.on_primary(&whole)?.concat());
    for identity in &whole.identities {
        sieve.user_id(identity, &mut own)?;
    }
    for subkey in &whole.subkeys {
        sieve.subkey(subkey, &mut own)?;
    }
    Ok(outline::certificate(reader, &Transferable::read(&own)?)?)
}

fn refuse_giants(whole: &Transferable<'_>) -> Result<()> {
    let signatures: usize = whole.components().map(|c| c.signatures.len()).sum();
    if signatures > MOST_SIGNATURES {
        return Err(malformed(format!(
            "the certificate carries {signatures} signatures, which is a flood"
        )));
    }
    match whole.keys().any(|key| key.packet.body.len() > LARGEST_KEY) {
        true => Err(malformed("the certificate has a key of absurd length")),
        false => Ok(()),
    }
}

struct Sieve<'a, R> {
    reader: &'a R,
    primary: &'a KeyPacket<'a>,
}

impl<R: PacketReader> Sieve<'_, R> {
    /// Wherever they stand: their type alone says what they cover, and a revocation
    /// must not be lost by being moved.
    fn on_primary(&self, whole: &Transferable<'_>) -> Result<Vec<Vec<u8>>> {
        let data = covered::of_primary(self.primary);
        let packets = whole.components().flat_map(|c| &c.signatures);
        self.own(packets, ON_PRIMARY, None, |_| Cow::Borrowed(&data))
    }

    fn user_id(&self, identity: &Component<'_>, out: &mut Vec<u8>) -> Result<()> {
        let user_id = identity.packet.body;
        if identity.packet.tag != tag::USER_ID || user_id.len() > LONGEST_USER_ID {
            return Ok(());
        }
        let data = |signature: &SignaturePacket<'_>| {
            Cow::Owned(covered::of_user_id(
                self.primary,
                user_id,
                signature.version,
            ))
        };
        let own = self.own(&identity.signatures, ON_USER_ID, None, data)?;
        put(&identity.packet, &own, out);
        Ok(())
    }

    fn subkey(&self, component: &Component<'_>, out: &mut Vec<u8>) -> Result<()> {
        let Ok(subkey) = self.reader.key(&component.packet) else {
            return Ok(());
        };
        let data = covered::of_subkey(self.primary, &subkey);
        let signatures = &component.signatures;
        let own = self.own(signatures, ON_SUBKEY, Some(&subkey), |_| {
            Cow::Borrowed(&data)
        })?;
        put(&component.packet, &own, out);
        Ok(())
    }

    /// The packets of those signatures of some types that the primary key has really
    /// made, each once; as they stand, where there is nothing to strip.
    fn own<'p, 'd>(
        &self,
        packets: impl IntoIterator<Item = &'p Packet<'p>>,
        kinds: &[u8],
        subkey: Option<&KeyPacket<'_>>,
        data: impl Fn(&SignaturePacket<'_>) -> Cow<'d, [u8]>,
    ) -> Result<Vec<Vec<u8>>> {
        let mut own: Vec<Stripped> = Vec::new();
        for packet in packets {
            let Some(signature) = self.reader.signature(packet.body) else {
                continue;
            };
            if !kinds.contains(&signature.kind)
                || !signature.may_be_by(&self.primary.facts.fingerprint)
            {
                continue;
            }
            let data = data(&signature);
            match verify(self.reader, self.primary, &signature, &data) {
                Maths::Good => {}
                lacking if lacking == self.primary.lacking() => return Err(cannot_check(&lacking)),
                _ => continue,
            }
            let keep = |subpacket: &Subpacket<'_>| self.is_kept(subpacket, subkey, &data);
            let Some(new) = stripped(packet, &signature, keep) else {
                continue;
            };
            match own.iter_mut().find(|known| known.is_same(&new)) {
                // One copy may have lost what the other kept.
                Some(known) if known.body.len() < new.body.len() => *known = new,
                Some(_) => {}
                None => own.push(new),
            }
        }
        Ok(own.iter().map(Stripped::packet).collect())
    }

    /// What stays of an unhashed area: the name of the maker, and a subkey's good
    /// answer to its binding.
    fn is_kept(&self, it: &Subpacket<'_>, subkey: Option<&KeyPacket<'_>>, data: &[u8]) -> bool {
        const ISSUER: u8 = 16;
        const EMBEDDED_SIGNATURE: u8 = 32;
        const ISSUER_FINGERPRINT: u8 = 33;
        let own = &self.primary.facts;
        match it.kind {
            ISSUER => it.data == own.key_id().0,
            ISSUER_FINGERPRINT => it.data.get(1..) == Some(own.fingerprint.as_bytes()),
            EMBEDDED_SIGNATURE => subkey.is_some_and(|subkey| {
                let answer = self.reader.signature(it.data);
                answer.is_some_and(|answer| {
                    answer.kind == BACK_SIGNATURE
                        && verify(self.reader, subkey, &answer, data) == Maths::Good
                })
            }),
            _ => false,
        }
    }
}

fn cannot_check(lacking: &Maths) -> Error {
    let what = match lacking {
        Maths::Unsupported(what) => what.as_str(),
        Maths::Good | Maths::Bad => "its algorithm",
    };
    let what = format!("the certificate's own signatures cannot be checked: {what}");
    Error::new(ErrorKind::Unsupported, what)
        .hint("another OpenPGP library may be able to: `sifseal config engines`, `--engine`")
}

/// A component with its signatures; nothing without any, for then nobody says that it
/// belongs to the key.
fn put(packet: &Packet<'_>, signatures: &[Vec<u8>], out: &mut Vec<u8>) {
    if signatures.is_empty() {
        return;
    }
    out.extend_from_slice(packet.raw);
    out.extend(signatures.concat());
}
