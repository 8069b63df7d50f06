//! What `verify` tells beyond its verdict: whom it did not count, what else there is
//! to ask about, and all that is wrong rather than the first thing.

use crate::signing::{flip, image, sign};
use crate::world::World;

#[test]
fn what_is_not_there_comes_with_what_is() {
    let world = World::new();
    image(&world, "a.sif");
    let refused = world.run("verify -g 7 a.sif");
    assert_eq!(refused.code, Some(3));
    assert_eq!(
        refused.stderr,
        "FATAL:   Failed to verify container: a.sif: group not found: 7\n\
         hint: the image has the groups: 1\n"
    );
    let refused = world.run("verify -i 9 a.sif");
    assert!(
        refused
            .stderr
            .contains("hint: the image has the objects: 1, 2, 3, 4\n")
    );
    let refused = world.run("verify --legacy-insecure -g 7 a.sif");
    assert!(
        refused
            .stderr
            .contains("hint: the image has the groups: 1\n")
    );
}

#[test]
fn all_without_legacy_is_told_to_mean_nothing() {
    let world = World::new();
    world.key_pair("Ada");
    image(&world, "a.sif");
    sign(&world, "a.sif");
    for flag in ["-a", "--all"] {
        let verified = world.run(&format!("verify {flag} a.sif")).expect_done();
        assert!(
            verified
                .stderr
                .starts_with("WARNING: `--all` has a meaning with `--legacy-insecure`")
        );
    }
    assert_eq!(world.run("verify a.sif").expect_done().stderr, "");
}

#[test]
fn of_several_images_the_refused_one_is_named() {
    let world = World::new();
    world.key_pair("Ada");
    image(&world, "a.sif");
    image(&world, "b.sif");
    sign(&world, "a.sif");
    let refused = world.run("verify a.sif b.sif");
    assert_eq!(
        refused.stderr,
        "FATAL:   Failed to verify container: b.sif: integrity: \
         signature not found for object group 1\n"
    );
}

#[test]
fn a_good_signature_that_was_not_asked_for_is_not_shown_as_if_it_counted() {
    let world = World::new();
    let ada = world.key_pair("Ada");
    world.key_pair("Bob");
    image(&world, "a.sif");
    sign(&world, "--signer ada@example.com a.sif");
    sign(&world, "--signer bob@example.com a.sif");
    let line = format!("verify --signed-by {ada} a.sif");
    let verified = world.run(&line).expect_done();
    assert_eq!(verified.stdout.matches("Objects verified").count(), 1);
    let words = "Not counted: signature object 6 is not by a signer who was asked for\n";
    assert!(verified.stdout.contains(words), "{}", verified.stdout);

    let json = world.run(&format!("verify --format json --signed-by {ada} a.sif"));
    let question = &json.json()["images"][0]["questions"][0];
    assert_eq!(question["signatures"], serde_json::json!([5, 6]));
    assert_eq!(question["counted"], serde_json::json!([5]));
    let json = world
        .run(&format!("verify --json --signed-by {ada} a.sif"))
        .json();
    assert_eq!(json["Signatures"], 1);
    assert_eq!(world.run("verify --json a.sif").json()["Signatures"], 2);
}

#[test]
fn everything_that_is_wrong_and_everything_that_is_not_is_told() {
    let world = World::new();
    world.key_pair("Ada");
    image(&world, "a.sif");
    sign(&world, "a.sif");
    // The name of object 1 (SIF: byte 73 of a descriptor), and the file system's data.
    flip(&world, "a.sif", 4096 + 73);
    flip(&world, "a.sif", 36_864);
    let refused = world.run("verify a.sif");
    assert_eq!(refused.code, Some(3));
    for words in [
        "Objects verified (2 of 4):",
        "2   |1       |NONE    |JSON.Generic\n3   |1       |NONE    |JSON.Generic\n\n",
        "verification: data object descriptor integrity compromised: 1\n",
        "verification: data object integrity compromised: 4\n",
    ] {
        assert!(
            refused.stdout.contains(words),
            "{words}: {}",
            refused.stdout
        );
    }
    assert_eq!(refused.stderr.matches("FATAL").count(), 1);
}

#[test]
fn a_group_without_any_signature_is_told_among_others() {
    let world = World::new();
    world.key_pair("Ada");
    image(&world, "a.sif");
    world
        .run("sif add --datatype 7 --groupid 2 a.sif object")
        .expect_done();
    sign(&world, "-g 1 a.sif");
    flip(&world, "a.sif", 36_864);
    let refused = world.run("verify a.sif").stdout;
    assert!(refused.contains("integrity compromised: 4"), "{refused}");
    assert!(
        refused.contains("signature not found for object group 2"),
        "{refused}"
    );
}
