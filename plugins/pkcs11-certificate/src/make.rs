//! A new certificate around a key.

use sifseal_core::openpgp::{Certificate, Key};
use sifseal_core::traits::Engine;
use sifseal_core::{Context, Error, ErrorKind, Result, Timestamp};
use sifseal_keystore_pkcs11::{TokenKey, TokenSigner};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

/// The certificate of the key, signed by the key.
///
/// # Errors
/// As [`Engine::certify`].
pub(crate) fn make(
    cx: &Context<'_>,
    engine: &dyn Engine,
    key: TokenKey,
    user_id: &str,
    created: Timestamp,
) -> Result<Certificate> {
    if created > cx.now {
        return Err(Error::new(
            ErrorKind::Config,
            "a key that is made in the future signs nothing until then",
        )
        .hint("give another time by --created"));
    }
    let public = engine.public_key(key.values(), created)?;
    engine.certify(cx, &TokenSigner::new(key, public), user_id)
}

/// Writes it in ASCII armor to a new file.
///
/// # Errors
/// There is such a file already, or the system's.
pub(crate) fn write(engine: &dyn Engine, certificate: &Certificate, path: &Path) -> Result<()> {
    let armored = engine.armor(&Key::Certificate(certificate.clone()))?;
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    file.and_then(|mut file| {
        file.write_all(armored.expose())?;
        file.sync_all()
    })
    .map_err(|error| Error::io(path, error).hint("name another file by --output"))
}
