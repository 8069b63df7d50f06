//! Signing and verifying, in the order and with the words of Apptainer's user guide;
//! then what it does not tell: choosing keys, several images, and everything that can
//! be wrong.

use crate::world::{PASSPHRASE, World};
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// An image like the guide's: a definition file, two pieces of JSON, a file system,
/// all in group 1.
pub(crate) fn image(world: &World, name: &str) {
    world.write("object", "Bootstrap: scratch\n");
    world.run(&format!("sif new {name}")).expect_done();
    for datatype in ["1", "6", "6"] {
        let line = format!("sif add --datatype {datatype} --groupid 1 {name} object");
        world.run(&line).expect_done();
    }
    world.write("fs", vec![7; 9000]);
    let line =
        format!("sif add --datatype 4 --parttype 2 --partfs 1 --partarch 2 --groupid 1 {name} fs");
    world.run(&line).expect_done();
}

pub(crate) fn sign(world: &World, line: &str) {
    let done = world
        .run(&format!("sign --passphrase-file passphrase {line}"))
        .expect_done();
    assert!(done.stdout.contains("Signature created and applied to"));
}

/// Flips a bit of the image at the offset.
pub(crate) fn flip(world: &World, name: &str, offset: usize) {
    let mut bytes = world.read(name);
    bytes[offset] ^= 1;
    fs::write(world.path(name), bytes).unwrap();
}

const SIGNER: &str = "\
[LOCAL]            Signing entity: Ian Kaneshiro (example key) <ikaneshiro@apptainer.org>
[LOCAL]            Fingerprint: ";

const TABLE: &str = "\
ID  |GROUP   |LINK    |TYPE
------------------------------------------------
1   |1       |NONE    |Def.FILE
";

const REST_OF_TABLE: &str = "\
2   |1       |NONE    |JSON.Generic
3   |1       |NONE    |JSON.Generic
4   |1       |NONE    |FS
";

#[test]
fn the_user_guides_local_flow_works_on_one_file_with_the_guides_output() {
    let world = World::new();
    image(&world, "my_container.sif");
    let answers = format!(
        "Ian Kaneshiro\nikaneshiro@apptainer.org\nexample key\n{PASSPHRASE}\n{PASSPHRASE}\n"
    );
    let made = world
        .run_with("key newpair --algorithm ed25519", answers)
        .expect_done();
    for words in [
        "Enter your name (e.g., John Doe) : ",
        "Enter your email address (e.g., john.doe@example.com) : ",
        "Enter optional comment (e.g., development keys) : ",
        "Enter a passphrase : ",
        "Retype your passphrase : ",
        "Generating Entity and OpenPGP Key Pair... done",
    ] {
        assert!(made.stderr.contains(words), "{made:?}");
    }
    let fingerprint = world.listed("").remove(0);
    let listed = world.run("key list").expect_done().stdout;
    let ring = world.ring("pgp-public");
    let heading = format!("Public key listing ({}):\n\n", ring.display());
    assert!(listed.starts_with(&heading), "{listed}");
    assert!(listed.contains("0) U: Ian Kaneshiro (example key) <ikaneshiro@apptainer.org>\n"));
    assert!(listed.contains(&format!("   F: {fingerprint}\n   L: 256\n   --------\n")));
    assert!(listed.contains(" -0800 PST\n"), "{listed}");

    // Sign one object: it verifies, the whole does not. (That the one object is intact
    // is told also where the guide has the error alone.)
    let signed = world
        .run_with(
            "sign --sif-id 1 my_container.sif",
            format!("{PASSPHRASE}\n"),
        )
        .expect_done();
    assert!(
        signed
            .stderr
            .starts_with("Signing image: my_container.sif\nEnter key passphrase : ")
    );
    assert_eq!(
        signed.stdout,
        "Signature created and applied to my_container.sif\n"
    );
    let verified = world
        .run("verify --sif-id 1 my_container.sif")
        .expect_done();
    assert_eq!(
        verified.stdout,
        format!(
            "Verifying image: my_container.sif\n{SIGNER}{fingerprint}\nObjects verified:\n{TABLE}\
             Container verified: my_container.sif\n"
        )
    );
    let refused = world.run("verify my_container.sif");
    assert_eq!(refused.code, Some(3));
    assert_eq!(
        refused.stdout,
        format!(
            "Verifying image: my_container.sif\n{SIGNER}{fingerprint}\n\
             Objects verified (partial signature, 1 of 4):\n{TABLE}\n\
             Error encountered during signature verification: object 2: object not signed\n"
        )
    );
    assert_eq!(
        refused.stderr,
        "FATAL:   Failed to verify container: integrity: object 2: object not signed\n"
    );

    // Sign the group: it verifies, by name and by default.
    sign(&world, "--group-id 1 my_container.sif");
    let whole = format!(
        "{SIGNER}{fingerprint}\nObjects verified:\n{TABLE}{REST_OF_TABLE}\
         Container verified: my_container.sif\n"
    );
    for line in [
        "verify --group-id 1 my_container.sif",
        "verify my_container.sif",
    ] {
        let verified = world.run(line).expect_done();
        assert!(verified.stdout.ends_with(&whole), "{}", verified.stdout);
        assert!(verified.stdout.contains("partial signature, 1 of 4"));
        assert_eq!(verified.stderr, "");
    }
    let listed = world.run("sif list my_container.sif").expect_done().stdout;
    assert!(listed.contains("|1   (G) |") && listed.contains("|Signature (SHA-256)\n"));

    // Without the certificate nobody knows the signer.
    world
        .run(&format!("key remove {fingerprint}"))
        .expect_done();
    let refused = world.run("verify my_container.sif");
    assert_eq!(refused.code, Some(3));
    assert!(refused.stderr.contains("signature made by unknown entity"));
    assert!(refused.stderr.contains(&fingerprint), "names the key");
}

#[test]
fn a_key_is_named_by_index_fingerprint_key_id_or_address() {
    let world = World::new();
    let ada = world.key_pair("Ada");
    let bob = world.key_pair("Bob");
    for (flags, expected) in [
        ("--keyidx 1".to_owned(), &bob),
        (format!("--signer {ada}"), &ada),
        (format!("--signer 0x{}", &bob[24..].to_lowercase()), &bob),
        ("--signer ADA@example.com".to_owned(), &ada),
    ] {
        image(&world, "a.sif");
        sign(&world, &format!("{flags} a.sif"));
        let verified = world.run("verify a.sif").expect_done();
        assert!(verified.stdout.contains(expected.as_str()), "{flags}");
        fs::remove_file(world.path("a.sif")).unwrap();
    }
    image(&world, "a.sif");
    let line = "sign --passphrase-file passphrase a.sif";
    world.run(line).expect_failure(&["2 keys", "nobody to ask"]);
    world.run_with(line, "1\n").expect_done();
    let verified = world.run("verify a.sif").expect_done();
    assert!(verified.stdout.contains(&bob));
    let beyond = "sign --passphrase-file passphrase -k 2 a.sif";
    world.run(beyond).expect_failure(&["index out of range"]);
}

#[test]
fn without_any_key_and_anybody_to_ask_the_command_to_run_is_named() {
    let world = World::new();
    image(&world, "a.sif");
    let refused = world
        .run("sign a.sif")
        .expect_failure(&["keyring is empty"]);
    assert!(refused.stderr.contains("sifseal key newpair"));
}

#[test]
fn whose_signatures_count_can_be_said() {
    let world = World::new();
    let ada = world.key_pair("Ada");
    let bob = world.key_pair("Bob");
    image(&world, "a.sif");
    sign(&world, "--signer ada@example.com a.sif");
    let code = |flags: &str| world.run(&format!("verify {flags} a.sif")).code;
    assert_eq!(code(&format!("--signed-by {ada}")), Some(0));
    assert_eq!(code(&format!("--signed-by {bob}")), Some(3));
    assert_eq!(
        code(&format!("--signed-by {ada} --signed-by {bob}")),
        Some(3)
    );
    let either = format!("--signed-by {ada} --signed-by {bob} --require any");
    assert_eq!(code(&either), Some(0));
    assert_eq!(code("--require 2"), Some(3));
    sign(&world, "--signer bob@example.com a.sif");
    assert_eq!(code("--require 2"), Some(0));
    // Bob's certificate goes: his signature still stands, and only the default minds.
    world.run(&format!("key remove {bob}")).expect_done();
    assert_eq!(code(""), Some(3));
    assert_eq!(code("--require any"), Some(0));
    let refused = world.run("verify a.sif");
    assert!(refused.stdout.contains(&ada), "both are reported: W-25");
}

#[test]
fn several_images_are_signed_with_one_question_and_verified_in_one_call() {
    let world = World::new();
    world.key_pair("Ada");
    image(&world, "a.sif");
    image(&world, "b.sif");
    let signed = world
        .run_with("sign a.sif b.sif", format!("{PASSPHRASE}\n"))
        .expect_done();
    assert_eq!(signed.stderr.matches("Enter key passphrase").count(), 1);
    world.run("verify a.sif b.sif").expect_done();

    let mixed = world.run("verify --format json a.sif nofile.sif b.sif");
    assert_eq!(mixed.code, Some(1));
    let report = mixed.json();
    assert_eq!(report["schema"], "sifseal/verify/1");
    assert_eq!(report["images"][2]["verified"], true);
    let signed = report["images"][2]["signatures"][0]["created"].as_str();
    assert!(signed.unwrap().ends_with('Z'));
    assert!(
        report["images"][1]["error"]
            .as_str()
            .unwrap()
            .contains("nofile.sif")
    );
    flip(&world, "b.sif", 36_864);
    assert_eq!(world.run("verify nofile.sif b.sif a.sif").code, Some(3));
}

#[test]
fn the_signed_copy_is_new_and_the_original_untouched() {
    let world = World::new();
    world.key_pair("Ada");
    image(&world, "a.sif");
    let before = world.read("a.sif");
    sign(&world, "--output signed.sif a.sif");
    assert_eq!(world.read("a.sif"), before);
    world.run("verify signed.sif").expect_done();
    assert_eq!(world.run("verify a.sif").code, Some(3));
    let line = "sign --passphrase-file passphrase -g 7 --output other.sif a.sif";
    world.run(line).expect_failure(&["a.sif: group not found"]);
    let line = "sign --passphrase-file passphrase --output signed.sif a.sif";
    world.run(line).expect_failure(&["signed.sif", "exists"]);
}

#[test]
fn the_same_key_image_and_date_give_the_same_bytes_when_deterministic() {
    let world = World::new();
    world.key_pair("Ada");
    let world = world.with("SOURCE_DATE_EPOCH", &(seconds_now() + 60).to_string());
    image(&world, "a.sif");
    for name in ["one.sif", "two.sif"] {
        sign(&world, &format!("--deterministic --output {name} a.sif"));
    }
    assert_eq!(world.read("one.sif"), world.read("two.sif"));
}

fn seconds_now() -> u64 {
    let now = std::time::SystemTime::now();
    now.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

#[test]
fn a_date_that_verifiers_would_refuse_is_refused_when_signing() {
    let mut world = World::new();
    world.key_pair("Ada");
    image(&world, "a.sif");
    for (date, words) in [
        ("1000000000", "dated before its key"),
        ("4102444800", "dated in the future"),
        ("soon", "not a number of seconds"),
    ] {
        world = world.with("SOURCE_DATE_EPOCH", date);
        let line = "sign --deterministic --passphrase-file passphrase a.sif";
        world.run(line).expect_failure(&[words]);
    }
}

#[test]
fn an_image_that_nobody_can_verify_is_signed_with_a_warning() {
    let world = World::new();
    world.key_pair("Ada");
    image(&world, "a.sif");
    world.run("sif add --datatype 6 a.sif object").expect_done();
    for flags in ["", "--output b.sif"] {
        let line = format!("sign --passphrase-file passphrase {flags} a.sif");
        let signed = world.run(&line).expect_done();
        assert_eq!(signed.stderr.matches("WARNING: a.sif: ").count(), 1);
        assert!(signed.stderr.contains("object 5") && signed.stderr.contains("--groupid"));
    }
    assert_eq!(world.run("verify a.sif").code, Some(3));
}

#[test]
fn images_that_could_not_be_signed_are_in_the_json_too() {
    let world = World::new();
    world.key_pair("Ada");
    image(&world, "a.sif");
    image(&world, "b.sif");
    let line = "sign --format json --passphrase-file passphrase a.sif nofile b.sif";
    let ended = world.run(line);
    assert_eq!(ended.code, Some(1));
    let images = &ended.json()["images"];
    assert_eq!(images.as_array().unwrap().len(), 3);
    assert_eq!(images[0]["signatures"][0], 5);
    assert!(images[0].get("error").is_none());
    assert!(images[1]["error"].as_str().unwrap().contains("nofile"));
    assert!(images[1]["output"].is_null());
    assert_eq!(images[2]["signatures"][0], 5);

    // What is wrong with the key is wrong for all.
    world.write("wrong", "not it\n");
    let ended = world
        .run("sign --format json --passphrase-file wrong a.sif b.sif")
        .expect_failure(&["wrong passphrase"]);
    for image in ended.json()["images"].as_array().unwrap() {
        assert!(
            image["error"]
                .as_str()
                .unwrap()
                .contains("wrong passphrase")
        );
    }
}

#[test]
fn a_stronger_hash_is_used_for_signature_and_digests_alike() {
    let world = World::new();
    world.key_pair("Ada");
    image(&world, "a.sif");
    sign(&world, "--hash sha512 a.sif");
    world.run("verify a.sif").expect_done();
    let message = world.run("sif dump 5 a.sif").expect_done().stdout;
    assert!(message.contains("Hash: SHA512\n") && message.contains("\"sha512:"));
    assert!(!message.contains("sha256:"));
    let listed = world.run("sif list a.sif").expect_done().stdout;
    assert!(listed.contains("Signature (SHA-512)"), "{listed}");
}

#[test]
fn apptainers_json_has_one_entry_for_each_object() {
    let world = World::new();
    let ada = world.key_pair("Ada");
    image(&world, "a.sif");
    sign(&world, "a.sif");
    let report = world.run("verify --json a.sif").expect_done();
    let json = report.json();
    assert_eq!(json["Signatures"], 1);
    let keys = json["SignerKeys"].as_array().unwrap();
    assert_eq!(keys.len(), 4);
    let signer = &keys[0]["Signer"];
    assert_eq!(signer["Partition"], "Def.FILE");
    assert_eq!(signer["Fingerprint"], ada.to_lowercase());
    for field in ["KeyLocal", "KeyCheck", "DataCheck"] {
        assert_eq!(signer[field], true, "{field}");
    }
    assert!(
        report
            .stdout
            .starts_with("{\n  \"Signatures\": 1,\n  \"SignerKeys\": [")
    );
}

#[test]
fn whatever_cannot_be_signed_stays_as_it_was() {
    let world = World::new();
    world.key_pair("Ada");
    image(&world, "a.sif");
    world.write("wrong", "not the passphrase\n");
    world.write("text", "no image at all");
    let before = world.read("a.sif");
    let cases = [
        ("sign --passphrase-file wrong a.sif", "wrong passphrase"),
        ("sign a.sif", "passphrase"),
        (
            "sign --passphrase-file passphrase -g 7 a.sif",
            "group not found",
        ),
        (
            "sign --passphrase-file passphrase -i 99 a.sif",
            "object not found",
        ),
        ("sign --passphrase-file passphrase text", "text"),
        ("sign --passphrase-file passphrase nofile", "nofile"),
        ("sign --passphrase-file nofile a.sif", "nofile"),
        ("sign --signer eve@example.com a.sif", "eve@example.com"),
    ];
    for (line, words) in cases {
        world.run(line).expect_failure(&[words]);
        assert_eq!(world.read("a.sif"), before, "{line}");
    }
}

#[test]
fn an_image_that_may_not_be_written_is_not() {
    let world = World::new();
    world.key_pair("Ada");
    image(&world, "a.sif");
    let path = world.path("a.sif");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    // Whoever may write anything (root) is not stopped by a mode.
    if fs::OpenOptions::new().write(true).open(&path).is_err() {
        let line = "sign --passphrase-file passphrase a.sif";
        world.run(line).expect_failure(&["a.sif"]);
    }
    world.run("verify a.sif");
    assert_eq!(crate::world::mode(&path), 0o444);
}

#[test]
fn what_cannot_be_read_is_no_verdict() {
    let world = World::new();
    image(&world, "a.sif");
    let whole = world.read("a.sif");
    world.write("cut.sif", &whole[..3000]);
    world.write("data-cut.sif", &whole[..whole.len() - 1]);
    for (line, words) in [
        ("verify nofile.sif", "nofile.sif"),
        ("verify passphrase", "passphrase"),
        ("verify cut.sif", "cut.sif"),
        ("verify data-cut.sif", "data-cut.sif"),
        ("verify home", "home"),
    ] {
        let failed = world.run(line).expect_failure(&[words]);
        assert_eq!(failed.stdout, "", "{line}");
    }
}

#[test]
fn asking_about_what_is_not_there_is_not_verified() {
    let world = World::new();
    image(&world, "a.sif");
    for line in ["verify -g 9 a.sif", "verify -i 9 a.sif"] {
        let refused = world.run(line);
        assert_eq!(refused.code, Some(3), "{refused:?}");
        assert!(refused.stderr.contains("a.sif") && refused.stderr.contains("not found"));
    }
}

#[test]
fn verifying_creates_nothing_and_works_without_a_home() {
    let world = World::new();
    image(&world, "a.sif");
    assert_eq!(world.run("verify a.sif").code, Some(3));
    assert!(!world.path("home/.apptainer").exists());
}
