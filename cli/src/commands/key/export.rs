//! `key export`: one key into a file.

use super::{choose_key, find_key};
use crate::ExitStatus;
use crate::app::App;
use crate::args::ExportArgs;
use sifseal_core::openpgp::{Fingerprint, Key};
use sifseal_core::replace::{self, Mode};
use sifseal_core::traits::{Engine, KeyEntry, KeyPart, KeyStore, PrivateKey};
use sifseal_core::{Error, ErrorKind, Result, Secret};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

pub(super) fn run(app: &App<'_>, args: &ExportArgs) -> Result<ExitStatus> {
    let part = match args.secret {
        true => KeyPart::Secret,
        false => KeyPart::Public,
    };
    if args.global && args.secret {
        let what = "global keyring doesn't contain private keys";
        return Err(Error::new(ErrorKind::Unsupported, what));
    }
    let engine = app.engine()?;
    let store = app.key_store(&engine, args.global)?;
    let entry = match &args.key {
        Some(choice) => find_key(app, &*store, part, choice)?,
        None => choose_key(app, &*store, part, "--key")?,
    };
    let fingerprint = entry.certificate.fingerprint();
    let key = whole_key(app, &*store, part, entry)?;
    let bytes = match args.armor {
        true => armored(&*engine, &key)?,
        false => binary(key),
    };
    deliver(app, args, &bytes, &fingerprint)?;
    Ok(ExitStatus::Done)
}

/// The key as it is stored. A secret key stays locked with the passphrase that
/// it has.
fn whole_key(app: &App<'_>, store: &dyn KeyStore, part: KeyPart, entry: KeyEntry) -> Result<Key> {
    let fingerprint = entry.certificate.fingerprint();
    match part {
        KeyPart::Public => Ok(Key::Certificate(entry.certificate)),
        KeyPart::Secret => match store.private_key(&app.context(), &fingerprint)? {
            PrivateKey::Material(key) => Ok(Key::Secret(key)),
            PrivateKey::Device(_) => {
                let what = format!("the private key {fingerprint} cannot leave its device");
                Err(Error::new(ErrorKind::Unsupported, what))
            }
        },
    }
}

/// In armor, with the line break at its end that a text file has.
fn armored(engine: &dyn Engine, key: &Key) -> Result<Secret> {
    let armor = engine.armor(key)?;
    if armor.expose().ends_with(b"\n") {
        return Ok(armor);
    }
    Ok(Secret::new([armor.expose(), b"\n"].concat()))
}

fn binary(key: Key) -> Secret {
    match key {
        Key::Certificate(certificate) => Secret::new(certificate.bytes),
        Key::Secret(key) => key.bytes,
    }
}

fn deliver(
    app: &App<'_>,
    args: &ExportArgs,
    bytes: &Secret,
    fingerprint: &Fingerprint,
) -> Result<()> {
    let kind = match args.secret {
        true => "Private",
        false => "Public",
    };
    if args.file == Path::new("-") {
        return app.output.write(bytes.expose());
    }
    write(&args.file, args.secret, bytes.expose())?;
    let path = args.file.display().to_string();
    app.output.print(&format!(
        "{kind} key with fingerprint {fingerprint} correctly exported to file: {}\n",
        sifseal_core::Shown::new(&path)
    ))
}

/// Writes the file whole or not at all, a secret one readable for its owner only
/// from its first moment (W-10). What is no regular file (`/dev/stdout`, a named
/// pipe) is written to and not replaced.
fn write(path: &Path, secret: bool, bytes: &[u8]) -> Result<()> {
    let is_special = std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file());
    if is_special {
        let mut file = OpenOptions::new()
            .write(true)
            .open(path)
            .map_err(|error| Error::io(path, error))?;
        return file
            .write_all(bytes)
            .map_err(|error| Error::io(path, error));
    }
    let mode = match secret {
        true => Mode::Exactly(0o600),
        false => Mode::KeepOr(0o644),
    };
    replace::overwrite(path, mode, bytes)
}
