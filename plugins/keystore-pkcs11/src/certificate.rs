//! The file with a key's certificate. It is handed on as it stands, and not read; but
//! whether it is of a key that the token has can be told all the same.

use sifseal_plugin_sdk::openpgp::PublicValues;
use sifseal_plugin_sdk::openpgp::framing::armor;
use sifseal_plugin_sdk::{Error, ErrorKind, Result};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Certificates have a few kilobytes; with hundreds of other people's certifications on
/// them, some hundred.
const LARGEST: u64 = 4 << 20;

/// The bytes of a certificate, armored or not.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    let io = |error| Error::io(path, error);
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(io)?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > LARGEST {
        let what = format!("it has more than {LARGEST} bytes, so it is no certificate");
        return Err(Error::new(ErrorKind::Malformed, what).at(path.display()));
    }
    Ok(bytes)
}

/// True if the public values of a key stand in these bytes, as they must in a certificate
/// of that key: OpenPGP writes a modulus and a point octet by octet (RFC 9580, section
/// 5.5.5), and so much randomness stands nowhere by chance.
pub(crate) fn is_of(certificate: &[u8], values: &PublicValues) -> bool {
    let value: &[u8] = match values {
        PublicValues::Rsa { n, .. } => n,
        PublicValues::EcDsa { point, .. } => point,
        PublicValues::Ed25519(point) => point,
        _ => return false,
    };
    let is_in = |bytes: &[u8]| {
        !value.is_empty() && bytes.windows(value.len()).any(|window| window == value)
    };
    is_in(certificate)
        || armor::blocks(certificate)
            .iter()
            .filter_map(|block| block.content.as_ref().ok())
            .any(|content| is_in(content))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINT: [u8; 32] = *b"0123456789abcdef0123456789abcdef";

    #[test]
    fn a_key_is_found_in_binary_and_in_armor_and_another_is_not() {
        let ed25519 = PublicValues::Ed25519(POINT);
        let binary = [b"before", &POINT[..], b"after"].concat();
        assert!(is_of(&binary, &ed25519));
        // The same bytes, by coreutils' base64.
        let armored = b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n\
            YmVmb3JlMDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWZhZnRlcg==\n\
            -----END PGP PUBLIC KEY BLOCK-----\n";
        assert!(is_of(armored, &ed25519));
        assert!(!is_of(&binary, &PublicValues::Ed25519([7; 32])));
        assert!(!is_of(b"", &ed25519));
        let (n, e) = (vec![], vec![]);
        assert!(!is_of(&binary, &PublicValues::Rsa { n, e }));
    }
}
