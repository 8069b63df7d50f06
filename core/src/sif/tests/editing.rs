//! What a change makes of an image, on real files.

use super::super::storage::Storage;
use super::memory::{Memory, seen};
use super::*;
use crate::{ErrorKind, Timestamp};
use std::io;
use std::os::unix::fs::PermissionsExt;

fn objects(path: &Path) -> Vec<u32> {
    let image = Image::open(path).unwrap();
    image.objects().map(|object| object.id().get()).collect()
}

fn names(directory: &Path) -> usize {
    std::fs::read_dir(directory).unwrap().count()
}

#[test]
fn an_image_is_made_as_the_format_lays_it_out() {
    let directory = tempfile::tempdir().unwrap();
    let image = Image::open(&make_sample(directory.path())).unwrap();
    let header = image.header();
    assert_eq!(header.version(), "01");
    assert_eq!(header.architecture(), Architecture::Amd64);
    assert_eq!((header.created(), header.modified()), (THEN, THEN));
    assert_eq!(
        (header.descriptors_total(), header.descriptors_free()),
        (6, 2)
    );
    assert_eq!(
        (header.descriptors_offset(), header.descriptors_size()),
        (4096, 3510)
    );
    assert_eq!(
        (header.data_offset(), header.data_size()),
        (7606, 12594 - 7606)
    );

    let places: Vec<_> = image
        .objects()
        .map(|object| (object.offset(), object.size(), object.size_with_padding()))
        .collect();
    // Both partitions begin at the next multiple of 4096.
    let first = (8192, 500, 8192 - 7625 + 500);
    let second = (12288, 300, 12288 - 8692 + 300);
    let expected = [(7606, 19, 19), first, second, (12588, 6, 6)];
    assert_eq!(places, expected);
    assert_eq!(image.groups(), [GroupId::new(1).unwrap()]);
    assert_eq!(image.primary_partition().unwrap().id(), id(2));
}

#[test]
fn data_is_read_at_any_position_by_many_threads() {
    let directory = tempfile::tempdir().unwrap();
    let image = Image::open(&make_sample(directory.path())).unwrap();
    let object = image.object(id(1)).unwrap();
    std::thread::scope(|scope| {
        for begin in 0..25_usize {
            let image = &image;
            scope.spawn(move || {
                let mut buf = [0; 10];
                let read = image.read_at(object, begin as u64, &mut buf).unwrap();
                let whole = b"bootstrap: scratch\n";
                let expected = &whole[begin.min(19)..(begin + 10).min(19)];
                assert_eq!(&buf[..read], expected);
            });
        }
    });
    let mut text = String::new();
    image.data(object).read_to_string(&mut text).unwrap();
    assert_eq!(text, "bootstrap: scratch\n");
    assert_eq!(
        image.read_small(object, 19).unwrap(),
        b"bootstrap: scratch\n"
    );
    assert!(image.read_small(object, 18).is_err());
}

#[test]
fn an_object_takes_the_first_free_slot() {
    let directory = tempfile::tempdir().unwrap();
    let path = make_sample(directory.path());
    let mut editor = Editor::open(&path).unwrap();
    editor.delete(id(1), DeleteMode::Plain, LATER).unwrap();
    let json = NewObject {
        name: "labels".to_owned(),
        group: GroupId::new(9),
        ..NewObject::new(DataType::Labels)
    };
    for expected in [1, 5, 6] {
        let added = editor.add(&json, &mut &b"{}"[..], LATER).unwrap();
        assert_eq!(added, id(expected));
    }
    let error = editor.add(&json, &mut &b"{}"[..], LATER).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("insufficient descriptor capacity to add data object(s) to image")
    );
    let object = editor.image().object(id(6)).unwrap();
    assert_eq!(object.name(), "labels");
    assert_eq!(object.group(), GroupId::new(9));
    assert_eq!(editor.image().header().modified(), LATER);
    assert_eq!(editor.image().header().descriptors_free(), 0);
}

#[test]
fn a_deleted_object_is_kept_zeroed_or_cut_off() {
    for (mode, len) in [
        (DeleteMode::Plain, 12594),
        (DeleteMode::Zero, 12594),
        (DeleteMode::Compact, 12588),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let path = make_sample(directory.path());
        let mut editor = Editor::open(&path).unwrap();
        editor.delete(id(4), mode, LATER).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(bytes.len(), len);
        match mode {
            DeleteMode::Plain => assert_eq!(&bytes[12588..], b"signed"),
            DeleteMode::Zero => assert_eq!(&bytes[12588..], [0; 6]),
            DeleteMode::Compact => {}
        }
        let slot = TABLE + 3 * SLOT;
        assert!(bytes[slot..slot + SLOT].iter().all(|byte| *byte == 0));
        assert_eq!(objects(&path), [1, 2, 3]);
        let error = editor.delete(id(4), mode, LATER).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
}

#[test]
fn the_primary_partition_moves_with_mode_and_link_kept() {
    let directory = tempfile::tempdir().unwrap();
    let path = make_sample(directory.path());
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
    let link = directory.path().join("link.sif");
    std::os::unix::fs::symlink(&path, &link).unwrap();

    let mut editor = Editor::open(&link).unwrap();
    editor.set_primary(id(3), LATER).unwrap();
    let image = editor.image();
    assert_eq!(image.primary_partition().unwrap().id(), id(3));
    assert_eq!(
        image.object(id(2)).unwrap().partition_type(),
        Some(PartitionType::System)
    );
    assert_eq!(image.object(id(2)).unwrap().modified(), LATER);
    assert_eq!(image.object(id(2)).unwrap().created(), THEN);
    assert_eq!(image.header().architecture(), Architecture::Arm64);
    assert!(link.symlink_metadata().unwrap().is_symlink());
    let mode = path.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o640);
    assert_eq!(names(directory.path()), 2, "something was left behind");

    // The new file is under the lock as the old one was.
    assert_eq!(
        Editor::open(&path).unwrap_err().kind(),
        ErrorKind::Unavailable
    );
    editor.add(&signature(), &mut &b"x"[..], LATER).unwrap();
    assert_eq!(objects(&path), [1, 2, 3, 4, 5]);

    let before = std::fs::read(&path).unwrap();
    editor.set_primary(id(3), Timestamp(0)).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn only_a_system_partition_can_become_the_primary_one() {
    let directory = tempfile::tempdir().unwrap();
    let path = make_sample(directory.path());
    let mut editor = Editor::open(&path).unwrap();
    let data = partition(PartitionType::Data, Architecture::Amd64);
    editor.add(&data, &mut &b"data"[..], LATER).unwrap();
    for (number, words) in [
        (1, "object 1: data object not a partition"),
        (5, "object 5: data object not a system partition"),
        (6, "object 6: object not found"),
    ] {
        let error = editor.set_primary(id(number), LATER).unwrap_err();
        assert_eq!(error.to_string(), format!("{}: {words}", path.display()));
    }
}

#[test]
fn a_second_primary_partition_is_refused_and_nothing_changes() {
    let directory = tempfile::tempdir().unwrap();
    let path = make_sample(directory.path());
    let before = std::fs::read(&path).unwrap();
    let mut editor = Editor::open(&path).unwrap();
    let second = partition(PartitionType::PrimarySystem, Architecture::Amd64);
    let error = editor.add(&second, &mut &b"x"[..], LATER).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("already contains a primary partition")
    );
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn an_overlay_speaks_for_an_image_without_an_operating_system() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("overlay.sif");
    create(&path, &CreateOptions::new(THEN), Vec::new()).unwrap();
    let mut editor = Editor::open(&path).unwrap();
    let architecture = |editor: &Editor| editor.image().header().architecture();
    assert_eq!(architecture(&editor), Architecture::Unknown);
    for (kind, arch, expected) in [
        (
            PartitionType::Data,
            Architecture::Mips,
            Architecture::Unknown,
        ),
        (
            PartitionType::Overlay,
            Architecture::S390x,
            Architecture::S390x,
        ),
        (
            PartitionType::PrimarySystem,
            Architecture::Amd64,
            Architecture::Amd64,
        ),
        (
            PartitionType::Overlay,
            Architecture::S390x,
            Architecture::Amd64,
        ),
    ] {
        editor
            .add(&partition(kind, arch), &mut &b"x"[..], LATER)
            .unwrap();
        assert_eq!(architecture(&editor), expected);
    }
    editor.delete(id(3), DeleteMode::Plain, LATER).unwrap();
    assert_eq!(architecture(&editor), Architecture::Unknown);
}

#[test]
fn a_deterministic_image_stays_deterministic() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("same.sif");
    let bare = [(NewObject::new(DataType::Generic), bytes(b"x"))];
    create(&path, &CreateOptions::deterministic(), bare.into()).unwrap();
    let mut editor = Editor::open(&path).unwrap();
    editor.add(&signature(), &mut &b"x"[..], LATER).unwrap();
    editor.delete(id(1), DeleteMode::Zero, LATER).unwrap();
    let image = editor.image();
    assert!(image.header().is_deterministic());
    let object = image.object(id(2)).unwrap();
    assert_eq!(
        (object.created(), object.modified()),
        (Timestamp::GO_ZERO, Timestamp::GO_ZERO)
    );
}

#[test]
fn an_oci_blob_gets_the_digest_of_its_data() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("oci.sif");
    let blob = [(NewObject::new(DataType::OciBlob), bytes(b"abc"))];
    create(&path, &CreateOptions::new(THEN), blob.into()).unwrap();
    // The first test vector of FIPS 180-2, appendix B.1.
    let digest = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let image = Image::open(&path).unwrap();
    let extra = image.object(id(1)).unwrap().extra();
    assert_eq!(
        extra,
        Extra::OciBlob {
            digest: digest.to_owned()
        }
    );
}

/// Gives something, then fails.
struct Failing(usize);

impl Read for Failing {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::Error::other("the tape tore"));
        }
        let read = self.0.min(buf.len());
        self.0 -= read;
        Ok(read)
    }
}

#[test]
fn data_that_cannot_be_read_leaves_no_trace() {
    let directory = tempfile::tempdir().unwrap();
    let path = make_sample(directory.path());
    let before = std::fs::read(&path).unwrap();
    let mut editor = Editor::open(&path).unwrap();
    let error = editor
        .add(&signature(), &mut Failing(3000), LATER)
        .unwrap_err();
    assert!(error.to_string().contains("the tape tore"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);

    let new = directory.path().join("new.sif");
    let objects: Vec<(_, Box<dyn Read>)> = vec![(signature(), Box::new(Failing(3000)))];
    create(&new, &CreateOptions::new(THEN), objects).unwrap_err();
    assert_eq!(names(directory.path()), 1, "half an image was left");
}

#[test]
fn a_full_disk_leaves_the_image_as_it_was() {
    let before = sample();
    let memory = Memory::new(before.clone());
    let table = memory.table().unwrap();
    let mut endless = io::repeat(1);
    let added = super::super::add::add(&memory.disk(), &table, &signature(), &mut endless, LATER);
    added.unwrap_err();
    assert_eq!(Storage::len(&memory).unwrap(), before.len() as u64);
    assert_eq!(seen(&memory.bytes()).unwrap(), seen(&before).unwrap());
}

#[test]
fn a_file_that_is_there_is_replaced_only_on_request() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("mine.sif");
    std::fs::write(&path, "mine").unwrap();
    let mut options = CreateOptions::new(THEN);
    let error = create(&path, &options, Vec::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
    assert_eq!(std::fs::read(&path).unwrap(), b"mine");
    options.overwrite = true;
    create(&path, &options, Vec::new()).unwrap();
    assert_eq!(Image::open(&path).unwrap().objects().len(), 0);
    assert_eq!(names(directory.path()), 1);
}

#[test]
fn what_does_not_fit_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("new.sif");
    let refused = |options: CreateOptions, object: NewObject| {
        let error = create(&path, &options, vec![(object, bytes(b"x"))]).unwrap_err();
        assert!(!path.exists());
        error.to_string()
    };
    let usual = CreateOptions::new(THEN);
    let object = NewObject::new(DataType::Generic);
    let long = CreateOptions {
        launch_script: "#".repeat(32),
        ..usual.clone()
    };
    assert!(refused(long, object.clone()).ends_with("launch script too large"));
    let large = CreateOptions {
        capacity: u32::MAX,
        ..usual.clone()
    };
    assert!(refused(large, object.clone()).ends_with("descriptor capacity not supported"));
    let none = CreateOptions {
        capacity: 0,
        ..usual.clone()
    };
    assert!(refused(none, object.clone()).contains("insufficient descriptor capacity"));
    let named = NewObject {
        name: "n".repeat(129),
        ..object.clone()
    };
    assert!(refused(usual.clone(), named).ends_with("name value too large"));
    let far = NewObject {
        alignment: u64::MAX,
        ..object
    };
    assert!(refused(usual, far).contains("alignment"));
}

#[test]
fn two_editors_do_not_write_at_once_w17() {
    let directory = tempfile::tempdir().unwrap();
    let path = make_sample(directory.path());
    let first = Editor::open(&path).unwrap();
    let error = Editor::open(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(
        error
            .to_string()
            .ends_with("is being written by another program")
    );
    assert!(Image::open(&path).is_ok());
    drop(first);
    Editor::open(&path).unwrap();
}

#[test]
fn an_empty_aligned_object_past_the_end_is_read_and_written_over() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("empty.sif");
    let empty = partition(PartitionType::Data, Architecture::Amd64);
    create(&path, &CreateOptions::new(THEN), vec![(empty, bytes(b""))]).unwrap();
    assert_eq!(path.metadata().unwrap().len(), 32176);
    let mut editor = Editor::open(&path).unwrap();
    assert_eq!(editor.image().object(id(1)).unwrap().offset(), 32768);
    editor.add(&signature(), &mut &b"x"[..], LATER).unwrap();
    assert_eq!(editor.image().object(id(2)).unwrap().offset(), 32768);
}

#[test]
fn every_change_puts_stale_counters_right_w17() {
    type Change = fn(&mut Editor) -> crate::Result<()>;
    let changes: [(Change, i64, i64); 3] = [
        (|editor| editor.set_primary(id(3), LATER), 2, 12594),
        (
            |editor| editor.delete(id(1), DeleteMode::Plain, LATER),
            3,
            12594,
        ),
        (
            |editor| editor.delete(id(4), DeleteMode::Compact, LATER),
            3,
            12588,
        ),
    ];
    for (change, free, end) in changes {
        for stale in [-1, 0, i64::MAX] {
            let directory = tempfile::tempdir().unwrap();
            let path = make_sample(directory.path());
            let mut bytes = std::fs::read(&path).unwrap();
            // The fields `descriptors free` and `data size` of the header.
            bytes[80..88].copy_from_slice(&i64::to_le_bytes(stale));
            bytes[120..128].copy_from_slice(&i64::to_le_bytes(stale));
            std::fs::write(&path, bytes).unwrap();

            change(&mut Editor::open(&path).unwrap()).unwrap();
            let image = Image::open(&path).unwrap();
            assert_eq!(image.header().descriptors_free(), free);
            assert_eq!(image.header().data_size(), end - 7606);
        }
    }
}
