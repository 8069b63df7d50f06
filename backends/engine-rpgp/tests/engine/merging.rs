//! Two copies of one key made one.

use crate::support::*;
use sifseal_core::ErrorKind;
use sifseal_core::openpgp::{Certificate, Key};
use sifseal_core::traits::Engine;

/// Packets of a certificate as they stand: header length byte sums are ours.
fn packets(certificate: &Certificate) -> Vec<Vec<u8>> {
    let mut rest = certificate.bytes.as_slice();
    let mut packets = Vec::new();
    while !rest.is_empty() {
        let len = match rest[1] {
            short @ 0..=191 => usize::from(short) + 2,
            long => (usize::from(long) - 192) * 256 + usize::from(rest[2]) + 192 + 3,
        };
        packets.push(rest[..len].to_vec());
        rest = &rest[len..];
    }
    packets
}

fn without(certificate: &Certificate, dropped: &[usize]) -> Key {
    let kept: Vec<u8> = packets(certificate)
        .into_iter()
        .enumerate()
        .filter(|(at, _)| !dropped.contains(at))
        .flat_map(|(_, packet)| packet)
        .collect();
    Key::Certificate(only_certificate(&kept))
}

#[test]
fn merging_a_key_with_itself_changes_nothing() {
    for key in [
        Key::Secret(ed25519()),
        Key::Certificate(certificate(&rsa())),
    ] {
        assert_eq!(ENGINE.merge(&key, &key).unwrap(), key);
    }
}

#[test]
fn a_merged_key_has_everything_of_both() {
    let whole = certificate(&ed25519());
    assert_eq!(
        packets(&whole).len(),
        5,
        "key, user ID, signature, subkey, signature"
    );
    let without_user_id = without(&whole, &[1, 2]);
    let without_subkey = without(&whole, &[3, 4]);
    for (older, newer) in [
        (&without_user_id, &without_subkey),
        (&without_subkey, &without_user_id),
    ] {
        assert_eq!(
            ENGINE.merge(older, newer).unwrap(),
            Key::Certificate(whole.clone())
        );
    }
    let without_signature = without(&whole, &[2]);
    assert_eq!(
        ENGINE.merge(&without_signature, &without_subkey).unwrap(),
        Key::Certificate(whole)
    );
}

#[test]
fn a_secret_part_is_gained_and_never_lost() {
    let secret_key = ed25519();
    let public = Key::Certificate(certificate(&secret_key));
    let secret_key = Key::Secret(secret_key);
    assert_eq!(ENGINE.merge(&public, &secret_key).unwrap(), secret_key);
    assert_eq!(ENGINE.merge(&secret_key, &public).unwrap(), secret_key);
}

#[test]
fn of_two_secret_parts_the_newer_one_stays() {
    let open = ed25519();
    let locked = ENGINE.relock(&open, None, Some(&secret("right"))).unwrap();
    let (open, locked) = (Key::Secret(open), Key::Secret(locked));
    assert_eq!(ENGINE.merge(&open, &locked).unwrap(), locked);
    assert_eq!(ENGINE.merge(&locked, &open).unwrap(), open);
}

#[test]
fn two_keys_do_not_become_one() {
    let (one, two) = (Key::Secret(ed25519()), Key::Secret(ed25519()));
    let error = ENGINE.merge(&one, &two).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
}
