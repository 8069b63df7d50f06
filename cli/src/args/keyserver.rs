//! Arguments of `sifseal keyserver` and `sifseal remote`.

use super::{FormatArgs, KeyChoice, KeysdirArgs};
use crate::config::AnswerLimit;
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// `sifseal keyserver`.
#[derive(Debug, Args)]
#[command(subcommand_required = true)]
pub struct KeyserverArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: KeyserverCommand,
}

/// The commands of `sifseal keyserver`.
#[derive(Debug, Subcommand)]
pub enum KeyserverCommand {
    /// Add a keyserver to the configuration
    #[command(
        after_help = "Example:\n  sifseal keyserver add --order 1 hkps://keys.example.org\n  sifseal keyserver add /srv/site-keys"
    )]
    Add(AddServerArgs),
    /// Take a keyserver out of the configuration
    #[command(after_help = "Example:\n  sifseal keyserver remove hkps://keys.example.org")]
    Remove(RemoveServerArgs),
    /// List the keyservers in the order in which they are asked
    #[command(after_help = "Example:\n  sifseal keyserver list")]
    List(FormatArgs),
    /// Keep a password or token for a keyserver
    #[command(
        after_help = "Example:\n  sifseal keyserver login --password-stdin https://keys.example.org < token"
    )]
    Login(LoginArgs),
    /// Forget the password or token for a keyserver
    #[command(after_help = "Example:\n  sifseal keyserver logout https://keys.example.org")]
    Logout(LogoutArgs),
    /// Write certificates of your keyring into one file that serves as a keyserver elsewhere
    #[command(
        after_help = "Example:\n  sifseal keyserver bundle --output site-keys.pgp\n  sifseal keyserver add /media/stick/site-keys.pgp"
    )]
    Bundle(BundleArgs),
}

/// `sifseal keyserver add`.
#[derive(Debug, Clone, Args)]
pub struct AddServerArgs {
    /// Its address (https, hkps, http, hkp), or the path of a directory or bundle of certificates
    #[arg(value_name = "URL|PATH", value_parser = NonEmptyStringValueParser::new())]
    pub place: String,
    /// Its place in the order, counted from 1 [default: the last]
    #[arg(short, long, value_name = "N", value_parser = order)]
    pub order: Option<NonZeroUsize>,
    /// Do not check the server's TLS certificate; no login is ever sent to it
    #[arg(short, long)]
    pub insecure: bool,
    /// Certificate authorities to accept beside the system's, in PEM
    #[arg(long, value_name = "FILE", conflicts_with = "insecure")]
    pub ca_file: Option<PathBuf>,
    /// How long each of its answers may take, 1 to 600 [default: 30]
    #[arg(long, value_name = "SECONDS")]
    pub timeout: Option<AnswerLimit>,
    /// Change the configuration of the whole system, not yours
    #[arg(short, long)]
    pub global: bool,
}

fn order(text: &str) -> Result<NonZeroUsize, &'static str> {
    text.parse().map_err(|_| "order must be > 0")
}

/// `sifseal keyserver remove`.
#[derive(Debug, Clone, Args)]
pub struct RemoveServerArgs {
    /// Its address or path
    #[arg(value_name = "URL|PATH", value_parser = NonEmptyStringValueParser::new())]
    pub place: String,
    /// Change the configuration of the whole system, not yours
    #[arg(short, long)]
    pub global: bool,
}

/// `sifseal keyserver login`.
#[derive(Debug, Clone, Args)]
pub struct LoginArgs {
    /// The server's address
    pub url: String,
    /// Your name at the server; without one, a token is asked for
    #[arg(short, long)]
    pub username: Option<String>,
    /// Take the password or token from standard input
    #[arg(long)]
    pub password_stdin: bool,
}

/// `sifseal keyserver logout`.
#[derive(Debug, Clone, Args)]
pub struct LogoutArgs {
    /// The server's address
    pub url: String,
}

/// `sifseal keyserver bundle`.
#[derive(Debug, Clone, Args)]
pub struct BundleArgs {
    /// The keys: their fingerprints, key IDs or e-mail addresses [default: all]
    #[arg(value_name = "FPR|KEYID|EMAIL")]
    pub keys: Vec<KeyChoice>,
    /// The file to write
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    pub force: bool,
    /// Take the keyring of the whole site
    #[arg(short, long)]
    pub global: bool,
    /// Which keys.
    #[command(flatten)]
    pub keysdir: KeysdirArgs,
}

/// `sifseal remote`.
#[derive(Debug, Args)]
#[command(subcommand_required = true)]
pub struct RemoteArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: RemoteCommand,
}

/// The commands of `sifseal remote`.
#[derive(Debug, Subcommand)]
pub enum RemoteCommand {
    /// List Apptainer's endpoints, the keyservers, and the logins
    #[command(after_help = "Example:\n  sifseal remote list")]
    List(FormatArgs),
}
