//! Keys that go to keyservers and come from them, where the keyserver is a directory:
//! no network is needed, and everything else is as with one.

use crate::signing::{image, sign};
use crate::world::{Ended, World};
use std::fs;

/// Ada's key in the directory `site` and not in her ring; an image that she signed.
fn ada_elsewhere() -> (World, String) {
    let world = World::new();
    let ada = world.key_pair("Ada");
    image(&world, "a.sif");
    sign(&world, "a.sif");
    fs::create_dir(world.path("site")).unwrap();
    world
        .run(&format!("key push --url site {ada}"))
        .expect_done();
    world.run(&format!("key remove {ada}")).expect_done();
    (world, ada)
}

fn warnings(ended: &Ended) -> usize {
    let lines = ended.stderr.lines();
    lines.filter(|line| line.starts_with("WARNING: ")).count()
}

#[test]
fn the_guides_flow_push_remove_search_pull() {
    let (world, ada) = ada_elsewhere();
    let found = world.run("key search --url site --long-list ada@example.com");
    let found = found.expect_done().stdout;
    assert!(
        found.starts_with("Showing 1 results\n\nFINGERPRINT "),
        "{found}"
    );
    assert!(found.contains(&format!("\n{ada}  ")), "{found}");
    assert!(
        found.contains("[enabled]  Ada <ada@example.com>\n"),
        "{found}"
    );

    let ring = world.ring("pgp-public");
    for count in [1, 0] {
        let pulled = world
            .run(&format!("key pull --url site {ada}"))
            .expect_done();
        let words = format!(
            "{count} key(s) added to keyring of trust {}\n",
            ring.display()
        );
        assert_eq!(pulled.stdout, words);
    }
    let pushed = world
        .run(&format!("key push --url site {ada}"))
        .expect_done();
    let words = format!("public key `{ada}' pushed to server successfully\n");
    assert_eq!(pushed.stdout, words);
}

#[test]
fn a_key_is_named_by_everything_that_can_name_it() {
    let (world, ada) = ada_elsewhere();
    let (long, short) = (&ada[24..], &ada[32..]);
    for name in [&ada, long, short, "ada@example.com"] {
        for name in [name.to_owned(), name.to_lowercase()] {
            let pulled = world
                .run(&format!("key pull --url site {name}"))
                .expect_done();
            assert!(pulled.stdout.contains("key(s) added"), "{name}");
            world.run(&format!("key remove {ada}")).expect_done();
            let found = world.run(&format!("key search --url site {name}"));
            assert!(found.expect_done().stdout.contains(short), "{name}");
        }
    }
    world.run("key pull --url site Ada").expect_usage_error();
    world
        .run(&format!("key pull --url= {ada}"))
        .expect_usage_error();
}

#[test]
fn an_address_of_two_keys_is_not_guessed_at() {
    let (world, ada) = ada_elsewhere();
    let other = world.key_pair("Ada");
    world
        .run(&format!("key push --url site {other}"))
        .expect_done();
    world.run(&format!("key remove {other}")).expect_done();
    let refused = world.run("key pull --url site ada@example.com");
    let refused = refused.expect_failure(&["pull failed: ", "2 keys answer", &ada, &other]);
    assert!(
        refused
            .stderr
            .contains("hint: name one by its fingerprint\n")
    );
    assert!(world.listed("").is_empty());
}

#[test]
fn of_several_keys_the_missing_one_does_not_keep_the_others_away() {
    let (world, ada) = ada_elsewhere();
    let nobody = "DEADBEEFDEADBEEFDEADBEEFDEADBEEFDEADBEEF";
    let line = format!("key pull --url site --format json {nobody} {ada}");
    let pulled = world.run(&line);
    pulled.json(); // A document all the same.
    let json = pulled
        .expect_failure(&["no keyserver has a key for", nobody])
        .json();
    assert_eq!(json["schema"], "sifseal/key-pull/1");
    assert_eq!(json["keys"][0]["fingerprint"], ada.as_str());
    assert_eq!(json["keys"][0]["change"], "added");
    assert!(json["errors"][0].as_str().unwrap().contains(nobody));
    assert_eq!(json["failures"], serde_json::json!([]));
    assert_eq!(world.listed(""), [ada]);
}

#[test]
fn the_other_commands_speak_json_too() {
    let (world, ada) = ada_elsewhere();
    let found = world.run("key search --url site --format json Ada");
    let found = found.expect_done().json();
    assert_eq!(found["schema"], "sifseal/key-search/1");
    assert_eq!(found["query"], "Ada");
    assert_eq!(found["keys"][0]["fingerprint"], ada.as_str());
    assert_eq!(found["keys"][0]["userIds"][0], "Ada <ada@example.com>");
    assert_eq!(found["keys"][0]["status"], "enabled");

    world
        .run(&format!("key pull --url site {ada}"))
        .expect_done();
    let pushed = world.run(&format!("key push --url site --format json {ada}"));
    let pushed = pushed.expect_done().json();
    assert_eq!(pushed["schema"], "sifseal/key-push/1");
    assert_eq!(pushed["fingerprint"], ada.as_str());
    assert_eq!(pushed["seen"], "whole");
    assert_eq!(pushed["failures"], serde_json::json!([]));

    let fresh = world.run("key refresh --url site --all --format json");
    let fresh = fresh.expect_done().json();
    assert_eq!(fresh["schema"], "sifseal/key-refresh/1");
    assert_eq!(fresh["keys"][0]["fingerprint"], ada.as_str());
    assert_eq!(fresh["keys"][0]["change"], "unchanged");
}

#[test]
fn a_server_that_is_not_there_is_named_and_nothing_is_changed() {
    let (world, ada) = ada_elsewhere();
    world
        .run(&format!("key pull --url site {ada}"))
        .expect_done();
    let ring = fs::read(world.ring("pgp-public")).unwrap();
    for (line, words) in [
        ("key search --url gone Ada", "search failed: gone: "),
        ("key push --url gone ada@example.com", "push failed: gone: "),
        (
            "key pull --url gone ada@example.com",
            "pull failed: unable to pull key from server: gone: ",
        ),
    ] {
        world.run(line).expect_failure(&[words]);
    }
    let refresh = world.run("key refresh --url gone --all");
    assert_eq!(refresh.code, Some(1));
    assert!(refresh.stderr.starts_with("WARNING: gone: "), "{refresh:?}");
    assert_eq!(warnings(&refresh), 1);
    let words = ": on no keyserver that could be asked\n";
    assert!(refresh.stdout.ends_with(words), "{refresh:?}");
    assert_eq!(fs::read(world.ring("pgp-public")).unwrap(), ring);
}

#[test]
fn without_any_server_it_is_told_how_to_name_one() {
    let world = World::new();
    let ada = world.key_pair("Ada");
    for line in [
        "key search Ada",
        "key pull ada@example.com",
        "key push ada@example.com",
        "key refresh --all",
    ] {
        let refused = world
            .run(line)
            .expect_failure(&["no keyserver is configured"]);
        assert!(
            refused.stderr.contains("hint: name one with --url"),
            "{line}"
        );
    }
    // Making a key does not fail for want of one; the key is there.
    let line = "key newpair --push --name Bob --email bob@example.com --comment= \
                --algorithm ed25519 --passphrase-file passphrase";
    let made = world.run(line);
    assert!(
        made.stderr.contains("no keyserver is configured"),
        "{made:?}"
    );
    assert_eq!(world.listed("").len(), 2, "beside {ada}");
}

#[test]
fn a_new_key_is_pushed_if_that_is_asked_for() {
    let world = World::new();
    fs::create_dir(world.path("site")).unwrap();
    let line = "key newpair --push --url site --name Bob --email bob@example.com --comment= \
                --algorithm ed25519 --passphrase-file passphrase";
    world.run(line).expect_done();
    world
        .run("key search --url site bob@example.com")
        .expect_done();
}

#[test]
fn what_the_server_has_heard_of_a_key_comes_with_a_refresh_w5() {
    let (world, ada) = ada_elsewhere();
    let refreshed = world.run(&format!("key refresh --url site {ada}"));
    refreshed.expect_failure(&["no key answers to", &ada]);
    world
        .run(&format!("key pull --url site {ada}"))
        .expect_done();
    fs::create_dir(world.path("empty")).unwrap();
    let refreshed = world.run("key refresh --url empty --all").expect_done();
    let words = format!("{ada} (Ada <ada@example.com>): on no keyserver\n");
    assert_eq!(refreshed.stdout, words);
    world.run("key refresh --url site").expect_usage_error();
}

#[test]
fn a_signer_is_asked_for_where_no_ring_knows_them() {
    let (world, ada) = ada_elsewhere();
    let verified = world.run("verify --url site a.sif").expect_done();
    for words in [
        "[REMOTE]           Signing entity: Ada <ada@example.com>\n".to_owned(),
        format!("[REMOTE]           Fingerprint: {ada}\n"),
        "Container verified: a.sif\n".to_owned(),
    ] {
        assert!(verified.stdout.contains(&words), "{verified:?}");
    }
    assert_eq!(verified.stderr, "");
    assert!(
        world.listed("").is_empty(),
        "nothing is kept without being asked"
    );
    assert_eq!(world.run("verify --local a.sif").code, Some(3));
    world
        .run("verify --local --url site a.sif")
        .expect_usage_error();
    world
        .run("verify --local --save-keys a.sif")
        .expect_usage_error();
}

#[test]
fn keys_of_good_signatures_are_saved_once_and_those_of_bad_ones_never() {
    let (world, ada) = ada_elsewhere();
    sign(&world, "a.sif");
    let mut bad = world.read("a.sif");
    bad[36_864] ^= 1;
    world.write("bad.sif", bad);
    let refused = world.run("verify --url site --save-keys bad.sif");
    assert_eq!(refused.code, Some(3));
    assert!(world.listed("").is_empty(), "{refused:?}");

    let words = format!("INFO:    Key with fingerprint {ada} saved to the public keyring\n");
    let verified = world
        .run("verify --url site --save-keys a.sif a.sif")
        .expect_done();
    assert_eq!(verified.stderr, words);
    assert_eq!(world.listed(""), [ada]);
    world.run("verify --local a.sif").expect_done();
}

#[test]
fn an_unreachable_server_is_told_once_however_many_images_there_are() {
    let (world, _) = ada_elsewhere();
    let refused = world.run("verify --url gone a.sif a.sif a.sif");
    assert_eq!(refused.code, Some(3));
    assert_eq!(warnings(&refused), 1, "{refused:?}");
    assert!(
        refused
            .stderr
            .contains("WARNING: failed to get key material: gone: ")
    );

    let json = world.run("verify --url gone --format json a.sif").json();
    let failure = &json["images"][0]["keyserverFailures"][0];
    assert_eq!(failure["keyserver"], "gone");
    assert!(failure["text"].as_str().unwrap().starts_with("gone: "));
}

#[test]
fn a_site_says_what_the_word_of_a_keyserver_counts_w4() {
    let (world, ada) = ada_elsewhere();
    for trust in ["accept", "warn", "reject"] {
        world.write(
            &format!("{trust}.toml"),
            format!("[trust]\nremote = '{trust}'\n"),
        );
    }
    let verify = |trust: &str, flags: &str| {
        world.run(&format!(
            "--config {trust}.toml verify --url site {flags} a.sif"
        ))
    };
    assert_eq!(verify("accept", "").expect_done().stderr, "");
    let warned = verify("warn", "").expect_done();
    assert_eq!(warnings(&warned), 1, "{warned:?}");
    assert!(warned.stderr.contains(&format!("sifseal key pull {ada}")));

    let refused = verify("reject", "");
    assert_eq!(refused.code, Some(3));
    assert!(
        refused.stdout.contains("[REMOTE] "),
        "whose it claims to be is shown"
    );
    let hint = refused
        .stderr
        .lines()
        .find(|line| line.starts_with("hint: "));
    assert!(
        hint.is_some_and(|hint| hint.contains("key pull")),
        "{refused:?}"
    );
    let saving = verify("reject", "--save-keys");
    assert_eq!(saving.code, Some(3));
    assert!(world.listed("").is_empty(), "{saving:?}");
    // Whoever names the fingerprint knows the signer from elsewhere.
    verify("reject", &format!("--signed-by {ada}")).expect_done();
    world
        .run(&format!("key pull --url site {ada}"))
        .expect_done();
    verify("reject", "").expect_done();

    world.write("wrong.toml", "[trust]\nremote = 'rejekt'\n");
    let wrong = verify("wrong", "").expect_failure(&["wrong.toml", "`trust.remote`", "`rejekt`"]);
    assert!(wrong.stderr.contains("hint: did you mean `reject`?"));
}

#[test]
fn a_ring_that_cannot_be_written_does_not_keep_the_verdict_back() {
    let (world, _) = ada_elsewhere();
    // Where the lock of the ring would be, something else is.
    fs::create_dir_all(world.path("keys/.pgp-public.sifseal-lock/x")).unwrap();
    let verified = world.run("verify --url site --save-keys -d keys a.sif");
    assert!(
        verified.stdout.ends_with("Container verified: a.sif\n"),
        "{verified:?}"
    );
    verified.expect_failure(&["Failed to save keys: ", "keys/"]);
}
