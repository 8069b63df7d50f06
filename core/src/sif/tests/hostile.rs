//! Images that lie.

use super::super::add::add;
use super::super::delete::delete;
use super::memory::{Memory, seen};
use super::*;
use crate::ErrorKind;
use rustix::fs::{CWD, FileType, Mode, mknodat};

// The fields of the header and of a slot, by their offsets.
const DESCRIPTORS_TOTAL: usize = 88;
const DESCRIPTORS_OFFSET: usize = 96;
const DESCRIPTORS_SIZE: usize = 104;
const DATA_OFFSET: usize = 112;
const ID: usize = 5;
const GROUP: usize = 9;
const LINK: usize = 13;
const OFFSET: usize = 17;
const SIZE: usize = 25;

fn put(image: &mut [u8], at: usize, value: i64) {
    image[at..at + 8].copy_from_slice(&value.to_le_bytes());
}

/// Writes into the slot of object `number`.
fn put_in(image: &mut [u8], number: usize, field: usize, value: i64) {
    put(image, TABLE + (number - 1) * SLOT + field, value);
}

fn put_in_short(image: &mut [u8], number: usize, field: usize, value: u32) {
    let at = TABLE + (number - 1) * SLOT + field;
    image[at..at + 4].copy_from_slice(&value.to_le_bytes());
}

/// Opening these bytes must fail in one line that names the file.
fn refused(image: &[u8]) -> String {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x.sif");
    std::fs::write(&path, image).unwrap();
    let error = Image::open(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
    assert_eq!(
        Editor::open(&path).unwrap_err().to_string(),
        error.to_string()
    );
    assert_eq!(std::fs::read(&path).unwrap(), image, "the file was changed");
    let line = error.to_string();
    assert!(!line.contains('\n'));
    line.strip_prefix(&format!("{}: ", path.display()))
        .unwrap()
        .to_owned()
}

#[test]
fn a_file_that_is_no_image_is_named_as_such() {
    assert_eq!(
        refused(b""),
        "reading global header: the file has only 0 bytes"
    );
    assert_eq!(refused(&[0; 40_000]), "invalid SIF magic");
    let mut image = sample();
    image[43] = b'2';
    assert_eq!(refused(&image), "incompatible SIF version");
}

#[test]
fn only_regular_files_are_opened() {
    let directory = tempfile::tempdir().unwrap();
    let pipe = directory.path().join("pipe");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    for path in [pipe.as_path(), directory.path(), Path::new("/dev/null")] {
        let error = Image::open(path).unwrap_err().to_string();
        assert_eq!(error, format!("{}: not a regular file", path.display()));
        assert!(Editor::open(path).is_err());
    }
}

#[test]
fn an_image_cut_anywhere_is_refused_w12() {
    let image = sample();
    let mut cuts = vec![0, 1, 31, 42, 127, 128, TABLE - 1, TABLE, DATA - 1, DATA];
    cuts.extend((1..=SLOTS).map(|slot| TABLE + slot * SLOT - 1));
    for object in Memory::new(image.clone()).table().unwrap().objects() {
        let (begin, end) = (object.offset() as usize, object.end() as usize);
        cuts.extend([begin, begin + 1, end - 1]);
    }
    for cut in cuts {
        refused(&image[..cut]);
    }
    assert_eq!(
        refused(&image[..image.len() - 1]),
        "object 4 ends at 12594, the file at 12593"
    );
}

#[test]
fn a_header_that_lies_is_refused_before_anything_is_allocated_w12() {
    let huge = [-1, i64::MIN, i64::MAX, 1 << 40, 1 << 32, 16_385];
    for value in huge {
        for field in [DESCRIPTORS_TOTAL, DESCRIPTORS_OFFSET, DESCRIPTORS_SIZE] {
            let mut image = sample();
            put(&mut image, field, value);
            let line = refused(&image);
            assert!(line.starts_with("reading descriptors: "), "{line}");
        }
        // Counts that agree with each other, not with the file.
        let mut image = sample();
        put(&mut image, DESCRIPTORS_TOTAL, value);
        put(
            &mut image,
            DESCRIPTORS_SIZE,
            value.wrapping_mul(SLOT as i64),
        );
        assert!(refused(&image).starts_with("reading descriptors: "));
    }
    for value in [-1, i64::MIN, i64::MAX, 0, TABLE as i64, DATA as i64 - 1] {
        let mut image = sample();
        put(&mut image, DATA_OFFSET, value);
        assert!(refused(&image).starts_with("the data section cannot begin at"));
    }
    for value in [0, 127] {
        let mut image = sample();
        put(&mut image, DESCRIPTORS_OFFSET, value);
        assert!(refused(&image).contains("table cannot begin"));
    }
}

#[test]
fn stale_counters_are_no_reason_to_refuse() {
    const DESCRIPTORS_FREE: usize = 80;
    const DATA_SIZE: usize = 120;
    for value in [-1, i64::MIN, i64::MAX, 0] {
        let mut image = sample();
        put(&mut image, DESCRIPTORS_FREE, value);
        put(&mut image, DATA_SIZE, value);
        assert_eq!(seen(&image).unwrap(), seen(&sample()).unwrap());
    }
}

#[test]
fn a_descriptor_that_lies_is_refused_w12() {
    for value in [-1, i64::MIN, i64::MAX, 1 << 40, 12_095] {
        for field in [OFFSET, SIZE] {
            let mut image = sample();
            put_in(&mut image, 2, field, value);
            let line = refused(&image);
            assert!(line.contains("object"), "{line}");
        }
    }
    let mut image = sample();
    put_in_short(&mut image, 3, ID, 0);
    assert_eq!(refused(&image), "the object in slot 3 has no ID");
    put_in_short(&mut image, 3, ID, 2);
    assert_eq!(refused(&image), "two objects have the ID 2");
    for field in [GROUP, LINK] {
        let mut image = sample();
        put_in_short(&mut image, 1, field, 0x1000_0001);
        assert!(refused(&image).starts_with("object 1: 0x10000001 is no "));
    }
}

#[test]
fn objects_have_bytes_of_their_own_w12() {
    for (place, words) in [
        (0, "object 2 lies inside the image's own tables"),
        (127, "object 2 lies inside the image's own tables"),
        (
            DATA as i64 - 1,
            "object 2 lies inside the image's own tables",
        ),
        (DATA as i64 + 18, "objects 1 and 2 overlap"),
        (12_288, "objects 2 and 3 overlap"),
        (12_189, "objects 2 and 3 overlap"),
    ] {
        let mut image = sample();
        put_in(&mut image, 2, SIZE, 100);
        put_in(&mut image, 2, OFFSET, place);
        assert_eq!(refused(&image), words);
    }
}

#[test]
fn an_empty_object_overlaps_nothing_but_stays_near() {
    let mut image = sample();
    put_in(&mut image, 2, SIZE, 0);
    put_in(&mut image, 2, OFFSET, 12_300);
    seen(&image).unwrap();
    put_in(&mut image, 2, OFFSET, i64::MAX);
    assert!(refused(&image).starts_with("object 2 ends at"));
}

#[test]
fn a_link_to_nothing_is_only_a_link() {
    let mut image = sample();
    put_in_short(&mut image, 4, LINK, 77);
    let table = Memory::new(image).table().unwrap();
    assert_eq!(table.object(id(4)).unwrap().link(), Link::Object(id(77)));
}

#[test]
fn a_file_cut_short_while_open_is_an_error_and_no_signal() {
    let directory = tempfile::tempdir().unwrap();
    let path = make_sample(directory.path());
    let image = Image::open(&path).unwrap();
    let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(8200).unwrap();
    let object = image.object(id(2)).unwrap();
    let mut buf = [0; 500];
    assert_eq!(image.read_at(object, 0, &mut buf[..8]).unwrap(), 8);
    let error = image.read_at(object, 0, &mut buf).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("{}: object 2 was cut short", path.display())
    );
    assert!(image.read_small(object, 500).is_err());
    assert!(std::io::copy(&mut image.data(object), &mut std::io::sink()).is_err());
}

#[test]
fn a_huge_object_is_not_read_as_a_small_one_w12() {
    let directory = tempfile::tempdir().unwrap();
    let path = make_sample(directory.path());
    let mut bytes = std::fs::read(&path).unwrap();
    put_in(&mut bytes, 4, SIZE, 1 << 40);
    std::fs::write(&path, bytes).unwrap();
    // A sparse file has the terabyte that the descriptor claims.
    let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len((1 << 40) + 20_000).unwrap();
    let image = Image::open(&path).unwrap();
    let error = image
        .read_small(image.object(id(4)).unwrap(), 1 << 20)
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("object 4 has 1099511627776 bytes")
    );
}

/// Marsaglia's xorshift64: the same mutations on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

/// Changes some bytes of the header or of the slots' numbers.
fn mutate(image: &mut [u8], random: &mut Random) {
    for _ in 0..=random.below(4) {
        let at = match random.below(3) {
            0 => 32 + random.below(96),
            1 => TABLE + random.below(SLOTS) * SLOT + random.below(73),
            _ => TABLE + random.below(SLOTS * SLOT),
        };
        image[at] = match random.below(4) {
            0 => 0,
            1 => 0xff,
            2 => image[at] ^ (1 << random.below(8)),
            _ => random.below(256) as u8,
        };
    }
}

#[test]
fn twenty_thousand_broken_tables_break_nothing_else_w12() {
    let sample = sample();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut opened = 0;
    for _ in 0..20_000 {
        let mut image = sample.clone();
        mutate(&mut image, &mut random);
        let Ok(before) = seen(&image) else { continue };
        opened += 1;
        let table = Memory::new(image.clone()).table().unwrap();
        for object in table.objects() {
            let described = (object.extra(), object.name(), object.integrity_bytes(0));
            assert_eq!(described.2.len(), 557);
        }
        the_rest_survives_changes(image, &before);
    }
    assert!(
        opened > 1000 && opened < 19_000,
        "{opened} of 20,000 opened"
    );
}

/// Whatever can be opened can be changed, or refuses: what is there stays.
fn the_rest_survives_changes(image: Vec<u8>, before: &super::memory::Seen) {
    let memory = Memory::new(image);
    let table = memory.table().unwrap();
    let Ok(added) = add(
        &memory.disk(),
        &table,
        &signature(),
        &mut &b"new"[..],
        LATER,
    ) else {
        assert_eq!(seen(&memory.bytes()).unwrap(), *before);
        return;
    };
    let table = memory.table().unwrap();
    assert!(table.object(added).is_some());
    delete(&memory.disk(), &table, added, DeleteMode::Zero, LATER).unwrap();
    assert_eq!(seen(&memory.bytes()).unwrap(), *before);
}
