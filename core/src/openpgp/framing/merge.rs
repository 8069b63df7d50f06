//! Two copies of one key made one.
//!
//! Nothing is judged and nothing is lost: user IDs, subkeys and signatures of
//! both are in the result, each once, what `older` has in its order first.

use super::{Component, Guard, Packet, PacketReader, Transferable, malformed, outline};
use crate::Result;
use crate::openpgp::Key;
use std::collections::{HashMap, HashSet};

/// The union of two copies of one key.
///
/// # Errors
/// `Malformed` if either is not one key, or they are not the same one.
pub fn merge(reader: &impl PacketReader, older: &Key, newer: &Key) -> Result<Key> {
    if older.fingerprint() != newer.fingerprint() {
        return Err(malformed(format!(
            "{} and {} are two keys and cannot become one",
            older.fingerprint(),
            newer.fingerprint()
        )));
    }
    let mut merged = Transferable::read(older.bytes())?;
    let newer = Transferable::read(newer.bytes())?;
    let primary = &newer.primary.packet;
    if reader.key(&merged.primary.packet)?.public != reader.key(primary)?.public {
        return Err(malformed("the two are not the same key"));
    }
    join(reader, &mut merged.primary, &newer.primary);
    merged.identities = union(reader, &merged.identities, &newer.identities);
    merged.subkeys = union(reader, &merged.subkeys, &newer.subkeys);
    Ok(outline::key(reader, &merged)?)
}

/// The components of both, each once, in the order in which they first appear.
fn union<'a>(
    reader: &impl PacketReader,
    older: &[Component<'a>],
    newer: &[Component<'a>],
) -> Vec<Component<'a>> {
    let mut all: Vec<Component<'a>> = Vec::with_capacity(older.len());
    let mut places = HashMap::new();
    for component in older.iter().chain(newer) {
        let place = *places
            .entry(identity(reader, &component.packet))
            .or_insert(all.len());
        match all.get_mut(place) {
            Some(own) => join(reader, own, component),
            None => all.push(component.clone()),
        }
    }
    all
}

/// What makes a component the same in both copies: for a key its public fields,
/// for anything else its type and content.
fn identity<'a>(reader: &impl PacketReader, packet: &Packet<'a>) -> (u8, &'a [u8]) {
    let key = packet.is_key().then(|| reader.key(packet));
    match key {
        Some(Ok(key)) => (0, key.public),
        _ => (packet.tag, packet.body),
    }
}

fn join<'a>(reader: &impl PacketReader, own: &mut Component<'a>, newer: &Component<'a>) {
    if rank(reader, &newer.packet) >= rank(reader, &own.packet) {
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
fn rank(reader: &impl PacketReader, packet: &Packet<'_>) -> u8 {
    let key = packet.is_secret().then(|| reader.key(packet));
    match key.and_then(Result::ok).and_then(|key| key.guard()) {
        None => 0,
        Some(Guard::Elsewhere(_)) => 1,
        Some(Guard::Open | Guard::Passphrase) => 2,
    }
}
