//! The program: its command line, and what each command does.

mod args;
mod list;
mod report;
mod run;

use anyhow::Context as _;
use args::{Arguments, Command};
use clap::Parser as _;
use sifseal_conformance::keys::Keys;
use sifseal_conformance::scenario::Library;
use sifseal_conformance::vectors::Vectors;
use std::path::Path;
use std::process::ExitCode;

/// Everything as expected.
const GOOD: u8 = 0;

/// Somebody did not do what was expected.
const NOT_AS_EXPECTED: u8 = 1;

/// The suite itself could not do its work; the command line's mistakes have this too.
pub(super) const TROUBLE: u8 = 2;

/// Does what the command line says.
///
/// # Errors
/// The suite could not do its work.
pub(super) fn run() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    match arguments.command {
        Command::Run(args) => run::run(&args),
        Command::Report(args) => report::report(&args),
        Command::List(args) => list::list(&args),
        Command::Show(args) => list::show(&args),
        Command::Vectors(args) => {
            let library = library(args.scenarios.as_deref())?;
            let vectors = Vectors::of(&library, &Keys::default()).map_err(anyhow::Error::msg)?;
            let folder = &args.out;
            vectors
                .write(folder)
                .with_context(|| format!("{}", folder.display()))?;
            println!(
                "{} vectors, {} files in {}",
                vectors.vectors.len(),
                vectors.files.len(),
                folder.display()
            );
            Ok(ExitCode::from(GOOD))
        }
    }
}

/// The scenarios of a folder, or those that the program was built with.
fn library(folder: Option<&Path>) -> anyhow::Result<Library> {
    Ok(match folder {
        Some(folder) => Library::in_folder(folder)?,
        None => Library::built_in()?,
    })
}
