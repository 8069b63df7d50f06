//! The command line.

use clap::{Args, Parser, Subcommand};
use sifseal_conformance::profile::Profile;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

/// Tries implementations of SIF image signatures.
#[derive(Debug, Parser)]
#[command(name = "sifseal-conformance", version, max_term_width = 100)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run scenarios on implementations
    Run(RunArgs),
    /// Render reports from an earlier run; nothing is run
    Report(ReportArgs),
    /// List the scenarios
    List(ListArgs),
    /// Show one scenario whole
    Show(ShowArgs),
    /// Write the suite's images and keys as files
    Vectors(VectorsArgs),
}

#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// The folder of an adapter, with its adapter.toml; may be given several times
    #[arg(long = "adapter", value_name = "FOLDER", required = true)]
    pub(super) adapters: Vec<PathBuf>,
    /// Go on without an adapter that cannot be opened (not installed, say)
    #[arg(long)]
    pub(super) skip_missing: bool,
    /// Certify: demand of every adapter all that this profile demands, in the suite as it is
    #[arg(long, value_enum, conflicts_with_all = ["only", "scenarios"])]
    pub(super) profile: Option<Profile>,
    /// Let each adapter sign for each other one, too
    #[arg(long)]
    pub(super) pairs: bool,
    /// Only scenarios whose id or group contains this text; may be given several times
    #[arg(long, value_name = "TEXT")]
    pub(super) only: Vec<String>,
    /// Scenarios of this folder instead of the built-in ones
    #[arg(long, value_name = "FOLDER")]
    pub(super) scenarios: Option<PathBuf>,
    /// How many scenarios run at the same time [default: one for each processor]
    #[arg(long, value_name = "N")]
    pub(super) jobs: Option<NonZeroUsize>,
    /// How long one call of an adapter may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "60")]
    pub(super) timeout: NonZeroU64,
    /// Write what was found, from which all reports can be made
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    #[command(flatten)]
    pub(super) reports: Reports,
}

#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// What an earlier run wrote with --out
    #[arg(long, value_name = "FILE")]
    pub(super) from: PathBuf,
    #[command(flatten)]
    pub(super) reports: Reports,
}

/// Reports beside the one on the terminal.
#[derive(Debug, Args)]
pub(super) struct Reports {
    /// One page for a browser, without anything from elsewhere
    #[arg(long, value_name = "FILE")]
    pub(super) html: Option<PathBuf>,
    /// JUnit XML, for CI systems
    #[arg(long, value_name = "FILE")]
    pub(super) junit: Option<PathBuf>,
    /// Markdown: what changed since the run that --since names
    #[arg(long, value_name = "FILE", requires = "since")]
    pub(super) markdown: Option<PathBuf>,
    /// What an earlier run wrote with --out
    #[arg(long, value_name = "FILE")]
    pub(super) since: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// Only scenarios whose id or group contains this text
    pub(super) text: Option<String>,
    /// Scenarios of this folder instead of the built-in ones
    #[arg(long, value_name = "FOLDER")]
    pub(super) scenarios: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// The scenario's id
    pub(super) id: String,
    /// Scenarios of this folder instead of the built-in ones
    #[arg(long, value_name = "FOLDER")]
    pub(super) scenarios: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct VectorsArgs {
    /// The folder to write to
    #[arg(long, value_name = "FOLDER")]
    pub(super) out: PathBuf,
    /// Scenarios of this folder instead of the built-in ones
    #[arg(long, value_name = "FOLDER")]
    pub(super) scenarios: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_suite_certifies_nobody() {
        let run = |more: &[&str]| {
            let words = ["sifseal-conformance", "run", "--adapter", "mine"];
            Arguments::try_parse_from(words.iter().chain(more)).is_ok()
        };
        assert!(run(&["--profile", "signer"]));
        assert!(run(&["--only", "unsigned-image"]));
        assert!(!run(&["--profile", "signer", "--only", "unsigned-image"]));
        assert!(!run(&["--profile", "signer", "--scenarios", "mine"]));
    }
}
