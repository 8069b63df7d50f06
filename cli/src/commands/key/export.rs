//! `key export`: one key into a file.

use super::find_key;
use super::import::is_locked_in_part;
use super::selection::choose_key;
use crate::ExitStatus;
use crate::app::App;
use crate::args::ExportArgs;
use crate::output::keys::in_one_line;
use sifseal_core::openpgp::{Certificate, Fingerprint, Key, KeyId, Protection};
use sifseal_core::replace::{self, Mode};
use sifseal_core::traits::{Engine, KeyPart, KeyStore, PrivateKey, Ui};
use sifseal_core::{Error, ErrorKind, Result, Secret, Shown};
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
    refuse_a_key_as_file(args)?;
    let engine = app.engine()?;
    let store = app.key_store(&engine, args.global)?;
    let certificate = match &args.key {
        Some(choice) => find_key(app, &*store, part, choice)?.certificate,
        None => choose_key(app, &*engine, &*store, part, "--key")?,
    };
    let fingerprint = certificate.fingerprint();
    let key = whole_key(app, &*store, part, certificate)?;
    let warning = warning_of(&*engine, &key, args)?;
    let bytes = match args.armor {
        true => armored(&*engine, &key)?,
        false => binary(key),
    };
    deliver(app, args, &bytes, &fingerprint)?;
    if let Some(warning) = warning {
        app.console.talk().warning(&warning);
    }
    Ok(ExitStatus::Done)
}

/// The sister commands take a key where this one takes the file to write, as Apptainer
/// has it: whoever names a key there would get a file of that name, with whatever key was
/// chosen.
fn refuse_a_key_as_file(args: &ExportArgs) -> Result<()> {
    let name = args.file.to_string_lossy();
    let is_key = name.parse::<Fingerprint>().is_ok() || name.parse::<KeyId>().is_ok();
    let is_email = name.contains('@') && !name.contains('/');
    if args.key.is_some() || !(is_key || is_email) {
        return Ok(());
    }
    let shown = Shown::new(&name);
    let what = format!("`{shown}` is the name of the file to write, and looks like a key");
    Err(Error::new(ErrorKind::Config, what).hint(format!(
        "to export this key: `key export --key {shown} FILE`; to write to a file of this name: `./{shown}`"
    )))
}

/// The key as it is stored. A secret key stays locked with the passphrase that
/// it has.
fn whole_key(
    app: &App<'_>,
    store: &dyn KeyStore,
    part: KeyPart,
    certificate: Certificate,
) -> Result<Key> {
    let fingerprint = certificate.fingerprint();
    match part {
        KeyPart::Public => Ok(Key::Certificate(certificate)),
        KeyPart::Secret => match store.private_key(&app.context(), &fingerprint)? {
            PrivateKey::Material(key) => Ok(Key::Secret(key)),
            PrivateKey::Device(_) => {
                let what = format!("the private key {fingerprint} cannot leave its device");
                Err(Error::new(ErrorKind::Unsupported, what))
            }
        },
    }
}

/// What the person has to know of a secret key that no passphrase guards: where it lay,
/// the store's own lock may have done so, and a file has none.
fn warning_of(engine: &dyn Engine, key: &Key, args: &ExportArgs) -> Result<Option<String>> {
    let Key::Secret(key) = key else {
        return Ok(None);
    };
    if key.protection != Protection::Open {
        return Ok(None);
    }
    let what = match is_locked_in_part(engine, key)? {
        true => "a part of the private key",
        false => "the private key",
    };
    let name = in_one_line(&key.outline);
    let file = match args.file == Path::new("-") {
        true => "what was written".to_owned(),
        false => args.file.display().to_string(),
    };
    Ok(Some(format!(
        "{what} {name} is not locked with a passphrase: whoever reads {file} can sign with it"
    )))
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
    write(app, args, bytes.expose())?;
    let path = args.file.display().to_string();
    app.output.print(&format!(
        "{kind} key with fingerprint {fingerprint} correctly exported to file: {}\n",
        Shown::new(&path)
    ))
}

/// Writes the file whole or not at all, a secret one readable for its owner only
/// from its first moment (W-10). A file that is there stays, unless the person wants
/// it replaced: it may be the only copy of a key. What is no regular file
/// (`/dev/stdout`, a named pipe) is written to.
fn write(app: &App<'_>, args: &ExportArgs, bytes: &[u8]) -> Result<()> {
    let path = args.file.as_path();
    let mode = match args.secret {
        true => 0o600,
        false => 0o644,
    };
    match std::fs::metadata(path) {
        Ok(there) if !there.is_file() => write_into(path, bytes),
        Ok(_) if args.force || may_replace(app, path) => {
            let mode = match args.secret {
                true => Mode::Exactly(mode),
                false => Mode::KeepOr(mode),
            };
            replace::overwrite(path, mode, bytes)
        }
        _ => replace::write_new(path, mode, bytes).map_err(|error| match path.symlink_metadata() {
            Ok(_) => error.hint("choose another name, or replace the file with --force"),
            Err(_) => error,
        }),
    }
}

fn may_replace(app: &App<'_>, path: &Path) -> bool {
    let question = format!(
        "{} is already there. Replace it? [y/n] ",
        Shown::new(&path.display().to_string())
    );
    app.console.is_terminal() && app.console.confirm(&question) == Some(true)
}

fn write_into(path: &Path, bytes: &[u8]) -> Result<()> {
    OpenOptions::new()
        .write(true)
        .open(path)
        .and_then(|mut file| file.write_all(bytes))
        .map_err(|error| Error::io(path, error))
}
