//! Tests of the format as a whole, with their own small images.

mod editing;
mod hostile;
mod memory;
mod replay;

use super::*;
use crate::Timestamp;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Where things lie in the sample's header and slots.
const SLOTS: usize = 6;
const TABLE: usize = 4096;
const SLOT: usize = 585;
const DATA: usize = TABLE + SLOTS * SLOT;

const THEN: Timestamp = Timestamp(1_600_000_000);
const LATER: Timestamp = Timestamp(1_700_000_000);

fn id(number: u32) -> ObjectId {
    ObjectId::new(number).unwrap()
}

fn partition(kind: PartitionType, arch: Architecture) -> NewObject {
    NewObject {
        extra: Extra::Partition {
            fs: FsType::Squashfs,
            kind,
            arch,
        },
        ..NewObject::new(DataType::Partition)
    }
}

fn signature() -> NewObject {
    NewObject {
        group: None,
        link: Link::Group(GroupId::new(1).unwrap()),
        extra: Extra::Signature {
            hash: SignatureHash::Sha256,
            entity: None,
        },
        ..NewObject::new(DataType::Signature)
    }
}

fn bytes(data: &[u8]) -> Box<dyn Read + '_> {
    Box::new(data)
}

/// Six slots; objects: 1 a definition file, 2 the primary partition, 3 another
/// system partition, 4 a signature.
fn make_sample(directory: &Path) -> PathBuf {
    let path = directory.join("sample.sif");
    let options = CreateOptions {
        capacity: SLOTS as u32,
        id: uuid::Uuid::from_u128(7),
        ..CreateOptions::new(THEN)
    };
    let primary = partition(PartitionType::PrimarySystem, Architecture::Amd64);
    let other = partition(PartitionType::System, Architecture::Arm64);
    let objects = vec![
        (
            NewObject::new(DataType::DefFile),
            bytes(b"bootstrap: scratch\n"),
        ),
        (primary, bytes(&[2; 500])),
        (other, bytes(&[3; 300])),
        (signature(), bytes(b"signed")),
    ];
    create(&path, &options, objects).unwrap();
    path
}

fn sample() -> Vec<u8> {
    let directory = tempfile::tempdir().unwrap();
    std::fs::read(make_sample(directory.path())).unwrap()
}
