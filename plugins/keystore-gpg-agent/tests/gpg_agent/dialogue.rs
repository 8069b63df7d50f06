//! Locked keys: gpg-agent asks the person, and nobody else does.

use crate::support::{Desk, Dialogue, cx, sign_and_check};
use sifseal_plugin_sdk::ErrorKind;
use std::path::Path;

const USER_ID: &str = "Ada 100%C é <ada@example.org>";

/// Someone at the dialogue, and a key that is locked with `open sesame`.
fn with_locked_key(dialogue: Dialogue<'_>) -> Option<Desk> {
    let desk = Desk::with(dialogue)?;
    let passphrase = "open sesame";
    desk.gpg
        .quick_generate(USER_ID, "ed25519", "cert,sign", passphrase);
    // The agent has the passphrase in mind from making the key.
    desk.ask(Path::new("gpg-connect-agent"), &["RELOADAGENT", "/bye"]);
    Some(desk)
}

#[test]
fn the_person_unlocks_the_key_and_reads_which_one_it_is() {
    let Some(desk) = with_locked_key(Dialogue::Types("open sesame")) else {
        return;
    };
    let certificate = desk.certificates().remove(0);
    assert_eq!(desk.dialogue(), "", "listing keys asks nobody");
    let signer = desk.signer(&certificate.fingerprint()).unwrap();
    sign_and_check(&*signer, signer.accepted_hashes()[0], &certificate);

    let dialogue = desk.dialogue();
    assert_eq!(dialogue.matches("GETPIN").count(), 1, "{dialogue}");
    let mut lines = dialogue.lines();
    let shown = lines.find_map(|line| line.strip_prefix("SETDESC "));
    let shown = shown.unwrap().replace("%0A", "\n").replace("%22", "\"");
    let shown = shown.replace("%25", "%");
    assert!(shown.contains("sifseal can sign"), "{shown}");
    assert!(shown.contains(&format!("\"{USER_ID}\"")), "{shown}");
    let id = certificate.fingerprint().key_id().to_string();
    assert!(shown.contains(&id), "{shown}");
}

#[test]
fn a_passphrase_that_was_put_into_the_agent_is_enough() {
    let Some(desk) = with_locked_key(Dialogue::Missing) else {
        return;
    };
    let preset = desk.folder("libexecdir").join("gpg-preset-passphrase");
    let keygrip = desk.only_keygrip();
    let error = desk.sign(&cx()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked);
    desk.ask(
        &preset,
        &["--preset", "--passphrase", "open sesame", &keygrip],
    );
    let certificate = desk.certificates().remove(0);
    let signer = desk.signer(&certificate.fingerprint()).unwrap();
    sign_and_check(&*signer, signer.accepted_hashes()[0], &certificate);
}

#[test]
fn a_wrong_passphrase_leaves_the_key_locked() {
    let Some(desk) = with_locked_key(Dialogue::Types("open barley")) else {
        return;
    };
    let error = desk.sign(&cx()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked, "{error}");
    let tries = desk.dialogue().matches("GETPIN").count();
    assert!(tries > 1, "the person may mistype");
    assert!(error.to_string().contains("passphrase"), "{error}");
}

#[test]
fn a_person_who_says_no_is_heard() {
    let Some(desk) = with_locked_key(Dialogue::Cancels) else {
        return;
    };
    let error = desk.sign(&cx()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
    assert_eq!(desk.dialogue().matches("GETPIN").count(), 1);
}

#[test]
fn without_a_dialogue_the_person_learns_what_to_do() {
    for dialogue in [Dialogue::Missing, Dialogue::Vanishes] {
        let Some(desk) = with_locked_key(dialogue) else {
            return;
        };
        let error = desk.sign(&cx()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Locked, "{error}");
        let hint = error.hint_text().unwrap_or_default();
        assert!(hint.contains("GPG_TTY"), "{hint}");
        assert!(hint.contains("gpg-preset-passphrase"), "{hint}");
    }
}
