//! One file for each command: it takes its arguments and the circumstances, does
//! its work, and says how it ended.

mod config;
mod key;
mod sif;
mod sign;
mod verify;

use crate::ExitStatus;
use crate::app::Launch;
use crate::args::Command;
use sifseal_core::Result;

/// Runs one command.
///
/// # Errors
/// It could not be done; whatever it writes is then as it was before.
pub fn run(launch: &Launch<'_>, command: &Command) -> Result<ExitStatus> {
    match command {
        Command::Key(args) => key::run(launch, &args.command),
        Command::Sign(args) => sign::run(launch, args),
        Command::Verify(args) => verify::run(launch, args),
        Command::Sif(args) => sif::run(launch, &args.command),
        Command::Config(args) => config::run(launch, &args.command),
    }
}
