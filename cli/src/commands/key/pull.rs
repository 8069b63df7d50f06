//! `key pull`: keys from keyservers into a keyring, or what is new of them (W-5).

use crate::ExitStatus;
use crate::app::App;
use crate::args::{Format, PullArgs, WantedKey};
use crate::commands::warn_of;
use crate::output::exchanged::PullDocument;
use sifseal_core::keyservers::{Failure, Keyservers};
use sifseal_core::openpgp::{Certificate, Key};
use sifseal_core::traits::{Change, KeyStore};
use sifseal_core::{Error, ErrorKind, Result, Shown};

/// Every key gets its turn, whatever became of the others.
pub(super) fn run(app: &App<'_>, args: &PullArgs) -> Result<ExitStatus> {
    let engine = app.engine()?;
    let store = app.key_store(&engine, args.global)?;
    let servers = app.keyservers(&engine);
    let keyservers = Keyservers::new(&*engine, &servers);
    let mut document = PullDocument::default();
    let mut status = ExitStatus::Done;
    let mut failures = Vec::new();
    for wanted in &args.keys {
        match pull(app, &*store, &keyservers, wanted) {
            Ok(Pulled {
                certificate,
                change,
                failures: new,
            }) => {
                let new: Vec<_> = new.into_iter().filter(|f| !failures.contains(f)).collect();
                warn_of(app, &new);
                failures.extend(new);
                document.key(certificate.fingerprint(), change);
                if args.format.format == Format::Text {
                    tell(app, &*store, &certificate, change)?;
                }
            }
            Err(error) => {
                let what = format!("pull failed: unable to pull key from server: {error}");
                app.console.talk().fatal(&error.reworded(what));
                document.error(error.to_string());
                status = ExitStatus::Failed;
            }
        }
    }
    document.failures(&failures);
    if args.format.format == Format::Json {
        app.output.json(&document)?;
    }
    Ok(status)
}

/// A key that came, what it was to the ring, and who could not help.
struct Pulled {
    certificate: Certificate,
    change: Change,
    failures: Vec<Failure>,
}

fn pull(
    app: &App<'_>,
    store: &dyn KeyStore,
    keyservers: &Keyservers<'_>,
    wanted: &WantedKey,
) -> Result<Pulled> {
    let cx = app.context();
    let mut fetched = keyservers.look_up(&cx, wanted.query())?;
    let certificate = fetched
        .certificates
        .pop()
        .ok_or_else(|| Error::new(ErrorKind::NotFound, format!("no keyserver has `{wanted}`")))?;
    let inserted = store.insert(&cx, &Key::Certificate(certificate.clone()))?;
    Ok(Pulled {
        certificate,
        change: inserted.public,
        failures: fetched.failures,
    })
}

fn tell(
    app: &App<'_>,
    store: &dyn KeyStore,
    certificate: &Certificate,
    change: Change,
) -> Result<()> {
    let talk = app.console.talk();
    let name = crate::output::keys::in_one_line(&certificate.outline);
    let place = store.describe().public_place;
    let place = Shown::new(&place);
    let (added, updated) = match change {
        Change::Added => {
            talk.info(&format!("added {name}"));
            (1, "")
        }
        Change::Merged => {
            talk.info(&format!("updated {name}"));
            (0, ", 1 updated")
        }
        Change::Unchanged => {
            talk.info(&format!("nothing new of {name}"));
            (0, "")
        }
    };
    app.output.print(&format!(
        "{added} key(s) added to keyring of trust {place}{updated}\n"
    ))
}
