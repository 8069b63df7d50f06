//! The program `sifseal`: signs and verifies SIF container images, and manages
//! the keys for it.
//!
//! [`run`] reads the command line ([`args`]), hands it to one of the
//! [`commands`], and turns what comes back into an [`ExitStatus`]. Commands find
//! what they need in an [`app::App`]: the configuration ([`config`]), the backends
//! chosen by it ([`registry`], [`keyserver`], [`plugin`]), the person ([`ui`]) and standard output
//! ([`output`]).

#![forbid(unsafe_code)]

pub mod app;
pub mod args;
pub mod commands;
pub mod config;
pub mod exit;
pub mod keyserver;
pub mod output;
pub mod plugin;
pub mod registry;
pub mod ui;

pub use exit::ExitStatus;

use app::Launch;
use std::ffi::OsString;

/// Runs the program with the backends that come with it.
///
/// `line` is the whole command line, the program's name first. Results go to
/// standard output, everything else to standard error.
pub fn run(line: impl IntoIterator<Item = OsString>, places: &config::Places) -> ExitStatus {
    run_with(&registry::Registry::standard(), line, places)
}

/// Runs the program with backends of the caller's choice.
pub fn run_with(
    registry: &registry::Registry,
    line: impl IntoIterator<Item = OsString>,
    places: &config::Places,
) -> ExitStatus {
    let cli = match args::Cli::read(line) {
        Ok(cli) => cli,
        Err(answer) => {
            // Help and version come this way too. Whoever closed the pipe does
            // not want to read them.
            let _ = answer.print();
            return match answer.exit_code() {
                0 => ExitStatus::Done,
                _ => ExitStatus::Usage,
            };
        }
    };
    let launch = Launch {
        registry,
        places,
        global: &cli.global,
        url: None,
    };
    commands::run(&launch, &cli.command).unwrap_or_else(|error| {
        ui::Talk::on_standard_error(cli.global.quiet).fatal(&error);
        ExitStatus::Failed
    })
}
