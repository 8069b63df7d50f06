//! Finding the key of a token in a certificate, by its public values.

use sifseal_core::openpgp::{Certificate, Fingerprint, Key, PublicValues};
use sifseal_core::traits::Engine;
use sifseal_core::{Error, ErrorKind, Result};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Certificates have a few kilobytes; with hundreds of other people's certifications on
/// them, some hundred.
const LARGEST: u64 = 4 << 20;

/// The one certificate in a file.
///
/// # Errors
/// `Malformed` if there is none or several.
pub(crate) fn read(engine: &dyn Engine, path: &Path) -> Result<Certificate> {
    let io = |error| Error::io(path, error);
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(io)?;
    file.take(LARGEST).read_to_end(&mut bytes).map_err(io)?;
    let mut keys = engine.read_keys(&bytes).keys.into_iter();
    match (keys.next(), keys.next()) {
        (Some(Key::Certificate(certificate)), None) => Ok(certificate),
        _ => Err(
            Error::new(ErrorKind::Malformed, "it does not hold one certificate").at(path.display()),
        ),
    }
}

/// The subkey that has these values; `None` if the primary key has them.
///
/// A fingerprint is made of a key's values and its time. So the key is the one that has
/// the fingerprint which the token's values make together with that key's time.
///
/// # Errors
/// `NotFound` if none has them.
pub(crate) fn find(
    engine: &dyn Engine,
    certificate: &Certificate,
    values: &PublicValues,
) -> Result<Option<Fingerprint>> {
    let facts = engine.certificate_facts(certificate)?;
    let subkeys = facts.subkeys.iter().map(|subkey| &subkey.key);
    for key in std::iter::once(&facts.primary).chain(subkeys) {
        if engine.public_key(values, key.created)?.fingerprint == key.fingerprint {
            let is_primary = key.fingerprint == facts.primary.fingerprint;
            return Ok((!is_primary).then_some(key.fingerprint));
        }
    }
    Err(Error::new(
        ErrorKind::NotFound,
        "the certificate has no key with the public values of the token's key",
    )
    .hint("`new` makes a certificate around the token's key"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sifseal_core::traits::{KeyAlgorithm, KeySpec, Nobody};
    use sifseal_core::{Context, Timestamp};
    use sifseal_engine_rpgp::RpgpEngine;
    use std::sync::atomic::AtomicBool;

    fn certificate() -> Certificate {
        let cancelled = AtomicBool::new(false);
        let cx = Context {
            now: Timestamp(1_700_000_000),
            deadline: None,
            cancelled: &cancelled,
            ui: &Nobody,
        };
        let spec = KeySpec {
            user_id: "Ada".to_owned(),
            algorithm: KeyAlgorithm::Ed25519,
            expires_after: None,
        };
        let key = RpgpEngine.generate(&cx, &spec, None).unwrap();
        RpgpEngine.certificate_of(&key).unwrap()
    }

    /// The octets of the point, which end the packet of the primary key.
    fn primary_values(certificate: &Certificate) -> PublicValues {
        let marker = b"\x2B\x06\x01\x04\x01\xDA\x47\x0F\x01\x01\x07\x40";
        let at = certificate
            .bytes
            .windows(marker.len())
            .position(|window| window == marker)
            .unwrap();
        let point = &certificate.bytes[at + marker.len()..][..32];
        PublicValues::Ed25519(point.try_into().unwrap())
    }

    #[test]
    fn the_primary_key_is_found_and_a_strangers_is_not() {
        let certificate = certificate();
        let own = primary_values(&certificate);
        let found = find(&RpgpEngine, &certificate, &own).unwrap();
        assert_eq!(found, None);
        let stranger = PublicValues::Ed25519([9; 32]);
        let error = find(&RpgpEngine, &certificate, &stranger).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
}
