//! Arguments of `sifseal verify`.

use super::{Format, KeysdirArgs, UrlArgs};
use clap::{Args, ValueEnum};
use sifseal_core::openpgp::Fingerprint;
use sifseal_core::sif::{GroupId, ObjectId};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

/// `sifseal verify`.
///
/// Without `-g` and `-i`, every group of an image must be signed.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example:\n  sifseal verify --local image.sif")]
pub struct VerifyArgs {
    /// Images to verify
    #[arg(required = true, value_name = "IMAGE")]
    pub images: Vec<PathBuf>,
    /// Verify this group; may be repeated
    #[arg(short, long = "group-id", visible_alias = "groupid", value_name = "N")]
    pub group_ids: Vec<GroupId>,
    /// Verify this object; may be repeated
    #[arg(short = 'i', long = "sif-id", visible_alias = "id", value_name = "N")]
    pub object_ids: Vec<ObjectId>,
    /// Verify what this plugin chooses
    #[arg(long, value_name = "PLUGIN", conflicts_with_all = ["group_ids", "object_ids", "all"])]
    pub selector: Option<String>,
    /// With --legacy-insecure: verify every object that is in a group
    #[arg(short, long)]
    pub all: bool,
    /// Go by signatures of before Singularity 3.6, which protect data alone, and by no others
    ///
    /// Without -g, -i and -a, the primary system partition must have such a signature.
    /// What it leaves unprotected is told.
    #[arg(long)]
    pub legacy_insecure: bool,
    /// Ask no keyserver
    #[arg(short, long, conflicts_with = "url")]
    pub local: bool,
    /// Whom to ask for signers who are not in a keyring.
    #[command(flatten)]
    pub url: UrlArgs,
    /// Put the keys of good signatures that came from a keyserver into your keyring
    #[arg(long, conflicts_with = "local")]
    pub save_keys: bool,
    /// Print Apptainer's JSON
    #[arg(short, long, conflicts_with = "format")]
    pub json: bool,
    /// Only signatures by this key decide; may be repeated
    #[arg(long, value_name = "FINGERPRINT")]
    pub signed_by: Vec<Fingerprint>,
    /// How many signers are needed (of those of --signed-by, if given): all, any, or a number
    #[arg(long, value_name = "all|any|N", default_value = "all")]
    pub require: Require,
    /// The moment at which keys must be valid
    #[arg(long, value_enum, default_value_t)]
    pub at: JudgeAt,
    /// Which keys (W-22).
    #[command(flatten)]
    pub keysdir: KeysdirArgs,
    /// How to print the report
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// How many of the named keys must have signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Require {
    /// Every one.
    All,
    /// At least this many; `any` is one.
    AtLeast(NonZeroUsize),
}

impl FromStr for Require {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Self::All),
            "any" => Ok(Self::AtLeast(NonZeroUsize::MIN)),
            number => number
                .parse()
                .map(Self::AtLeast)
                .map_err(|_| "expected `all`, `any` or a number from 1 on".to_owned()),
        }
    }
}

/// The moment at which the signer's key is judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum JudgeAt {
    /// When the signature was made.
    #[default]
    Signing,
    /// Now, as Apptainer does.
    Now,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory, Parser};

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        args: VerifyArgs,
    }

    const FINGERPRINT: &str = "12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84";

    #[test]
    fn the_requirement_is_all_any_or_a_number() {
        Line::command().debug_assert();
        let require = |text: &str| {
            let line = [
                "verify",
                "--signed-by",
                FINGERPRINT,
                "--require",
                text,
                "a.sif",
            ];
            Line::try_parse_from(line).map(|line| line.args.require)
        };
        assert_eq!(require("all").unwrap(), Require::All);
        assert_eq!(require("any").unwrap(), Require::AtLeast(NonZeroUsize::MIN));
        assert_eq!(
            require("2").unwrap(),
            Require::AtLeast(NonZeroUsize::new(2).unwrap())
        );
        assert!(require("0").is_err());
        assert!(require("some").is_err());
    }

    #[test]
    fn a_signer_is_named_by_the_whole_fingerprint() {
        assert!(Line::try_parse_from(["verify", "--require", "any", "a.sif"]).is_ok());
        assert!(Line::try_parse_from(["verify", "--signed-by", "7FF7BA84", "a.sif"]).is_err());
    }

    #[test]
    fn two_formats_at_once_are_a_usage_error() {
        assert!(Line::try_parse_from(["verify", "-j", "--format", "json", "a.sif"]).is_err());
    }
}
