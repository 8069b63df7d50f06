//! The order in which a signature is checked, the same for every engine.

use super::{KeyPacket, PacketReader, SignaturePacket};
use crate::openpgp::Maths;

/// Whether `signature` was made by `key` over `data`, and nothing else: no date, no
/// usage, no strength is judged.
pub fn verify(
    reader: &impl PacketReader,
    key: &KeyPacket<'_>,
    signature: &SignaturePacket<'_>,
    data: &[u8],
) -> Maths {
    if !can_have_made(key, signature) {
        return Maths::Bad;
    }
    match reader.digest(signature.hash, &[signature.salt, data, &signature.trailer]) {
        Err(lack) => Maths::Unsupported(lack),
        Ok(digest) if !digest.starts_with(&signature.digest_prefix) => Maths::Bad,
        Ok(digest) => reader.verify_digest(key, signature, &digest),
    }
}

/// A version 6 key makes version 6 signatures and no other key does (RFC 9580,
/// section 5.2); the algorithm is the key's.
fn can_have_made(key: &KeyPacket<'_>, signature: &SignaturePacket<'_>) -> bool {
    let is_rsa = |id| (1..=3).contains(&id);
    let same_algorithm = signature.algorithm_id == key.algorithm_id
        || (is_rsa(signature.algorithm_id) && is_rsa(key.algorithm_id));
    same_algorithm && (signature.version == 6) == (key.facts.version == 6)
}
