//! `key refresh`: what keyservers have heard of the keys in a keyring since (W-5).

use super::{find_in, find_key};
use crate::ExitStatus;
use crate::app::App;
use crate::args::{Format, RefreshArgs};
use crate::commands::warn_of;
use crate::output::exchanged::{RefreshDocument, Refreshed};
use crate::output::keys::in_one_line;
use crate::output::local_time;
use sifseal_core::keyservers::changes::{KeyChange, changes};
use sifseal_core::keyservers::{Failure, Fetched, Keyservers};
use sifseal_core::openpgp::{Certificate, Fingerprint, Key, KeyHandle};
use sifseal_core::traits::{Change, Engine, KeyPart, KeyQuery, KeyStore};
use sifseal_core::{Result, Shown};

/// Keys that are asked for together.
const AT_ONCE: usize = 8;

/// Ends with failure if a server could not be asked: it may have been the one that
/// has heard of a revocation.
pub(super) fn run(app: &App<'_>, args: &RefreshArgs) -> Result<ExitStatus> {
    let engine = app.engine()?;
    let store = app.key_store(&engine, args.global)?;
    let servers = app.keyservers(&engine);
    let known = wanted(app, &*store, args)?;
    let keyservers = Keyservers::new(&*engine, &servers);
    let mut document = RefreshDocument::default();
    let mut failures: Vec<Failure> = Vec::new();
    let mut status = ExitStatus::Done;
    // Whatever becomes of the later ones, what came of the earlier ones is kept.
    for some in known.chunks(AT_ONCE) {
        let fingerprints: Vec<Fingerprint> = some.iter().map(Certificate::fingerprint).collect();
        let answers = keyservers.refresh(&app.context(), &fingerprints)?;
        for (before, answer) in some.iter().zip(answers) {
            let new = answer.failures.iter().filter(|it| !failures.contains(it));
            let new: Vec<_> = new.cloned().collect();
            failures.extend(new);
            match refresh(app, &*engine, &*store, before, answer) {
                Ok(refreshed) => {
                    if args.format.format == Format::Text {
                        app.output.print(&told(before, &refreshed))?;
                    }
                    document.key(before.fingerprint(), refreshed);
                }
                Err(error) => {
                    app.console.talk().fatal(&error);
                    document.error(error.to_string());
                    status = ExitStatus::Failed;
                }
            }
        }
    }
    warn_of(app, &failures);
    document.failures(&failures);
    if args.format.format == Format::Json {
        app.output.json(&document)?;
    }
    Ok(match failures.is_empty() {
        true => status,
        false => ExitStatus::Failed,
    })
}

fn wanted(app: &App<'_>, store: &dyn KeyStore, args: &RefreshArgs) -> Result<Vec<Certificate>> {
    if args.all {
        let all = find_in(app, store, KeyPart::Public, &KeyQuery::All)?.entries;
        return Ok(all.into_iter().map(|entry| entry.certificate).collect());
    }
    args.keys
        .iter()
        .map(|choice| Ok(find_key(app, store, KeyPart::Public, choice)?.certificate))
        .collect()
}

fn refresh(
    app: &App<'_>,
    engine: &dyn Engine,
    store: &dyn KeyStore,
    before: &Certificate,
    answer: Fetched,
) -> Result<Refreshed> {
    let cx = app.context();
    let Some(news) = answer.certificates.into_iter().next() else {
        return Ok(match answer.failures.is_empty() {
            true => Refreshed::NotFound,
            false => Refreshed::Unknown,
        });
    };
    let inserted = store.insert(&cx, &Key::Certificate(news))?;
    if inserted.public == Change::Unchanged {
        return Ok(Refreshed::Unchanged);
    }
    let query = KeyQuery::Handle(KeyHandle::Fingerprint(before.fingerprint()));
    let after = store.find(&cx, KeyPart::Public, &query)?.entries;
    let after = after.first().map_or(before, |entry| &entry.certificate);
    Ok(Refreshed::Updated(changes(
        &engine.certificate_facts(before)?,
        &engine.certificate_facts(after)?,
        app.now,
    )))
}

/// One line for the key, and one for each thing that is new.
fn told(key: &Certificate, refreshed: &Refreshed) -> String {
    let name = in_one_line(&key.outline);
    let name = Shown::new(&name);
    match refreshed {
        Refreshed::NotFound => format!("{name}: on no keyserver\n"),
        Refreshed::Unknown => format!("{name}: on no keyserver that could be asked\n"),
        Refreshed::Unchanged => format!("{name}: nothing new\n"),
        Refreshed::Updated(changes) => {
            let lines: Vec<String> = changes.iter().map(one_change).collect();
            match lines.is_empty() {
                true => format!("{name}: updated\n    newer self-signatures\n"),
                false => format!("{name}: updated\n{}", lines.concat()),
            }
        }
    }
}

fn one_change(change: &KeyChange) -> String {
    match change {
        KeyChange::Expires(key, Some(time)) => {
            format!("    expires {}: {key}\n", local_time(*time))
        }
        change => format!("    {change}\n"),
    }
}
