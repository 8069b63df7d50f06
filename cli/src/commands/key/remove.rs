//! `key remove`: one key out of a keyring. Silent if it went well.

use crate::ExitStatus;
use crate::app::App;
use crate::args::RemoveArgs;
use sifseal_core::openpgp::Fingerprint;
use sifseal_core::traits::{KeyPart, KeyStore};
use sifseal_core::{Error, ErrorKind, Result};

pub(super) fn run(app: &App<'_>, args: &RemoveArgs) -> Result<ExitStatus> {
    let key: Fingerprint = args.fingerprint.parse().map_err(|error: Error| {
        error.hint("`sifseal key list` shows fingerprints; a shorter ID could mean several keys")
    })?;
    let store = app.key_store(&app.engine()?, args.global)?;
    let public = || remove(app, &*store, KeyPart::Public, &key);
    let secret = || remove(app, &*store, KeyPart::Secret, &key);
    match (args.public, args.secret, args.both) {
        (_, _, true) | (true, true, _) => both(secret(), public()),
        (_, true, _) => secret().map_err(|error| named("private key", &error)),
        _ => public().map_err(|error| named("public key", &error)),
    }?;
    Ok(ExitStatus::Done)
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

/// Both halves go; that one was not there is no failure, that it could not be
/// written is.
fn both(secret: Result<()>, public: Result<()>) -> Result<()> {
    let was_there = |result: &Result<()>| {
        !result
            .as_ref()
            .is_err_and(|error| error.kind() == ErrorKind::NotFound)
    };
    if let (Err(secret), Err(public)) = (&secret, &public) {
        let what =
            format!("Unable to remove neither public key: {public}, nor private key: {secret}");
        return Err(Error::new(public.kind(), what));
    }
    if was_there(&secret) {
        secret.map_err(|error| named("private key", &error))?;
    }
    if was_there(&public) {
        public.map_err(|error| named("public key", &error))?;
    }
    Ok(())
}

fn named(what: &str, cause: &Error) -> Error {
    cause.reworded(format!("Unable to remove {what}: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed<T>(kind: ErrorKind) -> Result<T> {
        Err(Error::new(kind, "why"))
    }

    #[test]
    fn of_both_halves_one_may_be_missing() {
        assert!(both(Ok(()), failed(ErrorKind::NotFound)).is_ok());
        assert!(both(failed(ErrorKind::NotFound), Ok(())).is_ok());
        let error = both(failed(ErrorKind::NotFound), failed(ErrorKind::NotFound)).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("Unable to remove neither public key: why")
        );
    }

    #[test]
    fn a_half_that_cannot_be_written_is_a_failure_all_the_same() {
        let error = both(Ok(()), failed(ErrorKind::Denied)).unwrap_err();
        assert_eq!(error.to_string(), "Unable to remove public key: why");
        assert!(both(failed(ErrorKind::Denied), Ok(())).is_err());
    }
}
