//! `sif new`, `sif del`, `sif setprim`.

use crate::app::App;
use crate::args::{DelArgs, NewArgs, ObjectArgs};
use sifseal_core::Result;
use sifseal_core::sif::{CreateOptions, DeleteMode, Editor, create};

pub(super) fn new(app: &App<'_>, args: &NewArgs) -> Result<()> {
    let options = match args.deterministic {
        true => CreateOptions::deterministic(),
        false => CreateOptions::new(app.now),
    };
    let options = CreateOptions {
        overwrite: args.force,
        ..options
    };
    create(&args.image, &options, Vec::new()).map_err(|error| match args.force {
        true => error,
        false if error.hint_text().is_some() => error,
        false if args.image.exists() => error.hint("`--force` replaces it"),
        false => error,
    })
}

pub(super) fn delete(app: &App<'_>, args: &DelArgs) -> Result<()> {
    let mode = match (args.zero, args.compact) {
        (true, _) => DeleteMode::Zero,
        (_, true) => DeleteMode::Compact,
        _ => DeleteMode::Plain,
    };
    let image = &args.object.image;
    Editor::open(image)?
        .delete(args.object.id, mode, app.now)
        .map_err(|error| error.at(image.display()))
}

pub(super) fn set_primary(app: &App<'_>, args: &ObjectArgs) -> Result<()> {
    Editor::open(&args.image)?
        .set_primary(args.id, app.now)
        .map_err(|error| error.at(args.image.display()))
}
