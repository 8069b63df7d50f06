//! What is new in a certificate (W-5).

use crate::people::*;
use crate::server::Server;
use sifseal_conformance_tests::craft::{CertificateDraft, Key, subpacket};
use sifseal_conformance_tests::engines;
use sifseal_conformance_tests::workshop::NOW;
use sifseal_core::ErrorKind;
use sifseal_core::keyservers::Keyservers;
use sifseal_core::keyservers::changes::{KeyChange, changes};

#[test]
fn every_server_is_asked_since_any_may_know_of_a_revocation_w5() {
    for engine in engines() {
        let ada_key = key();
        let handle = by_fingerprint(&ada_key);
        let revoked = CertificateDraft::of(&ada_key)
            .on_key(&ada_key.revokes_itself(MADE))
            .user_id("Ada <ada@example.com>", &ada_key.certifies(MADE))
            .bytes();
        let servers = [
            Server::named("old").has(handle, &ada(&ada_key)).boxed(),
            Server::named("down").fails_with(ErrorKind::Timeout).boxed(),
            Server::named("new").has(handle, &revoked).boxed(),
        ];
        let answers = Keyservers::new(&*engine, &servers).refresh(&cx(), &[ada_key.fingerprint()]);
        let [answer] = &answers[..] else {
            panic!("{answers:?}");
        };
        assert_eq!(answer.failures.len(), 1);
        let facts = engine.certificate_facts(&answer.certificates[0]).unwrap();
        assert_eq!(facts.on_primary.len(), 1, "the revocation is there");
    }
}

#[test]
fn a_certificate_that_has_adopted_the_key_is_not_taken_for_its_update() {
    for engine in engines() {
        let (ada_key, mallory) = (key(), key());
        let adopts = certificate(&mallory, "Mallory")
            .subkey(&ada_key, &mallory.binds_without_answer(MADE))
            .bytes();
        let servers = [Server::named("s").always_says(&adopts).boxed()];
        let answers = Keyservers::new(&*engine, &servers).refresh(&cx(), &[ada_key.fingerprint()]);
        assert!(answers[0].certificates.is_empty());
    }
}

/// What is told of the way from one copy to the other, which is the same whichever
/// engine looks.
fn told(before: &[u8], after: &[u8]) -> Vec<KeyChange> {
    let mut told: Vec<Vec<KeyChange>> = engines()
        .iter()
        .map(|engine| {
            let facts = |bytes: &[u8]| engine.certificate_facts(&read(&**engine, bytes)).unwrap();
            changes(&facts(before), &facts(after), NOW)
        })
        .collect();
    assert_eq!(told[0], told[1]);
    told.remove(0)
}

fn expiring(key: &Key, days: u32) -> Vec<u8> {
    let lifetime = subpacket::key_expires_after(days * 86_400);
    CertificateDraft::of(key)
        .user_id("Ada", &key.certifies(MADE).with(lifetime))
        .bytes()
}

#[test]
fn nothing_is_told_of_two_copies_that_say_the_same() {
    let ada_key = key();
    assert!(told(&ada(&ada_key), &ada(&ada_key)).is_empty());
    let renewed = certificate(&ada_key, "Ada <ada@example.com>")
        .on_user_id(&ada_key.certifies(MADE.plus(1)))
        .bytes();
    assert!(told(&ada(&ada_key), &renewed).is_empty());
}

#[test]
fn revocation_expiry_subkeys_and_user_ids_are_told() {
    let (ada_key, subkey) = (key(), key());
    let own = ada_key.fingerprint();
    let before = certificate(&ada_key, "Ada").bytes();

    let revoked = CertificateDraft::of(&ada_key)
        .on_key(&ada_key.revokes_itself(MADE))
        .user_id("Ada", &ada_key.certifies(MADE))
        .bytes();
    assert_eq!(told(&before, &revoked), [KeyChange::Revoked(own)]);

    let ends = MADE.plus(30 * 86_400);
    let expiring_soon = expiring(&ada_key, 30);
    assert_eq!(
        told(&before, &expiring_soon),
        [KeyChange::Expires(own, Some(ends))]
    );
    assert_eq!(
        told(&expiring_soon, &before),
        [KeyChange::Expires(own, None)]
    );

    let more = certificate(&ada_key, "Ada")
        .user_id("Ada (work)", &ada_key.certifies(MADE))
        .subkey(&subkey, &ada_key.binds(&subkey, MADE))
        .bytes();
    assert_eq!(
        told(&before, &more),
        [
            KeyChange::Subkey(subkey.fingerprint()),
            KeyChange::UserId("Ada (work)".to_owned())
        ]
    );

    let gone = certificate(&ada_key, "Ada")
        .on_user_id(&ada_key.revokes_user_id(MADE.plus(1)))
        .bytes();
    assert_eq!(
        told(&before, &gone),
        [KeyChange::UserIdRevoked("Ada".to_owned())]
    );
}
