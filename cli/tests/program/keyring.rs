//! A keyring over time: removing, junk, the site's ring.

use crate::world::World;
use std::fs;
use std::io::Write;

#[test]
fn removing_is_silent_and_takes_one_half() {
    let world = World::new();
    let ada = world.key_pair("Ada");
    let ended = world
        .run(&format!("key remove {}", ada.to_lowercase()))
        .expect_done();
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", ""));
    assert!(world.listed("").is_empty());
    assert_eq!(world.listed("--secret"), std::slice::from_ref(&ada));
    world.run(&format!("key remove -s 0x{ada}")).expect_done();
    assert!(world.listed("--secret").is_empty());
}

#[test]
fn removing_one_secret_key_leaves_the_others_whole_w1() {
    let world = World::new();
    let ada = world.key_pair("Ada");
    let bob = world.key_pair("Bob");
    let eve = world.key_pair("Eve");
    world
        .run(&format!("key export --secret --key {bob} before"))
        .expect_done();
    world
        .run(&format!("key remove --secret {ada}"))
        .expect_done();
    assert_eq!(world.listed("--secret"), [bob.clone(), eve]);
    world
        .run(&format!("key export --secret --key {bob} after"))
        .expect_done();
    assert_eq!(world.read("before"), world.read("after"));
    let list = world
        .run("key list --secret --format json")
        .expect_done()
        .json();
    assert_eq!(list["keys"][0]["secret"], "passphrase");
}

#[test]
fn both_halves_go_together() {
    let world = World::new();
    let ada = world.key_pair("Ada");
    let bob = world.key_pair("Bob");
    world.run(&format!("key remove --both {ada}")).expect_done();
    world.run(&format!("key remove -p -s {bob}")).expect_done();
    assert!(world.listed("").is_empty() && world.listed("--secret").is_empty());
    world
        .run(&format!("key remove --both {bob}"))
        .expect_failure(&["Unable to remove neither public key:", "nor private key:"]);
}

#[test]
fn what_is_not_there_cannot_be_removed() {
    let world = World::new();
    let ada = world.key_pair("Ada");
    let other = ada.replace(char::is_alphabetic, "0");
    world
        .run(&format!("key remove {other}"))
        .expect_failure(&["Unable to remove public key: no key matching given fingerprint found"]);
    world
        .run(&format!("key remove -s {other}"))
        .expect_failure(&["Unable to remove private key: no key matching given fingerprint found"]);
    for short in [&ada[24..], &ada[32..], "ada@example.com"] {
        world
            .run(&format!("key remove {short}"))
            .expect_failure(&["is not a fingerprint"]);
    }
    assert_eq!(world.listed(""), [ada]);
}

/// In builds with a second store to migrate to.
#[cfg(feature = "keystore-os")]
#[test]
fn a_migration_says_which_store_it_searched_if_there_is_nothing() {
    let world = World::new().with("SIFSEAL_KEYSTORE", "os");
    let migrate = "key migrate --from file --to os";
    let ended = world.run(migrate).expect_done();
    let expected = "INFO:    there are no secret keys in the key store `file` (";
    assert!(ended.stderr.starts_with(expected), "{ended:?}");
    assert!(ended.stderr.contains("pgp-secret"), "{ended:?}");
    let json = world.run(&format!("{migrate} --format json")).expect_done();
    assert_eq!(json.json()["keys"].as_array().unwrap().len(), 0);

    let ended = world
        .run(&format!("{migrate} ada@example.com"))
        .expect_failure(&["pgp-secret: no key answers to `ada@example.com`"]);
    let expected = "hint: `sifseal key list --secret` with `SIFSEAL_KEYSTORE=file` shows";
    assert!(ended.stderr.contains(expected), "{ended:?}");
}

#[test]
fn junk_in_a_ring_is_reported_and_hides_no_key() {
    let world = World::new();
    let ada = world.key_pair("Ada");
    let path = world.ring("pgp-public");
    let mut ring = fs::OpenOptions::new().append(true).open(&path).unwrap();
    ring.write_all(b"\x01\x02 this is no key").unwrap();
    let bob = world.key_pair("Bob");
    let ended = world.run("key list").expect_done();
    let warnings: Vec<&str> = ended.stderr.lines().collect();
    assert_eq!(warnings.len(), 1, "{ended:?}");
    assert!(warnings[0].starts_with(&format!("WARNING: {}: at byte ", path.display())));
    assert_eq!(world.listed(""), [ada, bob]);
    let json = world.run("key list --format json").expect_done().json();
    assert_eq!(json["unreadable"].as_array().unwrap().len(), 1);

    // Signing and verifying warn of it too, once.
    crate::signing::image(&world, "a.sif");
    for line in [
        "sign --keyidx 0 --passphrase-file passphrase a.sif",
        "verify a.sif",
    ] {
        let ended = world.run(line).expect_done();
        assert_eq!(ended.stderr.matches("WARNING: ").count(), 1, "{ended:?}");
        assert!(ended.stderr.contains("at byte "), "{ended:?}");
    }
}

#[test]
fn the_sites_ring_takes_certificates_only() {
    let world = World::new().with("SIFSEAL_CONFIG", "site.toml");
    world.write("site.toml", "[keystore]\nglobal = 'site/ring'\n");
    let ada = world.key_pair("Ada");
    world.run("key export ada.pub").expect_done();
    world.run("key export -s ada.key").expect_done();
    world
        .run("key import --global ada.key")
        .expect_failure(&["ada.key", "global keyring can't contain private keys"]);
    assert!(!world.path("site").exists());
    world.run("key import --global ada.pub").expect_done();
    let list = world.run("key list --global").expect_done().stdout;
    assert!(
        list.starts_with("Public key listing (site/ring):\n\n0) U: Ada"),
        "{list}"
    );
    world
        .run("key list --global --secret")
        .expect_failure(&["global keyring doesn't contain private keys"]);
    world
        .run("key export --global --key ada@example.com out")
        .expect_done();
    world
        .run(&format!("key remove --global {ada}"))
        .expect_done();
    assert!(world.listed("--global").is_empty());
    assert_eq!(world.listed(""), [ada]);
}

#[test]
fn a_listing_is_json_of_a_stated_version() {
    let world = World::new();
    let ada = world.key_pair("Ada");
    let json = world.run("key list --format json").expect_done().json();
    assert_eq!(json["schema"], "sifseal/key-list/1");
    assert_eq!(json["part"], "public");
    assert_eq!(
        json["place"],
        world.ring("pgp-public").display().to_string()
    );
    let key = &json["keys"][0];
    assert_eq!(key["fingerprint"], ada);
    assert_eq!(key["keyId"], ada[24..]);
    assert_eq!(key["userIds"][0], "Ada <ada@example.com>");
    assert_eq!(key["bits"], 256);
    assert_eq!(key["secret"], "none");
    assert!(key["created"].as_str().unwrap().ends_with('Z'));
}
