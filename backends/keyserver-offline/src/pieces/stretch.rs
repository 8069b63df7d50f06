//! Which part of a window of packets is read as one.
//!
//! Undamaged keys are told by walking from packet to packet. Behind damage, packets lead
//! anywhere; there the next place is looked for where one key leads to another.

use super::window::Window;
use sifseal_core::openpgp::framing::{Packet, tag};
use sifseal_core::traits::Engine;

/// The longest packet that is taken for a primary key behind damage: more than any
/// algorithm's key.
const LONGEST_KEY: usize = 16 << 10;

/// How many packets of a key are passed over to find the next one behind damage.
const MAX_PACKETS: usize = 4096;

/// How many packets that might be keys are shown to the engine, to find the next key
/// behind damage. Where there are more, it is left to find its own way.
const MAX_GUESSES: usize = 1 << 16;

/// How much of a window is read as one.
pub(super) enum Stretch {
    /// What comes behind it does not belong to it.
    Complete(usize),
    /// All of the window; where it ends is not in sight.
    Open(usize),
}

impl Stretch {
    pub(super) fn at_beginning_of(engine: &dyn Engine, window: &Window<'_>) -> Self {
        let (bytes, is_last) = (window.rest(), window.is_last);
        if is_last && is_framed(bytes) {
            return Self::Complete(bytes.len());
        }
        let undamaged = undamaged(engine, bytes);
        if undamaged > 0 {
            return Self::Complete(undamaged);
        }
        let mut guesses = MAX_GUESSES;
        let resumed = (1..bytes.len()).find(|at| {
            let rest = bytes.get(*at..).unwrap_or_default();
            let may_be_key = begins_like_key(rest) && guesses > 0;
            guesses -= usize::from(may_be_key);
            may_be_key && leads_to_another(engine, rest, is_last)
        });
        match resumed {
            Some(end) => Self::Complete(end),
            None if is_last => Self::Complete(bytes.len()),
            None => Self::Open(bytes.len()),
        }
    }
}

/// How much of these bytes are undamaged keys with another one behind them; 0 if they
/// do not begin with such. Behind damage packets lead anywhere, so what they lead to must
/// be a key for the engine too.
fn undamaged(engine: &dyn Engine, bytes: &[u8]) -> usize {
    let behind: Vec<_> = primaries(bytes).filter(|(at, _)| *at > 0).collect();
    let is_readable = |(_, packet): &&(usize, Packet<'_>)| is_key(engine, packet);
    behind
        .iter()
        .rev()
        .find(is_readable)
        .map_or(0, |(at, _)| *at)
}

/// True if these bytes begin with a packet that may be a primary key.
fn begins_like_key(bytes: &[u8]) -> bool {
    Packet::first(bytes)
        .is_some_and(|packet| packet.is_primary() && packet.raw.len() <= LONGEST_KEY)
}

/// True if these bytes begin with a key and lead to another one, or to the end.
fn leads_to_another(engine: &dyn Engine, bytes: &[u8], is_last: bool) -> bool {
    let begins_key = |(_, packet): (usize, Packet<'_>)| is_key(engine, &packet);
    if !primaries(bytes).next().is_some_and(begins_key) {
        return false;
    }
    // Not further than keys have packets, since this is asked again and again.
    let mut end = 0;
    for (at, packet) in packets(bytes).take(MAX_PACKETS) {
        if at > 0 && packet.is_primary() {
            return is_key(engine, &packet);
        }
        end = at + packet.raw.len();
    }
    is_last && end == bytes.len()
}

fn is_key(engine: &dyn Engine, packet: &Packet<'_>) -> bool {
    !engine.read_keys(packet.raw).keys.is_empty()
}

/// The primary keys that whole packets lead to, the first being at the beginning.
fn primaries(bytes: &[u8]) -> impl Iterator<Item = (usize, Packet<'_>)> {
    packets(bytes)
        .take_while(|(at, packet)| *at > 0 || packet.is_primary())
        .filter(|(_, packet)| packet.is_primary())
}

/// True if packets of keys follow each other to the very end.
fn is_framed(bytes: &[u8]) -> bool {
    let end = packets(bytes)
        .last()
        .map(|(at, packet)| at + packet.raw.len());
    end.unwrap_or(0) == bytes.len()
}

/// The packets from the beginning on, up to one that has no place in a key.
fn packets(bytes: &[u8]) -> impl Iterator<Item = (usize, Packet<'_>)> {
    let mut next = 0;
    std::iter::from_fn(move || {
        let packet = Packet::first(bytes.get(next..)?)?;
        may_stand_in_a_key(packet.tag).then_some(())?;
        let at = next;
        next += packet.raw.len();
        Some((at, packet))
    })
}

/// True for the packets of a key (RFC 9580, section 10.1) and those that are passed
/// over in it: types 40 to 63 are not critical (section 4.3).
fn may_stand_in_a_key(tag: u8) -> bool {
    matches!(
        tag,
        tag::SIGNATURE
            | tag::SECRET_KEY
            | tag::PUBLIC_KEY
            | tag::SECRET_SUBKEY
            | tag::MARKER
            | tag::TRUST
            | tag::USER_ID
            | tag::PUBLIC_SUBKEY
            | tag::USER_ATTRIBUTE
            | tag::PADDING
            | 40..=63
    )
}
