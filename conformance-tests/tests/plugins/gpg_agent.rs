//! What gpg-agent signs through its plugin verifies everywhere. What the plugin does with
//! locked keys, cards, and an agent that goes away is shown beside its code.

use crate::carriers::others_agree;
use crate::world::{World, armored};
use sifseal_conformance_tests::Gpg;
use sifseal_conformance_tests::program::built_program;
use sifseal_core::openpgp::Key;
use sifseal_core::traits::Engine as _;
use sifseal_engine_rpgp::RpgpEngine;

/// Signatures have any bytes, some of which gpg-agent's protocol escapes; and numbers lose
/// their leading zeros: so several keys of each kind, each fresh.
const ROUNDS: usize = 3;

#[test]
fn fresh_keys_of_every_kind_sign_for_everyone() {
    for algorithm in ["rsa2048", "ed25519", "nistp256", "nistp384"] {
        for _ in 0..ROUNDS {
            let Some(gpg) = Gpg::new() else { return };
            gpg.quick_generate("Ada <ada@example.com>", algorithm, "cert,sign", "");
            signs_for_everyone(&gpg);
        }
    }
}

fn signs_for_everyone(gpg: &Gpg) {
    let world = World::new();
    let plugin = built_program("sifseal-keystore-gpg-agent");
    let plugin = world.install(&plugin, "sifseal-keystore-gpg-agent");
    let home = gpg.home().to_str().unwrap();
    world.configure("gpg-agent", &plugin, "", &[("home", home)]);
    let exported = gpg.run(&["--export"], b"");
    let Some(Key::Certificate(certificate)) = RpgpEngine.read_keys(&exported).keys.pop() else {
        panic!("gpg exports a certificate");
    };
    let at_the_agent = world.using("gpg-agent");
    for (engine, other) in World::engines() {
        world.image();
        at_the_agent.done(&format!("sign --engine {engine} image.sif"));
        at_the_agent.done(&format!("verify --local --engine {other} image.sif"));
        others_agree(&world.path("image.sif"), &armored(&certificate));
    }
}

#[test]
fn without_the_agents_key_nothing_is_signed_and_the_plugin_is_named() {
    let Some(gpg) = Gpg::new() else { return };
    let world = World::new();
    let plugin = built_program("sifseal-keystore-gpg-agent");
    let plugin = world.install(&plugin, "sifseal-keystore-gpg-agent");
    let home = gpg.home().to_str().unwrap();
    world.configure("gpg-agent", &plugin, "", &[("home", home)]);
    let before = world.image();
    let said = world.using("gpg-agent").fails("sign image.sif");
    assert!(said.contains("gpg-agent"), "{said}");
    assert_eq!(world.image_now(), before);
}
