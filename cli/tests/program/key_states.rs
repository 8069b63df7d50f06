//! Keys that have expired, that are too weak, or that are locked in part only: in
//! listings, when signing, and in the reports about what they signed.

use crate::signing::image;
use crate::world::{PASSPHRASE, World};
use sifseal_core::openpgp::TransferableSecretKey;
use sifseal_core::traits::{Engine, KeyAlgorithm, KeySpec, Nobody};
use sifseal_core::{Context, Secret, Timestamp};
#[cfg(feature = "rpgp")]
use sifseal_engine_rpgp::RpgpEngine as AnyEngine;
#[cfg(not(feature = "rpgp"))]
use sifseal_engine_sequoia::SequoiaEngine as AnyEngine;
use std::sync::atomic::AtomicBool;

const DAY: i64 = 86_400;

/// A key without a passphrase that was made `age` days ago, to hold for `days`.
fn key(name: &str, algorithm: KeyAlgorithm, age: i64, days: Option<u32>) -> TransferableSecretKey {
    let cx = Context {
        now: Timestamp::now().plus(-age * DAY),
        deadline: None,
        cancelled: &AtomicBool::new(false),
        ui: &Nobody,
    };
    let spec = KeySpec {
        user_id: format!("{name} <{name}@example.com>"),
        algorithm,
        expires_after: days.map(|days| days * 86_400),
    };
    AnyEngine.generate(&cx, &spec, None).unwrap()
}

/// Puts a key into the world's rings.
fn import(world: &World, key: &TransferableSecretKey) -> String {
    world.write("imported.key", key.bytes.expose());
    world
        .run("key import imported.key --passphrase-file passphrase")
        .expect_done();
    key.fingerprint().to_string()
}

fn lapsed(world: &World) -> String {
    import(world, &key("old", KeyAlgorithm::Ed25519, 100, Some(30)))
}

#[test]
fn a_listing_marks_what_has_expired_and_what_will() {
    let world = World::new();
    import(&world, &key("lasting", KeyAlgorithm::Ed25519, 1, None));
    lapsed(&world);
    import(&world, &key("ending", KeyAlgorithm::Ed25519, 1, Some(30)));
    for flags in ["", "--secret"] {
        let list = world.run(&format!("key list {flags}")).expect_done().stdout;
        let marks: Vec<&str> = list.lines().filter(|line| line.contains(" S: ")).collect();
        assert_eq!(marks.len(), 2, "{list}");
        assert!(marks[0].starts_with("   S: expired 20"), "{list}");
        assert!(marks[1].starts_with("   S: expires 20"), "{list}");

        let json = world
            .run(&format!("key list --format json {flags}"))
            .expect_done()
            .json();
        let [lasting, old, ending] = [0, 1, 2].map(|index| &json["keys"][index]);
        assert!(lasting["expires"].is_null());
        assert_eq!(lasting["signingKeys"][0], lasting["fingerprint"]);
        assert_eq!(lasting["problems"].as_array().unwrap().len(), 0);
        assert_eq!(
            (&old["expired"], &old["revoked"]),
            (&true.into(), &false.into())
        );
        assert_eq!(old["problems"][0]["name"], "key-expired");
        assert_eq!(old["signingKeys"].as_array().unwrap().len(), 0);
        assert_eq!(ending["expired"], false);
        assert!(ending["expires"].as_str().unwrap().ends_with('Z'));
    }
}

#[test]
fn an_expired_key_signs_only_if_forced_and_verifiers_refuse_as_was_said() {
    let world = World::new();
    let old = lapsed(&world);
    image(&world, "a.sif");
    let before = world.read("a.sif");
    let refused = world
        .run("sign --passphrase-file passphrase a.sif")
        .expect_failure(&["key expired", &old]);
    for words in ["--quick-set-expire", "key newpair", "-k", "--force"] {
        assert!(refused.stderr.contains(words), "{words}: {refused:?}");
    }
    assert_eq!(world.read("a.sif"), before);

    let forced = world
        .run("sign --force --passphrase-file passphrase a.sif")
        .expect_done();
    let words = "the signature will be refused: key expired (`key-expired`)";
    assert!(forced.stderr.contains(words), "{forced:?}");
    let verified = world.run("verify --format json a.sif");
    assert_eq!(verified.code, Some(3));
    assert_eq!(
        verified.json()["images"][0]["reason"]["name"],
        "key-expired"
    );
}

#[test]
fn the_only_key_that_may_sign_is_taken_without_a_question() {
    let world = World::new();
    lapsed(&world);
    let ada = world.key_pair("Ada");
    image(&world, "a.sif");
    let signed = world
        .run("sign --passphrase-file passphrase a.sif")
        .expect_done();
    assert!(signed.stderr.contains("INFO:") && signed.stderr.contains(&ada));
    assert!(!signed.stderr.contains("Enter #"), "{signed:?}");
    world.run("verify a.sif").expect_done();

    // Named, the other one is refused as ever.
    for choice in ["-k 0", "--signer old@example.com"] {
        let line = format!("sign {choice} --passphrase-file passphrase a.sif");
        world.run(&line).expect_failure(&["key expired"]);
    }
}

#[test]
fn without_any_key_that_may_sign_each_reason_is_told() {
    let world = World::new();
    let first = lapsed(&world);
    let second = import(&world, &key("older", KeyAlgorithm::Ed25519, 300, Some(30)));
    image(&world, "a.sif");
    world
        .run("sign --passphrase-file passphrase a.sif")
        .expect_failure(&[&first, &second, "(key expired)"]);
}

#[test]
fn a_date_in_the_past_makes_no_expired_key_good() {
    let world = World::new();
    lapsed(&world);
    let when_it_was_good = Timestamp::now().plus(-90 * DAY).0.to_string();
    let world = world.with("SOURCE_DATE_EPOCH", &when_it_was_good);
    image(&world, "a.sif");
    let line = "sign --deterministic --passphrase-file passphrase a.sif";
    world.run(line).expect_failure(&["key expired"]);
}

#[test]
fn a_relaxed_rule_lets_an_image_through_and_every_report_says_so() {
    let world = World::new().with("SIFSEAL_CONFIG", "site.toml");
    world.write("site.toml", "");
    let old = lapsed(&world);
    image(&world, "a.sif");
    world
        .run("sign --force --passphrase-file passphrase a.sif")
        .expect_done();
    assert_eq!(world.run("verify a.sif").code, Some(3));

    world.write("site.toml", "[policy]\nrelax = ['key-expired']\n");
    let accepted =
        "WARNING: accepted although key expired, relaxed by `key-expired` in site.toml\n";
    let verified = world.run("verify a.sif").expect_done();
    let fingerprint = format!("Fingerprint: {old}\n");
    assert!(
        verified.stdout.contains(&(fingerprint + accepted)),
        "{verified:?}"
    );
    let apptainers = world.run("verify --json a.sif").expect_done();
    assert_eq!(apptainers.stderr, accepted);
    assert_eq!(
        apptainers.json()["SignerKeys"][0]["Signer"]["KeyCheck"],
        true
    );

    let json = world.run("verify --format json a.sif").expect_done().json();
    assert_eq!(json["policy"]["relaxed"][0], "key-expired");
    assert_eq!(json["policy"]["relaxedIn"], "site.toml");
    let signature = &json["images"][0]["signatures"][0];
    assert_eq!(signature["relaxed"][0]["name"], "key-expired");
    assert_eq!(signature["faults"].as_array().unwrap().len(), 0);

    let shown = world.run("config show").expect_done().stdout;
    let line = shown.lines().find(|line| line.starts_with("policy.relax"));
    let line = line.unwrap();
    assert!(
        line.contains("[\"key-expired\"]") && line.ends_with("# site.toml"),
        "{line}"
    );

    // Signing is not relaxed: others verify by their own rules.
    world
        .run("sign --passphrase-file passphrase a.sif")
        .expect_failure(&["key expired"]);
}

/// The packets of a key, each with its header (RFC 9580, section 4.2), as far as the
/// small packets of a Curve25519 key need it.
fn packets(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut packets = Vec::new();
    while let [header, first, rest @ ..] = bytes {
        let (head, length) = match (header & 0x40 != 0, header & 3) {
            (true, _) if *first < 192 => (2, usize::from(*first)),
            (true, _) => (
                3,
                ((usize::from(*first) - 192) << 8) + usize::from(rest[0]) + 192,
            ),
            (false, 0) => (2, usize::from(*first)),
            (false, _) => (3, usize::from(*first) << 8 | usize::from(rest[0])),
        };
        let (packet, rest) = bytes.split_at(head + length);
        packets.push(packet);
        bytes = rest;
    }
    packets
}

/// A key as Apptainer makes it: the primary key locked, the subkey open (W-2).
fn locked_in_part() -> Vec<u8> {
    let open = key("apptainer", KeyAlgorithm::Ed25519, 1, None);
    let passphrase = Secret::new(PASSPHRASE.as_bytes().to_vec());
    let locked = AnyEngine.relock(&open, None, Some(&passphrase)).unwrap();
    let (open, locked) = (open.bytes.expose(), locked.bytes.expose());
    let (open, locked) = (packets(open), packets(locked));
    assert_eq!(
        open.len(),
        5,
        "key, user ID, certification, subkey, binding"
    );
    [locked[0], &open[1..].concat()].concat()
}

#[test]
fn a_key_that_is_locked_in_part_is_locked_throughout_on_import_w2() {
    let protection = |world: &World| {
        let list = world.run("key list --secret --format json").expect_done();
        list.json()["keys"][0]["secret"].clone()
    };
    let bytes = locked_in_part();
    for flags in ["--passphrase-file passphrase", ""] {
        let world = World::new();
        world.write("a.key", &bytes);
        let answer = format!("{PASSPHRASE}\n");
        let ended = world
            .run_with(&format!("key import a.key {flags}"), answer)
            .expect_done();
        assert!(ended.stderr.contains("is not locked"), "{ended:?}");
        assert_eq!(protection(&world), "passphrase");
    }
    let world = World::new();
    world.write("a.key", &bytes);
    let answers = format!("{PASSPHRASE}\nnew\nnew\n");
    world
        .run_with("key import --new-password a.key", answers)
        .expect_done();
    assert_eq!(protection(&world), "passphrase");

    // Nobody knows the passphrase, or a wrong one: nothing is stored.
    for (input, words) in [
        ("", "passphrase is needed"),
        ("wrong\n", "wrong passphrase"),
    ] {
        let world = World::new();
        world.write("a.key", &bytes);
        for line in ["key import a.key", "key import --new-password a.key"] {
            world.run_with(line, input).expect_failure(&[words]);
        }
        assert!(world.listed("--secret").is_empty());
    }
}
