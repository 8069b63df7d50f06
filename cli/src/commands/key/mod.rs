//! `sifseal key`: the keys in a keyring.

mod export;
mod import;
mod list;
mod migrate;
mod newpair;
mod pull;
mod push;
mod refresh;
mod remove;
mod search;
mod selection;
mod state;

pub(super) use newpair::{MadeKey, make_key_pair};
pub(super) use selection::{ask_which, find_key, nothing_in};
pub(super) use state::listed;

use crate::ExitStatus;
use crate::app::{App, Launch};
use crate::args::{KeyCommand, KeysdirArgs, UrlArgs};
use sifseal_core::Result;
use sifseal_core::traits::{Found, KeyPart, KeyQuery, KeyStore, StoreDescription};

pub(super) fn run(launch: &Launch<'_>, command: &KeyCommand) -> Result<ExitStatus> {
    match command {
        KeyCommand::Newpair(args) => newpair::run(
            &launch
                .asking(&args.url)
                .app(&args.keysdir, &args.passphrase)?,
            args,
        ),
        KeyCommand::Search(args) => {
            search::run(&launch.asking(&args.url).app_without_keys()?, args)
        }
        KeyCommand::Pull(args) => pull::run(&asking(launch, &args.url, &args.keysdir)?, args),
        KeyCommand::Push(args) => push::run(&asking(launch, &args.url, &args.keysdir)?, args),
        KeyCommand::Refresh(args) => refresh::run(&asking(launch, &args.url, &args.keysdir)?, args),
        KeyCommand::List(args) => list::run(&launch.app_without_passphrase(&args.keysdir)?, args),
        KeyCommand::Import(args) if args.new_password => {
            // The old passphrase and the new one differ, and a file has only one.
            import::run(&launch.app_without_passphrase(&args.keysdir)?, args)
        }
        KeyCommand::Import(args) => {
            import::run(&launch.app(&args.keysdir, &args.passphrase)?, args)
        }
        KeyCommand::Export(args) => {
            export::run(&launch.app_without_passphrase(&args.keysdir)?, args)
        }
        KeyCommand::Remove(args) => {
            remove::run(&launch.app_without_passphrase(&args.keysdir)?, args)
        }
        KeyCommand::Migrate(args) => {
            migrate::run(&launch.app(&args.keysdir, &args.passphrase)?, args)
        }
    }
}

/// The circumstances of a command that exchanges certificates.
fn asking<'a>(launch: &Launch<'a>, url: &'a UrlArgs, keys: &KeysdirArgs) -> Result<App<'a>> {
    launch.asking(url).app_without_passphrase(keys)
}

/// Where one half of a store is kept.
fn place(store: &StoreDescription, part: KeyPart) -> String {
    match part {
        KeyPart::Public => store.public_place.clone(),
        KeyPart::Secret => store
            .secret_place
            .clone()
            .unwrap_or_else(|| store.public_place.clone()),
    }
}

/// Searches one half of a store, and warns of what in it could not be read.
///
/// # Errors
/// What the store says.
pub(super) fn find_in(
    app: &App<'_>,
    store: &dyn KeyStore,
    part: KeyPart,
    query: &KeyQuery,
) -> Result<Found> {
    let found = store.find(&app.context(), part, query)?;
    let place = place(&store.describe(), part);
    for junk in &found.junk {
        let what = format!("{place}: at byte {}: {}", junk.offset, junk.what);
        app.console.talk().warning(&what);
    }
    Ok(found)
}
