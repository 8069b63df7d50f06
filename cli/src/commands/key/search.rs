//! `key search`: what keyservers say they have.

use crate::ExitStatus;
use crate::app::App;
use crate::args::{Format, SearchArgs};
use crate::commands::warn_of;
use crate::output::found;
use sifseal_core::keyservers::Keyservers;
use sifseal_core::traits::SearchQuery;
use sifseal_core::{Error, ErrorKind, Result};

pub(super) fn run(app: &App<'_>, args: &SearchArgs) -> Result<ExitStatus> {
    let engine = app.engine()?;
    let servers = app.keyservers(&engine);
    let searched = Keyservers::new(&*engine, &servers)
        .search(&app.context(), &args.query)
        .map_err(|error| error.reworded(format!("search failed: {error}")))?;
    warn_of(app, &searched.failures);
    let is_found = !searched.hits.is_empty();
    match (args.format.format, args.long_list) {
        (Format::Json, _) => app.output.json(&found::SearchDocument::new(
            &args.query.to_string(),
            &searched,
            app.now,
        ))?,
        (Format::Text, _) if !is_found => {}
        (Format::Text, true) => app
            .output
            .print(&found::long_list(&searched.hits, app.now))?,
        (Format::Text, false) => app.output.print(&found::short_list(&searched.hits))?,
    }
    match is_found {
        true => Ok(ExitStatus::Done),
        false => Err(nothing_found(&args.query)),
    }
}

fn nothing_found(query: &SearchQuery) -> Error {
    let what = format!("search failed: no matching keys found for `{query}`");
    let error = Error::new(ErrorKind::NotFound, what);
    match query {
        SearchQuery::Key(_) => error,
        SearchQuery::ShortId(_) => {
            error.hint("not every server knows IDs of 8 digits: search for the fingerprint")
        }
        SearchQuery::Text(_) => error.hint(
            "some servers find whole e-mail addresses only, and only those that their owners have confirmed: search for the fingerprint",
        ),
    }
}
