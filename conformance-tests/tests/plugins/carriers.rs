//! Each way to run a plugin, with each engine; and what others say of the signatures.

use crate::world::{World, armored};
use sifseal_conformance_tests::peer::VerifyMode;
use sifseal_conformance_tests::plugins::built_plugin;
use sifseal_conformance_tests::{Gpg, require_go};
use sifseal_core::sif::{DataType, Image};
use sifseal_core::traits::KeyAlgorithm;
use std::fs;
use std::path::Path;

/// A home in which `approval` is configured in every way to run.
pub(crate) fn world(algorithm: KeyAlgorithm) -> (World, Vec<u8>) {
    let world = World::new();
    let certificate = world.key("ada", algorithm);
    fs::create_dir(world.path("approvals")).unwrap();
    let (keys, approvals) = (world.path("keys"), world.path("approvals"));
    let settings = [
        ("keys", keys.to_str().unwrap()),
        ("approvals", approvals.to_str().unwrap()),
    ];
    let built = built_plugin("approval");
    let executable = world.install(&built.executable, "approval");
    let library = world.install(&built.library, "libapproval.so");
    world.configure("executable", &executable, "", &settings);
    world.configure("library", &library, "", &settings);
    world.configure("isolated", &library, "isolate = true", &settings);
    (world, armored(&certificate))
}

#[test]
fn a_plugin_signs_in_each_way_to_run_and_everybody_verifies() {
    for algorithm in [KeyAlgorithm::Ed25519, KeyAlgorithm::Rsa(2048)] {
        let (world, certificate) = world(algorithm);
        for plugin in ["executable", "library", "isolated"] {
            for (engine, other) in World::engines() {
                signs_and_verifies(&world, plugin, engine, other);
                others_agree(&world.path("image.sif"), &certificate);
            }
        }
        assert!(!world.has_processes());
    }
}

fn signs_and_verifies(world: &World, plugin: &str, engine: &str, other: &str) {
    world.image();
    let as_plugin = world.using(plugin);
    let sign = format!("sign --engine {engine} image.sif");
    let refused = as_plugin.fails(&sign);
    let nobody = format!("plugin {plugin}: nobody has approved a signature");
    assert!(refused.contains(&nobody), "{refused}");
    fs::write(world.path("approvals/yes"), "").unwrap();
    as_plugin.done(&sign);
    assert!(!world.path("approvals/yes").exists(), "it was used up");
    for engine in [engine, other] {
        as_plugin.done(&format!("verify --engine {engine} image.sif"));
    }
}

/// The Go library, and gpg about the signature object.
pub(crate) fn others_agree(image: &Path, certificate: &[u8]) {
    if let Some(peer) = require_go() {
        let public = image.with_extension("asc");
        fs::write(&public, certificate).unwrap();
        let verdict = peer.verify(image, &[&public], VerifyMode::Default).unwrap();
        assert!(verdict.verified, "{verdict:?}");
    }
    if let Some(gpg) = Gpg::new() {
        gpg.run(&["--import"], certificate);
        let image = Image::open(image).unwrap();
        for object in image
            .objects()
            .filter(|it| it.data_type() == DataType::Signature)
        {
            let message = image.read_small(object, 1 << 20).unwrap();
            let said = gpg.verify(std::str::from_utf8(&message).unwrap());
            assert!(said.contains("GOODSIG"), "{said}");
        }
    }
}

#[test]
fn certificates_of_others_stay_in_the_key_directory_beside_a_plugin() {
    let (world, _) = world(KeyAlgorithm::Ed25519);
    let eve = world.key("eve", KeyAlgorithm::Ed25519);
    let world = world.using("isolated");
    fs::write(world.path("eve.asc"), armored(&eve)).unwrap();
    world.done("key import eve.asc");
    let listed = world.done("key list");
    assert!(listed.contains("plugin isolated and "), "{listed}");
    assert_eq!(listed.matches(&eve.fingerprint().to_string()).count(), 1);
    world.done(&format!("key remove {}", eve.fingerprint()));
    let refused = world.fails("key newpair --name E --email e@b --comment= --algorithm ed25519");
    assert!(refused.contains("takes no new keys"), "{refused}");
}

#[test]
fn the_passphrase_of_a_plugins_key_is_asked_for_in_the_plugins_name() {
    let (world, _) = world(KeyAlgorithm::Ed25519);
    let line = "key newpair --name L --email l@b --comment= --algorithm ed25519 --keysdir locked";
    fs::write(world.path("phrase"), "open sesame\n").unwrap();
    world.done(&format!("{line} --passphrase-file phrase"));
    let (locked, approvals) = (world.path("locked"), world.path("approvals"));
    let settings = [
        ("keys", locked.to_str().unwrap()),
        ("approvals", approvals.to_str().unwrap()),
    ];
    let file = world.path("approval");
    world.configure("locked", &file, "", &settings);
    world.image();
    let world = world.using("locked");
    for (typed, status) in [("", 1), ("wrong\n", 1), ("open sesame\n", 0)] {
        fs::write(world.path("approvals/yes"), "").unwrap();
        let output = world.run_at_a_terminal("sign image.sif", typed);
        assert_eq!(output.status, status, "{output:?}");
        assert!(output.stdout.contains("plugin locked: "), "{output:?}");
    }
    // Neither a pipe nor a file answers a plugin: they were given for keys of ours.
    fs::write(world.path("approvals/yes"), "").unwrap();
    let piped = world.run_with("sign image.sif --output again.sif", "open sesame\n");
    assert_eq!(piped.status, 1, "{piped:?}");
    world.fails("sign --passphrase-file phrase image.sif --output again.sif");
    assert!(!world.path("again.sif").exists());
}
