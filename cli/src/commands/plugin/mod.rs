//! `sifseal plugin`: parts of the program that come from elsewhere.

mod add;
mod inspect;
mod list;
mod pin;

use crate::ExitStatus;
use crate::app::Launch;
use crate::args::{PluginCommand, PluginHostArgs};
use sifseal_core::Result;

pub(super) fn run(launch: &Launch<'_>, command: &PluginCommand) -> Result<ExitStatus> {
    let app = launch.app_without_keys()?;
    match command {
        PluginCommand::List(args) => list::run(&app, *args),
        PluginCommand::Inspect(args) => inspect::inspect(&app, args),
        PluginCommand::Check(args) => inspect::check(&app, args),
        PluginCommand::Add(args) => add::add(launch, &app, args),
        PluginCommand::Pin(args) => pin::run(&app, args),
        PluginCommand::Remove(args) => add::remove(launch, &app, args),
    }
}

/// What a child does that a library is isolated in.
pub(super) fn serve(args: &PluginHostArgs) -> Result<ExitStatus> {
    sifseal_plugin_host::serve_library(&args.library)?;
    Ok(ExitStatus::Done)
}
