//! Arguments of `sifseal config`.

use super::{FormatArgs, KeysdirArgs};
use clap::{Args, Subcommand};

/// `sifseal config`.
#[derive(Debug, Args)]
#[command(subcommand_required = true)]
pub struct ConfigArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: ConfigCommand,
}

/// The commands of `sifseal config`.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print every setting with its value and where that comes from
    #[command(after_help = "Example:\n  sifseal config show --format json")]
    Show {
        /// How to print it.
        #[command(flatten)]
        format: FormatArgs,
        /// Which keys.
        #[command(flatten)]
        keysdir: KeysdirArgs,
    },
    /// Print which OpenPGP libraries this build has, and what they lack
    #[command(after_help = "Example:\n  sifseal config engines")]
    Engines {
        /// How to print it.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Print where configuration files are looked for, and which are there
    #[command(after_help = "Example:\n  sifseal config path")]
    Path {
        /// How to print it.
        #[command(flatten)]
        format: FormatArgs,
    },
}
