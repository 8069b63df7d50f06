//! What the program says to whoever uses plugins for the first time.

use crate::world::World;
use sifseal_conformance_tests::plugins::built_plugin;
use std::fs;

fn with_a_vault() -> World {
    let world = World::new();
    world.configure_pinned("vault", &world.path("vault"), &"0".repeat(64), "", &[]);
    world
}

#[test]
fn an_unknown_key_store_is_answered_with_plugins_too() {
    let unknown = with_a_vault().using("valut").fails("key list");
    for words in [
        "there is no key store `valut`",
        "this build has: file",
        "plugins that are configured are: vault",
    ] {
        assert!(unknown.contains(words), "{unknown}");
    }
    let none = World::new().using("vault").fails("key list");
    assert!(none.contains("`sifseal plugin add FILE`"), "{none}");
}

#[test]
fn keys_of_a_plugin_stay_where_they_are() {
    let world = with_a_vault();
    for line in ["--from vault --to file", "--from file --to vault"] {
        let refused = world.fails(&format!("key migrate {line}"));
        assert!(refused.contains("`vault` is a plugin"), "{refused}");
        assert!(
            refused.contains("its keys stay where they are"),
            "{refused}"
        );
        assert!(!refused.contains("there is no key store"), "{refused}");
    }
    let unknown = world.fails("key migrate --from valut --to file");
    assert!(
        unknown.contains("there is no key store `valut`"),
        "{unknown}"
    );
}

/// It takes no keys from us.
#[test]
fn nobody_is_told_to_make_a_key_in_a_plugin() {
    let world = World::new();
    world.image();
    let keys = world.path("none");
    fs::create_dir(&keys).unwrap();
    let file = world.install(&built_plugin("liar").executable, "liar");
    world.configure("liar", &file, "", &[("keys", keys.to_str().unwrap())]);
    let world = world.using("liar");
    let empty = world.fails("sign image.sif");
    assert!(empty.contains("keyring is empty"), "{empty}");
    for refused in ["newpair", "key import"] {
        assert!(!empty.contains(refused), "{empty}");
    }
    assert!(empty.contains("the plugin's own tools"), "{empty}");
    let nobody = world.fails("sign --signer bob@example.com image.sif");
    assert!(!nobody.contains("newpair"), "{nobody}");
}

#[test]
fn a_configured_plugin_is_not_a_file_but_says_which() {
    let world = with_a_vault();
    let file = world.path("vault");
    for command in ["inspect", "check", "add"] {
        let refused = world.fails(&format!("plugin {command} ./vault"));
        assert!(!refused.contains("is configured"), "{refused}");
        let elsewhere = World::new();
        elsewhere.configure_pinned("other", &file, &"0".repeat(64), "", &[]);
        let refused = elsewhere.fails(&format!("plugin {command} other"));
        let hint = format!("the file of the plugin `other` is {}", file.display());
        assert!(refused.contains(&hint), "{refused}");
    }
}
