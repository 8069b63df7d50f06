//! Files that are not started, and settings that make no sense; each in words of its own.

use crate::world::World;
use sifseal_conformance_tests::plugins::{built_plugin, plugin_of_another_abi};
use sifseal_core::traits::KeyAlgorithm;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// The home, and a copy of the selector's library in it.
fn world() -> (World, PathBuf) {
    let world = World::new();
    world.key("ada", KeyAlgorithm::Ed25519);
    world.image();
    let library = world.install(&built_plugin("selector").library, "libselector.so");
    (world, library)
}

/// What is said when the file is used as it is, in each way to run a library.
fn refusals(world: &World, file: &Path, digest: Option<&str>) -> [String; 2] {
    let config = world.path(".config/sifseal/config.toml");
    ["", "isolate = true"].map(|more| {
        let _ = fs::remove_file(&config);
        match digest {
            Some(digest) => world.configure_pinned("p", file, digest, more, &[("type", "FS")]),
            None => world.configure("p", file, more, &[("type", "FS")]),
        }
        world.fails("verify --selector p image.sif")
    })
}

#[track_caller]
fn refused(world: &World, file: &Path, words: &[&str]) {
    for said in refusals(world, file, None) {
        for word in words.iter().chain(&["plugin p", file.to_str().unwrap()]) {
            assert!(
                said.contains(word) || said.contains("plugin p: "),
                "{word:?}: {said}"
            );
        }
        for word in words {
            assert!(said.contains(word), "{word:?}: {said}");
        }
    }
}

#[test]
fn another_digest_is_refused_with_both() {
    let (world, library) = world();
    let wrong = "0".repeat(64);
    for said in refusals(&world, &library, Some(&wrong)) {
        assert!(said.contains(&wrong), "{said}");
        assert!(said.contains("the configuration wants"), "{said}");
    }
    let listed = world.done("plugin list");
    assert!(listed.contains("refused"), "{listed}");
}

#[test]
fn a_link_and_a_file_that_others_can_write_are_refused() {
    let (world, library) = world();
    let link = world.path("link.so");
    symlink(&library, &link).unwrap();
    refused(&world, &link, &["symbolic link"]);
    fs::set_permissions(&library, Permissions::from_mode(0o777)).unwrap();
    refused(&world, &library, &["others can write to it"]);
    fs::set_permissions(&library, Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(world.path(""), Permissions::from_mode(0o777)).unwrap();
    refused(&world, &library, &["others can write to the directory"]);
}

#[test]
fn a_library_of_another_processor_is_refused_before_the_loader_sees_it() {
    let (world, library) = world();
    let mut bytes = fs::read(&library).unwrap();
    // ELF's `e_machine`: SPARC.
    bytes[18..20].copy_from_slice(&2_u16.to_le_bytes());
    fs::write(&library, bytes).unwrap();
    refused(
        &world,
        &library,
        &["it was built for another processor (machine 2)"],
    );
}

#[test]
fn what_is_no_library_or_no_plugin_or_of_another_abi_is_told_apart() {
    let (world, library) = world();
    fs::write(&library, "#!/bin/sh\n").unwrap();
    refused(&world, &library, &["it is no shared library"]);
    fs::write(&library, [&b"\x7fELF\x02\x01\x01"[..], &[0; 100]].concat()).unwrap();
    refused(
        &world,
        &library,
        &["it was built for another processor (machine 0)"],
    );
    let other = world.install(&some_library(), "libother.so");
    refused(&world, &other, &["it exports no root module"]);
    let other = world.install(&plugin_of_another_abi(), "libabi.so");
    refused(&world, &other, &["it was built for another ABI of plugins"]);
}

/// A shared library of the system that every program has loaded.
fn some_library() -> PathBuf {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let mut files = maps
        .lines()
        .filter_map(|line| line.split_whitespace().nth(5));
    files
        .find(|file| file.contains("/libgcc_s.so"))
        .unwrap()
        .into()
}

#[test]
fn a_plugin_that_is_something_else_says_what_it_is() {
    let (world, library) = world();
    world.configure("rule", &library, "isolate = true", &[("type", "FS")]);
    let said = world.using("rule").fails("key list");
    let words = "plugin rule: it is no key store; it provides object selector";
    assert!(said.contains(words), "{said}");
}

#[test]
fn a_name_that_means_something_already_is_refused() {
    for name in ["file", "hkp", "offline", "rpgp", "sequoia"] {
        let (world, library) = world();
        world.configure(name, &library, "", &[]);
        let said = world.fails("key list");
        assert!(
            said.contains(&format!("a plugin cannot be called `{name}`")),
            "{said}"
        );
    }
    let (world, library) = world();
    world.configure("twice", &library, "", &[]);
    world.configure("twice", &library, "", &[]);
    assert!(world.fails("key list").contains("configured already"));
}

#[test]
fn a_relative_path_is_refused() {
    let (world, library) = world();
    let digest = crate::world::sha256(&library);
    let relative = Path::new("libselector.so");
    for said in refusals(&world, relative, Some(&digest)) {
        assert!(said.contains("must be absolute"), "{said}");
    }
}

#[test]
fn a_selector_that_is_no_plugin_is_answered_with_those_that_are() {
    let (world, library) = world();
    world.configure("rule", &library, "", &[]);
    let said = world.fails("sign --selector rules image.sif");
    assert!(said.contains("there is no plugin `rules`"), "{said}");
    assert!(said.contains("configured are: rule"), "{said}");
}
