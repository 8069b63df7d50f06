//! Making keys, by questions and by flags.

use crate::world::{PASSPHRASE, World, mode};

const PROMPTS: [&str; 5] = [
    "Enter your name (e.g., John Doe) : ",
    "Enter your email address (e.g., john.doe@example.com) : ",
    "Enter optional comment (e.g., development keys) : ",
    "Enter a passphrase : ",
    "Retype your passphrase : ",
];

#[test]
fn the_guides_questions_are_answered_line_by_line_from_a_pipe_w16() {
    let world = World::new();
    let answers = "Ian Kaneshiro\nikaneshiro@apptainer.org\nexample key\nsecret\nsecret\n";
    let made = world
        .run_with("key newpair --algorithm ed25519", answers)
        .expect_done();
    let expected = PROMPTS.join("\n") + "\nGenerating Entity and OpenPGP Key Pair... done\n";
    assert_eq!(made.stderr, expected);

    let list = world.run("key list").expect_done().stdout;
    let lines: Vec<&str> = list.lines().collect();
    let ring = world.ring("pgp-public");
    assert_eq!(
        lines[0],
        format!("Public key listing ({}):", ring.display())
    );
    assert_eq!(lines[1], "");
    assert_eq!(
        lines[2],
        "0) U: Ian Kaneshiro (example key) <ikaneshiro@apptainer.org>"
    );
    assert!(lines[3].starts_with("   C: 20") && lines[3].ends_with(" -0800 PST"));
    assert!(lines[4].starts_with("   F: ") && lines[4].len() == "   F: ".len() + 40);
    assert_eq!(lines[5], "   L: 256");
    assert_eq!(lines[6], "   --------");
    assert_eq!(lines.len(), 7);
}

#[test]
fn nothing_is_asked_when_all_is_given() {
    let world = World::new();
    world.key_pair("Ada");
    assert_eq!(world.listed("").len(), 1);
    assert_eq!(world.listed("--secret"), world.listed(""));
    assert_eq!(mode(world.ring("pgp-secret")), 0o600);
    assert_eq!(mode(world.ring("pgp-public")), 0o600);
    assert_eq!(mode(world.ring("")), 0o700);
}

#[test]
fn the_passphrase_may_come_from_standard_input_or_a_variable() {
    let world = World::new().with("SIFSEAL_PASSPHRASE_FILE", "passphrase");
    let flags = "--email a@example.com --comment= --algorithm ed25519";
    world
        .run(&format!("key newpair --name A {flags}"))
        .expect_done();
    let line = format!("key newpair {flags} --passphrase-file -");
    world.run_with(&line, "secret\nBert\n").expect_done();
    let list = world.run("key list").expect_done().stdout;
    assert!(list.contains("1) U: Bert <a@example.com>"), "{list}");
}

#[test]
fn every_secret_part_of_a_new_key_is_locked_w2() {
    let world = World::new();
    world.key_pair("Ada");
    let list = world
        .run("key list --secret --format json")
        .expect_done()
        .json();
    assert_eq!(list["keys"][0]["secret"], "passphrase");
    let ring = std::fs::read(world.ring("pgp-secret")).unwrap();
    let found = |needle: &[u8]| ring.windows(needle.len()).any(|window| window == needle);
    assert!(!found(PASSPHRASE.as_bytes()));
}

#[test]
fn without_anybody_to_ask_the_error_names_the_flag() {
    let world = World::new();
    let ended = world.run("key newpair").expect_failure(&["nobody to ask"]);
    assert!(ended.stderr.contains("hint: give --name"), "{ended:?}");
    let ended = world
        .run("key newpair --name A --email a@example.com --comment=")
        .expect_failure(&["nobody to ask", "passphrase"]);
    assert!(ended.stderr.contains("--passphrase-file"), "{ended:?}");
    assert!(!world.ring("pgp-secret").exists());
}

#[test]
fn a_comment_is_optional_where_all_else_is_given() {
    let world = World::new();
    let flags = "--email a@example.com --algorithm ed25519 --passphrase-file passphrase";
    let made = world
        .run(&format!("key newpair --name A {flags}"))
        .expect_done();
    assert!(!made.stderr.contains("comment"), "{made:?}");
    assert!(made.stdout.contains(&world.listed("")[0]));
    let list = world.run("key list").expect_done().stdout;
    assert!(list.contains("U: A <a@example.com>\n"), "{list}");
    // A person who gives less is asked for the rest.
    let made = world
        .run_with(&format!("key newpair {flags}"), "B\nfor work\n")
        .expect_done();
    assert!(made.stderr.contains("comment"), "{made:?}");
}

#[test]
fn an_empty_passphrase_is_not_taken_for_an_answer() {
    let world = World::new();
    let flags = "--name A --email a@example.com --comment= --algorithm ed25519";
    world
        .run_with(&format!("key newpair {flags}"), "\n\n")
        .expect_failure(&["empty passphrase"]);
    world.write("empty", "\n");
    world
        .run(&format!("key newpair {flags} --passphrase-file empty"))
        .expect_failure(&["empty", "passphrase"]);
    world
        .run(&format!("key newpair {flags} --passphrase-file nowhere"))
        .expect_failure(&["nowhere", "no such file"]);
    world
        .run_with(&format!("key newpair {flags}"), "\n\ny\n")
        .expect_done();
    let list = world
        .run("key list --secret --format json")
        .expect_done()
        .json();
    assert_eq!(list["keys"][0]["secret"], "open");
}

#[test]
fn a_name_that_would_forge_a_user_id_is_refused() {
    let world = World::new();
    for name in ["Ada(x)", "<a@b>", "x\u{7}"] {
        let line = format!(
            "key newpair --name {name} --email a@example.com --comment= --passphrase-file passphrase"
        );
        world.run(&line).expect_failure(&["the name has"]);
    }
    assert!(!world.ring("pgp-secret").exists());
}

#[test]
fn a_lifetime_that_is_over_is_refused_before_anything_is_asked() {
    let world = World::new();
    let ended = world
        .run("key newpair --expires 2001-01-01")
        .expect_failure(&["--expires"]);
    assert!(!ended.stderr.contains("Enter"));
}

#[test]
fn a_store_that_cannot_be_written_is_named() {
    let world = World::new();
    world.write("home/.apptainer", "a file where a directory should be");
    let flags = "--name A --email a@example.com --comment= --algorithm ed25519";
    let line = format!("key newpair {flags} --passphrase-file passphrase");
    world.run(&line).expect_failure(&[".apptainer"]);
}
