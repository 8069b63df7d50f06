//! The arrows between our crates point one way: the program and the tests use the
//! backends and the host of plugins, a plugin uses the sdk, a backend uses the core and
//! never another backend, and the core uses none of us, no OpenPGP library and no network.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Libraries that the core must never need, by the beginning of their names.
const NOT_IN_CORE: [&str; 9] = [
    "pgp", "sequoia", "rpgpie", "ureq", "reqwest", "hyper", "tokio", "clap", "rustls",
];

/// Who stands where; a crate may use those of lower rank, and those that share a rank
/// not each other.
fn rank(name: &str) -> u32 {
    match name {
        "sifseal-core" | "sifseal-plugin-abi" => 0,
        "sifseal-plugin-sdk" | "sifseal-plugin-host" => 2,
        // Behaviours need an engine to make keys with.
        "sifseal-backend-suite" => 2,
        "sifseal" => 3,
        "sifseal-keystore-gpg-agent" | "sifseal-keystore-pkcs11" | "sifseal-liar" => 3,
        _ if name.starts_with("sifseal-example-") => 3,
        // A program beside the plugin: it has what a plugin must not have, an engine.
        "sifseal-pkcs11-certificate" => 4,
        "sifseal-conformance-tests" | "sifseal-examples" => 4,
        _ if name.starts_with("sifseal-") => 1,
        other => panic!("{other} has no place in the order; give it one here"),
    }
}

/// Crates that need core, the protocol and the ABI, and no other of ours.
const BETWEEN_HOST_AND_PLUGIN: [&str; 3] = [
    "sifseal-plugin-protocol",
    "sifseal-plugin-sdk",
    "sifseal-plugin-host",
];

/// Each crate of ours, with the names of what it needs to be built.
fn crates() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{output:?}");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let list = |value: &serde_json::Value| value.as_array().cloned().unwrap_or_default();
    list(&metadata["packages"])
        .iter()
        .map(|package| {
            let needs = list(&package["dependencies"])
                .iter()
                .filter(|dependency| dependency["kind"].as_str() != Some("dev"))
                .filter_map(|dependency| dependency["name"].as_str().map(str::to_owned))
                .collect();
            (package["name"].as_str().expect("a name").to_owned(), needs)
        })
        .collect()
}

#[test]
fn dependencies_between_our_crates_run_one_way() {
    let crates = crates();
    assert!(crates.len() >= 6, "only {:?}", crates.keys());
    for (name, needs) in &crates {
        for other in needs.iter().filter(|other| crates.contains_key(*other)) {
            assert!(
                rank(other) < rank(name),
                "{name} must not depend on {other}"
            );
        }
    }
}

#[test]
fn what_stands_between_host_and_plugin_knows_no_backend() {
    let crates = crates();
    let allowed = [
        "sifseal-core",
        "sifseal-plugin-abi",
        "sifseal-plugin-protocol",
    ];
    for name in BETWEEN_HOST_AND_PLUGIN {
        let needs = crates.get(name).into_iter().flatten();
        for other in needs.filter(|other| crates.contains_key(*other)) {
            assert!(
                allowed.contains(&other.as_str()),
                "{name} must not depend on {other}"
            );
        }
    }
}

#[test]
fn the_core_knows_no_openpgp_library_no_network_and_no_user_interface() {
    for need in &crates()["sifseal-core"] {
        let forbidden = NOT_IN_CORE.iter().find(|name| need.starts_with(**name));
        assert_eq!(forbidden, None, "the core must not depend on {need}");
    }
}

/// Every package in the program when it is built with these features.
fn packages_of_the_program(features: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--locked",
            "--package",
            "sifseal",
            "--edges",
            "normal,build",
        ])
        .args(["--prefix", "none", "--format", "{p}"])
        .args(["--no-default-features", "--features", features])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_program_with_one_engine_holds_nothing_of_the_other() {
    let rpgp = ["sifseal-engine-rpgp", "pgp"];
    let sequoia = ["sifseal-engine-sequoia", "sequoia-openpgp"];
    for (features, present, absent) in [
        ("rpgp", rpgp, sequoia),
        ("sequoia-crypto-rust", sequoia, rpgp),
        ("sequoia-crypto-openssl", sequoia, rpgp),
        ("sequoia-crypto-nettle", sequoia, rpgp),
    ] {
        let packages = packages_of_the_program(features);
        for name in present {
            assert!(packages.contains(name), "{features} lacks {name}");
        }
        for name in absent {
            assert!(!packages.contains(name), "{features} brings {name}");
        }
    }
}

#[test]
fn a_program_without_secret_stores_brings_no_d_bus() {
    let with = packages_of_the_program("rpgp,keystore-os");
    let without = packages_of_the_program("rpgp");
    for name in ["sifseal-keystore-os", "keyring-core", "zbus"] {
        assert!(with.contains(name), "keystore-os lacks {name}");
        assert!(!without.contains(name), "rpgp alone brings {name}");
    }
}
