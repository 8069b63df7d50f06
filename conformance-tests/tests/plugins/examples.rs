//! The examples, used as their readers will.

use crate::carriers::others_agree;
use crate::world::{World, armored};
use sifseal_conformance_tests::plugins::built_plugin;
use sifseal_conformance_tests::require_python;
use sifseal_core::sif::{DataType, Image};
use sifseal_core::traits::KeyAlgorithm;
use std::fs;
use std::path::Path;

/// Counts the lines of a key backend, its `main` and its comments included.
#[test]
fn the_example_of_a_key_backend_has_less_than_a_hundred_lines() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/approval/src");
    let files = fs::read_dir(sources).unwrap();
    let lines = files.map(|file| {
        fs::read_to_string(file.unwrap().path())
            .unwrap()
            .lines()
            .count()
    });
    assert!(lines.sum::<usize>() < 100);
}

#[test]
fn a_selector_chooses_what_is_signed_and_what_is_asked_about() {
    let world = World::new();
    world.key("ada", KeyAlgorithm::Ed25519);
    world.image();
    let library = world.install(&built_plugin("selector").library, "libselector.so");
    world.configure("systems", &library, "", &[("type", "FS")]);
    world.configure(
        "definitions",
        &library,
        "isolate = true",
        &[("type", "Def.FILE")],
    );
    world.configure("labels", &library, "", &[("type", "JSON.Labels")]);
    world.done("sign --keysdir keys --selector systems image.sif");
    let image = Image::open(&world.path("image.sif")).unwrap();
    let signatures = image
        .objects()
        .filter(|it| it.data_type() == DataType::Signature);
    assert_eq!(signatures.count(), 1);
    let report = world.done("verify --keysdir keys --selector systems image.sif");
    assert!(
        report.contains("FS") && !report.contains("Def.FILE"),
        "{report}"
    );
    let other = world.run("verify --keysdir keys --selector definitions image.sif");
    assert_eq!(other.status, 3, "{other:?}");
    let none = world.run("verify --keysdir keys --selector labels image.sif");
    assert_eq!(none.status, 3, "{none:?}");
    assert!(none.stderr.contains("no object fits"), "{none:?}");
    let both = world.run("sign --selector systems -g 1 image.sif");
    assert_eq!(both.status, 2, "{both:?}");
}

#[test]
fn a_key_backend_in_python_signs_and_everybody_verifies() {
    let Some(python) = require_python() else {
        return;
    };
    let world = World::new();
    let certificate = world.key("ada", KeyAlgorithm::Rsa(2048));
    world.image();
    world.done("key export --keysdir keys --secret key.pgp");
    world.done("key export --keysdir keys certificate.asc --armor");
    let example =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/python/rsa_key_backend.py");
    let script = fs::read_to_string(example).unwrap();
    let (_, rest) = script.split_once('\n').unwrap();
    let file = world.path("rsa_key_backend.py");
    // A run of the program has no PATH to find Python on.
    fs::write(&file, format!("#!{}\n{rest}", python.display())).unwrap();
    let file = world.install(&file, "backend.py");
    let (key, public) = (world.path("key.pgp"), world.path("certificate.asc"));
    let settings = [
        ("key", key.to_str().unwrap()),
        ("certificate", public.to_str().unwrap()),
    ];
    world.configure("python", &file, "", &settings);
    let world = world.using("python");
    for hash in ["sha256", "sha384", "sha512"] {
        for (engine, other) in World::engines() {
            world.image();
            world.done(&format!("sign --engine {engine} --hash {hash} image.sif"));
            world.done(&format!("verify --engine {other} image.sif"));
            others_agree(&world.path("image.sif"), &armored(&certificate));
        }
    }
    let (key, public) = (key.display(), public.display());
    let check = format!("plugin check backend.py --set key={key} --set certificate={public}");
    let checked = world.done(&check);
    assert!(checked.contains(" 0 failed"), "{checked}");
}
