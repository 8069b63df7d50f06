//! Keys on their way into files and out of them.

use crate::world::{PASSPHRASE, World, mode};

#[test]
fn an_exported_pair_comes_back_into_another_home() {
    let world = World::new();
    let ada = world.key_pair("Ada");
    let exported = world
        .run("key export --secret ada.key")
        .expect_done()
        .stdout;
    let expected =
        format!("Private key with fingerprint {ada} correctly exported to file: ada.key\n");
    assert_eq!(exported, expected);
    assert_eq!(mode(world.path("ada.key")), 0o600);

    let other = World::new();
    other.write("ada.key", world.read("ada.key"));
    let imported = other.run("key import ada.key").expect_done();
    let expected = ["private", "public"].map(|ring| {
        format!("Key with fingerprint {ada} successfully added to the {ring} keyring\n")
    });
    assert_eq!(imported.stdout, expected.concat());
    assert_eq!(other.listed("--secret"), [ada]);
}

#[test]
fn a_secret_export_is_private_whatever_stood_there_before_w10() {
    let world = World::new();
    world.key_pair("Ada");
    world.write("out", "readable by all");
    assert_eq!(mode(world.path("out")) & 0o044, 0o044);
    world.run("key export --secret --force out").expect_done();
    assert_eq!(mode(world.path("out")), 0o600);
}

#[test]
fn a_file_that_is_there_may_be_the_only_copy_of_a_key_and_stays() {
    let world = World::new();
    world.key_pair("Ada");
    world.write("out", "precious");
    for line in ["key export out", "key export --secret out"] {
        let ended = world.run(line).expect_failure(&["out", "already there"]);
        assert!(ended.stderr.contains("--force"), "{ended:?}");
        assert_eq!(world.read("out"), b"precious");
    }
    world.run("key export --overwrite out").expect_done();
    assert_ne!(world.read("out"), b"precious");
}

#[test]
fn whoever_names_a_key_in_the_place_of_the_file_gets_no_file_of_that_name() {
    let world = World::new();
    let ada = world.key_pair("Ada");
    for name in ["ada@example.com", &ada] {
        let line = format!("key export --secret {name}");
        let ended = world.run(&line).expect_failure(&[name, "looks like a key"]);
        assert!(
            ended.stderr.contains(&format!("--key {name} FILE")),
            "{ended:?}"
        );
        assert!(!world.path(name).exists());
    }
    // Whoever means it says so.
    world
        .run("key export --secret ./ada@example.com")
        .expect_done();
    assert!(world.path("ada@example.com").exists());
}

#[test]
fn armor_goes_to_a_file_or_to_standard_output() {
    let world = World::new();
    world.key_pair("Ada");
    let text = world
        .run("key export --armor --key ada@example.com -")
        .expect_done();
    assert!(
        text.stdout
            .starts_with("-----BEGIN PGP PUBLIC KEY BLOCK-----\n")
    );
    assert!(
        text.stdout
            .ends_with("-----END PGP PUBLIC KEY BLOCK-----\n")
    );
    world.run("key export --armor ada.asc").expect_done();
    assert_eq!(world.read("ada.asc"), text.bytes);
    let secret = world.run("key export --armor --secret -").expect_done();
    assert!(
        secret
            .stdout
            .starts_with("-----BEGIN PGP PRIVATE KEY BLOCK-----\n")
    );
    world.run("key export /dev/stdout").expect_done();
}

#[test]
fn several_keys_are_offered_with_numbers() {
    let world = World::new();
    world.key_pair("Ada");
    let bob = world.key_pair("Bob");
    let ended = world.run_with("key export out", "1\n").expect_done();
    assert!(
        ended.stderr.contains("\n1) U: Bob <bob@example.com>\n"),
        "{ended:?}"
    );
    assert!(ended.stderr.ends_with("Enter # of public key to use : \n"));
    assert!(ended.stdout.contains(&bob));
    world
        .run_with("key export other", "2\n")
        .expect_failure(&["invalid choice `2`"]);
    world
        .run_with("key export other", "-1\n")
        .expect_failure(&["invalid choice"]);
    let ended = world
        .run("key export other")
        .expect_failure(&["2 keys", "nobody to ask"]);
    assert!(ended.stderr.contains("hint: name one with --key"));
    assert!(!world.path("other").exists());
}

#[test]
fn a_key_is_chosen_by_fingerprint_key_id_or_address() {
    let world = World::new();
    world.key_pair("Ada");
    let bob = world.key_pair("Bob");
    for name in [
        &bob,
        &bob.to_lowercase(),
        &format!("0x{bob}"),
        &bob[24..],
        "BOB@example.com",
    ] {
        let ended = world
            .run(&format!("key export --force --key {name} out"))
            .expect_done();
        assert!(ended.stdout.contains(&bob), "{name}");
    }
    world
        .run("key export --key eve@example.com out")
        .expect_failure(&["no key answers to `eve@example.com`"]);
}

#[test]
fn an_address_of_two_keys_is_an_error_that_names_both() {
    let world = World::new();
    let first = world.key_pair("Ada");
    let second = world.key_pair("Ada");
    world
        .run("key export --key ada@example.com out")
        .expect_failure(&["2 keys answer", &first, &second]);
}

#[test]
fn one_bad_file_does_not_stop_the_others() {
    let world = World::new();
    let ada = world.key_pair("Ada");
    let bob = world.key_pair("Bob");
    world
        .run("key export --key ada@example.com ada")
        .expect_done();
    world
        .run("key export --key bob@example.com --armor bob")
        .expect_done();
    world.write("junk", "no key at all");
    world.write("empty", "");

    let other = World::new();
    for name in ["ada", "bob", "junk", "empty"] {
        other.write(name, world.read(name));
    }
    let ended = other.run("key import junk ada nowhere empty bob");
    assert_eq!(ended.code, Some(1));
    let fatal: Vec<&str> = ended
        .stderr
        .lines()
        .filter(|line| line.starts_with("FATAL:"))
        .collect();
    assert_eq!(fatal.len(), 3, "{ended:?}");
    for (line, file) in fatal.iter().zip(["junk", "nowhere", "empty"]) {
        assert!(line.starts_with(&format!("FATAL:   {file}: ")), "{line}");
    }
    assert_eq!(other.listed(""), [ada, bob]);
}

#[test]
fn importing_again_says_what_was_new() {
    let world = World::new();
    world.key_pair("Ada");
    world.run("key export ada").expect_done();
    let again = world.run("key import ada").expect_done();
    assert!(
        again
            .stdout
            .contains("was already in the public keyring: nothing new"),
        "{again:?}"
    );
    let before = std::fs::read(world.ring("pgp-public")).unwrap();
    let json = world
        .run("key import ada --format json")
        .expect_done()
        .json();
    assert_eq!(json["keys"][0]["change"], "unchanged");
    assert_eq!(std::fs::read(world.ring("pgp-public")).unwrap(), before);
}

#[test]
fn keys_are_read_from_standard_input_under_both_its_names() {
    let world = World::new();
    let ada = world.key_pair("Ada");
    let armor = world.run("key export --armor -").expect_done().stdout;
    for name in ["-", "/dev/stdin"] {
        let other = World::new();
        other
            .run_with(&format!("key import {name}"), &armor)
            .expect_done();
        assert_eq!(other.listed(""), std::slice::from_ref(&ada));
    }
}

/// A pair without a passphrase, as a file.
fn open_pair(world: &World) -> Vec<u8> {
    let flags = "--name Ada --email ada@example.com --comment= --algorithm ed25519";
    world
        .run_with(&format!("key newpair {flags}"), "\n\ny\n")
        .expect_done();
    world.run("key export --secret open.key").expect_done();
    world.read("open.key")
}

#[test]
fn whoever_exports_an_open_secret_key_is_told_so_w2() {
    let world = World::new();
    open_pair(&world);
    let told = world.run("key export --secret again.key").expect_done();
    assert!(
        told.stderr.starts_with("WARNING: the private key ")
            && told.stderr.contains("whoever reads again.key can sign"),
        "{told:?}"
    );
    let told = world.run("key export --secret --armor -").expect_done();
    assert!(told.stderr.contains("WARNING: "), "{told:?}");
    assert!(told.stdout.starts_with("-----BEGIN PGP PRIVATE"));
    let told = world.run("key export public.key").expect_done();
    assert_eq!(told.stderr, "");

    let world = World::new();
    world.key_pair("Ada");
    let told = world.run("key export --secret ada.key").expect_done();
    assert_eq!(told.stderr, "", "it is locked");
}

fn protection(world: &World) -> String {
    let list = world
        .run("key list --secret --format json")
        .expect_done()
        .json();
    list["keys"][0]["secret"].as_str().unwrap().to_owned()
}

#[test]
fn an_open_secret_key_is_warned_of_or_locked_w2() {
    let maker = World::new();
    let open = open_pair(&maker);

    let world = World::new();
    world.write("open.key", &open);
    let ended = world.run("key import open.key").expect_done();
    assert!(
        ended.stderr.starts_with("WARNING: the private key "),
        "{ended:?}"
    );
    assert_eq!(protection(&world), "open");

    let world = World::new();
    world.write("open.key", &open);
    world
        .run("key import open.key --passphrase-file passphrase")
        .expect_done();
    assert_eq!(protection(&world), "passphrase");
}

#[test]
fn a_new_password_locks_every_part_anew_w2() {
    let maker = World::new();
    maker.key_pair("Ada");
    maker.run("key export --secret ada.key").expect_done();
    let world = World::new();
    world.write("ada.key", maker.read("ada.key"));
    world
        .run_with("key import --new-password ada.key", "wrong\nnew\nnew\n")
        .expect_failure(&["ada.key"]);
    assert_eq!(world.listed("--secret"), Vec::<String>::new());

    let answers = format!("{PASSPHRASE}\nnew\nnew\n");
    let ended = world
        .run_with("key import --new-password ada.key", answers)
        .expect_done();
    assert!(ended.stderr.contains("Enter your key password : "));
    assert!(
        ended
            .stderr
            .contains("Enter a new password for this key : ")
    );
    // The old passphrase opens it no longer, the new one does.
    world.run("key export --secret new.key").expect_done();
    let again = |input: &str| {
        let other = World::new();
        other.write("new.key", world.read("new.key"));
        other
            .run_with("key import --new-password new.key", input)
            .code
    };
    assert_eq!(again(&format!("{PASSPHRASE}\nx\nx\n")), Some(1));
    assert_eq!(again("new\nx\nx\n"), Some(0));
}
