//! `sifseal plugin`.

use crate::world::{World, sha256};
use serde_json::Value;
use sifseal_conformance_tests::plugins::built_plugin;
use sifseal_core::traits::KeyAlgorithm;
use std::fs;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// The program starts as fast with ten plugins as with none, because none is so much as
/// opened that is not used: these do not even exist, or are not what is pinned.
#[test]
fn plugins_that_are_not_used_do_not_matter() {
    let world = World::new();
    let ada = world.key("ada", KeyAlgorithm::Ed25519);
    world.image();
    let selector = world.install(&built_plugin("selector").executable, "selector");
    for number in 0..5 {
        let missing = world.path(&format!("missing-{number}.so"));
        let digest = "00".repeat(32);
        world.configure_pinned(&format!("missing-{number}"), &missing, &digest, "", &[]);
        let name = format!("changed-{number}");
        world.configure_pinned(&name, &selector, &digest, "", &[("type", "FS")]);
    }
    world.done("sign --keysdir keys image.sif");
    world.done("verify --local --keysdir keys image.sif");
    let listed = world.done("key list --keysdir keys");
    assert!(listed.contains(&ada.fingerprint().to_string()));
    // And those that are used are looked at.
    for name in ["missing-0", "changed-0"] {
        let refused = world.fails(&format!("sign --keysdir keys --selector {name} image.sif"));
        assert!(refused.contains(name), "{refused}");
    }
}

#[test]
fn settings_of_every_type_reach_the_configuration_as_they_are() {
    let world = World::new();
    let built = built_plugin("selector");
    world.install(&built.executable, "selector");
    let line = "plugin add selector --name systems --set type=FS --set limit=5 --set fast=true";
    assert_eq!(world.run_with(line, "y\n").status, 0);
    let config = fs::read_to_string(world.path(".config/sifseal/config.toml")).unwrap();
    for written in ["type = \"FS\"", "limit = 5", "fast = true"] {
        assert!(config.lines().any(|line| line == written), "{config}");
    }
}

#[test]
fn a_plugin_is_looked_at_added_used_and_removed() {
    let world = World::new();
    world.image();
    let built = built_plugin("selector");
    let library = world.install(&built.library, "libselector.so");
    let inspected = json(&world.done("plugin inspect --format json libselector.so"));
    assert_eq!(inspected["schema"], "sifseal/plugin-inspect/1");
    assert_eq!(inspected["sha256"], sha256(&library));
    assert_eq!(
        inspected["provides"],
        serde_json::json!(["object-selector"])
    );

    let add = "plugin add libselector.so --name systems --set type=FS";
    let nobody = world.run(add);
    assert_eq!(nobody.status, 1, "{nobody:?}");
    assert!(nobody.stderr.contains("nobody to ask"), "{nobody:?}");
    assert_eq!(world.run_with(add, "n\n").status, 1);
    assert!(!world.path(".config/sifseal/config.toml").exists());
    let added = world.run_with(add, "y\n");
    assert_eq!(added.status, 0, "{added:?}");
    for shown in [&sha256(&library), "object-selector", "Add it to "] {
        assert!(added.stderr.contains(shown), "{added:?}");
    }
    let again = world.run_with(add, "y\n");
    assert!(
        again.stderr.contains("there is a plugin `systems` already"),
        "{again:?}"
    );
    let built_in = world.run_with("plugin add libselector.so --name hkp", "y\n");
    assert!(
        built_in.stderr.contains("cannot be called `hkp`"),
        "{built_in:?}"
    );

    let listed = json(&world.done("plugin list --format json"));
    assert_eq!(listed["schema"], "sifseal/plugin-list/1");
    assert_eq!(listed["plugins"][0]["name"], "systems");
    assert_eq!(listed["plugins"][0]["carrier"], "library");
    assert_eq!(listed["plugins"][0]["problem"], Value::Null);

    world.done("plugin remove systems");
    let listed = json(&world.done("plugin list --format json"));
    assert_eq!(listed["plugins"], serde_json::json!([]));
    assert!(
        world
            .fails("plugin remove systems")
            .contains("there is no plugin `systems`")
    );
}

#[test]
fn what_else_is_in_the_file_stays() {
    let world = World::new();
    world.install(&built_plugin("selector").executable, "selector");
    let config = world.path(".config/sifseal/config.toml");
    fs::create_dir_all(config.parent().unwrap()).unwrap();
    let mine = "engine = 'sequoia' # mine\n\n[policy]\nrelax = [] # strict\n";
    fs::write(&config, mine).unwrap();
    for name in ["one", "two"] {
        let add = format!("plugin add selector --name {name} --set name=x");
        let added = world.run_with(&add, "y\n");
        assert_eq!(added.status, 0, "{added:?}");
    }
    world.done("plugin remove one");
    let text = fs::read_to_string(&config).unwrap();
    assert!(text.starts_with(mine), "{text}");
    assert!(
        text.contains("name = \"two\"") && !text.contains("\"one\""),
        "{text}"
    );
    world.done("plugin remove two");
    assert_eq!(fs::read_to_string(&config).unwrap(), mine);
}

#[test]
fn every_plugin_of_ours_behaves() {
    let world = World::new();
    let keys = world.path("keys");
    for name in ["approval", "selector", "liar"] {
        let built = built_plugin(name);
        world.install(&built.executable, name);
        world.install(&built.library, "library.so");
        for file in [name, "library.so"] {
            let keys = keys.display();
            let line = format!(
                "plugin check {file} --set keys={keys} --set approvals={keys} --set type=FS --format json"
            );
            let checked = json(&world.done(&line));
            assert_eq!(checked["passed"], true, "{checked}");
        }
    }
}

#[test]
fn a_plugin_that_does_not_behave_is_told_what_it_should_do() {
    let world = World::new().with_env("LIAR_LIE", "intolerant");
    world.install(&built_plugin("liar").executable, "liar");
    let checked = world.run("plugin check liar");
    assert_eq!(checked.status, 1, "{checked:?}");
    assert!(checked.stdout.contains("failed   it starts"), "{checked:?}");
    assert!(!world.has_processes());
}

#[test]
fn a_certificate_that_is_none_is_found_before_a_key_is_needed() {
    let world = World::new();
    world.key("ada", KeyAlgorithm::Ed25519);
    let keys = world.path("keys");
    world.install(&built_plugin("liar").executable, "liar");
    let line = format!("plugin check liar --set keys={} --set lie=", keys.display());
    assert!(world.done(&line).contains(" 0 failed"));
    let checked = world.run(&format!("{line}garbage-certificate"));
    assert_eq!(checked.status, 1, "{checked:?}");
    let told = &checked.stdout;
    assert!(told.contains("key 1 is no certificate"), "{checked:?}");
}

/// `strace` would tell; so do plugins that cannot be used without being noticed.
#[test]
fn plugins_that_are_not_used_are_not_looked_at() {
    let world = World::new();
    world.image();
    for number in 0..10 {
        let nowhere = world.path("nowhere");
        let name = format!("p{number}");
        world.configure_pinned(&name, &nowhere, &"0".repeat(64), "", &[]);
    }
    world.done("key list");
    world.done("sif list image.sif");
    world.done("config show");
}
