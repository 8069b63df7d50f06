//! Which key is meant: by name, or by asking.

use super::{find_in, listed};
use crate::app::App;
use crate::args::KeyChoice;
use crate::output::keys::{self, Listed};
use sifseal_core::openpgp::Certificate;
use sifseal_core::traits::{Engine, KeyEntry, KeyPart, KeyQuery, KeyStore, Ui};
use sifseal_core::{Error, ErrorKind, Result};

/// The one key that answers to what the person wrote.
///
/// # Errors
/// `NotFound`, or `Ambiguous`, naming the candidates.
pub(crate) fn find_key(
    app: &App<'_>,
    store: &dyn KeyStore,
    part: KeyPart,
    choice: &KeyChoice,
) -> Result<KeyEntry> {
    let mut entries = find_in(app, store, part, choice.query())?.entries;
    match entries.len() {
        0 => Err(
            Error::new(ErrorKind::NotFound, format!("no key answers to `{choice}`"))
                .hint(list_hint(part)),
        ),
        1 => Ok(entries.swap_remove(0)),
        count => {
            let candidates: Vec<String> = entries
                .iter()
                .map(|entry| keys::in_one_line(&entry.certificate.outline))
                .collect();
            let what = format!(
                "{count} keys answer to `{choice}`: {}",
                candidates.join(", ")
            );
            Err(Error::new(ErrorKind::Ambiguous, what).hint("name one by its fingerprint"))
        }
    }
}

/// The only key there is, or the one that the person chooses from a list. `flag`
/// is what names a key without asking.
///
/// # Errors
/// `NotFound` in an empty keyring, and as [`ask_which`].
pub(super) fn choose_key(
    app: &App<'_>,
    engine: &dyn Engine,
    store: &dyn KeyStore,
    part: KeyPart,
    flag: &str,
) -> Result<Certificate> {
    let mut entries = find_in(app, store, part, &KeyQuery::All)?.entries;
    match entries.len() {
        0 => Err(nothing_in(store, part)),
        1 => Ok(entries.swap_remove(0).certificate),
        _ => {
            let keys = listed(app, engine, store, part, entries)?;
            Ok(ask_which(app, part, keys, flag)?.certificate)
        }
    }
}

/// The one of several keys that the person chooses.
///
/// # Errors
/// `Ambiguous` if nobody can be asked, `Denied` for an answer that is no number of
/// the list.
pub(crate) fn ask_which(
    app: &App<'_>,
    part: KeyPart,
    mut keys: Vec<Listed>,
    flag: &str,
) -> Result<Listed> {
    app.console.talk().raw(&keys::rows(&keys));
    let question = match part {
        KeyPart::Public => "Enter # of public key to use : ",
        KeyPart::Secret => "Enter # of private key to use : ",
    };
    let answer = app.console.ask(question).ok_or_else(|| {
        let what = format!(
            "there are {} keys, and nobody to ask which to use",
            keys.len()
        );
        Error::new(ErrorKind::Ambiguous, what).hint(format!("name one with {flag}"))
    })?;
    let index = answer
        .parse::<usize>()
        .ok()
        .filter(|index| *index < keys.len());
    let index = index.ok_or_else(|| {
        Error::new(ErrorKind::Denied, format!("invalid choice `{answer}`"))
            .hint(format!("the numbers go from 0 to {}", keys.len() - 1))
    })?;
    Ok(keys.swap_remove(index))
}

/// The error for a keyring without keys.
pub(crate) fn nothing_in(store: &dyn KeyStore, part: KeyPart) -> Error {
    let store = store.describe();
    let hint = match (store.writable, part) {
        (true, _) => "`sifseal key newpair` makes a key, `sifseal key import` reads one",
        // A plugin's: only certificates of others can be put beside it.
        (false, KeyPart::Public) => "`sifseal key import` reads a certificate",
        (false, KeyPart::Secret) => {
            "keys come into it with the plugin's own tools; if there are some, look at its \
             settings in [plugin.config]"
        }
    };
    Error::new(ErrorKind::NotFound, "keyring is empty")
        .at(super::place(&store, part))
        .hint(hint)
}

fn list_hint(part: KeyPart) -> &'static str {
    match part {
        KeyPart::Public => "`sifseal key list` shows which there are",
        KeyPart::Secret => "`sifseal key list --secret` shows which there are",
    }
}
