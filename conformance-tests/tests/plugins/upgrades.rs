//! A plugin whose file was changed, and what becomes of its settings.

use crate::world::{World, sha256};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// A home with a configured plugin whose file is changed afterwards; its configuration.
fn upgraded() -> (World, PathBuf, String, String) {
    let world = World::new();
    let file = world.path("vault");
    fs::write(&file, "#!/bin/sh\n# the old one\n").unwrap();
    let config = world.path(".config/sifseal/config.toml");
    fs::create_dir_all(config.parent().unwrap()).unwrap();
    let old = sha256(&file);
    let text = format!(
        "# on top\nengine = 'rpgp'\n\n# my vault\n[[plugin]]\nname = 'vault' # called so\n\
         path = \"{}\"\nsha256 = \"{old}\" # of version 1\ntimeout = 300\n\n\
         [plugin.config]\naddress = 'https://vault.example.org' # ours\n\n\
         [[plugin.config.keys]]\nname = 'ada'\n\n[policy]\nrelax = []\n",
        file.display()
    );
    fs::write(&config, &text).unwrap();
    fs::write(&file, "#!/bin/sh\ntouch \"$HOME/started\"\n").unwrap();
    (world, file, text, old)
}

#[test]
fn a_changed_file_is_pinned_anew_by_the_command_that_the_refusal_names() {
    let (world, file, before, old) = upgraded();
    let config = world.path(".config/sifseal/config.toml");
    let refused = world.using("vault").fails("key list --secret");
    assert!(refused.contains("`sifseal plugin pin vault`"), "{refused}");
    // Not before a yes, and the file is not started to ask for one.
    let nobody = world.fails("plugin pin vault");
    assert!(nobody.contains("nobody to ask"), "{nobody}");
    assert_eq!(world.run_with("plugin pin vault", "n\n").status, 1);
    assert_eq!(fs::read_to_string(&config).unwrap(), before);
    let pinned = world.run_with("plugin pin vault", "y\n");
    assert_eq!(pinned.status, 0, "{pinned:?}");
    let new = sha256(&file);
    for shown in [&old, &new] {
        assert!(pinned.stderr.contains(shown), "{pinned:?}");
    }
    assert!(!world.path("started").exists());
    let expected = before.replace(&old, &new);
    assert_eq!(fs::read_to_string(&config).unwrap(), expected);
    let listed: Value = serde_json::from_str(&world.done("plugin list --format json")).unwrap();
    assert_eq!(listed["plugins"][0]["problem"], Value::Null);
    // Now there is nothing to ask.
    world.done("plugin pin vault");
}

#[test]
fn a_plugin_that_has_moved_keeps_its_settings() {
    let (world, file, before, old) = upgraded();
    let moved = world.path("vault-2");
    fs::rename(&file, &moved).unwrap();
    let gone = world.fails("plugin pin vault");
    assert!(gone.contains("`sifseal plugin pin vault FILE`"), "{gone}");
    let pinned = world.run_with("plugin pin vault vault-2 --format json", "y\n");
    assert_eq!(pinned.status, 0, "{pinned:?}");
    let document: Value = serde_json::from_str(&pinned.stdout).unwrap();
    assert_eq!(document["schema"], "sifseal/plugin-pin/1");
    assert_eq!(document["sha256"], sha256(&moved));
    let text = fs::read_to_string(world.path(".config/sifseal/config.toml")).unwrap();
    let expected = before
        .replace(&old, &sha256(&moved))
        .replace(file.to_str().unwrap(), moved.to_str().unwrap());
    assert_eq!(text, expected);
    let unknown = world.fails("plugin pin valut");
    assert!(unknown.contains("there is no plugin `valut`"), "{unknown}");
    assert!(unknown.contains("configured are: vault"), "{unknown}");
}

#[test]
fn whoever_removes_a_plugin_is_told_what_goes_with_it() {
    let (world, _, _, _) = upgraded();
    let removed = world.using("vault").run("plugin remove vault");
    assert_eq!(removed.status, 0, "{removed:?}");
    for words in [
        "its settings went with it: timeout, config",
        "`keystore.backend` still names it",
    ] {
        assert!(removed.stderr.contains(words), "{removed:?}");
    }
}

#[test]
fn a_plugin_of_three_lines_is_removed_without_a_word() {
    let world = World::new();
    let file = world.path("vault");
    fs::write(&file, "#!/bin/sh\n").unwrap();
    world.configure("vault", &file, "", &[]);
    assert_eq!(world.run("plugin remove vault").stderr, "");
}
