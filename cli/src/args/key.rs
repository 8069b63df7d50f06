//! Arguments of `sifseal key`.

use super::{
    FormatArgs, KeyChoice, KeysdirArgs, Lifetime, PassphraseArgs, PullArgs, PushArgs, RefreshArgs,
    SearchArgs, UrlArgs,
};
use clap::{ArgAction, Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `sifseal key`.
#[derive(Debug, Args)]
#[command(subcommand_required = true)]
pub struct KeyArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: KeyCommand,
}

/// The commands of `sifseal key`.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a key pair; what is not given is asked
    #[command(
        after_help = "Example:\n  sifseal key newpair --name 'Ada' --email ada@example.com --algorithm ed25519 --expires 2y"
    )]
    Newpair(NewpairArgs),
    /// List the keys in a keyring
    #[command(after_help = "Example:\n  sifseal key list --secret")]
    List(ListArgs),
    /// Add the keys of files to your keyring, or merge them into it
    #[command(after_help = "Example:\n  sifseal key import colleague.asc mine.asc")]
    Import(ImportArgs),
    /// Write a key to a file
    #[command(after_help = "Example:\n  sifseal key export --armor --key ada@example.com ada.asc")]
    Export(ExportArgs),
    /// Remove a key from a keyring, the public part unless told otherwise
    #[command(
        after_help = "Example:\n  sifseal key remove --both 8232570480B868E1473AEEB03DBCBA1EE9D661E5"
    )]
    Remove(RemoveArgs),
    /// Look for keys on keyservers
    #[command(
        after_help = "Example:\n  sifseal key search --long-list ada@example.com\n  sifseal key search 0x8883491F4268F173C6E5DC49EDECE4F3F38D871E"
    )]
    Search(SearchArgs),
    /// Fetch keys from a keyserver into your keyring, or what is new of them
    #[command(after_help = "Example:\n  sifseal key pull 8232570480B868E1473AEEB03DBCBA1EE9D661E5")]
    Pull(PullArgs),
    /// Publish a key on a keyserver
    #[command(after_help = "Example:\n  sifseal key push 8232570480B868E1473AEEB03DBCBA1EE9D661E5")]
    Push(PushArgs),
    /// Fetch what is new of your keys: revocations, other dates, new subkeys
    #[command(after_help = "Example:\n  sifseal key refresh --all")]
    Refresh(RefreshArgs),
    /// Copy secret keys from one kind of key store to another
    #[command(after_help = "Example:\n  sifseal key migrate --from file --to os --move")]
    Migrate(MigrateArgs),
}

/// `sifseal key newpair`.
#[derive(Debug, Clone, Default, Args)]
pub struct NewpairArgs {
    /// Your name
    #[arg(short = 'N', long)]
    pub name: Option<String>,
    /// Your e-mail address
    #[arg(short = 'E', long)]
    pub email: Option<String>,
    /// A remark that tells this key from your others
    #[arg(short = 'C', long)]
    pub comment: Option<String>,
    /// Length of an RSA key in bits
    #[arg(short = 'b', long, value_name = "BITS", default_value_t = Self::BIT_LENGTH)]
    pub bit_length: u32,
    /// Kind of key
    #[arg(long, value_enum, default_value_t)]
    pub algorithm: AlgorithmArg,
    /// How long the key is to hold: 30d, 12w, 6m, 2y, a date, or never
    #[arg(long, value_name = "WHEN", default_value = "never")]
    pub expires: Option<Lifetime>,
    /// Publish the certificate on a keyserver
    #[arg(short = 'U', long)]
    pub push: bool,
    /// Whom to give it to.
    #[command(flatten)]
    pub url: UrlArgs,
    /// Where the passphrase comes from.
    #[command(flatten)]
    pub passphrase: PassphraseArgs,
    /// Where the key goes.
    #[command(flatten)]
    pub keysdir: KeysdirArgs,
    /// How the result is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

impl NewpairArgs {
    /// Apptainer's length of an RSA key, in bits.
    pub const BIT_LENGTH: u32 = 4096;
}

/// The kinds of key that can be made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum AlgorithmArg {
    /// RSA, as Apptainer makes.
    #[default]
    Rsa,
    /// Ed25519: small, and quick to make.
    Ed25519,
}

/// `sifseal key list`.
#[derive(Debug, Clone, Args)]
pub struct ListArgs {
    /// List the keys that you can sign with
    #[arg(short, long, visible_alias = "private")]
    pub secret: bool,
    /// List the keyring of the whole site
    #[arg(short, long)]
    pub global: bool,
    /// Which keys.
    #[command(flatten)]
    pub keysdir: KeysdirArgs,
    /// How they are printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// `sifseal key import`.
#[derive(Debug, Clone, Args)]
pub struct ImportArgs {
    /// Files of keys, armored or not; `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Lock each secret key with a new passphrase, subkeys too
    #[arg(long, conflicts_with = "passphrase_file")]
    pub new_password: bool,
    /// Add to the keyring of the whole site
    #[arg(short, long)]
    pub global: bool,
    /// What an open secret key is locked with.
    #[command(flatten)]
    pub passphrase: PassphraseArgs,
    /// Where the keys go.
    #[command(flatten)]
    pub keysdir: KeysdirArgs,
    /// How the result is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// `sifseal key export`.
#[derive(Debug, Clone, Args)]
pub struct ExportArgs {
    /// The file to write; `-` for standard output
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Export the secret key, locked as it is
    #[arg(short, long, visible_alias = "private")]
    pub secret: bool,
    /// Write text (ASCII armor) and not binary
    #[arg(short, long)]
    pub armor: bool,
    /// The key: its fingerprint, key ID or e-mail address [default: ask]
    #[arg(long, value_name = "FPR|KEYID|EMAIL")]
    pub key: Option<KeyChoice>,
    /// Replace a file that is there
    #[arg(long, visible_alias = "overwrite")]
    pub force: bool,
    /// Export from the keyring of the whole site
    #[arg(short, long)]
    pub global: bool,
    /// Which keys.
    #[command(flatten)]
    pub keysdir: KeysdirArgs,
}

/// `sifseal key remove`.
#[derive(Debug, Clone, Args)]
pub struct RemoveArgs {
    /// The key's whole fingerprint
    #[arg(value_name = "FINGERPRINT")]
    pub fingerprint: String,
    /// Remove the public key (the default)
    #[arg(short, long, action = ArgAction::SetTrue)]
    pub public: bool,
    /// Remove the secret key
    #[arg(short, long, visible_alias = "private")]
    pub secret: bool,
    /// Remove both
    #[arg(short, long)]
    pub both: bool,
    /// Remove from the keyring of the whole site
    #[arg(short, long, conflicts_with_all = ["secret", "both"])]
    pub global: bool,
    /// Which keys.
    #[command(flatten)]
    pub keysdir: KeysdirArgs,
}

/// `sifseal key migrate`.
#[derive(Debug, Clone, Args)]
pub struct MigrateArgs {
    /// Which keys: fingerprints, key IDs or e-mail addresses [default: all]
    #[arg(value_name = "FPR|KEYID|EMAIL")]
    pub keys: Vec<KeyChoice>,
    /// The kind of key store that has them: file or os
    #[arg(long, value_name = "KIND")]
    pub from: String,
    /// The kind of key store that is to have them
    #[arg(long, value_name = "KIND")]
    pub to: String,
    /// Remove each secret key from where it was, once it has been read back
    #[arg(long = "move")]
    pub moves: bool,
    /// What locks or opens a key, where the other store asks for that.
    #[command(flatten)]
    pub passphrase: PassphraseArgs,
    /// Which keys.
    #[command(flatten)]
    pub keysdir: KeysdirArgs,
    /// How the result is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}
