//! `keyserver bundle`: certificates in one file, to carry where no network is.

use crate::world::{World, mode};
use std::fs;

fn two_people() -> (World, String, String) {
    let world = World::new();
    let ada = world.key_pair("Ada");
    let bob = world.key_pair("Bob");
    (world, ada, bob)
}

#[test]
fn a_bundle_serves_as_a_keyserver_and_holds_no_secret() {
    let (world, ada, bob) = two_people();
    let line = "keyserver bundle --output site.pgp";
    let bundled = world.run(line).expect_done();
    assert_eq!(bundled.stdout, "2 certificate(s) written to site.pgp\n");
    assert_eq!(mode(world.path("site.pgp")), 0o644);
    for key in [ada, bob] {
        let pulled = world.run(&format!("key pull --url site.pgp -d elsewhere {key}"));
        pulled.expect_done();
    }
    assert_eq!(world.listed("-d elsewhere").len(), 2);
    assert!(world.listed("-d elsewhere --secret").is_empty());
}

#[test]
fn the_same_keys_make_the_same_bytes_in_whatever_order() {
    let (world, ada, bob) = two_people();
    for (file, keys) in [
        ("all", String::new()),
        ("one", format!("{ada} {bob}")),
        ("other", format!("{bob} {ada} {bob}")),
    ] {
        world
            .run(&format!("keyserver bundle -o {file} {keys}"))
            .expect_done();
        assert_eq!(world.read(file), world.read("all"), "{file}");
    }
}

#[test]
fn chosen_keys_go_in_and_no_others() {
    let (world, _, bob) = two_people();
    world
        .run("keyserver bundle -o bob.pgp bob@example.com")
        .expect_done();
    world
        .run(&format!("key search --url bob.pgp {bob}"))
        .expect_done();
    world
        .run("key search --url bob.pgp ada@example.com")
        .expect_failure(&["no matching keys"]);
    let refused = world.run("keyserver bundle -o none.pgp bob@example.com zoe@example.com");
    refused.expect_failure(&["no key answers to `zoe@example.com`"]);
    assert!(!world.path("none.pgp").exists());
}

#[test]
fn a_file_that_is_there_is_replaced_only_if_that_is_asked_for() {
    let (world, ada, _) = two_people();
    world.write("mine", "precious");
    let refused = world.run("keyserver bundle -o mine");
    let refused = refused.expect_failure(&["mine: the file is already there"]);
    assert!(refused.stderr.ends_with("hint: replace it with --force\n"));
    assert_eq!(world.read("mine"), b"precious");
    world.run("keyserver bundle --force -o mine").expect_done();
    world
        .run(&format!("key search --url mine {ada}"))
        .expect_done();
    // What --force would not help is not said to be helped by it.
    for place in ["nowhere/file", "home"] {
        let refused = world
            .run(&format!("keyserver bundle -o {place}"))
            .expect_failure(&[place]);
        assert!(!refused.stderr.contains("--force"), "{refused:?}");
    }
}

#[test]
fn an_empty_ring_makes_no_bundle() {
    let world = World::new();
    world
        .run("keyserver bundle -o site.pgp")
        .expect_failure(&["keyring is empty"]);
    assert!(!world.path("site.pgp").exists());
}

#[test]
fn the_index_beside_a_bundle_is_of_use_on_media_that_cannot_be_written() {
    let (world, ada, _) = two_people();
    fs::create_dir(world.path("stick")).unwrap();
    world
        .run("keyserver bundle -o stick/site.pgp")
        .expect_done();
    // Each engine has an index of its own.
    let mut files = fs::read_dir(world.path("stick")).unwrap().flatten();
    let is_index = |name: &str| name.starts_with(".site.pgp.sifseal-index-");
    let index = files.find(|file| file.file_name().to_str().is_some_and(is_index));
    let index = index.unwrap().path();
    let before = fs::read(&index).unwrap();
    world
        .run(&format!("key search --url stick/site.pgp {ada}"))
        .expect_done();
    assert_eq!(fs::read(&index).unwrap(), before, "it was taken as it is");
}
