//! Digests by Sequoia's hash functions.

use sifseal_core::openpgp::HashAlgorithm;

/// The digest of some octets, one piece after another.
///
/// # Errors
/// What is in the way, as `Maths::Unsupported` tells it: the algorithm's name if
/// Sequoia lacks it, or an attack.
pub(crate) fn of(algorithm: HashAlgorithm, pieces: &[&[u8]]) -> Result<Vec<u8>, String> {
    let mut hash = sequoia_openpgp::types::HashAlgorithm::from(algorithm.id())
        .context()
        .map_err(|_| algorithm.to_string())?
        .for_digest();
    for piece in pieces {
        hash.update(piece);
    }
    // Only Sequoia's SHA-1 can fail: it looks for traces of a collision attack.
    hash.into_digest()
        .map_err(|_| "the data show a collision attack on SHA-1".to_owned())
}
