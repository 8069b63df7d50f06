//! Real images, made and signed by the reference implementation.

use sifseal_conformance_tests::require_corpus;
use sifseal_core::Timestamp;
use sifseal_core::openpgp::Fingerprint;
use sifseal_core::sif::{
    Architecture, CreateOptions, DataType, DeleteMode, Descriptor, Editor, Extra, GroupId, Image,
    Link, NewObject, ObjectId, SignatureHash, create,
};
use std::io::Read;
use std::path::{Path, PathBuf};

const LATER: Timestamp = Timestamp(1_700_000_000);

fn images() -> Option<PathBuf> {
    Some(require_corpus()?.join("images"))
}

fn id(number: u32) -> ObjectId {
    ObjectId::new(number).unwrap()
}

fn bytes(data: &[u8]) -> Box<dyn Read + '_> {
    Box::new(data)
}

fn groups(image: &Image) -> Vec<u32> {
    image.groups().into_iter().map(GroupId::get).collect()
}

#[test]
fn every_real_image_opens_and_reads() {
    let Some(images) = images() else { return };
    let mut count = 0;
    for entry in std::fs::read_dir(images).unwrap() {
        let image = Image::open(&entry.unwrap().path()).unwrap();
        let free = i64::from(image.free_slots());
        assert_eq!(image.header().descriptors_free(), free);
        for object in image.objects() {
            let read = std::io::copy(&mut image.data(object), &mut std::io::sink()).unwrap();
            assert_eq!(read, object.size());
            assert!(!matches!(object.extra(), Extra::Raw(_)));
        }
        count += 1;
    }
    assert_eq!(count, 21);
}

#[test]
fn a_signed_image_lists_as_the_reference_lists_it() {
    let Some(images) = images() else { return };
    let image = Image::open(&images.join("one-group-signed-pgp.sif")).unwrap();
    let group = GroupId::new(1);
    let rows: Vec<_> = image
        .objects()
        .map(|object| {
            (
                object.group(),
                object.link(),
                object.offset(),
                object.size(),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            (group, Link::None, 32768, 4),
            (group, Link::None, 36864, 4096),
            (None, Link::Group(group.unwrap()), 40960, 1048),
        ]
    );
    let signer = "12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84".parse::<Fingerprint>();
    let signature = image.object(id(3)).unwrap();
    assert_eq!(signature.data_type(), DataType::Signature);
    assert_eq!(
        signature.extra(),
        Extra::Signature {
            hash: SignatureHash::Sha256,
            entity: signer.ok()
        }
    );
    assert_eq!(image.header().architecture(), Architecture::I386);
    assert_eq!(image.primary_partition().map(Descriptor::id), Some(id(2)));
    let text = image.read_small(signature, 4096).unwrap();
    assert!(text.starts_with(b"-----BEGIN PGP SIGNED MESSAGE-----"));
}

#[test]
fn early_signatures_are_in_the_groups_that_they_sign() {
    let Some(images) = images() else { return };
    let image = Image::open(&images.join("two-groups-signed-legacy-all.sif")).unwrap();
    assert_eq!(groups(&image), [1, 2]);
    let signature = image.object(id(5)).unwrap();
    assert_eq!(signature.group(), GroupId::new(1));
    assert_eq!(signature.link(), Link::Object(id(2)));
    assert_eq!(signature.name(), "part-signature");
    assert_eq!((signature.uid(), signature.gid()), (1000, 1000));
    assert_eq!(
        image.header().launch_script(),
        "#!/usr/bin/env run-singularity\n"
    );
    let empty = Image::open(&images.join("empty.sif")).unwrap();
    assert!(groups(&empty).is_empty());
}

/// The object and its data, to be written again.
fn again(image: &Image, object: &Descriptor) -> (NewObject, Vec<u8>) {
    let oci = matches!(
        object.data_type(),
        DataType::OciBlob | DataType::OciRootIndex
    );
    let object_again = NewObject {
        group: object.group(),
        link: object.link(),
        name: object.name(),
        extra: if oci { Extra::None } else { object.extra() },
        time: Some(object.created()),
        ..NewObject::new(object.data_type())
    };
    (object_again, image.read_small(object, 1 << 20).unwrap())
}

/// Images of today's reference, whose data section follows the table.
fn of_today(images: &Path) -> Vec<Image> {
    let all = std::fs::read_dir(images).unwrap();
    all.map(|entry| Image::open(&entry.unwrap().path()).unwrap())
        .filter(|image| image.header().data_offset() == 32176)
        .collect()
}

#[test]
fn made_again_from_its_parts_an_image_has_the_same_bytes() {
    let Some(images) = images() else { return };
    let directory = tempfile::tempdir().unwrap();
    let today = of_today(&images);
    assert_eq!(today.len(), 15);
    for image in today {
        let path = directory.path().join(image.path().file_name().unwrap());
        let options = CreateOptions {
            launch_script: image.header().launch_script(),
            id: image.header().id(),
            ..CreateOptions::new(image.header().created())
        };
        let parts: Vec<_> = image
            .objects()
            .map(|object| again(&image, object))
            .collect();
        let objects = parts
            .iter()
            .map(|(object, data)| (object.clone(), bytes(data)))
            .collect();
        create(&path, &options, objects).unwrap();
        let (ours, theirs) = (std::fs::read(&path), std::fs::read(image.path()));
        assert!(ours.unwrap() == theirs.unwrap(), "{}", path.display());
    }
}

#[test]
fn signatures_are_added_and_deleted_byte_for_byte() {
    let Some(images) = images() else { return };
    let directory = tempfile::tempdir().unwrap();
    for (bare, signed) in [
        ("one-group.sif", "one-group-signed-pgp.sif"),
        ("two-groups.sif", "two-groups-signed-pgp.sif"),
        ("two-groups.sif", "two-groups-signed-dsse.sif"),
    ] {
        let path = directory.path().join(signed);
        std::fs::write(&path, std::fs::read(images.join(bare)).unwrap()).unwrap();
        let theirs = Image::open(&images.join(signed)).unwrap();
        let mut editor = Editor::open(&path).unwrap();
        let is_signature = |object: &&Descriptor| object.data_type() == DataType::Signature;
        let signatures: Vec<_> = theirs.objects().filter(is_signature).collect();
        for signature in &signatures {
            let (object, data) = again(&theirs, signature);
            let added = editor.add(&object, &mut &data[..], LATER).unwrap();
            assert_eq!(added, signature.id());
        }
        let expected = std::fs::read(theirs.path()).unwrap();
        assert!(std::fs::read(&path).unwrap() == expected, "{signed}");

        for signature in signatures.iter().rev() {
            editor
                .delete(signature.id(), DeleteMode::Compact, LATER)
                .unwrap();
        }
        let expected = std::fs::read(images.join(bare)).unwrap();
        assert!(std::fs::read(&path).unwrap() == expected, "{bare}");
    }
}
