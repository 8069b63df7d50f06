//! A certificate without what others have hung on it.
//!
//! On a keyserver anyone can add to anyone's certificate: user IDs that its owner
//! never had, and third-party certifications by the hundred thousand, until
//! programs choke on it (CVE-2019-13050). What counts here is what the key says of
//! itself; so that is all that is taken in.

use super::{
    Component, KeyPacket, Packet, PacketReader, SignaturePacket, Transferable, covered, outline,
    tag, verify,
};
use crate::Result;
use crate::openpgp::{Certificate, Maths};

/// The types of signatures about the primary key: direct-key and revocation.
const ON_PRIMARY: &[u8] = &[0x1F, 0x20];
/// Certifications of a user ID and their revocation.
const ON_USER_ID: &[u8] = &[0x10, 0x11, 0x12, 0x13, 0x30];
/// Binding and revocation of a subkey.
const ON_SUBKEY: &[u8] = &[0x18, 0x28];

/// The primary key, and of the rest what the primary key has signed, with those
/// signatures: the work of
/// [`Engine::own_statements`](crate::traits::Engine::own_statements).
///
/// A signature that cannot be checked, for want of an algorithm, stays. User
/// attributes (photographs) go.
///
/// # Errors
/// `Malformed` if the bytes are not one certificate.
pub fn read(reader: &impl PacketReader, bytes: &[u8]) -> Result<Certificate> {
    let whole = Transferable::read(bytes)?;
    let primary = reader.key(&whole.primary.packet)?;
    let sieve = Sieve {
        reader,
        primary: &primary,
    };
    let own = Transferable {
        primary: Component {
            packet: whole.primary.packet,
            signatures: sieve.on_primary(&whole),
        },
        identities: whole
            .identities
            .iter()
            .filter_map(|identity| sieve.user_id(identity))
            .collect(),
        subkeys: whole
            .subkeys
            .iter()
            .filter_map(|subkey| sieve.subkey(subkey))
            .collect(),
    };
    Ok(outline::certificate(reader, &own)?)
}

struct Sieve<'a, R> {
    reader: &'a R,
    primary: &'a KeyPacket<'a>,
}

impl<R: PacketReader> Sieve<'_, R> {
    /// Wherever they stand: their type alone says what they cover, and a revocation
    /// must not be lost by being moved.
    fn on_primary<'p>(&self, whole: &Transferable<'p>) -> Vec<Packet<'p>> {
        let data = covered::of_primary(self.primary);
        whole
            .components()
            .flat_map(|component| self.own(component, ON_PRIMARY, |_| data.clone()))
            .collect()
    }

    fn user_id<'p>(&self, identity: &Component<'p>) -> Option<Component<'p>> {
        if identity.packet.tag != tag::USER_ID {
            return None;
        }
        let data = |signature: &SignaturePacket<'_>| {
            covered::of_user_id(self.primary, identity.packet.body, signature.version)
        };
        with_signatures(identity, self.own(identity, ON_USER_ID, data))
    }

    fn subkey<'p>(&self, component: &Component<'p>) -> Option<Component<'p>> {
        let subkey = self.reader.key(&component.packet).ok()?;
        let data = covered::of_subkey(self.primary, &subkey);
        with_signatures(component, self.own(component, ON_SUBKEY, |_| data.clone()))
    }

    /// The signatures of some types that the primary key has really made.
    fn own<'p>(
        &self,
        component: &Component<'p>,
        kinds: &[u8],
        data: impl Fn(&SignaturePacket<'_>) -> Vec<u8>,
    ) -> Vec<Packet<'p>> {
        let fingerprint = self.primary.facts.fingerprint;
        let is_own = |packet: &Packet<'_>| {
            let Some(signature) = self.reader.signature(packet.body) else {
                return false;
            };
            signature.may_be_by(&fingerprint)
                && kinds.contains(&signature.kind)
                && verify(self.reader, self.primary, &signature, &data(&signature)) != Maths::Bad
        };
        let signatures = component.signatures.iter();
        signatures
            .filter(|packet| is_own(packet))
            .copied()
            .collect()
    }
}

/// The component with these signatures; `None` without any, for then nobody says
/// that it belongs to the key.
fn with_signatures<'p>(
    component: &Component<'p>,
    signatures: Vec<Packet<'p>>,
) -> Option<Component<'p>> {
    (!signatures.is_empty()).then_some(Component {
        packet: component.packet,
        signatures,
    })
}
