//! `sifseal sif`: looking into images, and changing them object by object.

mod add;
mod dump;
mod edit;
mod report;

use crate::ExitStatus;
use crate::app::Launch;
use crate::args::SifCommand;
use sifseal_core::sif::{Descriptor, Image, ObjectId};
use sifseal_core::{Error, ErrorKind, Result};

pub(super) fn run(launch: &Launch<'_>, command: &SifCommand) -> Result<ExitStatus> {
    let app = launch.app_without_keys()?;
    match command {
        SifCommand::List(args) => report::list(&app, args),
        SifCommand::Header(args) => report::header(&app, args),
        SifCommand::Info(args) => report::info(&app, args),
        SifCommand::Dump(args) => dump::run(&app, args),
        SifCommand::New(args) => edit::new(&app, args),
        SifCommand::Add(args) => add::run(&app, args),
        SifCommand::Del(args) => edit::delete(&app, args),
        SifCommand::Setprim(args) => edit::set_primary(&app, args),
    }?;
    Ok(ExitStatus::Done)
}

/// The object with this ID.
fn object(image: &Image, id: ObjectId) -> Result<&Descriptor> {
    image.object(id).ok_or_else(|| {
        Error::new(
            ErrorKind::NotFound,
            format!("object {id}: object not found"),
        )
        .at(image.path().display())
        .hint("`sifseal sif list` shows the IDs")
    })
}
