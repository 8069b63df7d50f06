//! What a legacy signature notices, and what it does not.

use super::*;
use sifseal_conformance_tests::workshop::{edit, flip};
use sifseal_core::ErrorKind;
use sifseal_core::integrity::{ObjectState, Unprotected};

/// The image with both of its objects signed, and the group.
fn signed(bench: &Bench) -> PathBuf {
    for object in [1, 2] {
        bench.by_ada().object(&bench.image, object).unwrap();
    }
    bench.by_ada().group(&bench.image, 1).unwrap();
    bench.image.clone()
}

const EVERYTHING: [Ask; 4] = [Ask::Primary, Ask::Object(1), Ask::All, Ask::Group(1)];

#[test]
fn changed_data_is_noticed() {
    for bench in Bench::all() {
        let image = signed(&bench);
        let opened = Image::open(&image).unwrap();
        let (first, second) = (opened.object(id(1)).unwrap(), opened.object(id(2)).unwrap());
        for offset in [second.offset(), second.end() - 1] {
            flip(&image, offset);
            bench.expect(&image, Ask::Primary, "data-changed");
            bench.expect(&image, Ask::All, "data-changed");
            bench.expect(&image, Ask::Group(1), "group-data-changed");
            bench.expect(&image, Ask::Object(1), "verified");
            flip(&image, offset);
        }
        flip(&image, first.offset());
        bench.expect(&image, Ask::Object(1), "data-changed");
        bench.expect(&image, Ask::Primary, "verified");
        let report = bench.report(&image, Ask::Group(1));
        let group = report.signatures.last().unwrap();
        assert_eq!(group.state_of(id(2)), Some(ObjectState::GroupDataChanged));
        assert_eq!(
            report.refusal().unwrap().to_string(),
            "data object integrity compromised: in object group 1"
        );
    }
}

#[test]
fn a_changed_header_is_not_noticed_and_the_report_says_so() {
    for bench in Bench::all() {
        let image = signed(&bench);
        const LAUNCH_SCRIPT: u64 = 3;
        const UUID: u64 = 48 + 5;
        for offset in [LAUNCH_SCRIPT, UUID] {
            flip(&image, offset);
        }
        for ask in EVERYTHING {
            bench.expect(&image, ask, "verified");
            let open = bench.report(&image, ask).unprotected;
            assert!(open.contains(&Unprotected::Header), "{ask:?}");
        }
    }
}

#[test]
fn changed_descriptors_are_not_noticed_and_the_report_says_so() {
    for bench in Bench::all() {
        let image = signed(&bench);
        patch(&image, field(2, NAME), b"trustworthy");
        patch(&image, field(2, ARCHITECTURE), b"04");
        patch(
            &image,
            field(1, 0),
            &DataType::EnvVars.number().to_le_bytes(),
        );
        for ask in EVERYTHING {
            bench.expect(&image, ask, "verified");
            let open = bench.report(&image, ask).unprotected;
            assert!(open.contains(&Unprotected::Descriptors), "{ask:?}");
        }
    }
}

#[test]
fn which_partition_is_the_primary_one_is_not_protected() {
    for bench in Bench::all() {
        let image = signed(&bench);
        const SYSTEM: [u8; 4] = 1_i32.to_le_bytes();
        patch(&image, field(2, PARTITION_TYPE), &SYSTEM);
        assert_eq!(bench.ours(&image, Ask::Primary), "not-there");
        bench.expect(&image, Ask::Object(2), "verified");
    }
}

#[test]
fn another_hash_in_the_signatures_descriptor_is_refused() {
    for bench in Bench::all() {
        bench.by_ada().object(&bench.image, 2).unwrap();
        for (hash, name) in [
            (1, "signature-malformed"),
            (3, "signature-malformed"),
            (4, "hash-unsupported"),
            (5, "hash-unsupported"),
            (0, "hash-unsupported"),
            (99, "hash-unsupported"),
        ] {
            patch(&bench.image, field(3, EXTRA), &i32::to_le_bytes(hash));
            bench.expect(&bench.image, Ask::Primary, name);
        }
        patch(&bench.image, field(3, EXTRA), &2_i32.to_le_bytes());
        bench.expect(&bench.image, Ask::Primary, "verified");
    }
}

#[test]
fn another_known_signer_in_the_signatures_descriptor_is_refused() {
    for bench in Bench::all() {
        let bob = bench.other_key("Bob");
        bench.trust(&bob);
        bench.by_ada().object(&bench.image, 2).unwrap();
        bench.by_ada().group(&bench.image, 1).unwrap();
        let Fingerprint::V4(bytes) = bob.fingerprint() else {
            panic!("a version 4 key")
        };
        for signature in [3, 4] {
            patch(&bench.image, field(signature, SIGNER), &bytes);
        }
        bench.expect(&bench.image, Ask::Primary, "signer-mismatch");
        bench.expect(&bench.image, Ask::Group(1), "signer-mismatch");
        for signature in [3, 4] {
            patch(&bench.image, field(signature, SIGNER), &[0; 20]);
        }
        bench.expect(&bench.image, Ask::Primary, "signer-mismatch");
    }
}

#[test]
fn bytes_moved_from_one_object_of_a_group_to_its_neighbour_are_not_noticed() {
    for bench in Bench::all() {
        let image = bench.image_of("moved.sif", &[b"one", b"three"]);
        bench.by_ada().group(&image, 1).unwrap();
        let begin = Image::open(&image).unwrap().object(id(2)).unwrap().offset();
        patch(&image, field(1, SIZE), &4_u64.to_le_bytes());
        patch(&image, field(2, OFFSET), &(begin + 1).to_le_bytes());
        patch(&image, field(2, SIZE), &4_u64.to_le_bytes());
        bench.expect(&image, Ask::Group(1), "verified");
        let report = bench.report(&image, Ask::Group(1));
        assert!(report.unprotected.contains(&Unprotected::GroupBoundaries));
        let states: Vec<_> = report.signatures[0]
            .covered
            .iter()
            .map(|it| it.state)
            .collect();
        assert_eq!(states, [ObjectState::GroupDataIntact; 2]);

        let single = bench.image_of("single.sif", &[b"one", b"three"]);
        bench.by_ada().object(&single, 1).unwrap();
        patch(&single, field(1, SIZE), &4_u64.to_le_bytes());
        patch(&single, field(2, OFFSET), &(begin + 1).to_le_bytes());
        patch(&single, field(2, SIZE), &4_u64.to_le_bytes());
        bench.expect(&single, Ask::Object(1), "data-changed");
    }
}

#[test]
fn signed_data_stands_as_another_object_and_in_another_image_unnoticed() {
    for bench in Bench::all() {
        bench.by_ada().object(&bench.image, 2).unwrap();
        // The link is moved to object 1: its data is another.
        patch(&bench.image, field(3, LINK), &1_u32.to_le_bytes());
        bench.expect(&bench.image, Ask::Object(1), "data-changed");
        bench.expect(&bench.image, Ask::Primary, "no-signature");
        patch(&bench.image, field(3, LINK), &2_u32.to_le_bytes());

        // An image with the same partition, under another definition file.
        let other = bench.image_of("other.sif", &[b"bootstrap: evil\n", &[7; 5000]]);
        let opened = Image::open(&bench.image).unwrap();
        let signature = opened.object(id(3)).unwrap();
        let mut stolen = NewObject::new(DataType::Signature);
        stolen.link = Link::Object(id(2));
        stolen.extra = signature.extra();
        let mut editor = edit(&other).unwrap();
        editor
            .add(&stolen, &mut opened.data(signature), NOW)
            .unwrap();
        drop(editor);
        bench.expect(&other, Ask::Object(2), "verified");
        let open = bench.report(&other, Ask::Object(2)).unprotected;
        assert!(open.contains(&Unprotected::Place));
    }
}

#[test]
fn a_changed_signature_and_one_by_an_unknown_key_are_refused() {
    for bench in Bench::all() {
        let eve = bench.other_key("Eve");
        let foreign = copy(&bench, "foreign.sif");
        bench.by(&eve).object(&foreign, 2).unwrap();
        bench.expect(&foreign, Ask::Primary, "unknown-signer");

        let object = bench.by_ada().object(&bench.image, 2).unwrap();
        let opened = Image::open(&bench.image).unwrap();
        let signature = opened.object(object).unwrap();
        let text = opened.read_small(signature, 1 << 16).unwrap();
        let digest = text
            .windows(9)
            .position(|part| part == b"SIFHASH:\n")
            .unwrap() as u64
            + 9;
        // The digest's last digit: another hexadecimal one.
        let at = digest + 95;
        let digit = text[usize::try_from(at).unwrap()];
        let other = if digit == b'0' { b'1' } else { b'0' };
        patch(&bench.image, signature.offset() + at, &[other]);
        bench.expect(&bench.image, Ask::Primary, "bad-signature");
    }
}

#[test]
fn objects_added_to_and_taken_from_a_signed_group_are_noticed() {
    for bench in Bench::all() {
        bench.by_ada().group(&bench.image, 1).unwrap();
        let longer = copy(&bench, "longer.sif");
        let mut editor = edit(&longer).unwrap();
        let object = NewObject::new(DataType::Generic);
        editor.add(&object, &mut &b"smuggled"[..], NOW).unwrap();
        drop(editor);
        bench.expect(&longer, Ask::Group(1), "group-data-changed");

        const NO_GROUP: u32 = 0xf000_0000;
        let shorter = copy(&bench, "shorter.sif");
        patch(&shorter, field(1, GROUP), &(NO_GROUP | 2).to_le_bytes());
        bench.expect(&shorter, Ask::Group(1), "group-data-changed");
        patch(&shorter, field(1, GROUP), &NO_GROUP.to_le_bytes());
        bench.expect(&shorter, Ask::Group(1), "object-without-group");
    }
}

#[test]
fn an_empty_object_in_a_signed_group_is_not_noticed() {
    for bench in Bench::all() {
        bench.by_ada().group(&bench.image, 1).unwrap();
        let mut editor = edit(&bench.image).unwrap();
        let object = NewObject::new(DataType::Generic);
        editor.add(&object, &mut &b""[..], NOW).unwrap();
        drop(editor);
        bench.expect(&bench.image, Ask::Group(1), "verified");
    }
}

#[test]
fn an_object_that_was_cut_short_is_refused() {
    for bench in Bench::all() {
        let image = signed(&bench);
        patch(&image, field(2, SIZE), &4999_u64.to_le_bytes());
        bench.expect(&image, Ask::Primary, "data-changed");
        bench.expect(&image, Ask::Group(1), "group-data-changed");
    }
}

#[test]
fn a_file_that_was_cut_short_gives_no_verdict() {
    for bench in Bench::all() {
        bench.by_ada().object(&bench.image, 2).unwrap();
        let end = Image::open(&bench.image)
            .unwrap()
            .object(id(2))
            .unwrap()
            .end();
        let file = OpenOptions::new().write(true).open(&bench.image).unwrap();
        for length in [end, end - 1] {
            file.set_len(length).unwrap();
            let error = Image::open(&bench.image).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed);
            assert_ne!(bench.gos(&bench.image, Ask::Primary), Some(true));
        }
    }
}

#[test]
fn two_primary_partitions_are_refused_with_both_kinds_of_signatures() {
    for bench in Bench::all() {
        let image = bench.shop.image("two.sif", 2).unwrap();
        for object in 1..=3 {
            bench.by_ada().object(&image, object).unwrap();
        }
        const PRIMARY: [u8; 4] = 2_i32.to_le_bytes();
        patch(&image, field(3, PARTITION_TYPE), &PRIMARY);
        for ask in [Ask::Primary, Ask::Object(2), Ask::All, Ask::Modern] {
            assert_eq!(bench.ours(&image, ask), "primary-ambiguous", "{ask:?}");
        }
        let refusal = bench.report(&image, Ask::Primary);
        let words = refusal.refusal().unwrap().to_string();
        assert_eq!(
            words,
            "more than one primary system partition: objects 2, 3"
        );
    }
}
