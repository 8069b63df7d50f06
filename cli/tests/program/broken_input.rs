//! Files that are not what they should be: one line that names the file and what
//! is wrong, status 1, nothing changed, no panic.

use crate::world::World;

/// Every command that reads an image, on an image of this name.
const ON_AN_IMAGE: [&str; 7] = [
    "sif list a.sif",
    "sif header a.sif",
    "sif info 1 a.sif",
    "sif dump 1 a.sif",
    "sif add --datatype 7 a.sif passphrase",
    "sif del 1 a.sif",
    "sif setprim 1 a.sif",
];

fn good_image(world: &World) -> Vec<u8> {
    world.run("sif new --deterministic good.sif").expect_done();
    world
        .run("sif add --datatype 6 --groupid 1 good.sif passphrase")
        .expect_done();
    world
        .run("sif add --datatype 7 --groupid 1 good.sif passphrase")
        .expect_done();
    world.read("good.sif")
}

/// Puts the bytes in place and sees every command refuse them.
fn all_refuse(world: &World, image: &[u8]) {
    world.write("a.sif", image);
    for line in ON_AN_IMAGE {
        let ended = world.run(line).expect_failure(&["a.sif: "]);
        assert_eq!(ended.stdout, "", "{line}");
        assert!(world.read("a.sif") == image, "{line}");
    }
}

#[test]
fn a_missing_image_is_named() {
    let world = World::new();
    for line in ON_AN_IMAGE {
        world.run(line).expect_failure(&["a.sif", "no such file"]);
    }
    std::fs::create_dir(world.path("a.sif")).unwrap();
    for line in ON_AN_IMAGE {
        world.run(line).expect_failure(&["a.sif"]);
    }
}

#[test]
fn what_is_no_image_is_refused() {
    let world = World::new();
    for junk in [&b""[..], b"short", &[0; 5000], &[0xff; 5000]] {
        all_refuse(&world, junk);
    }
}

#[test]
fn an_image_that_was_cut_short_is_refused() {
    let world = World::new();
    let good = good_image(&world);
    for length in [64, 127, 128, 4096, 20_000, good.len() - 1] {
        all_refuse(&world, &good[..length]);
    }
}

/// Offsets of fields: in the header, and in a descriptor from its slot on.
const TOTAL: usize = 88;
const TABLE: usize = 4096;
const SLOT: usize = 585;

#[test]
fn numbers_that_lie_are_refused() {
    let world = World::new();
    let good = good_image(&world);
    let lies: [(usize, &[u8]); 6] = [
        (TOTAL, &i64::MAX.to_le_bytes()),
        (TOTAL, &(-1_i64).to_le_bytes()),
        // Offset and size of the first object: far out, negative.
        (TABLE + 17, &i64::MAX.to_le_bytes()),
        (TABLE + 17, &(-1_i64).to_le_bytes()),
        (TABLE + 25, &i64::MAX.to_le_bytes()),
        // The second object has the first one's ID.
        (TABLE + SLOT + 5, &1_u32.to_le_bytes()),
    ];
    for (offset, bytes) in lies {
        let mut image = good.clone();
        image[offset..offset + bytes.len()].copy_from_slice(bytes);
        all_refuse(&world, &image);
    }
}

#[test]
fn an_object_that_is_not_there_is_named_with_the_image() {
    let world = World::new();
    let good = good_image(&world);
    for line in ["sif info 9", "sif dump 9", "sif del 9", "sif setprim 9"] {
        let ended = world.run(&format!("{line} good.sif"));
        ended.expect_failure(&["good.sif", "object 9"]);
    }
    assert!(world.read("good.sif") == good);
}

#[test]
fn data_that_cannot_be_read_leaves_the_image_as_it_was() {
    let world = World::new();
    let good = good_image(&world);
    world
        .run("sif add --datatype 7 good.sif nowhere")
        .expect_failure(&["nowhere"]);
    world
        .run("sif add --datatype 7 good.sif home")
        .expect_failure(&["home", "directory"]);
    assert!(world.read("good.sif") == good);
}

#[test]
fn a_name_in_an_image_cannot_repaint_the_terminal_w13() {
    let world = World::new();
    world.run("sif new a.sif").expect_done();
    world
        .run("sif add --datatype 7 --filename x\u{1b}[2J a.sif passphrase")
        .expect_done();
    for line in [
        "sif info 1 a.sif",
        "sif info --format json 1 a.sif",
        "sif list --format json a.sif",
    ] {
        assert!(
            !world.run(line).expect_done().stdout.contains('\u{1b}'),
            "{line}"
        );
    }
}
