//! Secret keys whose secret part is elsewhere, as GnuPG writes them.

use super::Key;
use super::packet::{packet, tag};

/// Where the secret part is.
#[derive(Debug, Clone, Copy)]
pub enum Stub<'a> {
    /// Nowhere: `gnu-dummy`.
    Missing,
    /// On a card with this serial number: `divert-to-card`.
    Card(&'a [u8]),
}

/// The key as a secret primary key without its secret part: GnuPG's own extension,
/// a string-to-key of type 101.
pub fn stub(key: &Key, stub: Stub<'_>) -> Vec<u8> {
    // Checksum mode 255, no cipher, type 101, no hash, then the extension.
    let mut body = [key.body(), &[0xFF, 0, 101, 0], b"GNU"].concat();
    match stub {
        Stub::Missing => body.push(1),
        Stub::Card(serial) => {
            body.extend([2, serial.len() as u8]);
            body.extend_from_slice(serial);
        }
    }
    packet(tag::SECRET_KEY, &body)
}
