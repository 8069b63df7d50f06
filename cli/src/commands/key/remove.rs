//! `key remove`: one key out of a keyring. Silent if it went well.

use crate::ExitStatus;
use crate::app::App;
use crate::args::RemoveArgs;
use sifseal_core::openpgp::{Fingerprint, KeyHandle};
use sifseal_core::traits::{Engine, KeyPart, KeyQuery, KeyStore};
use sifseal_core::{Error, ErrorKind, Result};
use std::sync::Arc;

pub(super) fn run(app: &App<'_>, args: &RemoveArgs) -> Result<ExitStatus> {
    let key: Fingerprint = args.fingerprint.parse().map_err(|error: Error| {
        error.hint("`sifseal key list` shows fingerprints; a shorter ID could mean several keys")
    })?;
    let engine = app.engine()?;
    let store = app.key_store(&engine, args.global)?;
    let public = || remove(app, &*store, KeyPart::Public, &key);
    let secret = || remove(app, &*store, KeyPart::Secret, &key);
    match (args.public, args.secret, args.both) {
        (_, _, true) | (true, true, _) => both(secret, public),
        (_, true, _) => secret().map_err(|error| named("private key", &error)),
        _ => public().map_err(|error| named("public key", &error)),
    }?;
    if args.secret || args.both {
        tell_of_copy(app, &engine, &key);
    }
    Ok(ExitStatus::Done)
}

/// Somebody who has migrated a key and removes it wants it gone: a copy in the file is
/// told of. Nothing is wrong if it cannot be looked for.
fn tell_of_copy(app: &App<'_>, engine: &Arc<dyn Engine>, key: &Fingerprint) {
    const FILE: &str = "file";
    if app.config.keystore_backend.value == FILE {
        return;
    }
    let query = KeyQuery::Handle(KeyHandle::Fingerprint(*key));
    let found = app
        .key_store_of(FILE, engine)
        .and_then(|store| store.find(&app.context(), KeyPart::Secret, &query));
    if found.is_ok_and(|found| !found.entries.is_empty()) {
        app.console.talk().info(&format!(
            "a copy of this private key is still in the key store `{FILE}`: `sifseal key remove \
             --secret {key}` with `SIFSEAL_KEYSTORE={FILE}` removes it"
        ));
    }
}

/// Removes one half, in Apptainer's words if there is none.
fn remove(app: &App<'_>, store: &dyn KeyStore, part: KeyPart, key: &Fingerprint) -> Result<()> {
    let removed = store.remove(&app.context(), part, key);
    removed.map_err(|error| match error.kind() {
        ErrorKind::NotFound => Error::new(
            ErrorKind::NotFound,
            "no key matching given fingerprint found",
        ),
        _ => error,
    })
}

/// Both halves go, the secret one first; that one was not there is no failure. A secret
/// key that cannot be removed keeps its certificate: without it, nobody would find the
/// key by name and remove it later.
fn both(secret: impl FnOnce() -> Result<()>, public: impl FnOnce() -> Result<()>) -> Result<()> {
    let no_secret = match secret() {
        Ok(()) => None,
        Err(error) if error.kind() == ErrorKind::NotFound => Some(error),
        Err(error) => return Err(named("private key (the public key stays, too)", &error)),
    };
    match (no_secret, public()) {
        (_, Ok(())) => Ok(()),
        (Some(secret), Err(public)) => {
            let what =
                format!("Unable to remove neither public key: {public}, nor private key: {secret}");
            Err(public.reworded(what))
        }
        (None, Err(public)) if public.kind() == ErrorKind::NotFound => Ok(()),
        (None, Err(public)) => Err(named("public key", &public)),
    }
}

fn named(what: &str, cause: &Error) -> Error {
    cause.reworded(format!("Unable to remove {what}: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gone() -> Result<()> {
        Ok(())
    }

    fn failed(kind: ErrorKind) -> impl FnOnce() -> Result<()> {
        move || Err(Error::new(kind, "why").hint("what next"))
    }

    #[test]
    fn of_both_halves_one_may_be_missing() {
        assert!(both(gone, failed(ErrorKind::NotFound)).is_ok());
        assert!(both(failed(ErrorKind::NotFound), gone).is_ok());
        let error = both(failed(ErrorKind::NotFound), failed(ErrorKind::NotFound)).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("Unable to remove neither public key: why")
        );
    }

    #[test]
    fn a_half_that_cannot_be_written_is_a_failure_all_the_same() {
        let error = both(gone, failed(ErrorKind::Denied)).unwrap_err();
        assert_eq!(error.to_string(), "Unable to remove public key: why");
        let error = both(failed(ErrorKind::NotFound), failed(ErrorKind::Denied)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied);
        assert_eq!(error.hint_text(), Some("what next"));
    }

    #[test]
    fn a_secret_key_that_stays_keeps_its_certificate() {
        let untouched = || panic!("the certificate was removed");
        let error = both(failed(ErrorKind::Locked), untouched).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Locked);
        assert!(error.to_string().contains("private key"), "{error}");
        assert_eq!(error.hint_text(), Some("what next"));
    }
}
