//! Images made, filled, listed and emptied by the `sif` commands.

use crate::world::World;

const RULE: &str = "------------------------------------------------------------------------------";

/// An image with a definition, a primary partition and a signature's descriptor.
fn world_with_image() -> World {
    let world = World::new();
    world.write("def", "bootstrap: none\n");
    world.write("root", vec![1; 5000]);
    world.run("sif new --deterministic a.sif").expect_done();
    for line in [
        "sif add --datatype 1 --groupid 1 a.sif def",
        "sif add --datatype 4 --parttype 2 --partfs 1 --partarch 2 --groupid 1 --filename root a.sif root",
        "sif add --datatype 5 --signhash 1 --signentity 433FE984155206BD962725E20E8713472A879943 --link 1 a.sif def",
    ] {
        world.run(line).expect_done();
    }
    world
}

#[test]
fn the_listing_has_the_references_columns() {
    let world = world_with_image();
    let list = world.run("sif list a.sif").expect_done();
    let expected = [
        RULE,
        "ID   |GROUP   |LINK    |SIF POSITION (start-end)  |TYPE",
        RULE,
        "1    |1       |NONE    |32176-32192               |Def.FILE",
        "2    |1       |NONE    |32768-37768               |FS (Squashfs/*System/amd64)",
        "3    |NONE    |1       |37768-37784               |Signature (SHA-256)",
    ];
    assert_eq!(list.stdout.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn the_header_leaves_out_what_a_deterministic_image_has_not() {
    let world = world_with_image();
    let header = world.run("sif header a.sif").expect_done().stdout;
    let expected = [
        "Version:              01",
        "Primary Architecture: amd64",
        "Descriptors Free:     45",
        "Descriptors Total:    48",
        "Descriptors Offset:   4096",
        "Descriptors Size:     27 KiB",
        "Data Offset:          32176",
        "Data Size:            5 KiB",
    ];
    assert_eq!(header.lines().collect::<Vec<_>>(), expected);
    world.run("sif new b.sif").expect_done();
    let header = world.run("sif header b.sif").expect_done().stdout;
    for label in ["ID:", "Created At:", "Modified At:"] {
        assert!(
            header.lines().any(|line| line.starts_with(label)),
            "{header}"
        );
    }
    assert!(header.contains(" +0000 UTC"));
    assert!(header.ends_with("Data Size:          0 B\n"), "{header}");
}

#[test]
fn info_shows_what_each_type_has() {
    let world = world_with_image();
    let partition = world.run("sif info 2 a.sif").expect_done().stdout;
    let expected = [
        "  Data Type:        FS",
        "  ID:               2",
        "  Group ID:         1",
        "  Linked ID:        NONE",
        "  Offset:           32768",
        "  Size:             5000",
        "  Name:             root",
        "  Filesystem Type:  Squashfs",
        "  Partition Type:   *System",
        "  Architecture:     amd64",
    ];
    assert_eq!(partition.lines().collect::<Vec<_>>(), expected);
    let signature = world.run("sif info 3 a.sif").expect_done().stdout;
    assert!(signature.contains("  Linked ID:  1\n"));
    assert!(signature.ends_with(
        "  Hash Type:  SHA-256\n  Entity:     433FE984155206BD962725E20E8713472A879943\n"
    ));
}

#[test]
fn json_says_the_same_as_the_text() {
    let world = world_with_image();
    let list = world
        .run("sif list --format json a.sif")
        .expect_done()
        .json();
    assert_eq!(list["schema"], "sifseal/sif-list/1");
    let objects = list["objects"].as_array().unwrap();
    assert_eq!(objects.len(), 3);
    assert_eq!(objects[1]["partition"]["architecture"], "amd64");
    assert_eq!(objects[1]["offset"], 32768);
    assert_eq!(objects[2]["linkedObject"], 1);
    assert_eq!(objects[2]["group"], serde_json::Value::Null);
    let info = world
        .run("sif info --format json 2 a.sif")
        .expect_done()
        .json();
    assert_eq!(info["schema"], "sifseal/sif-info/1");
    assert_eq!(info["object"], objects[1]);
    let header = world
        .run("sif header --format json a.sif")
        .expect_done()
        .json();
    assert_eq!(header["schema"], "sifseal/sif-header/1");
    assert_eq!(header["architecture"], "amd64");
    assert_eq!(header["created"], serde_json::Value::Null);
}

#[test]
fn a_dump_is_the_object_byte_for_byte() {
    let world = world_with_image();
    let data: Vec<u8> = (0..1_000_003_u32).flat_map(u32::to_le_bytes).collect();
    world
        .run_with("sif add --datatype 7 a.sif -", &data)
        .expect_done();
    assert!(world.run("sif dump 4 a.sif").expect_done().bytes == data);
    assert_eq!(
        world.run("sif dump 1 a.sif").expect_done().stdout,
        "bootstrap: none\n"
    );
}

#[test]
fn deterministic_images_of_the_same_objects_are_the_same() {
    let first = world_with_image().read("a.sif");
    assert!(first == world_with_image().read("a.sif"));
}

#[test]
fn an_image_is_not_overwritten_unless_forced() {
    let world = world_with_image();
    let before = world.read("a.sif");
    let ended = world.run("sif new a.sif").expect_failure(&["a.sif"]);
    assert!(ended.stderr.contains("--force"), "{ended:?}");
    assert!(world.read("a.sif") == before);
    world.run("sif new --force a.sif").expect_done();
    let list = world.run("sif list a.sif").expect_done().stdout;
    assert_eq!(list.lines().count(), 3);
}

#[test]
fn deleting_leaves_clears_or_cuts_off_the_data() {
    let marker = b"bootstrap: none";
    let holds = |world: &World| {
        let bytes = world.read("a.sif");
        bytes
            .windows(marker.len())
            .filter(|window| window == marker)
            .count()
    };
    let world = world_with_image();
    assert_eq!(holds(&world), 2);
    world.run("sif del 1 a.sif").expect_done();
    assert_eq!(holds(&world), 2, "plain deletion leaves the bytes");

    let world = world_with_image();
    world.run("sif del --zero 1 a.sif").expect_done();
    assert_eq!(holds(&world), 1);

    let world = world_with_image();
    world.run("sif del --compact 3 a.sif").expect_done();
    assert_eq!(holds(&world), 1);
    assert_eq!(world.read("a.sif").len(), 37768);
}

#[test]
fn another_system_partition_can_become_the_primary_one() {
    let world = world_with_image();
    world
        .run("sif add --datatype 4 --parttype 1 --partfs 1 --partarch 4 --groupid 1 a.sif root")
        .expect_done();
    world.run("sif setprim 4 a.sif").expect_done();
    let list = world.run("sif list a.sif").expect_done().stdout;
    assert!(list.contains("FS (Squashfs/System/amd64)"));
    assert!(list.contains("FS (Squashfs/*System/arm64)"));
    let header = world.run("sif header a.sif").expect_done().stdout;
    assert!(header.contains("Primary Architecture: arm64"));
    world
        .run("sif setprim 1 a.sif")
        .expect_failure(&["a.sif", "not a partition"]);
}

#[test]
fn an_object_needs_the_metadata_of_its_type() {
    let world = world_with_image();
    for (flags, words) in [
        (
            "--datatype 4",
            "--partfs, --parttype and --partarch must be passed",
        ),
        (
            "--datatype 4 --partfs 1 --parttype 1",
            "--partfs, --parttype and --partarch",
        ),
        ("--datatype 5 --signhash 1", "--signentity"),
        ("--datatype 9", "--sbomformat must be passed"),
    ] {
        let line = format!("sif add {flags} a.sif def");
        world.run(&line).expect_failure(&[words]);
    }
    world
        .run("sif add --datatype 9 --sbomformat spdx-json a.sif def")
        .expect_done();
}

#[test]
fn an_object_outside_all_groups_is_remarked_upon() {
    let world = world_with_image();
    let ended = world.run("sif add --datatype 6 a.sif def").expect_done();
    assert!(
        ended.stderr.starts_with("WARNING: object 4 is in no group")
            && ended.stderr.contains("will refuse the image"),
        "{ended:?}"
    );
}
