//! Which settings hold, and how mistakes in them are told.

use crate::world::World;

#[test]
fn each_value_is_shown_with_where_it_comes_from() {
    let world = World::new()
        .with("APPTAINER_KEYSDIR", "/by/variable")
        .with("SIFSEAL_CONFIG", "site.toml");
    world.write("site.toml", "[keystore]\nglobal = '/by/file'\n");
    let shown = world.run("--engine rpgp config show").expect_done().stdout;
    let line = |key: &str| {
        let mut lines = shown.lines().filter(|line| line.starts_with(key));
        lines.next().unwrap().to_owned()
    };
    assert!(line("engine").ends_with("# --engine"));
    assert!(line("keystore.backend = \"file\"").ends_with("# built in"));
    assert!(line("keystore.path = \"/by/variable\"").ends_with("# $APPTAINER_KEYSDIR"));
    assert!(line("keystore.global = \"/by/file\"").ends_with("# site.toml"));

    let json = world.run("config show --format json").expect_done().json();
    assert_eq!(json["schema"], "sifseal/config/1");
    let settings = json["settings"].as_array().unwrap();
    let path = settings
        .iter()
        .find(|setting| setting["key"] == "keystore.path")
        .unwrap();
    assert_eq!(path["value"], "/by/variable");
    assert_eq!(path["origin"], "$APPTAINER_KEYSDIR");
}

#[test]
fn the_users_file_is_found_by_the_xdg_rules() {
    let world = World::new();
    let shown = world.run("config path").expect_done().stdout;
    let expected = world.path("home/.config/sifseal/config.toml");
    assert!(
        shown.contains(&format!("user: {} (not there)", expected.display())),
        "{shown}"
    );
    let elsewhere = world.path("xdg").display().to_string();
    let world = world.with("XDG_CONFIG_HOME", &elsewhere);
    world.write("xdg/sifseal/config.toml", "engine = 'from-xdg'");
    let shown = world.run("config show").expect_done().stdout;
    assert!(shown.contains("engine = \"from-xdg\""), "{shown}");
}

#[test]
fn a_mistake_names_the_file_the_key_and_what_was_meant() {
    let world = World::new();
    world.write("c.toml", "[keystore]\npaht = '/x'\n");
    let ended = world
        .run("--config c.toml key list")
        .expect_failure(&["c.toml", "`keystore.paht`"]);
    assert!(ended.stderr.contains("hint: did you mean `keystore.path`?"));
    world.write("c.toml", "engine = 1");
    world
        .run("--config c.toml key list")
        .expect_failure(&["c.toml", "`engine`", "a string"]);
    world
        .run("--config nowhere.toml key list")
        .expect_failure(&["nowhere.toml"]);
}

#[test]
fn an_unknown_backend_is_answered_with_the_known_ones() {
    let world = World::new();
    let ended = world
        .run("--engine pgp2 key list")
        .expect_failure(&["--engine", "`pgp2`"]);
    assert!(
        ended.stderr.contains("hint: this build has: rpgp, sequoia"),
        "{ended:?}"
    );
    let world = world.with("SIFSEAL_KEYSTORE", "vault");
    let ended = world
        .run("key list")
        .expect_failure(&["$SIFSEAL_KEYSTORE", "`vault`"]);
    assert!(
        ended.stderr.contains("hint: this build has: file"),
        "{ended:?}"
    );
}

#[test]
fn keysdir_wins_over_apptainers_variable_w22() {
    let world = World::new().with("APPTAINER_KEYSDIR", "by-variable");
    let header = world.run("key list").expect_done().stdout;
    assert!(
        header.starts_with("Public key listing (by-variable/pgp-public):"),
        "{header}"
    );
    let header = world.run("key list -d by-flag").expect_done().stdout;
    assert!(
        header.starts_with("Public key listing (by-flag/pgp-public):"),
        "{header}"
    );
}
