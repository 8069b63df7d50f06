//! One file for each command: it takes its arguments and the circumstances, does
//! its work, and says how it ended.

mod config;
mod key;
mod keyserver;
mod plugin;
mod sif;
mod sign;
mod verify;

use crate::ExitStatus;
use crate::app::{App, Launch};
use crate::args::Command;
use sifseal_core::Result;
use sifseal_core::keyservers::Failure;

/// Runs one command.
///
/// # Errors
/// It could not be done; whatever it writes is then as it was before.
pub fn run(launch: &Launch<'_>, command: &Command) -> Result<ExitStatus> {
    match command {
        Command::Key(args) => key::run(launch, &args.command),
        Command::Sign(args) => sign::run(launch, args),
        Command::Verify(args) => verify::run(launch, args),
        Command::Keyserver(args) => keyserver::run(launch, &args.command),
        Command::Remote(args) => keyserver::remote(launch, &args.command),
        Command::Sif(args) => sif::run(launch, &args.command),
        Command::Plugin(args) => plugin::run(launch, &args.command),
        Command::PluginHost(args) => plugin::serve(args),
        Command::Config(args) => config::run(launch, &args.command),
    }
}

/// Tells of keyservers that could not help, where others could or nothing depends on
/// it.
fn warn_of(app: &App<'_>, failures: &[Failure]) {
    for failure in failures {
        let hint = failure.hint.as_deref();
        let hint = hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
        app.console
            .talk()
            .warning(&format!("{}{hint}", failure.text));
    }
}
