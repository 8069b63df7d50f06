//! The program with its keys in the Secret Service: the whole flow of the guide, a
//! migration there and back, and a kill in the middle. GNOME Keyring runs on a bus of
//! each test's own.

// A test breaks where its machinery breaks.
#![allow(clippy::unwrap_used)]

use sifseal_conformance_tests::program::Output;
use sifseal_conformance_tests::secret_service::{Bus, Daemon};
use sifseal_conformance_tests::workshop::Workshop;
use sifseal_conformance_tests::{Program, require_keyutils, require_secret_service};
use std::path::PathBuf;

const ENGINES: [&str; 2] = ["rpgp", "sequoia"];

/// A person with a home, a bus, and GNOME Keyring on it.
struct Person {
    program: Program,
    workshop: Workshop,
    daemon: Daemon,
    bus: Bus,
}

impl Person {
    fn new(engine: &str, keystore: &str) -> Self {
        let bus = Bus::start();
        let daemon = bus.seat().unlocked();
        let workshop = Workshop::new();
        let home = workshop.path("home");
        std::fs::create_dir(&home).unwrap();
        let config = format!("engine = \"{engine}\"\n[keystore]\n{keystore}\n");
        std::fs::write(home.join("config.toml"), config).unwrap();
        std::fs::write(home.join("passphrase"), "correct horse").unwrap();
        let program = Program::new(&home)
            .with_env("SIFSEAL_CONFIG", "config.toml")
            .with_env("DBUS_SESSION_BUS_ADDRESS", bus.address());
        Self {
            program,
            workshop,
            daemon,
            bus,
        }
    }

    fn run(&self, line: &str) -> Output {
        let words: Vec<&str> = line.split_whitespace().collect();
        self.program.run(&words, b"")
    }

    #[track_caller]
    fn done(&self, line: &str) -> Output {
        let output = self.run(line);
        assert_eq!(output.status, 0, "{line}: {output:?}");
        output
    }

    #[track_caller]
    fn refused(&self, line: &str, words: &str) -> Output {
        let output = self.run(line);
        assert_eq!(output.status, 1, "{line}: {output:?}");
        assert!(output.stderr.contains(words), "{line}: {output:?}");
        output
    }

    /// A new key pair's fingerprint.
    fn new_pair(&self, flags: &str) -> String {
        let line = format!(
            "key newpair --name Ada --email ada@example.com --comment= --algorithm ed25519 --format json {flags}"
        );
        let made: serde_json::Value = serde_json::from_str(&self.done(&line).stdout).unwrap();
        made["fingerprint"].as_str().unwrap().to_owned()
    }

    fn image(&self) -> PathBuf {
        self.workshop.image("home/image.sif", 1).unwrap()
    }

    fn key_file(&self, name: &str) -> PathBuf {
        self.program.home().join(".apptainer/keys").join(name)
    }
}

#[test]
fn the_guides_flow_runs_with_keys_in_the_secret_service() {
    if require_secret_service().is_none() {
        return;
    }
    for engine in ENGINES {
        let mut person = Person::new(engine, "backend = \"os\"");
        person.image();
        let key = person.new_pair("--passphrase-file passphrase");
        assert!(!person.key_file("pgp-secret").exists());

        let list = person.done("key list").stdout;
        assert!(list.contains(&key) && list.contains("pgp-public"), "{list}");
        let list = person.done("key list --secret").stdout;
        assert!(list.contains(&key), "{list}");
        assert!(list.contains("the Secret Service"), "{list}");

        person.done("sign --passphrase-file passphrase image.sif");
        let verified = person.done("verify image.sif");
        assert!(
            verified.stdout.contains("Container verified"),
            "{verified:?}"
        );

        let export = "key export --armor --secret --key ada@example.com secret.asc";
        person.done(export);
        person.done("key export --armor --key ada@example.com public.asc");
        let secret = std::fs::read_to_string(person.program.home().join("secret.asc"));
        assert!(secret.unwrap().contains("BEGIN PGP PRIVATE KEY BLOCK"));

        // Listing and verifying ask nobody: there is nobody any more.
        person.daemon.kill();
        assert!(person.done("key list --secret").stdout.contains(&key));
        person.done("verify image.sif");
        let sign = "sign --passphrase-file passphrase image.sif";
        let refused = person.refused(sign, "not running here");
        assert!(
            refused.stderr.contains("hint: start GNOME Keyring"),
            "{refused:?}"
        );
        person.daemon = person.bus.seat().unlocked();
        person.done(sign);

        person.done(&format!("key remove --both {key}"));
        assert!(!person.done("key list --secret").stdout.contains(&key));
        assert!(!person.done("key list").stdout.contains(&key));
        person.done("key import secret.asc");
        person.done(sign);
    }
}

#[test]
fn where_the_stores_lock_alone_guards_a_key_nothing_is_asked() {
    if require_secret_service().is_none() {
        return;
    }
    for engine in ENGINES {
        let person = Person::new(engine, "backend = \"os\"\nprotection = \"store\"");
        person.image();
        person.new_pair("");
        person.done("sign image.sif");
        person.done("verify image.sif");
        let export = "key export --secret --key ada@example.com open.pgp";
        let told = person.done(export).stderr;
        assert!(told.contains("is not locked with a passphrase"), "{told}");

        // A locked key is opened on its way in, by the passphrase that it has.
        let other = Person::new(engine, "backend = \"file\"");
        let key = other.new_pair("--passphrase-file passphrase");
        other.done("key export --secret --key ada@example.com locked.pgp");
        let locked = other.program.home().join("locked.pgp");
        let import = format!("key import {}", locked.display());
        person.refused(&import, "a passphrase is needed");
        person.done(&format!("{import} --passphrase-file passphrase"));
        person.done(&format!("sign --signer {key} image.sif"));

        // And an open one does not get in where the passphrase is to guard it.
        let strict = Person::new(engine, "backend = \"os\"");
        let open = person.program.home().join("open.pgp");
        let import = format!("key import {}", open.display());
        let refused = strict.refused(&import, "not locked with a passphrase");
        assert!(
            refused.stderr.contains("protection = \"store\""),
            "{refused:?}"
        );
        strict.done(&format!("{import} --passphrase-file passphrase"));
    }
}

#[test]
fn a_key_migrates_there_and_back_and_is_removed_only_if_it_is_moved() {
    if require_secret_service().is_none() {
        return;
    }
    for engine in ENGINES {
        let person = Person::new(engine, "backend = \"file\"");
        let key = person.new_pair("--passphrase-file passphrase");
        let secret_ring = person.key_file("pgp-secret");
        let before = std::fs::read(&secret_ring).unwrap();

        let copied = person.done(&format!("key migrate --from file --to os {key}"));
        assert!(
            copied
                .stdout
                .contains(&format!("{key} copied from file to os"))
        );
        assert_eq!(std::fs::read(&secret_ring).unwrap(), before);

        let moved = person.done("key migrate --from file --to os --move --format json");
        let moved: serde_json::Value = serde_json::from_str(&moved.stdout).unwrap();
        assert_eq!(moved["schema"], "sifseal/key-migrate/1");
        assert_eq!(moved["keys"][0]["fingerprint"], key);
        assert_eq!(moved["keys"][0]["change"], "unchanged");
        assert_eq!(moved["keys"][0]["removedFromSource"], true);
        assert!(std::fs::read(&secret_ring).unwrap().is_empty());

        // Removing it in the one store says that it is in the other one, too.
        person.done("key migrate --from os --to file ada@example.com");
        let in_os = person.program.clone().with_env("SIFSEAL_KEYSTORE", "os");
        let removed = in_os.run(&["key", "remove", "--secret", &key], b"");
        assert_eq!(removed.status, 0, "{removed:?}");
        assert!(
            removed.stderr.contains("a copy of this private key"),
            "{removed:?}"
        );
        person.done("key migrate --from file --to os --move");

        person.done("key migrate --from os --to file --move ada@example.com");
        assert_eq!(std::fs::read(&secret_ring).unwrap(), before);
        let nothing = "key migrate --from os --to file ada@example.com";
        let nothing = person.refused(nothing, "no key answers to");
        assert!(
            nothing.stderr.contains("SIFSEAL_KEYSTORE=os"),
            "{nothing:?}"
        );
        let nothing = person.done("key migrate --from os --to file");
        assert!(
            nothing
                .stderr
                .contains("no secret keys in the key store `os`")
        );
        person.refused("key migrate --from os --to os", "source and as the target");
        person.refused("key migrate --from file --to vault", "`vault`");
    }
}

/// Whoever removes both halves while the store is locked has both halves, and can do it
/// once more when it is not.
#[test]
fn removing_both_halves_of_a_key_in_a_locked_store_removes_none() {
    if require_secret_service().is_none() {
        return;
    }
    let mut person = Person::new("rpgp", "backend = \"os\"");
    let key = person.new_pair("--passphrase-file passphrase");
    person.daemon.kill();
    person.daemon = person.bus.seat().locked();
    let remove = format!("key remove --both {key}");
    person.refused(&remove, "the public key stays");
    for part in ["", "--secret"] {
        let list = person.done(&format!("key list {part}")).stdout;
        assert!(list.contains(&key), "{list}");
    }
    person.daemon.kill();
    person.daemon = person.bus.seat().unlocked();
    person.done(&remove);
    assert!(!person.done("key list").stdout.contains(&key));
}

/// The store is the person's, whatever key directory is named: two directories know the
/// same secret keys, and none removes what the other one counts on.
#[test]
fn two_key_directories_share_the_secret_keys_of_one_person() {
    if require_secret_service().is_none() {
        return;
    }
    for store in ["secret-service", "keyutils"] {
        if store == "keyutils" && require_keyutils().is_none() {
            continue;
        }
        let config = format!("backend = \"os\"\nstore = \"{store}\"");
        let person = Person::new("rpgp", &config);
        person.image();
        let key = person.new_pair("--keysdir one --passphrase-file passphrase");
        person.done("key export --secret --key ada@example.com --keysdir one secret.pgp");
        person.done("key import --keysdir two secret.pgp");
        let listed = |directory: &str| {
            let line = format!("key list --secret --keysdir {directory}");
            person.done(&line).stdout.contains(&key)
        };
        assert!(listed("one") && listed("two"));

        person.done(&format!("key remove --secret --keysdir two {key}"));
        assert!(!listed("one") && !listed("two"), "{store}");
        person.done("key import --keysdir two secret.pgp");
        person.done("sign --keysdir one --passphrase-file passphrase image.sif");
        // The kernel's keyrings are not this test's own.
        person.done(&format!("key remove --secret --keysdir one {key}"));
    }
}

#[test]
fn a_key_that_cannot_arrive_stays_where_it_was() {
    if require_secret_service().is_none() {
        return;
    }
    let mut person = Person::new("rpgp", "backend = \"file\"");
    person.new_pair("--passphrase-file passphrase");
    let before = std::fs::read(person.key_file("pgp-secret")).unwrap();
    person.daemon.kill();
    person.refused("key migrate --from file --to os --move", "not running here");
    assert_eq!(
        std::fs::read(person.key_file("pgp-secret")).unwrap(),
        before
    );
}

#[test]
fn without_any_message_bus_the_error_says_what_to_start_and_certificates_are_listed() {
    let home = tempfile::tempdir().unwrap();
    let program = Program::new(home.path()).with_env("SIFSEAL_KEYSTORE", "os");
    assert_eq!(program.run(&["key", "list"], b"").status, 0);
    let refused = program.run(&["key", "list", "--secret"], b"");
    assert_eq!(refused.status, 1, "{refused:?}");
    assert!(refused.stderr.contains("not running here"), "{refused:?}");
    assert!(refused.stderr.contains("hint: start GNOME Keyring"));
}

#[test]
fn keys_in_the_kernel_need_no_daemon() {
    let (Some(()), Some(())) = (require_secret_service(), require_keyutils()) else {
        return;
    };
    let config = "backend = \"os\"\nstore = \"keyutils\"";
    let mut person = Person::new("rpgp", config);
    person.daemon.kill();
    person.image();
    let key = person.new_pair("--passphrase-file passphrase");
    let signed = person.run("sign --passphrase-file passphrase image.sif");
    let verified = person.run("verify image.sif");
    // Before anything can fail: the kernel's keyrings are not this test's own.
    person.done(&format!("key remove --both {key}"));
    assert_eq!((signed.status, verified.status), (0, 0), "{signed:?}");
    assert!(!person.done("key list --secret").stdout.contains(&key));
}

#[test]
fn a_store_that_nobody_knows_is_answered_with_the_known_ones() {
    if require_secret_service().is_none() {
        return;
    }
    let person = Person::new("rpgp", "backend = \"os\"\nstore = \"wallet\"");
    let refused = person.refused("key list", "there is no secret store `wallet`");
    assert!(refused.stderr.contains("config.toml"), "{refused:?}");
    assert!(refused.stderr.contains("secret-service"), "{refused:?}");
    let person = Person::new("rpgp", "protection = \"none\"");
    person.refused("key list", "`keystore.protection`");
    let person = Person::new("rpgp", "backend = \"os\"\nstore = \"keychain\"");
    let refused = person.refused("key list --secret", "cannot be used here");
    assert!(refused.stderr.contains("another operating system"));
}

#[test]
fn no_key_comes_out_of_the_store_unlocked_that_nobody_wanted_so() {
    if require_secret_service().is_none() {
        return;
    }
    for engine in ENGINES {
        let person = Person::new(engine, "backend = \"os\"\nprotection = \"store\"");
        let key = person.new_pair("");
        let back = "key migrate --from os --to file --move";
        let refused = person.refused(back, "would lie open");
        assert!(refused.stderr.contains("--passphrase-file"), "{refused:?}");
        assert!(!person.key_file("pgp-secret").exists());
        assert!(person.done("key list --secret").stdout.contains(&key));

        person.done(&format!("{back} --passphrase-file passphrase"));
        let list = person.program.clone().with_env("SIFSEAL_KEYSTORE", "file");
        let list = list.run(&["key", "list", "--secret", "--format", "json"], b"");
        let list: serde_json::Value = serde_json::from_str(&list.stdout).unwrap();
        assert_eq!(list["keys"][0]["secret"], "passphrase");
    }
}
