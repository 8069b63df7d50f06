//! Arguments of `sifseal sign`.

use super::{FormatArgs, KeyChoice, KeysdirArgs, PassphraseArgs};
use clap::{Args, ValueEnum};
use sifseal_core::sif::{GroupId, ObjectId};
use std::path::PathBuf;

/// `sifseal sign`.
///
/// Without `-g` and `-i`, every group of an image is signed.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example:\n  sifseal sign --signer ada@example.com image.sif")]
pub struct SignArgs {
    /// Images to sign
    #[arg(required = true, value_name = "IMAGE")]
    pub images: Vec<PathBuf>,
    /// Sign this group; may be repeated
    #[arg(short, long = "group-id", visible_alias = "groupid", value_name = "N")]
    pub group_ids: Vec<GroupId>,
    /// Sign this object; may be repeated
    #[arg(short = 'i', long = "sif-id", visible_alias = "id", value_name = "N")]
    pub object_ids: Vec<ObjectId>,
    /// Sign what this plugin chooses
    #[arg(long, value_name = "PLUGIN", conflicts_with_all = ["group_ids", "object_ids"])]
    pub selector: Option<String>,
    /// The number of the key in `key list --secret`
    #[arg(short, long, value_name = "N", conflicts_with = "signer")]
    pub keyidx: Option<usize>,
    /// The key: its fingerprint, key ID or e-mail address [default: ask]
    #[arg(long, value_name = "FPR|KEYID|EMAIL")]
    pub signer: Option<KeyChoice>,
    /// Hash algorithm of the digests and of the signature [default: sha256, or the shortest
    /// that the key takes]
    #[arg(long, value_enum)]
    pub hash: Option<SignHash>,
    /// Write the signed image here and leave the original as it is
    #[arg(long, value_name = "NEW")]
    pub output: Option<PathBuf>,
    /// Leave no times behind in the image, so that the same key and image give the same bytes
    #[arg(long)]
    pub deterministic: bool,
    /// Sign also with a key that has expired, was revoked or is too weak; verifiers will refuse it
    #[arg(long)]
    pub force: bool,
    /// Where the passphrase comes from.
    #[command(flatten)]
    pub passphrase: PassphraseArgs,
    /// Which keys (W-22).
    #[command(flatten)]
    pub keysdir: KeysdirArgs,
    /// How the result is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// Hash algorithms that signatures are made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum SignHash {
    Sha256,
    Sha384,
    Sha512,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory, Parser};

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        args: SignArgs,
    }

    #[test]
    fn groups_objects_and_images_may_be_several() {
        Line::command().debug_assert();
        let line = ["sign", "-g", "1", "-g", "2", "-i", "3", "a.sif", "b.sif"];
        let args = Line::try_parse_from(line).unwrap().args;
        assert_eq!(args.group_ids.len(), 2);
        assert_eq!(args.object_ids.len(), 1);
        assert_eq!(args.images.len(), 2);
        assert_eq!(args.hash, None);
    }

    #[test]
    fn a_negative_key_number_or_id_zero_is_a_usage_error_w21() {
        for line in [
            &["sign", "--keyidx=-1", "a.sif"][..],
            &["sign", "-i", "0", "a.sif"],
            &["sign", "-g", "0", "a.sif"],
            &["sign", "-k", "0", "--signer", "a@b", "a.sif"],
            &["sign"],
        ] {
            assert_eq!(
                Line::try_parse_from(line).unwrap_err().exit_code(),
                2,
                "{line:?}"
            );
        }
    }
}
