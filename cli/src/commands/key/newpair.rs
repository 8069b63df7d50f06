//! `key newpair`: a key to sign with, and its certificate.

use super::push::publish;
use crate::ExitStatus;
use crate::app::App;
use crate::args::{AlgorithmArg, Format, Lifetime, NewpairArgs};
use crate::output::keys::NewPair;
use crate::ui::new_passphrase;
use jiff::tz::TimeZone;
use sifseal_core::openpgp::{Key, Protection, TransferableSecretKey};
use sifseal_core::traits::{Engine, KeyAlgorithm, KeySpec, KeyStore, Ui};
use sifseal_core::{Error, ErrorKind, Result, Secret};

const NAME: &str = "Enter your name (e.g., John Doe) : ";
const EMAIL: &str = "Enter your email address (e.g., john.doe@example.com) : ";
const COMMENT: &str = "Enter optional comment (e.g., development keys) : ";
const PASSPHRASE: &str = "Enter a passphrase : ";

pub(super) fn run(app: &App<'_>, args: &NewpairArgs) -> Result<ExitStatus> {
    let engine = app.engine()?;
    let store = app.key_store(&engine, false)?;
    let MadeKey { key, .. } = make_key_pair(app, &*engine, &*store, args)?;
    let published = match args.push {
        true => Some(publish(app, &engine, &engine.certificate_of(&key)?)),
        false => None,
    };
    match args.format.format {
        Format::Text => app
            .output
            .print(&format!("Fingerprint: {}\n", key.fingerprint()))?,
        Format::Json => app.output.json(&NewPair::new(&key.outline))?,
    }
    match published {
        Some(Err(error)) => {
            let what = format!("Failed to push newly created key to keystore: {error}");
            Err(error.reworded(what))
        }
        Some(Ok(_)) => {
            app.console
                .talk()
                .info("Key successfully pushed to keystore");
            Ok(ExitStatus::Done)
        }
        None => Ok(ExitStatus::Done),
    }
}

/// A new key, and the passphrase that it is locked with.
pub(crate) struct MadeKey {
    /// The key.
    pub(crate) key: TransferableSecretKey,
    /// Its passphrase; `None` if the person wanted none.
    pub(crate) passphrase: Option<Secret>,
}

/// Asks for what the arguments leave open, makes the pair, and puts both halves
/// into the store.
///
/// # Errors
/// `Unsupported` if the store takes none, `Denied` for a name that does not fit
/// into a user ID, `Locked` without a passphrase, and what engine and store say.
pub(crate) fn make_key_pair(
    app: &App<'_>,
    engine: &dyn Engine,
    store: &dyn KeyStore,
    args: &NewpairArgs,
) -> Result<MadeKey> {
    let description = store.describe();
    if !description.writable {
        let what = "this key store takes no new keys";
        return Err(Error::new(ErrorKind::Unsupported, what).at(description.public_place));
    }
    let lifetime = args.expires.as_ref().unwrap_or(&Lifetime::Never);
    let expires_after = lifetime.seconds_from(app.now, &TimeZone::system())?;

    let answer = |given: &Option<String>, question, flag: &str| match given {
        Some(given) => Ok(given.trim().to_owned()),
        None => app.console.ask(question).ok_or_else(|| nobody(flag)),
    };
    let name = answer(&args.name, NAME, "--name")?;
    let email = answer(&args.email, EMAIL, "--email")?;
    let comment = match (&args.comment, &args.name, &args.email) {
        // Whoever has given all that a key needs is not asked for what it does not.
        (None, Some(_), Some(_)) if app.console.has_passphrase() => String::new(),
        (None, Some(_), Some(_)) => app.console.ask(COMMENT).unwrap_or_default(),
        _ => answer(&args.comment, COMMENT, "--comment")?,
    };
    let user_id = user_id(&name, &comment, &email)?;
    let backend = &app.config.keystore_backend.value;
    let passphrase = match app.config.is_without_passphrases(backend) {
        true => None,
        false => new_passphrase(&app.console, PASSPHRASE, &user_id)?,
    };

    let spec = KeySpec {
        user_id,
        algorithm: match args.algorithm {
            AlgorithmArg::Rsa => KeyAlgorithm::Rsa(args.bit_length),
            AlgorithmArg::Ed25519 => KeyAlgorithm::Ed25519,
        },
        expires_after,
    };
    let talk = app.console.talk();
    talk.progress("Generating Entity and OpenPGP Key Pair... ");
    let key = engine.generate(&app.context(), &spec, passphrase.as_ref());
    talk.progress(if key.is_ok() { "done\n" } else { "\n" });
    let key = key?;
    if passphrase.is_some() {
        check_locked(&key)?;
    }
    store.insert(&app.context(), &Key::Secret(key.clone()))?;
    Ok(MadeKey { key, passphrase })
}

/// Refuses a key of which a part lies open that the person meant to lock, whatever
/// engine made it (W-2).
///
/// # Errors
/// `Backend`.
pub(super) fn check_locked(key: &TransferableSecretKey) -> Result<()> {
    match key.protection {
        Protection::Open => {
            let what = format!(
                "the OpenPGP library left a secret part of key {} open",
                key.fingerprint()
            );
            Err(Error::new(ErrorKind::Backend, what).hint("nothing was stored"))
        }
        _ => Ok(()),
    }
}

/// `Name (Comment) <email>`, as GnuPG and Apptainer write it, without what is
/// empty.
fn user_id(name: &str, comment: &str, email: &str) -> Result<String> {
    for (what, part) in [
        ("name", name),
        ("comment", comment),
        ("e-mail address", email),
    ] {
        let forbidden = |c: char| matches!(c, '(' | ')' | '<' | '>') || c.is_control();
        if let Some(c) = part.chars().find(|c| forbidden(*c)) {
            let what = format!("the {what} has a `{}` in it", c.escape_default());
            return Err(Error::new(ErrorKind::Denied, what)
                .hint("user IDs use `(`, `)`, `<` and `>` to tell their parts apart"));
        }
    }
    if name.is_empty() && email.is_empty() {
        let what = "a key needs a name or an e-mail address";
        return Err(Error::new(ErrorKind::Denied, what).hint("give --name or --email"));
    }
    let comment = match comment {
        "" => String::new(),
        comment => format!("({comment})"),
    };
    let email = match email {
        "" => String::new(),
        email => format!("<{email}>"),
    };
    let parts = [name, &comment, &email];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Ok(parts.join(" "))
}

fn nobody(flag: &str) -> Error {
    Error::new(
        ErrorKind::Denied,
        "there is nobody to ask about the new key",
    )
    .hint(format!("give {flag}, or run this at a terminal"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_id_has_the_parts_that_are_given() {
        assert_eq!(
            user_id("Ada", "work", "a@b.c").unwrap(),
            "Ada (work) <a@b.c>"
        );
        assert_eq!(user_id("Ada", "", "a@b.c").unwrap(), "Ada <a@b.c>");
        assert_eq!(user_id("Ada", "", "").unwrap(), "Ada");
        assert_eq!(user_id("", "", "a@b.c").unwrap(), "<a@b.c>");
    }

    #[test]
    fn characters_that_would_forge_a_user_id_are_refused() {
        for part in ["Ada <x@y>", "(x", "x)", "\0", "a\nb", "\u{1b}[1m"] {
            assert!(user_id(part, "", "a@b.c").is_err(), "{part:?}");
            assert!(user_id("Ada", part, "a@b.c").is_err(), "{part:?}");
            assert!(user_id("Ada", "", part).is_err(), "{part:?}");
        }
    }

    #[test]
    fn a_key_belongs_to_somebody() {
        assert!(user_id("", "comment", "").is_err());
    }
}
