//! Passphrases: right ones, wrong ones, none, and changing them.

use crate::support::*;
use sifseal_core::openpgp::{Fingerprint, Protection, TransferableSecretKey};
use sifseal_core::traits::Engine;
use sifseal_core::{Error, ErrorKind, Secret};

fn locked(key: &TransferableSecretKey) -> TransferableSecretKey {
    ENGINE.relock(key, None, Some(&secret("right"))).unwrap()
}

fn refusal(key: &TransferableSecretKey, passphrase: Option<&Secret>) -> Error {
    ENGINE
        .unlock(key, &key.fingerprint(), passphrase)
        .unwrap_err()
}

#[test]
fn a_locked_key_opens_with_its_passphrase_and_no_other() {
    for key in [ed25519(), rsa()] {
        let key = locked(&key);
        assert_eq!(key.protection, Protection::Passphrase);

        let wrong = refusal(&key, Some(&secret("wrong")));
        assert_eq!(wrong.kind(), ErrorKind::Locked);
        assert_eq!(wrong.to_string(), "wrong passphrase");

        let none = refusal(&key, None);
        assert_eq!(none.kind(), ErrorKind::Locked);
        assert_eq!(none.to_string(), "a passphrase is needed");
        assert_eq!(
            refusal(&key, Some(&secret(""))).to_string(),
            none.to_string()
        );

        let signer = ENGINE
            .unlock(&key, &key.fingerprint(), Some(&secret("right")))
            .unwrap();
        assert_eq!(signer.fingerprint(), key.fingerprint());
    }
}

#[test]
fn an_open_key_needs_no_passphrase_and_minds_none() {
    let key = ed25519();
    for passphrase in [None, Some(secret("any"))] {
        assert!(
            ENGINE
                .unlock(&key, &key.fingerprint(), passphrase.as_ref())
                .is_ok()
        );
    }
}

#[test]
fn locking_and_opening_again_gives_the_same_bytes() {
    for key in [ed25519(), rsa()] {
        let opened = ENGINE
            .relock(&locked(&key), Some(&secret("right")), None)
            .unwrap();
        assert_eq!(opened, key);
    }
}

#[test]
fn a_changed_passphrase_replaces_the_old_one() {
    let key = locked(&ed25519());
    let changed = ENGINE
        .relock(&key, Some(&secret("right")), Some(&secret("new")))
        .unwrap();
    assert_eq!(
        refusal(&changed, Some(&secret("right"))).kind(),
        ErrorKind::Locked
    );
    assert!(
        ENGINE
            .unlock(&changed, &key.fingerprint(), Some(&secret("new")))
            .is_ok()
    );
    let wrong = ENGINE
        .relock(&key, Some(&secret("wrong")), None)
        .unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::Locked);
}

#[test]
fn a_key_that_is_not_there_is_not_found_and_one_that_cannot_sign_is_told() {
    let key = ed25519();
    let stranger = ENGINE
        .unlock(&key, &Fingerprint::V4([7; 20]), None)
        .unwrap_err();
    assert_eq!(stranger.kind(), ErrorKind::NotFound);
    let encryption = ENGINE
        .unlock(&key, &key.outline.subkeys[0], None)
        .unwrap_err();
    assert_eq!(encryption.kind(), ErrorKind::Unsupported);
}

/// Whoever can write to a key file could put their own public values beside the
/// locked secret, and compute the secret from a signature made with both.
#[test]
fn a_secret_under_another_public_key_is_refused() {
    let (mine, other) = (ed25519(), ed25519());
    // Version, time, algorithm, curve, then the point: all Ed25519 keys have
    // these 51 octets at the same place.
    let point = |key: &TransferableSecretKey| key.bytes.expose()[2 + 16..2 + 51].to_vec();
    let mut forged = mine.bytes.expose().to_vec();
    forged[2 + 16..2 + 51].copy_from_slice(&point(&other));
    let forged = only_secret_key(&forged);
    let error = ENGINE
        .unlock(&forged, &forged.fingerprint(), None)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
    assert!(error.to_string().contains("belongs to another key"));
}
