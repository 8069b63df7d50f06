//! Arguments of `sifseal sif`, with the names of Apptainer's `sif` commands.

use super::FormatArgs;
use clap::{Args, Subcommand};
use sifseal_core::openpgp::Fingerprint;
use sifseal_core::sif::{
    Architecture, DataType, FsType, GroupId, ObjectId, PartitionType, SbomFormat, SignatureHash,
};
use std::path::PathBuf;

/// `sifseal sif`.
#[derive(Debug, Args)]
#[command(subcommand_required = true)]
pub struct SifArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: SifCommand,
}

/// The commands of `sifseal sif`.
#[derive(Debug, Subcommand)]
pub enum SifCommand {
    /// List the objects of an image
    #[command(after_help = "Example:\n  sifseal sif list image.sif")]
    List(ReportArgs),
    /// Show the header of an image
    #[command(after_help = "Example:\n  sifseal sif header image.sif")]
    Header(ReportArgs),
    /// Show all that is known of one object
    #[command(after_help = "Example:\n  sifseal sif info 1 image.sif")]
    Info(ObjectReportArgs),
    /// Write the bytes of one object to standard output
    #[command(after_help = "Example:\n  sifseal sif dump 1 image.sif > image.def")]
    Dump(ObjectArgs),
    /// Make an image without objects
    #[command(after_help = "Example:\n  sifseal sif new image.sif")]
    New(NewArgs),
    /// Add an object to an image
    #[command(
        after_help = "Example:\n  sifseal sif add --datatype 4 --parttype 2 --partfs 1 --partarch 2 --groupid 1 image.sif root.squashfs"
    )]
    Add(Box<AddArgs>),
    /// Delete an object from an image
    #[command(after_help = "Example:\n  sifseal sif del --compact 5 image.sif")]
    Del(DelArgs),
    /// Make a system partition the one that the container runs
    #[command(after_help = "Example:\n  sifseal sif setprim 4 image.sif")]
    Setprim(ObjectArgs),
}

/// An image to report on.
#[derive(Debug, Clone, Args)]
pub struct ReportArgs {
    /// The image
    pub image: PathBuf,
    /// How it is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// An object in an image.
#[derive(Debug, Clone, Args)]
pub struct ObjectArgs {
    /// The object's ID
    #[arg(value_name = "ID")]
    pub id: ObjectId,
    /// The image
    pub image: PathBuf,
}

/// An object to report on.
#[derive(Debug, Clone, Args)]
pub struct ObjectReportArgs {
    /// Which object.
    #[command(flatten)]
    pub object: ObjectArgs,
    /// How it is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// `sifseal sif new`.
#[derive(Debug, Clone, Args)]
pub struct NewArgs {
    /// The image to make
    pub image: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    pub force: bool,
    /// Leave out UUID and times, so that making it again gives the same bytes
    #[arg(long)]
    pub deterministic: bool,
}

/// `sifseal sif del`.
#[derive(Debug, Clone, Args)]
pub struct DelArgs {
    /// Which object.
    #[command(flatten)]
    pub object: ObjectArgs,
    /// Overwrite the object's data with zeros
    #[arg(long, conflicts_with = "compact")]
    pub zero: bool,
    /// Cut off the end of the file if nothing is in it any more
    #[arg(long)]
    pub compact: bool,
}

/// `sifseal sif add`: numbers as in Apptainer, or the names of the listing.
#[derive(Debug, Clone, Args)]
pub struct AddArgs {
    /// The image
    pub image: PathBuf,
    /// The file with the object's data; `-` for standard input
    pub object: PathBuf,
    /// What the object is: 1 Def.FILE, 2 Env.Vars, 3 JSON.Labels, 4 FS, 5 Signature, 6 JSON.Generic, 7 Generic/Raw, 8 Cryptographic Message, 9 SBOM, 10 OCI.RootIndex, 11 OCI.Blob
    #[arg(long, value_name = "TYPE", value_parser = data_type)]
    pub datatype: DataType,
    /// Of a partition, what it is for: 1 System, 2 *System (the primary one), 3 Data, 4 Overlay
    #[arg(long, value_name = "TYPE", value_parser = partition_type)]
    pub parttype: Option<PartitionType>,
    /// Of a partition, its file system: 1 Squashfs, 2 Ext3, 3 Archive, 4 Raw
    #[arg(long, value_name = "TYPE", value_parser = fs_type)]
    pub partfs: Option<FsType>,
    /// Of a partition, its architecture: 1 386, 2 amd64, 3 arm, 4 arm64, 5 ppc64, 6 ppc64le, 7 mips, 8 mipsle, 9 mips64, 10 mips64le, 11 s390x, 12 riscv64, 13 loong64
    #[arg(long, value_name = "ARCH", value_parser = architecture)]
    pub partarch: Option<Architecture>,
    /// Of a signature, its hash: 1 SHA-256, 2 SHA-384, 3 SHA-512, 4 BLAKE2s-256, 5 BLAKE2b-256
    #[arg(long, value_name = "HASH", value_parser = signature_hash)]
    pub signhash: Option<SignatureHash>,
    /// Of a signature, the signer's fingerprint
    #[arg(long, value_name = "FINGERPRINT")]
    pub signentity: Option<Fingerprint>,
    /// Of a bill of materials, its format: cyclonedx-json, cyclonedx-xml, github-json, spdx-json, spdx-rdf, spdx-tag-value, spdx-yaml, syft-json, trivy-json
    #[arg(long, value_name = "FORMAT", value_parser = sbom_format)]
    pub sbomformat: Option<SbomFormat>,
    /// The group that the object joins; 0 for none, and then no signature covers it
    #[arg(long, value_name = "N", default_value = "0", value_parser = group, hide_default_value = false)]
    pub groupid: OptionalGroup,
    /// The object that it is linked to; 0 for none
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub link: u32,
    /// Its place in the file is a multiple of this [default: 4096 for partitions, else none]
    #[arg(long, value_name = "BYTES")]
    pub alignment: Option<u64>,
    /// Its name in the image [default: none]
    #[arg(long, value_name = "NAME")]
    pub filename: Option<String>,
}

/// A group, or none: a type of its own, since clap reads `Option<GroupId>` as
/// "may be left out".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptionalGroup(pub Option<GroupId>);

fn group(text: &str) -> Result<OptionalGroup, String> {
    if text == "0" {
        return Ok(OptionalGroup(None));
    }
    let group = text.parse::<GroupId>().map_err(|error| error.to_string())?;
    Ok(OptionalGroup(Some(group)))
}

/// Reads a kind by Apptainer's number on the command line (its place among those
/// that can be named, from 1) or by the name of the listing.
fn kind<T: Copy + ToString>(known: &[T], text: &str) -> Result<T, String> {
    if let Ok(number) = text.parse::<usize>() {
        let found = number.checked_sub(1).and_then(|index| known.get(index));
        return found
            .copied()
            .ok_or_else(|| format!("the numbers go from 1 to {}", known.len()));
    }
    known
        .iter()
        .find(|kind| kind.to_string().eq_ignore_ascii_case(text))
        .copied()
        .ok_or_else(|| {
            let names: Vec<String> = known.iter().map(ToString::to_string).collect();
            format!("known are {}", names.join(", "))
        })
}

fn data_type(text: &str) -> Result<DataType, String> {
    kind(DataType::ALL, text)
}

fn partition_type(text: &str) -> Result<PartitionType, String> {
    kind(PartitionType::ALL, text)
}

fn fs_type(text: &str) -> Result<FsType, String> {
    kind(FsType::ALL, text)
}

/// `386` is a name here and not a number.
fn architecture(text: &str) -> Result<Architecture, String> {
    if text == "386" {
        return Ok(Architecture::I386);
    }
    kind(Architecture::ALL, text)
}

fn signature_hash(text: &str) -> Result<SignatureHash, String> {
    kind(SignatureHash::ALL, text)
}

fn sbom_format(text: &str) -> Result<SbomFormat, String> {
    match text {
        "github" => Ok(SbomFormat::GitHubJson),
        other => kind(SbomFormat::ALL, other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_read_by_apptainers_numbers_and_by_name() {
        assert_eq!(data_type("4"), Ok(DataType::Partition));
        assert_eq!(data_type("11"), Ok(DataType::OciBlob));
        assert_eq!(data_type("json.generic"), Ok(DataType::GenericJson));
        assert_eq!(partition_type("2"), Ok(PartitionType::PrimarySystem));
        assert_eq!(architecture("386"), Ok(Architecture::I386));
        assert_eq!(architecture("2"), Ok(Architecture::Amd64));
        assert_eq!(architecture("loong64"), Ok(Architecture::Loong64));
        assert_eq!(sbom_format("github"), Ok(SbomFormat::GitHubJson));
        assert_eq!(signature_hash("5"), Ok(SignatureHash::Blake2b));
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        assert!(data_type("0").is_err());
        assert!(data_type("12").is_err());
        assert!(architecture("14").is_err());
        assert!(group("268435456").is_err());
        assert_eq!(group("0"), Ok(OptionalGroup(None)));
    }
}
