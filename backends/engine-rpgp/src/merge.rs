//! Two copies of one key as one: everything that either has, each thing once.
//!
//! Works on packets, so that what rPGP does not understand is kept too.

use crate::outline::{PublicHalf, read_key};
use crate::packets::{Frame, KeyTree, Part, malformed, tag};
use sifseal_core::Result;
use sifseal_core::openpgp::Key;

/// Everything of `older` in its order, then what only `newer` has. A secret packet
/// takes the place of its public one; of two secret ones `newer`'s stays.
pub(crate) fn merge(older: &Key, newer: &Key) -> Result<Key> {
    if older.fingerprint() != newer.fingerprint() {
        return Err(malformed("two different keys cannot be merged"));
    }
    let (older, newer) = (bytes(older), bytes(newer));
    let (mut tree, other) = (KeyTree::read(older)?, KeyTree::read(newer)?);

    tree.primary = better(tree.primary, other.primary);
    add_signatures(&mut tree.on_primary, other.on_primary);
    for part in other.parts {
        add_part(&mut tree.parts, part);
    }
    // Signatures on subkeys and user IDs may stand in any order; a subkey of a
    // secret key must not stand before a user ID, as readers expect.
    tree.parts
        .sort_by_key(|part| matches!(part.packet.tag, tag::PUBLIC_SUBKEY | tag::SECRET_SUBKEY));
    read_key(&write(&tree))
}

fn bytes(key: &Key) -> &[u8] {
    match key {
        Key::Certificate(certificate) => &certificate.bytes,
        Key::Secret(secret) => secret.bytes.expose(),
    }
}

fn is_secret(frame: &Frame<'_>) -> bool {
    matches!(frame.tag, tag::SECRET_KEY | tag::SECRET_SUBKEY)
}

fn better<'a>(older: Frame<'a>, newer: Frame<'a>) -> Frame<'a> {
    if is_secret(&older) && !is_secret(&newer) {
        older
    } else {
        newer
    }
}

fn add_signatures<'a>(to: &mut Vec<Frame<'a>>, from: Vec<Frame<'a>>) {
    for signature in from {
        if !to.iter().any(|known| known.body == signature.body) {
            to.push(signature);
        }
    }
}

fn add_part<'a>(parts: &mut Vec<Part<'a>>, part: Part<'a>) {
    match parts
        .iter_mut()
        .find(|known| is_same(&known.packet, &part.packet))
    {
        None => parts.push(part),
        Some(known) => {
            known.packet = better(known.packet, part.packet);
            add_signatures(&mut known.signatures, part.signatures);
        }
    }
}

/// Subkeys are the same by their fingerprints, everything else by its bytes.
fn is_same(one: &Frame<'_>, other: &Frame<'_>) -> bool {
    let is_subkey =
        |frame: &Frame<'_>| matches!(frame.tag, tag::PUBLIC_SUBKEY | tag::SECRET_SUBKEY);
    if is_subkey(one) && is_subkey(other) {
        return match (PublicHalf::read(one), PublicHalf::read(other)) {
            (Ok(one), Ok(other)) => one.fingerprint == other.fingerprint,
            _ => one.body == other.body,
        };
    }
    one.tag == other.tag && one.body == other.body
}

/// The packets one after the other.
fn write(tree: &KeyTree<'_>) -> Vec<u8> {
    let parts = tree.parts.iter();
    let frames = std::iter::once(&tree.primary)
        .chain(&tree.on_primary)
        .chain(parts.flat_map(|part| std::iter::once(&part.packet).chain(&part.signatures)));
    frames.flat_map(|frame| frame.whole).copied().collect()
}
