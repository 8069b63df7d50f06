//! Two copies of one key made one.
//!
//! Nothing is judged and nothing is lost: user IDs, subkeys and signatures of
//! both are in the result, each once, what `older` has in its order first.

use crate::failure::malformed;
use crate::key_packet::KeyPacket;
use crate::outline;
use crate::packet::Packet;
use crate::secret_packet::Guard;
use crate::transferable::{Component, Transferable};
use sifseal_core::Result;
use sifseal_core::openpgp::Key;
use std::collections::{HashMap, HashSet};

/// The union of two copies of one key.
///
/// # Errors
/// `Malformed` if either is not one key, or they are not the same one.
pub(crate) fn merge(older: &Key, newer: &Key) -> Result<Key> {
    if older.fingerprint() != newer.fingerprint() {
        return Err(malformed(format!(
            "{} and {} are two keys and cannot become one",
            older.fingerprint(),
            newer.fingerprint()
        )));
    }
    let mut merged = Transferable::read(bytes(older))?;
    let newer = Transferable::read(bytes(newer))?;
    if merged.primary.key()?.public != newer.primary.key()?.public {
        return Err(malformed("the two are not the same key"));
    }
    join(&mut merged.primary, &newer.primary);
    merged.identities = union(&merged.identities, &newer.identities);
    merged.subkeys = union(&merged.subkeys, &newer.subkeys);
    outline::key(&merged)
}

/// The packets of a key, secret or not.
pub(crate) fn bytes(key: &Key) -> &[u8] {
    match key {
        Key::Certificate(certificate) => &certificate.bytes,
        Key::Secret(secret) => secret.bytes.expose(),
    }
}

/// The components of both, each once, in the order in which they first appear.
fn union<'a>(older: &[Component<'a>], newer: &[Component<'a>]) -> Vec<Component<'a>> {
    let mut all: Vec<Component<'a>> = Vec::with_capacity(older.len());
    let mut places = HashMap::new();
    for component in older.iter().chain(newer) {
        let place = *places
            .entry(identity(&component.packet))
            .or_insert(all.len());
        match all.get_mut(place) {
            Some(own) => join(own, component),
            None => all.push(component.clone()),
        }
    }
    all
}

/// What makes a component the same in both copies: for a key its public fields,
/// for anything else its type and content.
fn identity<'a>(packet: &Packet<'a>) -> (u8, &'a [u8]) {
    match KeyPacket::read(packet) {
        Ok(key) if packet.is_key() => (0, key.public),
        _ => (packet.tag, packet.body),
    }
}

fn join<'a>(own: &mut Component<'a>, newer: &Component<'a>) {
    if rank(&newer.packet) >= rank(&own.packet) {
        own.packet = newer.packet;
    }
    let mut seen = HashSet::new();
    own.signatures.retain(|packet| seen.insert(packet.body));
    for signature in &newer.signatures {
        if seen.insert(signature.body) {
            own.signatures.push(*signature);
        }
    }
}

/// How much of a secret a packet has: none, a stub that says where it is, all.
fn rank(packet: &Packet<'_>) -> u8 {
    match KeyPacket::read(packet) {
        Ok(key) if packet.is_secret() => match Guard::read(key.secret) {
            Guard::Elsewhere(_) => 1,
            Guard::Open | Guard::Passphrase => 2,
        },
        _ => 0,
    }
}
