//! GNOME Keyring absent, locked, hanging and gone: clear words, and no waiting for
//! ever.

use crate::stage::os;
use keyring_core::api::CredentialStoreApi;
use sifseal_backend_suite::key_store::keys::*;
use sifseal_backend_suite::key_store::{Calls, context};
use sifseal_conformance_tests::require_secret_service;
use sifseal_conformance_tests::secret_service::{Seat, on_a_bus};
use sifseal_core::openpgp::Key;
use sifseal_core::traits::{KeyPart, KeyStore};
use sifseal_core::{Context, Error, ErrorKind};
use sifseal_keystore_os::{OsKeyStore, StoreKind, Vault};
use std::process::Command;
use std::time::{Duration, Instant};

fn keys(seat: &Seat) -> OsKeyStore {
    let vault = Vault::of_this_system(StoreKind::SecretService);
    os(vault, &seat.home().join("keys"))
}

fn refusal(store: &OsKeyStore) -> Error {
    let added = store.insert(&context(), &Key::Secret(locked("Eve")));
    added.expect_err("nothing can be added")
}

fn with_a_bus(test: &str, body: fn(&Seat)) {
    if require_secret_service().is_some() {
        on_a_bus(test, body);
    }
}

#[test]
fn without_a_daemon_the_error_says_what_to_start() {
    with_a_bus(
        "daemon::without_a_daemon_the_error_says_what_to_start",
        |seat| {
            let error = refusal(&keys(seat));
            assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
            assert!(error.to_string().contains("not running"), "{error}");
            assert!(error.hint_text().unwrap().contains("GNOME Keyring"));
            assert!(!seat.home().join("keys/pgp-public").exists());
        },
    );
}

#[test]
fn a_locked_store_lists_and_says_how_to_unlock_it() {
    let test = "daemon::a_locked_store_lists_and_says_how_to_unlock_it";
    with_a_bus(test, |seat| {
        let (store, key) = (keys(seat), locked("Ada"));
        let daemon = seat.unlocked();
        (&store as &dyn KeyStore).add(&key);
        drop(daemon);

        let daemon = seat.locked();
        let store = keys(seat);
        let store: &dyn KeyStore = &store;
        assert_eq!(store.all(KeyPart::Secret), [key.fingerprint()]);
        let error = store.material(&key.fingerprint()).unwrap_err();
        // Nobody can be asked here, which a daemon may take for a refusal.
        let kinds = [ErrorKind::Locked, ErrorKind::Denied];
        assert!(kinds.contains(&error.kind()), "{error:?}");
        assert!(error.to_string().contains("unlock"), "{error}");
        assert!(error.hint_text().is_some());
        let removed = store.take_away(KeyPart::Secret, &key.fingerprint());
        assert!(removed.is_err());
        drop(daemon);

        let _daemon = seat.unlocked();
        let store = keys(seat);
        let material = (&store as &dyn KeyStore).material(&key.fingerprint());
        assert_eq!(material.unwrap(), key);
    });
}

/// The bus has started a daemon that nobody unlocked, or the one before was given another
/// password: the hint's own command is what helps, as it stands there.
#[test]
fn the_command_that_a_hint_names_unlocks_a_store_beside_a_locked_daemon() {
    let test = "daemon::the_command_that_a_hint_names_unlocks_a_store_beside_a_locked_daemon";
    with_a_bus(test, |seat| {
        let _locked = seat.locked();
        // At first there is no keyring at all, then one that is locked.
        for _ in 0..2 {
            let key = locked("Ada");
            let error = refusal(&keys(seat));
            let hint = error.hint_text().expect("a hint");
            let command = hint.split('`').find(|part| part.starts_with("printf "));
            seat.start_another(command.expect("a command"));
            (&keys(seat) as &dyn KeyStore).add(&key);
            let remove = keys(seat).remove(&context(), KeyPart::Secret, &key.fingerprint());
            remove.expect("it is unlocked");

            let other = "printf %s other | gnome-keyring-daemon --replace --unlock";
            seat.start_another(&format!("{other} --components=secrets"));
        }
    });
}

#[test]
fn an_item_has_a_label_and_can_be_found_by_its_attributes() {
    let test = "daemon::an_item_has_a_label_and_can_be_found_by_its_attributes";
    with_a_bus(test, |seat| {
        let _daemon = seat.unlocked();
        let (store, key) = (keys(seat), locked("Ada"));
        (&store as &dyn KeyStore).add(&key);
        let service = zbus_secret_service_keyring_store::Store::new().unwrap();
        for (attribute, value) in [
            ("application", "sifseal".to_owned()),
            ("keytype", "openpgp-secret-key".to_owned()),
            ("fingerprint", key.fingerprint().to_string()),
            ("keyid", key.fingerprint().key_id().to_string()),
        ] {
            let found = service.search(&[(attribute, value.as_str())].into());
            let found = found.unwrap();
            assert_eq!(found.len(), 1, "{attribute}");
            let item = found[0].as_any();
            let item: &zbus_secret_service_keyring_store::cred::Wrapper =
                item.downcast_ref().unwrap();
            let label = item.get_label().unwrap();
            assert!(label.contains("OpenPGP secret key"), "{label}");
            assert!(label.ends_with("Ada"), "{label}");
        }
    });
}

#[test]
fn a_daemon_that_hangs_is_given_up_at_the_deadline() {
    let test = "daemon::a_daemon_that_hangs_is_given_up_at_the_deadline";
    with_a_bus(test, |seat| {
        let key = locked("Ada");
        let daemon = seat.unlocked();
        let store = keys(seat);
        (&store as &dyn KeyStore).add(&key);
        let signal = |name: &str| {
            let id = daemon.id().to_string();
            let sent = Command::new("kill").args([name, &id]).status();
            assert!(sent.expect("kill runs").success());
        };
        signal("-STOP");
        let hurried = Context {
            deadline: Some(Instant::now() + Duration::from_millis(200)),
            ..context()
        };
        let error = store.private_key(&hurried, &key.fingerprint()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error:?}");
        assert!(error.hint_text().is_some());
        signal("-CONT");
        let found = (&store as &dyn KeyStore).material(&key.fingerprint());
        assert_eq!(found.unwrap(), key, "and the next call is answered");
    });
}

#[test]
fn a_daemon_that_was_started_anew_is_talked_to_again() {
    let test = "daemon::a_daemon_that_was_started_anew_is_talked_to_again";
    with_a_bus(test, |seat| {
        let (store, key) = (keys(seat), locked("Ada"));
        let store: &dyn KeyStore = &store;
        let daemon = seat.unlocked();
        store.add(&key);
        drop(daemon);
        let error = store.material(&key.fingerprint()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
        let _daemon = seat.unlocked();
        assert_eq!(store.material(&key.fingerprint()).unwrap(), key);
    });
}
