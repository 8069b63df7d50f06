//! What is taken of an answer, and what is dropped.

use crate::people::*;
use crate::server::Server;
use sifseal_conformance_tests::craft::{self, CertificateDraft, Place, packet};
use sifseal_conformance_tests::engines;
use sifseal_conformance_tests::workshop::new_key;
use sifseal_core::ErrorKind;
use sifseal_core::keyservers::Keyservers;
use sifseal_core::traits::KeyAlgorithm;

const USER_ID: u8 = 13;

#[test]
fn a_certificate_that_was_not_asked_for_is_dropped_and_told_w3() {
    for engine in engines() {
        let (wanted, other) = (key(), key());
        for handle in [by_fingerprint(&wanted), by_id(&wanted)] {
            let servers = [Server::named("liar").always_says(&ada(&other)).boxed()];
            let fetched = Keyservers::new(&*engine, &servers).fetch(&cx(), &[handle]);
            assert!(fetched.certificates.is_empty());
            let [failure] = &fetched.failures[..] else {
                panic!("{fetched:?}");
            };
            assert_eq!(
                (failure.place.as_str(), failure.kind),
                ("liar", ErrorKind::Malformed)
            );
            assert!(
                failure
                    .text
                    .starts_with("liar: the answer is another certificate")
            );
        }
    }
}

#[test]
fn of_several_certificates_only_the_one_asked_for_is_kept() {
    for engine in engines() {
        let (wanted, other) = (key(), key());
        let both = [ada(&other), ada(&wanted)].concat();
        let servers = [Server::named("s").always_says(&both).boxed()];
        let fetched = Keyservers::new(&*engine, &servers).fetch(&cx(), &[by_id(&wanted)]);
        let found: Vec<_> = fetched
            .certificates
            .iter()
            .map(|c| c.fingerprint())
            .collect();
        assert_eq!(found, [wanted.fingerprint()]);
        assert!(fetched.failures.is_empty());
    }
}

#[test]
fn what_the_owner_has_not_signed_is_not_taken_in() {
    for engine in engines() {
        let (ada_key, mallory, adopted) = (key(), key(), key());
        let clean = ada(&ada_key);
        // A user ID that nobody certified; one that somebody else did; somebody else's
        // signature on Ada's own; and a subkey that nobody bound.
        let hung_on = CertificateDraft::of(&ada_key)
            .user_id("Ada <ada@example.com>", &ada_key.certifies(MADE))
            .on_user_id(&mallory.certifies(MADE))
            .raw(&packet(USER_ID, b"Mallory"))
            .user_id("Eve", &mallory.certifies(MADE))
            .raw(&adopted.subkey_packet())
            .bytes();
        assert!(hung_on.len() > clean.len() + 300);
        let servers = [Server::named("s").always_says(&hung_on).boxed()];
        let fetched = Keyservers::new(&*engine, &servers).fetch(&cx(), &[by_fingerprint(&ada_key)]);
        let taken = &fetched.certificates[0];
        assert_eq!(taken.bytes, clean, "{}", engine.describe().name);
        assert_eq!(taken.outline.user_ids, ["Ada <ada@example.com>"]);
    }
}

#[test]
fn a_forged_signature_in_the_owners_name_is_dropped_and_revocations_stay() {
    for engine in engines() {
        let (ada_key, mallory) = (key(), key());
        let forged = mallory.certifies(MADE).claiming_to_be_by(&ada_key);
        let draft = || {
            certificate(&ada_key, "Ada")
                .user_id("Old", &ada_key.certifies(MADE))
                .on_user_id(&ada_key.revokes_user_id(MADE.plus(10)))
        };
        // The revocation of the key stands where it does not belong.
        let revocation = ada_key.revokes_itself(MADE.plus(20));
        let bytes = draft()
            .raw(&revocation.over(Place::Primary(&ada_key)))
            .user_id("Forged", &forged)
            .bytes();
        let servers = [Server::named("s").always_says(&bytes).boxed()];
        let fetched = Keyservers::new(&*engine, &servers).fetch(&cx(), &[by_id(&ada_key)]);
        let taken = &fetched.certificates[0];
        assert_eq!(taken.outline.user_ids, ["Ada", "Old"]);
        let facts = engine.certificate_facts(taken).unwrap();
        assert_eq!(facts.on_primary.len(), 1, "the key is revoked");
        assert_eq!(facts.user_ids[1].signatures.len(), 2);
    }
}

#[test]
fn a_subkey_is_kept_with_its_binding_and_answers_for_its_certificate() {
    for engine in engines() {
        let (ada_key, subkey) = (key(), key());
        let bytes = certificate(&ada_key, "Ada")
            .subkey(&subkey, &ada_key.binds(&subkey, MADE))
            .bytes();
        let servers = [Server::named("s").always_says(&bytes).boxed()];
        let fetched = Keyservers::new(&*engine, &servers).fetch(&cx(), &[by_fingerprint(&subkey)]);
        assert_eq!(fetched.certificates[0].bytes, bytes);
    }
}

#[test]
fn a_certificate_without_user_ids_is_a_certificate() {
    for engine in engines() {
        let ada_key = key();
        let bytes = CertificateDraft::of(&ada_key)
            .on_key(&ada_key.states(MADE))
            .bytes();
        let servers = [Server::named("s").always_says(&bytes).boxed()];
        let fetched = Keyservers::new(&*engine, &servers).fetch(&cx(), &[by_id(&ada_key)]);
        assert_eq!(fetched.certificates[0].bytes, bytes);
    }
}

#[test]
fn of_a_secret_key_on_a_server_only_the_public_half_is_taken() {
    for engine in engines() {
        let secret = new_key(&*engine, "Ada", KeyAlgorithm::Ed25519).unwrap();
        let handle = sifseal_core::openpgp::KeyHandle::Fingerprint(secret.fingerprint());
        let servers = [Server::named("s")
            .always_says(secret.bytes.expose())
            .boxed()];
        let fetched = Keyservers::new(&*engine, &servers).fetch(&cx(), &[handle]);
        let expected = engine.certificate_of(&secret).unwrap();
        assert_eq!(fetched.certificates, [expected]);
    }
}

#[test]
fn what_is_no_certificate_is_told_in_one_line() {
    for engine in engines() {
        let ada_key = key();
        let half = ada(&ada_key);
        let armor = craft::armor("PGP PUBLIC KEY BLOCK", b"no packets at all");
        for bytes in [
            &b""[..],
            b"<html>Please log in</html>",
            b"\x00\xff\x1b[2J",
            &half[..20],
            armor.as_bytes(),
        ] {
            let servers = [Server::named("s").always_says(bytes).boxed()];
            let fetched =
                Keyservers::new(&*engine, &servers).fetch(&cx(), &[by_fingerprint(&ada_key)]);
            assert!(fetched.certificates.is_empty());
            let [failure] = &fetched.failures[..] else {
                panic!("{fetched:?}");
            };
            assert!(failure.text.starts_with("s: the answer is "), "{failure:?}");
            assert!(!failure.text.chars().any(char::is_control), "{failure:?}");
        }
    }
}
