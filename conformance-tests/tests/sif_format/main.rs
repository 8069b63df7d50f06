//! The image format against the reference: the same changes give the same bytes,
//! and the same bytes are understood alike.

#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

mod corpus;
mod description;

use description::describe;
use sifseal_conformance_tests::{Peer, require_corpus, require_go};
use sifseal_core::sif::{
    self, Architecture, CreateOptions, CryptoFormat, DataType, DeleteMode, Editor, Extra, FsType,
    GroupId, Link, MessageType, NewObject, ObjectId, PartitionType, SbomFormat, SignatureHash,
};
use sifseal_core::{Result, Timestamp};
use std::io::Read;
use std::path::PathBuf;
use tempfile::TempDir;

type Objects = Vec<(NewObject, Vec<u8>)>;

/// The same image twice: made by the reference, and made by us.
struct Pair {
    theirs: PathBuf,
    ours: PathBuf,
    _home: TempDir,
}

impl Pair {
    fn create(peer: &Peer, options: &CreateOptions, objects: &Objects) -> Self {
        let pair = Self::empty();
        peer.create(&pair.theirs, options, objects).unwrap();
        sif::create(&pair.ours, options, with_readers(objects)).unwrap();
        pair
    }

    fn empty() -> Self {
        let home = tempfile::tempdir().unwrap();
        Self {
            theirs: home.path().join("theirs.sif"),
            ours: home.path().join("ours.sif"),
            _home: home,
        }
    }

    /// Makes a change to ours.
    fn edit(&self, change: impl FnOnce(&mut Editor) -> Result<()>) {
        change(&mut Editor::open(&self.ours).unwrap()).unwrap();
    }

    fn assert_same_bytes(&self, after: &str) {
        let theirs = std::fs::read(&self.theirs).unwrap();
        let ours = std::fs::read(&self.ours).unwrap();
        let differs = theirs.iter().zip(&ours).position(|(a, b)| a != b);
        assert_eq!(differs, None, "{after}: the first byte that differs");
        assert_eq!(theirs.len(), ours.len(), "{after}: length");
    }
}

fn with_readers(objects: &Objects) -> Vec<(NewObject, Box<dyn Read + '_>)> {
    let with_reader = |(object, data): &'_ (NewObject, Vec<u8>)| {
        let data: Box<dyn Read> = Box::new(std::io::Cursor::new(data.clone()));
        (object.clone(), data)
    };
    objects.iter().map(with_reader).collect()
}

fn object(data_type: DataType, extra: Extra) -> NewObject {
    NewObject {
        name: format!("the {data_type}"),
        extra,
        ..NewObject::new(data_type)
    }
}

fn partition(kind: PartitionType, arch: Architecture) -> NewObject {
    let fs = FsType::Squashfs;
    object(DataType::Partition, Extra::Partition { fs, kind, arch })
}

fn group(number: u32) -> Option<GroupId> {
    GroupId::new(number)
}

fn id(number: u32) -> ObjectId {
    ObjectId::new(number).unwrap()
}

/// One object of every type, with data of such lengths that alignment shows.
fn one_of_each() -> Objects {
    let signature = Extra::Signature {
        hash: SignatureHash::Sha384,
        entity: None,
    };
    let message = Extra::CryptoMessage {
        format: CryptoFormat::Pem,
        message: MessageType::RsaOaep,
    };
    let sbom = Extra::Sbom {
        format: SbomFormat::SpdxJson,
    };
    let objects = [
        object(DataType::DefFile, Extra::None),
        object(DataType::EnvVars, Extra::None),
        object(DataType::Labels, Extra::None),
        partition(PartitionType::PrimarySystem, Architecture::Amd64),
        NewObject {
            group: None,
            link: Link::Group(group(1).unwrap()),
            ..object(DataType::Signature, signature)
        },
        object(DataType::GenericJson, Extra::None),
        NewObject {
            group: group(7),
            alignment: 512,
            ..object(DataType::Generic, Extra::Raw(vec![1, 2, 3]))
        },
        NewObject {
            link: Link::Object(id(4)),
            ..object(DataType::CryptoMessage, message)
        },
        object(DataType::Sbom, sbom),
        object(DataType::OciRootIndex, Extra::None),
        object(DataType::OciBlob, Extra::None),
    ];
    (1..)
        .zip(objects)
        .map(|(n, object)| (object, vec![b'0' + n; 100 * usize::from(n) + 1]))
        .collect()
}

#[test]
fn every_type_of_object_is_written_as_the_reference_writes_it() {
    let Some(peer) = require_go() else { return };
    let pair = Pair::create(peer, &CreateOptions::deterministic(), &one_of_each());
    pair.assert_same_bytes("create");
}

#[test]
fn launch_script_uuid_times_and_capacity_are_written_as_the_reference_writes_them() {
    let Some(peer) = require_go() else { return };
    let options = CreateOptions {
        launch_script: "#!/usr/bin/env run-singularity\n".to_owned(),
        capacity: 12,
        ..CreateOptions::new(Timestamp(1_600_000_000))
    };
    let mut objects = one_of_each();
    objects[1].0.time = Some(Timestamp(1_500_000_000));
    let pair = Pair::create(peer, &options, &objects);
    pair.assert_same_bytes("create");
}

#[test]
fn the_header_names_the_architecture_as_the_reference_does() {
    let Some(peer) = require_go() else { return };
    for &arch in Architecture::ALL {
        let objects = vec![(
            partition(PartitionType::PrimarySystem, arch),
            b"root".to_vec(),
        )];
        let pair = Pair::create(peer, &CreateOptions::deterministic(), &objects);
        pair.assert_same_bytes(&arch.to_string());
        let described = peer.describe(&pair.ours).unwrap();
        assert_eq!(described.primary_arch, arch.to_string());
    }
}

#[test]
fn an_overlay_speaks_for_an_image_without_an_operating_system_only() {
    let Some(peer) = require_go() else { return };
    let overlay = || partition(PartitionType::Overlay, Architecture::Arm64);
    let primary = || partition(PartitionType::PrimarySystem, Architecture::Amd64);
    for objects in [
        vec![overlay()],
        vec![overlay(), primary()],
        vec![primary(), overlay()],
    ] {
        let objects = objects.into_iter().map(|o| (o, b"x".to_vec())).collect();
        let pair = Pair::create(peer, &CreateOptions::deterministic(), &objects);
        pair.assert_same_bytes("create");
    }
}

#[test]
fn an_added_object_lands_where_the_reference_puts_it() {
    let Some(peer) = require_go() else { return };
    let pair = Pair::create(peer, &CreateOptions::deterministic(), &one_of_each());
    let added = (
        partition(PartitionType::Data, Architecture::S390x),
        b"more".to_vec(),
    );
    peer.add(&pair.theirs, None, std::slice::from_ref(&added))
        .unwrap();
    pair.edit(|editor| {
        let (object, data) = &added;
        editor
            .add(object, &mut data.as_slice(), Timestamp(5))
            .map(drop)
    });
    pair.assert_same_bytes("add");
}

#[test]
fn an_image_with_times_gets_the_time_of_the_change() {
    let Some(peer) = require_go() else { return };
    let options = CreateOptions::new(Timestamp(1_600_000_000));
    let pair = Pair::create(peer, &options, &one_of_each());
    let when = Timestamp(1_700_000_000);
    let added = (object(DataType::Generic, Extra::None), b"more".to_vec());
    peer.add(&pair.theirs, Some(when), std::slice::from_ref(&added))
        .unwrap();
    pair.edit(|editor| {
        let (object, data) = &added;
        editor.add(object, &mut data.as_slice(), when).map(drop)
    });
    pair.assert_same_bytes("add");
}

#[test]
fn deleting_leaves_what_the_reference_leaves() {
    let Some(peer) = require_go() else { return };
    let modes = [
        (DeleteMode::Plain, vec![]),
        (DeleteMode::Zero, vec!["zero"]),
        (DeleteMode::Compact, vec!["compact"]),
    ];
    for (mode, words) in modes {
        // The first, the primary partition, one in between, the last.
        for number in [1, 4, 7, 11] {
            let pair = Pair::create(peer, &CreateOptions::deterministic(), &one_of_each());
            peer.delete(&pair.theirs, number, &words).unwrap();
            pair.edit(|editor| editor.delete(id(number), mode, Timestamp(5)));
            pair.assert_same_bytes(&format!("{mode:?} of {number}"));
        }
    }
}

#[test]
fn a_free_slot_is_filled_as_the_reference_fills_it() {
    let Some(peer) = require_go() else { return };
    let added = (object(DataType::Generic, Extra::None), b"again".to_vec());
    for (mode, words) in [
        (DeleteMode::Plain, vec![]),
        (DeleteMode::Compact, vec!["compact"]),
    ] {
        for number in [2, 11] {
            let pair = Pair::create(peer, &CreateOptions::deterministic(), &one_of_each());
            peer.delete(&pair.theirs, number, &words).unwrap();
            peer.add(&pair.theirs, None, std::slice::from_ref(&added))
                .unwrap();
            pair.edit(|editor| {
                editor.delete(id(number), mode, Timestamp(5))?;
                let (object, data) = &added;
                editor
                    .add(object, &mut data.as_slice(), Timestamp(5))
                    .map(drop)
            });
            pair.assert_same_bytes(&format!("{mode:?} of {number}, then add"));
        }
    }
}

#[test]
fn the_primary_partition_moves_as_the_reference_moves_it() {
    let Some(peer) = require_go() else { return };
    let system = |kind, arch| (partition(kind, arch), b"root".to_vec());
    let objects = vec![
        system(PartitionType::PrimarySystem, Architecture::Amd64),
        system(PartitionType::System, Architecture::Arm64),
    ];
    let pair = Pair::create(peer, &CreateOptions::deterministic(), &objects);
    for number in [2, 2, 1] {
        peer.set_primary(&pair.theirs, number).unwrap();
        pair.edit(|editor| editor.set_primary(id(number), Timestamp(5)));
        pair.assert_same_bytes(&format!("setprim {number}"));
    }
}

#[test]
fn what_the_reference_refuses_to_create_we_refuse() {
    let Some(peer) = require_go() else { return };
    let plain = CreateOptions::deterministic;
    let primary = || {
        (
            partition(PartitionType::PrimarySystem, Architecture::Amd64),
            vec![],
        )
    };
    let mut long_name = object(DataType::Generic, Extra::None);
    long_name.name = "n".repeat(129);
    let long_script = CreateOptions {
        launch_script: "s".repeat(32),
        ..plain()
    };
    let small = CreateOptions {
        capacity: 1,
        ..plain()
    };
    let cases = [
        ("two primaries", plain(), vec![primary(), primary()]),
        ("a long name", plain(), vec![(long_name, vec![])]),
        ("a long script", long_script, vec![]),
        ("no slot", small, one_of_each()),
    ];
    for (case, options, objects) in cases {
        let pair = Pair::empty();
        let theirs = peer.create(&pair.theirs, &options, &objects).unwrap_err();
        let ours = sif::create(&pair.ours, &options, with_readers(&objects)).unwrap_err();
        assert!(
            ours.to_string().ends_with(&theirs.to_string()),
            "{case}: ours: {ours}; theirs: {theirs}"
        );
        assert!(!pair.ours.exists(), "{case}: something was left");
    }
}

#[test]
fn images_of_either_are_described_alike() {
    let Some(peer) = require_go() else { return };
    let pair = Pair::create(
        peer,
        &CreateOptions::new(Timestamp(1_600_000_000)),
        &one_of_each(),
    );
    peer.delete(&pair.theirs, 2, &[]).unwrap();
    for path in [&pair.theirs, &pair.ours] {
        assert_eq!(describe(path), peer.describe(path).unwrap());
    }
}

#[test]
fn every_image_of_the_corpus_is_described_as_the_reference_describes_it() {
    let (Some(peer), Some(corpus)) = (require_go(), require_corpus()) else {
        return;
    };
    let mut seen = 0;
    for entry in std::fs::read_dir(corpus.join("images")).unwrap() {
        let path = entry.unwrap().path();
        let theirs = peer.describe(&path).unwrap();
        assert_eq!(describe(&path), theirs, "{}", path.display());
        seen += 1;
    }
    assert!(seen > 0, "the corpus has no images");
}
