//! What every command has in common: statuses, streams, pipes.

use crate::world::World;
use std::process::Stdio;

#[test]
fn a_command_line_that_makes_no_sense_ends_with_2() {
    let world = World::new();
    for line in [
        "",
        "key",
        "sif",
        "config",
        "nonsense",
        "key list --nonsense",
        "key remove",
        "key import",
        "key newpair --expires soon",
        "key export --key Ada out",
        "sif info one image.sif",
        "sif info 0 image.sif",
        "sif add image.sif data",
        "sif add --datatype 12 image.sif data",
        "sif del --zero --compact 1 image.sif",
        "key remove --global --secret AA",
    ] {
        world.run(line).expect_usage_error();
    }
}

#[test]
fn a_flag_of_apptainers_that_is_missing_here_is_answered_in_a_sentence() {
    let world = World::new();
    let ended = world
        .run("verify --certificate leaf.pem a.sif")
        .expect_usage_error();
    assert!(
        ended
            .stderr
            .contains("X.509 certificates are not supported"),
        "{ended:?}"
    );
    assert!(!ended.stderr.contains("tip:"), "{ended:?}");
}

#[test]
fn help_and_version_are_results_and_end_with_0() {
    let world = World::new();
    let version = world.run("--version").expect_done();
    assert_eq!(
        version.stdout,
        format!("sifseal {}\n", env!("CARGO_PKG_VERSION"))
    );
    for line in [
        "--help",
        "key --help",
        "key newpair --help",
        "sif add --help",
    ] {
        let help = world.run(line).expect_done();
        assert!(help.stdout.contains("Usage: sifseal"), "{line}");
        assert!(!help.stdout.contains('\u{1b}'), "{line}");
    }
}

#[test]
fn a_reader_who_leaves_early_is_no_error() {
    let world = World::new();
    world.run("sif new a.sif").expect_done();
    world.write("large", vec![7; 4 << 20]);
    world.run("sif add --datatype 7 a.sif large").expect_done();
    for line in ["sif dump 1 a.sif", "sif list a.sif", "--help"] {
        let mut child = world
            .command(line)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{line}");
        assert_eq!(output.stderr, b"", "{line}");
    }
}

#[test]
fn a_full_disk_is_an_error() {
    let world = World::new();
    world.run("sif new a.sif").expect_done();
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = world
        .command("sif list a.sif")
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        words.starts_with("FATAL:   standard output cannot be written"),
        "{words}"
    );
}

#[test]
fn results_go_to_standard_output_and_all_else_to_standard_error() {
    let world = World::new();
    let made = world.run_with(
        "key newpair --algorithm ed25519",
        "Ada\nada@example.com\n\nsecret\nsecret\n",
    );
    let fingerprint = world.listed("").remove(0);
    assert_eq!(
        made.expect_done().stdout,
        format!("Fingerprint: {fingerprint}\n")
    );
    let quiet = world.run("--quiet key newpair --name B --email b@example.com --comment= --algorithm ed25519 --passphrase-file passphrase");
    assert_eq!(quiet.expect_done().stderr, "");
}

#[test]
fn commands_that_only_read_create_nothing() {
    let world = World::new();
    for line in [
        "key list",
        "key list --secret",
        "config show",
        "config path",
    ] {
        world.run(line).expect_done();
    }
    world
        .run("key export out")
        .expect_failure(&["keyring is empty"]);
    let left = std::fs::read_dir(world.path("home")).unwrap().count();
    assert_eq!(left, 0);
}
