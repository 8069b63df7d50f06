//! Which keyservers there are: `keyserver add`, `remove` and `list`, `remote list`,
//! Apptainer's file, the environment.

use crate::signing::{image, sign};
use crate::world::World;
use std::fs;

const CONFIG: &str = "home/.config/sifseal/config.toml";
const APPTAINERS: &str = "home/.apptainer/remote.yaml";

const REMOTE: &str = "\
Active: Mine
Remotes:
    DefaultRemote:
        URI: cloud.apptainer.org
        System: true
    Mine:
        URI: cloud.example.org
        Keyservers:
            - URI: https://one.example
              Insecure: true
            - URI: https://skipped.example
              Skip: true
            - URI: https://two.example
";

/// A world that asks whom its files name.
fn world() -> World {
    World::new().with("SIFSEAL_KEYSERVER", "")
}

fn places(world: &World) -> Vec<String> {
    let listed = world
        .run("keyserver list --format json")
        .expect_done()
        .json();
    let servers = listed["keyservers"].as_array().unwrap().iter();
    servers
        .map(|server| server["place"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn without_any_file_it_is_the_one_that_is_built_in() {
    let expected = "\
URI                       GLOBAL  INSECURE  ORDER
https://keys.openpgp.org  YES     NO        1*
";
    assert_eq!(world().run("keyserver list").expect_done().stdout, expected);
}

#[test]
fn a_server_goes_where_it_is_put_and_what_was_there_stays() {
    let world = world();
    let add = |line: &str| world.run(&format!("keyserver add {line}"));
    assert_eq!(add("https://last.example").expect_done().stderr, "");
    add("--order 1 hkps://first.example").expect_done();
    add("--order 2 --insecure https://second.example").expect_done();
    let expected = "\
URI                       GLOBAL  INSECURE  ORDER
hkps://first.example      NO      NO        1
https://second.example    NO      YES       2
https://keys.openpgp.org  NO      NO        3*
https://last.example      NO      NO        4
";
    assert_eq!(world.run("keyserver list").expect_done().stdout, expected);
    let before = world.read(CONFIG);
    add("--order 6 https://far.example").expect_failure(&["order is out of range: maximum is 5"]);
    let refused = add("--order 0 https://far.example").expect_usage_error();
    assert!(refused.stderr.contains("order must be > 0"), "{refused:?}");
    for same in ["https://last.example", "hkps://LAST.example:443/"] {
        add(same).expect_failure(&["is already configured", "config.toml"]);
    }
    assert_eq!(world.read(CONFIG), before);
}

#[test]
fn a_path_is_kept_whole_and_known_again() {
    let world = world();
    fs::create_dir_all(world.path("site/deep")).unwrap();
    world.run("keyserver add site/deep").expect_done();
    let whole = world.path("site/deep").display().to_string();
    assert_eq!(places(&world)[1], whole);
    for same in ["site/deep", "./site/deep/", &whole] {
        world
            .run(&format!("keyserver add {same}"))
            .expect_failure(&["already configured"]);
    }
    world.run("keyserver remove site/deep").expect_done();
    assert_eq!(places(&world).len(), 1);

    let missing = world
        .run("keyserver add keys.example.org")
        .expect_failure(&["no such file"]);
    assert!(
        missing
            .stderr
            .contains("hint: an address begins with https://"),
        "{missing:?}"
    );
    for flag in ["--insecure", "--timeout 5", "--ca-file passphrase"] {
        world
            .run(&format!("keyserver add {flag} site"))
            .expect_failure(&["on the network"]);
    }
}

#[test]
fn what_could_never_be_asked_is_not_added() {
    let world = world();
    world.write("no-ca.pem", "nothing of that kind");
    for (line, words) in [
        ("ldap://keys.example", "`ldap`"),
        (
            "https://ada:hunter2@keys.example",
            "no user name or password",
        ),
        ("https://", "not the name of a server"),
        ("--ca-file gone.pem https://keys.example", "gone.pem"),
        ("--ca-file no-ca.pem https://keys.example", "no-ca.pem"),
    ] {
        let refused = world
            .run(&format!("keyserver add {line}"))
            .expect_failure(&[words]);
        assert!(!refused.stderr.contains("hunter2"));
    }
    for line in [
        "--timeout 0",
        "--timeout 601",
        "--insecure --ca-file no-ca.pem",
    ] {
        world
            .run(&format!("keyserver add {line} https://keys.example"))
            .expect_usage_error();
    }
    for line in ["add", "remove"] {
        world
            .command(&format!("keyserver {line}"))
            .arg("")
            .output()
            .map(|output| {
                assert_eq!(output.status.code(), Some(2));
            })
            .unwrap();
    }
    assert!(!world.path(CONFIG).exists());
}

#[test]
fn what_is_said_of_a_server_is_written_and_read_again() {
    let world = world();
    world
        .run("keyserver add --timeout 5 https://keys.example")
        .expect_done();
    let listed = world
        .run("keyserver list --format json")
        .expect_done()
        .json();
    assert_eq!(listed["schema"], "sifseal/keyserver-list/1");
    let server = &listed["keyservers"][1];
    assert_eq!(server["timeout"], 5);
    assert_eq!(server["order"], 2);
    assert!(server["origin"].as_str().unwrap().ends_with(CONFIG));
    let shown = world.run("config show").expect_done().stdout;
    assert!(shown.contains("\"timeout\":5"), "{shown}");
}

#[test]
fn comments_and_other_settings_stay_as_their_owner_wrote_them() {
    let world = world();
    let text = "\
# How we do it here.

# Ours.
[[keyserver]]
backend = 'hkp' # the old one
url = 'https://one.example'

[trust] # strict
remote = 'warn'
";
    world.write(CONFIG, text);
    world
        .run("keyserver add --order 1 https://new.example")
        .expect_done();
    world
        .run("keyserver remove https://new.example")
        .expect_done();
    assert_eq!(String::from_utf8(world.read(CONFIG)).unwrap(), text);
    // Its own comment goes with a server; what stands further above is about the file.
    world
        .run("keyserver remove https://one.example")
        .expect_done();
    let left = String::from_utf8(world.read(CONFIG)).unwrap();
    assert!(left.starts_with("# How we do it here.\n"), "{left}");
    assert!(
        left.contains("[trust] # strict\nremote = 'warn'\n"),
        "{left}"
    );
    assert!(!left.contains("Ours"), "{left}");
    world
        .run("keyserver add https://again.example")
        .expect_done();
    assert_eq!(places(&world), ["https://again.example"]);
}

#[test]
fn the_last_server_can_go_and_then_nobody_is_asked() {
    let world = world();
    world
        .run("keyserver remove https://keys.openpgp.org")
        .expect_done();
    assert!(places(&world).is_empty());
    world
        .run("key search Ada")
        .expect_failure(&["no keyserver is configured"]);
    let again = world.run("keyserver remove https://keys.openpgp.org");
    let again = again.expect_failure(&["keyserver https://keys.openpgp.org is not configured"]);
    assert!(again.stderr.contains("hint: `sifseal keyserver list`"));
}

#[test]
fn a_file_that_is_broken_is_not_written_over() {
    let world = world();
    world.write(CONFIG, "[[keyserver]\n");
    for line in ["add https://new.example", "remove https://keys.openpgp.org"] {
        world
            .run(&format!("keyserver {line}"))
            .expect_failure(&["config.toml"]);
    }
    assert_eq!(world.read(CONFIG), b"[[keyserver]\n");
}

#[test]
fn apptainers_servers_hold_until_there_is_a_list_of_ones_own() {
    let world = world();
    world.write(APPTAINERS, REMOTE);
    let expected = "\
Cloud Services Endpoints
========================

NAME           URI                  ACTIVE  GLOBAL  EXCLUSIVE
DefaultRemote  cloud.apptainer.org  NO      YES     NO
Mine           cloud.example.org    YES     NO      NO

Keyservers
==========

URI                  GLOBAL  INSECURE  ORDER
https://one.example  NO      YES       1
https://two.example  NO      NO        2

* Active cloud services keyserver
";
    assert_eq!(world.run("remote list").expect_done().stdout, expected);
    let json = world.run("remote list --format json").expect_done().json();
    assert_eq!(json["schema"], "sifseal/remote-list/1");
    assert_eq!(json["endpoints"][1]["active"], true);
    assert!(
        json["keyservers"][0]["origin"]
            .as_str()
            .unwrap()
            .ends_with("remote.yaml")
    );

    world
        .run("keyserver add https://three.example")
        .expect_done();
    assert_eq!(
        places(&world),
        [
            "https://one.example",
            "https://two.example",
            "https://three.example"
        ]
    );
    world
        .run("keyserver remove https://two.example")
        .expect_done();
    assert_eq!(
        places(&world),
        ["https://one.example", "https://three.example"]
    );
    assert_eq!(world.read(APPTAINERS), REMOTE.as_bytes());
}

#[test]
fn a_broken_file_of_apptainers_troubles_only_who_needs_it() {
    let world = world();
    world.key_pair("Ada");
    image(&world, "a.sif");
    fs::create_dir(world.path("site")).unwrap();
    world.write(APPTAINERS, "{{{:\u{1b}[2J\n");
    sign(&world, "a.sif");
    world.run("key list").expect_done();
    world.run("verify --local a.sif").expect_done();
    world
        .run("key push --url site ada@example.com")
        .expect_done();

    // The signer is known here, so nobody is asked.
    let verified = world.run("verify a.sif").expect_done();
    assert_eq!(verified.stderr, "");
    let searched = world
        .run("key search Ada")
        .expect_failure(&["remote.yaml: no file of Apptainer's endpoints: line 1"]);
    assert!(searched.stderr.contains("hint: mend it"));
    for line in ["keyserver list", "remote list"] {
        let listed = world.run(line).expect_done();
        assert!(listed.stderr.starts_with("WARNING: "), "{line}");
        assert!(listed.stderr.contains("remote.yaml"), "{line}");
    }
    let refused = world
        .run("keyserver add https://new.example")
        .expect_failure(&["remote.yaml"]);
    assert!(refused.stderr.contains("hint: mend it"), "{refused:?}");
    assert!(!world.path(CONFIG).exists());
}

#[test]
fn the_variable_names_one_server_or_none() {
    let world = world();
    fs::create_dir(world.path("site")).unwrap();
    let site = world.path("site").display().to_string();
    for (value, expected) in [
        ("none", vec![]),
        ("https://keys.example", vec!["https://keys.example"]),
        (site.as_str(), vec![site.as_str()]),
    ] {
        let world = World::new().with("SIFSEAL_KEYSERVER", value);
        assert_eq!(places(&world), expected);
        let json = world.run("config show --format json").expect_done().json();
        assert!(json.to_string().contains("$SIFSEAL_KEYSERVER"), "{json}");
    }
}

#[test]
fn a_configured_server_that_is_chosen_keeps_its_settings() {
    let world = World::new();
    world.write(
        CONFIG,
        "[[keyserver]]\nbackend = 'hkp'\nurl = 'https://127.0.0.1:1'\nca_file = 'gone.pem'\n",
    );
    // By its settings it cannot be asked, which shows that they count.
    for url in ["https://127.0.0.1:1", "hkps://127.0.0.1:1/"] {
        world
            .run(&format!("key search --url {url} Ada"))
            .expect_failure(&["gone.pem"]);
    }
    world
        .run("key search --url https://127.0.0.1:2 Ada")
        .expect_failure(&["was refused"]);
}
