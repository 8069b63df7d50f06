//! An agent that goes away, hangs, or is not there.

use crate::support::{Desk, Dialogue, cx, sign_and_check};
use sifseal_keystore_gpg_agent::{GpgKeyStore, GpgSettings, Pinentry};
use sifseal_plugin_sdk::traits::{KeyPart, KeyQuery, KeyStore};
use sifseal_plugin_sdk::{Context, ErrorKind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

fn with_locked_key(dialogue: Dialogue<'_>) -> Option<Desk> {
    let desk = Desk::with(dialogue)?;
    desk.gpg
        .quick_generate("Ada", "ed25519", "cert,sign", "open sesame");
    desk.ask(Path::new("gpg-connect-agent"), &["RELOADAGENT", "/bye"]);
    Some(desk)
}

#[test]
fn an_agent_that_does_not_run_is_started() {
    let Some(desk) = Desk::new() else { return };
    desk.gpg.quick_generate("Ada", "ed25519", "cert,sign", "");
    let certificate = desk.certificates().remove(0);
    let signer = desk.signer(&certificate.fingerprint()).unwrap();
    desk.ask(Path::new("gpgconf"), &["--kill", "gpg-agent"]);
    sign_and_check(&*signer, signer.accepted_hashes()[0], &certificate);
}

#[test]
fn an_agent_that_is_killed_half_way_is_an_error_and_the_next_one_signs() {
    let Some(desk) = with_locked_key(Dialogue::KillsTheAgent) else {
        return;
    };
    let error = desk.sign(&cx()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert!(error.to_string().contains("S.gpg-agent"), "{error}");

    let pinentry = desk.gpg.home().join("pinentry");
    let script = std::fs::read_to_string(&pinentry).unwrap();
    let script = script.replace("kill -KILL $PPID; exit 1", "echo 'D open sesame'; echo OK");
    std::fs::write(&pinentry, script).unwrap();
    desk.sign(&cx()).unwrap();
}

#[test]
fn a_dialogue_that_nobody_answers_ends_with_the_deadline() {
    let Some(desk) = with_locked_key(Dialogue::NeverEnds) else {
        return;
    };
    let signer = desk.signer(&desk.only_key()).unwrap();
    let cx = Context {
        deadline: Some(Instant::now() + Duration::from_secs(2)),
        ..cx()
    };
    let error = signer
        .sign_digest(&cx, signer.accepted_hashes()[0], &[7; 32])
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
}

#[test]
fn a_person_who_gives_up_does_not_wait_for_the_dialogue() {
    let Some(desk) = with_locked_key(Dialogue::NeverEnds) else {
        return;
    };
    let signer = desk.signer(&desk.only_key()).unwrap();
    let cancelled = AtomicBool::new(false);
    let cx = Context {
        cancelled: &cancelled,
        ..cx()
    };
    let error = std::thread::scope(|scope| {
        let signing =
            scope.spawn(|| signer.sign_digest(&cx, signer.accepted_hashes()[0], &[7; 32]));
        while !desk.dialogue().contains("GETPIN") && !signing.is_finished() {
            std::thread::yield_now();
        }
        cancelled.store(true, Ordering::Relaxed);
        signing.join().unwrap().unwrap_err()
    });
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
}

#[test]
fn programs_that_are_missing_are_named() {
    let Some(desk) = Desk::new() else { return };
    let settings = GpgSettings {
        home: Some(desk.gpg.home().to_owned()),
        gpgconf: Some("/nowhere/gpgconf".into()),
        ..GpgSettings::default()
    };
    let store = GpgKeyStore::new(settings, Pinentry::default());
    let error = store
        .find(&cx(), KeyPart::Secret, &KeyQuery::All)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(
        error.to_string().starts_with("/nowhere/gpgconf: "),
        "{error}"
    );
}
