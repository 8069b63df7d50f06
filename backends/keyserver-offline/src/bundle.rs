//! Writing a bundle: many certificates as one file.

use sifseal_core::Result;
use sifseal_core::openpgp::{Certificate, Fingerprint, Key};
use sifseal_core::traits::Engine;
use std::collections::BTreeMap;

/// The certificates one behind the other, in binary, sorted by fingerprint, copies of
/// one merged: the same certificates in whatever order give the same bytes. Other
/// OpenPGP programs read it as a keyring.
///
/// # Errors
/// `Malformed` if two copies of a certificate cannot be merged.
pub fn bundle(engine: &dyn Engine, certificates: &[Certificate]) -> Result<Vec<u8>> {
    let mut copies: BTreeMap<Fingerprint, Vec<&Certificate>> = BTreeMap::new();
    for certificate in certificates {
        copies
            .entry(certificate.fingerprint())
            .or_default()
            .push(certificate);
    }
    let mut bundle = Vec::new();
    for mut copies in copies.into_values() {
        // Merging keeps the order of what it is given.
        copies.sort_unstable_by(|a, b| a.bytes.cmp(&b.bytes));
        copies.dedup_by(|a, b| a.bytes == b.bytes);
        let mut copies = copies.into_iter();
        let Some(first) = copies.next() else { continue };
        let merged = copies.try_fold(Key::Certificate(first.clone()), |merged, copy| {
            engine.merge(&merged, &Key::Certificate(copy.clone()))
        })?;
        bundle.extend_from_slice(merged.bytes());
    }
    Ok(bundle)
}
