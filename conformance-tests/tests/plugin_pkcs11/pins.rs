//! The PIN: where it comes from, and that a wrong one is tried once.

use crate::office::{CREATED, Office, USER_ID, refused};
use sifseal_conformance_tests::softhsm::{KeyKind, PIN};

#[test]
fn a_pin_can_be_asked_for() {
    let Some(office) = Office::new() else { return };
    let mut office = office;
    office.key(KeyKind::P256, "release");
    let office = office.pin_by("");
    let output = office.sign_at_a_terminal("a.sif", &format!("{PIN}\n"));
    assert_eq!(output.status, 0, "{output:?}");
    assert!(
        output.stdout.contains("Enter the PIN of token releases : "),
        "{output:?}"
    );
}

#[test]
fn a_pin_can_be_in_the_environment() {
    let Some(office) = Office::new() else { return };
    let mut office = office;
    office.key(KeyKind::P256, "release");
    let mut office = office.pin_by("pin-environment = 'RELEASE_PIN'");
    let output = office.sign("without.sif", "");
    refused(
        &office,
        &output,
        "without.sif",
        &["RELEASE_PIN", "is not set"],
    );
    office.sifseal = office.sifseal.with_env("RELEASE_PIN", PIN);
    let output = office.sign("with.sif", "");
    assert_eq!(output.status, 0, "{output:?}");
}

#[test]
fn a_wrong_pin_is_told_and_not_tried_again() {
    let Some(office) = Office::new() else { return };
    let mut office = office;
    office.key(KeyKind::P256, "release");
    let office = office.pin_by("");
    // A second answer is there, and must not be taken.
    let output = office.sign_at_a_terminal("a.sif", &format!("wrong\n{PIN}\n"));
    let says = ["PIN is wrong", "tried once", "token releases"];
    refused(&office, &output, "a.sif", &says);
    assert_eq!(output.stdout.matches("Enter the PIN").count(), 1);

    let office = office.pin_in_a_file("wrong");
    let output = office.sign("b.sif", "");
    refused(&office, &output, "b.sif", &["PIN is wrong"]);
}

#[test]
fn without_anybody_to_ask_the_ways_out_are_told() {
    let Some(office) = Office::new() else { return };
    let mut office = office;
    office.key(KeyKind::P256, "release");
    let office = office.pin_by("");
    let output = office.sign("a.sif", "");
    refused(&office, &output, "a.sif", &["nobody to ask", "pin-file"]);
}

/// The PIN is right, to see that it is not taken: a plugin that gets it would also get
/// the passphrase of a key in a file, and a token would count that as a wrong PIN.
#[test]
fn what_was_given_for_other_keys_is_no_pin() {
    let Some(office) = Office::new() else { return };
    let mut office = office;
    office.key(KeyKind::P256, "release");
    let mut office = office.pin_by("");
    let line = format!("{PIN}\n");
    std::fs::write(office.shop.path("phrase"), &line).unwrap();
    let says = ["nobody to ask", "pin-file", "pin-environment"];

    let output = office.sign("piped.sif", &line);
    refused(&office, &output, "piped.sif", &says);

    office.shop.image("file.sif", 1).unwrap();
    let words = ["sign", "--passphrase-file", "phrase", "file.sif"];
    refused(&office, &office.run(&words, ""), "file.sif", &says);

    office.sifseal = office.sifseal.with_env("SIFSEAL_PASSPHRASE_FILE", "phrase");
    let output = office.sign("variable.sif", "");
    refused(&office, &output, "variable.sif", &says);
}

/// That program is the plugin's own code inside a program that reads such files.
#[test]
fn a_certificate_is_not_made_with_the_passphrase_of_another_key() {
    let Some(office) = Office::new() else { return };
    office.token.make_key(KeyKind::P256, "release", "01");
    let mut office = office.pin_by("");
    std::fs::write(office.shop.path("phrase"), format!("{PIN}\n")).unwrap();
    office.maker = office.maker.with_env("SIFSEAL_PASSPHRASE_FILE", "phrase");
    let more = ["--user-id", USER_ID, "--created", CREATED, "--output", "c"];
    let output = office.certificate("new", "release", &more);
    assert_eq!(output.status, 1, "{output:?}");
    assert!(output.stderr.contains("nobody to ask"), "{output:?}");
}

#[test]
fn a_pin_that_others_can_read_is_not_taken() {
    use std::os::unix::fs::PermissionsExt;
    let Some(office) = Office::new() else { return };
    let mut office = office;
    office.key(KeyKind::P256, "release");
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(office.shop.path("pin"), open).unwrap();
    let output = office.sign("a.sif", "");
    refused(&office, &output, "a.sif", &["others can read", "chmod 600"]);
}

#[test]
fn a_key_that_wants_the_pin_each_time_gets_it_each_time() {
    let Some(office) = Office::new() else { return };
    let mut office = office;
    for (kind, label, id) in [
        (KeyKind::Rsa2048, "rsa", "01"),
        (KeyKind::P256, "p256", "02"),
        (KeyKind::Ed25519, "ed25519", "03"),
    ] {
        office.token.make_key_that_always_asks(kind, label, id);
        office.forget_keys();
        office.certify(label, "sequoia");
        let asking = office.pin_by("");
        let image = format!("{label}.sif");
        let output = asking.sign_at_a_terminal(&image, &format!("{PIN}\n{PIN}\n"));
        assert_eq!(output.status, 0, "{label}: {output:?}");
        assert!(
            output
                .stdout
                .contains("PIN of token releases, for this signature"),
            "{output:?}"
        );
        let verdict = asking.run(&["verify", "--local", &image], "");
        assert_eq!(verdict.status, 0, "{verdict:?}");

        let wrong = format!("{label}-wrong.sif");
        let output = asking.sign_at_a_terminal(&wrong, &format!("{PIN}\nwrong\n"));
        refused(&asking, &output, &wrong, &["PIN is wrong"]);
        office = asking.pin_in_a_file(PIN);
    }
}
