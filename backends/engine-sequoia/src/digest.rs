//! Digests by Sequoia's hash functions.

use sifseal_core::openpgp::HashAlgorithm;
use sifseal_core::openpgp::framing::COLLISION_ATTACK;

/// The digest of some octets, one piece after another.
///
/// # Errors
/// As [`PacketReader::digest`](sifseal_core::openpgp::framing::PacketReader::digest).
pub(crate) fn of(algorithm: HashAlgorithm, pieces: &[&[u8]]) -> Result<Vec<u8>, String> {
    let mut hash = sequoia_openpgp::types::HashAlgorithm::from(algorithm.id())
        .context()
        .map_err(|_| algorithm.to_string())?
        .for_digest();
    for piece in pieces {
        hash.update(piece);
    }
    // Only Sequoia's SHA-1 can fail: it looks for traces of a collision attack.
    hash.into_digest().map_err(|_| COLLISION_ATTACK.to_owned())
}
