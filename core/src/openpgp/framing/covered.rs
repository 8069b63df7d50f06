//! What the signatures on a key cover of it (RFC 9580, section 5.2.4): the bytes
//! as they stand, each with a frame of its own. A key's fingerprint is made of the
//! same frame (section 5.5.4).

use super::KeyPacket;

/// A public-key packet's body of this version in its frame.
pub fn framed_key(version: u8, public: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(public.len() + 5);
    if version == 6 {
        bytes.push(0x9B);
        bytes.extend((public.len() as u32).to_be_bytes());
    } else {
        bytes.push(0x99);
        bytes.extend((public.len() as u16).to_be_bytes());
    }
    bytes.extend_from_slice(public);
    bytes
}

/// What a self-signature about the primary key alone covers.
pub fn of_primary(primary: &KeyPacket<'_>) -> Vec<u8> {
    framed_key(primary.facts.version, primary.public)
}

/// What a signature that ties a subkey to its primary key covers, from either
/// side.
pub fn of_subkey(primary: &KeyPacket<'_>, subkey: &KeyPacket<'_>) -> Vec<u8> {
    let mut data = of_primary(primary);
    data.extend(framed_key(subkey.facts.version, subkey.public));
    data
}

/// What a certification of a user ID covers; a signature of version 3 has no
/// frame around it.
pub fn of_user_id(primary: &KeyPacket<'_>, user_id: &[u8], signature_version: u8) -> Vec<u8> {
    let mut data = of_primary(primary);
    if signature_version != 3 {
        data.push(0xB4);
        data.extend((user_id.len() as u32).to_be_bytes());
    }
    data.extend_from_slice(user_id);
    data
}
