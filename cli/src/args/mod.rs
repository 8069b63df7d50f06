//! The command line as plain data.
//!
//! Parsing does nothing: no file is opened and no variable read here. Flags keep
//! Apptainer's names and letters; what Apptainer lacks has a long name only,
//! unless a letter was free everywhere.

mod config;
mod exchange;
mod foreign;
mod key;
mod key_choice;
mod keyserver;
mod lifetime;
mod plugin;
mod sif;
mod sign;
mod url;
mod verify;

pub use config::{ConfigArgs, ConfigCommand};
pub use exchange::{PullArgs, PushArgs, RefreshArgs, SearchArgs, WantedKey};
pub use key::{
    AlgorithmArg, ExportArgs, ImportArgs, KeyArgs, KeyCommand, ListArgs, MigrateArgs, NewpairArgs,
    RemoveArgs,
};
pub use key_choice::KeyChoice;
pub use keyserver::{
    AddServerArgs, BundleArgs, KeyserverArgs, KeyserverCommand, LoginArgs, LogoutArgs, RemoteArgs,
    RemoteCommand, RemoveServerArgs,
};
pub use lifetime::Lifetime;
pub use plugin::{
    AddPluginArgs, InspectPluginArgs, PinPluginArgs, PluginArgs, PluginCommand, PluginHostArgs,
    RemovePluginArgs,
};
pub use sif::{
    AddArgs, DelArgs, NewArgs, ObjectArgs, ObjectReportArgs, OptionalGroup, ReportArgs, SifArgs,
    SifCommand,
};
pub use sign::{SignArgs, SignHash};
pub use url::UrlArgs;
pub use verify::{JudgeAt, Require, VerifyArgs};

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

/// Signs and verifies SIF container images with OpenPGP keys, and manages those
/// keys.
#[derive(Debug, Parser)]
#[command(
    name = "sifseal",
    version,
    about,
    long_about = None,
    propagate_version = true,
    subcommand_required = true,
    arg_required_else_help = false,
    after_help = "Example:\n  sifseal key newpair\n  sifseal sign image.sif\n  sifseal verify image.sif"
)]
pub struct Cli {
    /// Flags that every command has.
    #[command(flatten)]
    pub global: GlobalArgs,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// Reads the command line.
    ///
    /// # Errors
    /// What to print in place of running: help, or what is wrong with the line. Names
    /// that Apptainer has and this program has not are answered in a sentence of
    /// their own.
    pub fn read(line: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        Self::try_parse_from(line).map_err(|refused| match foreign::advice(&refused) {
            Some(advice) => Self::command().error(ErrorKind::UnknownArgument, advice),
            None => refused,
        })
    }
}

/// Flags that every command has.
#[derive(Debug, Clone, Default, Args)]
pub struct GlobalArgs {
    /// Read this file in place of ~/.config/sifseal/config.toml
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        help_heading = "Global options"
    )]
    pub config: Option<PathBuf>,

    /// The OpenPGP library to use
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        help_heading = "Global options"
    )]
    pub engine: Option<String>,

    /// Say nothing but warnings, questions and errors beside the results
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub quiet: bool,
}

/// The commands. `Sign(SignArgs)` and `Verify(VerifyArgs)` join with their files in
/// `commands`; their arguments are fixed already.
#[derive(Debug, Subcommand)]
#[non_exhaustive]
#[allow(clippy::large_enum_variant)]
pub enum Command {
    /// Make, list, exchange, migrate and remove keys
    #[command(visible_alias = "keys")]
    Key(KeyArgs),
    /// Add signatures to images
    Sign(SignArgs),
    /// Check the signatures of images
    Verify(VerifyArgs),
    /// Say where keys of others are asked for
    Keyserver(KeyserverArgs),
    /// Show Apptainer's endpoints beside the keyservers
    Remote(RemoteArgs),
    /// Look into SIF images and change them
    #[command(visible_alias = "siftool")]
    Sif(SifArgs),
    /// Add parts of the program that come from elsewhere
    Plugin(PluginArgs),
    /// Show what is configured, and where each value comes from
    Config(ConfigArgs),
    /// Load a library for another process of this program
    #[command(name = "__plugin-host", hide = true)]
    PluginHost(PluginHostArgs),
}

/// How results are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs: versioned, see the page on formats.
    Json,
}

/// `--format`, where something is listed or reported.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct FormatArgs {
    /// How to print the result
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        hide_possible_values = false
    )]
    pub format: Format,
}

/// `--keysdir`, where keys are used (also by `sign` and `verify`, W-22).
#[derive(Debug, Clone, Default, Args)]
pub struct KeysdirArgs {
    /// The directory of your keys [default: $APPTAINER_KEYSDIR, $SINGULARITY_SYPGPDIR, ~/.apptainer/keys]
    #[arg(short = 'd', long, value_name = "DIR")]
    pub keysdir: Option<PathBuf>,
}

/// `--passphrase-file`, where a passphrase may be needed.
#[derive(Debug, Clone, Default, Args)]
pub struct PassphraseArgs {
    /// Take the passphrase from the first line of this file, `-` for standard input [env: SIFSEAL_PASSPHRASE_FILE]
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_group_of_commands_without_a_command_is_a_usage_error() {
        for line in [
            &["sifseal"][..],
            &["sifseal", "key"],
            &["sifseal", "sif"],
            &["sifseal", "keyserver"],
            &["sifseal", "remote"],
            &["sifseal", "config"],
            &["sifseal", "plugin"],
        ] {
            let error = Cli::try_parse_from(line).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{line:?}");
        }
    }

    #[test]
    fn apptainers_other_names_of_the_groups_work() {
        assert!(Cli::try_parse_from(["sifseal", "keys", "list"]).is_ok());
        assert!(Cli::try_parse_from(["sifseal", "siftool", "list", "x.sif"]).is_ok());
    }

    #[test]
    fn no_flag_takes_a_passphrase_itself_w10() {
        for flag in ["-P", "--password", "--passphrase"] {
            assert!(Cli::try_parse_from(["sifseal", "key", "newpair", flag, "secret"]).is_err());
        }
    }
}
