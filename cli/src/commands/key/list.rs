//! `key list`: the keys in a keyring.

use super::{find_in, listed, place};
use crate::ExitStatus;
use crate::app::App;
use crate::args::{Format, ListArgs};
use crate::output::keys::{self, KeyList};
use sifseal_core::traits::{KeyPart, KeyQuery};
use sifseal_core::{Error, ErrorKind, Result};

pub(super) fn run(app: &App<'_>, args: &ListArgs) -> Result<ExitStatus> {
    if args.global && args.secret {
        let what = "global keyring doesn't contain private keys";
        return Err(Error::new(ErrorKind::Unsupported, what));
    }
    let part = match args.secret {
        true => KeyPart::Secret,
        false => KeyPart::Public,
    };
    let engine = app.engine()?;
    let store = app.key_store(&engine, args.global)?;
    let found = find_in(app, &*store, part, &KeyQuery::All)?;
    let place = place(&store.describe(), part);
    let keys = listed(app, &*engine, &*store, part, found.entries)?;
    match args.format.format {
        Format::Text => {
            let text = keys::heading(part, &place) + &keys::rows(&keys);
            app.output.print(&text)?;
        }
        Format::Json => app
            .output
            .json(&KeyList::new(part, &place, &keys, &found.junk))?,
    }
    Ok(ExitStatus::Done)
}
