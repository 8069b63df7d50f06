//! Two copies of one key made one.

use crate::support::*;
use sifseal_core::ErrorKind;
use sifseal_core::openpgp::{Certificate, Key};

impl Subject {
    fn without(&self, certificate: &Certificate, dropped: &[usize]) -> Key {
        let kept: Vec<u8> = packets(&certificate.bytes)
            .enumerate()
            .filter(|(at, _)| !dropped.contains(at))
            .flat_map(|(_, packet)| packet.raw.to_vec())
            .collect();
        Key::Certificate(self.only_certificate(&kept))
    }
}

#[test]
fn merging_a_key_with_itself_changes_nothing() {
    for engine in subjects() {
        for key in [
            Key::Secret(engine.ed25519()),
            Key::Certificate(engine.certificate(&engine.rsa())),
        ] {
            assert_eq!(engine.merge(&key, &key).unwrap(), key);
        }
    }
}

#[test]
fn a_merged_key_has_everything_of_both() {
    for engine in subjects() {
        let whole = engine.certificate(&engine.ed25519());
        let count = packets(&whole.bytes).count();
        assert_eq!(count, 5, "key, user ID, signature, subkey, signature");
        let without_user_id = engine.without(&whole, &[1, 2]);
        let without_subkey = engine.without(&whole, &[3, 4]);
        let without_signature = engine.without(&whole, &[2]);
        for (older, newer) in [
            (&without_user_id, &without_subkey),
            (&without_subkey, &without_user_id),
            (&without_signature, &without_subkey),
        ] {
            let merged = engine.merge(older, newer).unwrap();
            assert_eq!(merged, Key::Certificate(whole.clone()));
        }
    }
}

#[test]
fn a_secret_part_is_gained_and_never_lost() {
    for engine in subjects() {
        let secret_key = engine.ed25519();
        let public = Key::Certificate(engine.certificate(&secret_key));
        let secret_key = Key::Secret(secret_key);
        assert_eq!(engine.merge(&public, &secret_key).unwrap(), secret_key);
        assert_eq!(engine.merge(&secret_key, &public).unwrap(), secret_key);
    }
}

#[test]
fn of_two_secret_parts_the_newer_one_stays() {
    for engine in subjects() {
        let open = engine.ed25519();
        let locked = engine.relock(&open, None, Some(&secret("right"))).unwrap();
        let (open, locked) = (Key::Secret(open), Key::Secret(locked));
        assert_eq!(engine.merge(&open, &locked).unwrap(), locked);
        assert_eq!(engine.merge(&locked, &open).unwrap(), open);
    }
}

#[test]
fn two_keys_do_not_become_one() {
    for engine in subjects() {
        let (one, two) = (Key::Secret(engine.ed25519()), Key::Secret(engine.ed25519()));
        let error = engine.merge(&one, &two).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed);
    }
}
