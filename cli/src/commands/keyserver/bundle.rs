//! `keyserver bundle`: certificates in one file, to carry where no network is.

use crate::ExitStatus;
use crate::app::App;
use crate::args::BundleArgs;
use crate::commands::key::{find_in, find_key, nothing_in};
use crate::keyserver::write_bundle_index;
use sifseal_core::openpgp::Certificate;
use sifseal_core::replace::{self, Mode};
use sifseal_core::traits::{KeyPart, KeyQuery, KeyStore};
use sifseal_core::{Error, Result, Shown};
use sifseal_keyserver_offline::bundle;

pub(super) fn run(app: &App<'_>, args: &BundleArgs) -> Result<ExitStatus> {
    let engine = app.engine()?;
    let store = app.key_store(&engine, args.global)?;
    let certificates = wanted(app, &*store, args)?;
    let bytes = bundle(&*engine, &certificates)?;
    match args.force {
        true => replace::overwrite(&args.output, Mode::KeepOr(0o644), &bytes)?,
        false => {
            let hinted = |error: Error| match args.output.is_file() {
                true => error.hint("replace it with --force"),
                false => error,
            };
            replace::write_new(&args.output, 0o644, &bytes).map_err(hinted)?;
        }
    }
    let index = write_bundle_index(&app.context(), &args.output, engine)?;
    app.console.talk().info(&format!(
        "its index is {}: carry it along, and nobody need make it anew",
        index.display()
    ));
    let path = args.output.display().to_string();
    app.output.print(&format!(
        "{} certificate(s) written to {}\n",
        certificates.len(),
        Shown::new(&path)
    ))?;
    Ok(ExitStatus::Done)
}

fn wanted(app: &App<'_>, store: &dyn KeyStore, args: &BundleArgs) -> Result<Vec<Certificate>> {
    if args.keys.is_empty() {
        let all = find_in(app, store, KeyPart::Public, &KeyQuery::All)?.entries;
        if all.is_empty() {
            return Err(nothing_in(store, KeyPart::Public));
        }
        return Ok(all.into_iter().map(|entry| entry.certificate).collect());
    }
    args.keys
        .iter()
        .map(|choice| Ok(find_key(app, store, KeyPart::Public, choice)?.certificate))
        .collect()
}
