//! What is taken of an answer, and what is dropped.

use crate::people::*;
use crate::server::Server;
use sifseal_conformance_tests::craft::{self, CertificateDraft, Place, packet};
use sifseal_conformance_tests::engines;
use sifseal_conformance_tests::workshop::new_key;
use sifseal_core::ErrorKind;
use sifseal_core::keyservers::Keyservers;
use sifseal_core::openpgp::Maths;
use sifseal_core::openpgp::framing::Packet;
use sifseal_core::traits::KeyAlgorithm;

const USER_ID: u8 = 13;
const SIGNATURE: u8 = 2;

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
                (failure.place.as_deref(), failure.kind),
                (Some("liar"), ErrorKind::Malformed)
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

#[test]
fn who_has_adopted_a_key_is_not_who_was_asked_for() {
    for engine in engines() {
        let (ada_key, mallory) = (key(), key());
        // Bound by Mallory; Ada's key has not answered.
        let adopts = certificate(&mallory, "Mallory")
            .subkey(&ada_key, &mallory.binds_without_answer(MADE))
            .bytes();
        let handles = [by_fingerprint(&ada_key), by_id(&ada_key)];
        for handle in handles {
            // The first server's answer does not keep the second from being asked.
            let servers = [
                Server::named("adopter").always_says(&adopts).boxed(),
                Server::named("honest").always_says(&ada(&ada_key)).boxed(),
            ];
            let fetched = Keyservers::new(&*engine, &servers).fetch(&cx(), &[handle]);
            let found: Vec<_> = fetched
                .certificates
                .iter()
                .map(|certificate| certificate.fingerprint())
                .collect();
            assert_eq!(found, [ada_key.fingerprint()]);
            assert_eq!(fetched.failures.len(), 1);
        }
    }
}

#[test]
fn whoever_shares_a_key_with_its_owner_does_not_stand_beside_the_owner() {
    for engine in engines() {
        let (ada_key, friend) = (key(), key());
        let shares = certificate(&friend, "Friend")
            .subkey(&ada_key, &friend.binds(&ada_key, MADE))
            .bytes();
        let both = [shares, ada(&ada_key)].concat();
        let servers = [Server::named("s").always_says(&both).boxed()];
        let fetched = Keyservers::new(&*engine, &servers).fetch(&cx(), &[by_fingerprint(&ada_key)]);
        let found: Vec<_> = fetched
            .certificates
            .iter()
            .map(|certificate| certificate.fingerprint())
            .collect();
        assert_eq!(found, [ada_key.fingerprint()]);
    }
}

#[test]
fn a_signature_that_cannot_be_checked_vouches_for_nothing() {
    for engine in engines() {
        let ada_key = key();
        // Anyone can write such signatures; no library knows hash 99.
        let by_unknown_hash = |mut body: Vec<u8>| {
            body[3] = 99;
            packet(SIGNATURE, &body)
        };
        let subkey = key();
        let name = Place::UserId(&ada_key, "Mallory");
        let forged = by_unknown_hash(ada_key.certifies(MADE).body(name));
        let binding = ada_key.binds_without_answer(MADE);
        let binding = by_unknown_hash(binding.body(Place::Subkey(&ada_key, &subkey)));
        let bytes = certificate(&ada_key, "Ada <ada@example.com>")
            .raw(&forged)
            .raw(&packet(USER_ID, b"Mallory"))
            .raw(&forged)
            .raw(&subkey.subkey_packet())
            .raw(&binding)
            .bytes();
        let servers = [Server::named("s").always_says(&bytes).boxed()];
        let fetched = Keyservers::new(&*engine, &servers).fetch(&cx(), &[by_id(&ada_key)]);
        assert_eq!(fetched.certificates[0].bytes, ada(&ada_key));
    }
}

#[test]
fn copies_of_a_good_signature_that_differ_in_unsigned_octets_are_one() {
    for engine in engines() {
        let ada_key = key();
        let own = || ada_key.certifies(MADE);
        let mut flood = CertificateDraft::of(&ada_key)
            .user_id("Ada <ada@example.com>", &own().with_unhashed(remark(0)));
        for number in 1..50 {
            flood = flood.on_user_id(&own().with_unhashed(remark(number)));
        }
        let servers = [Server::named("s").always_says(&flood.bytes()).boxed()];
        let fetched = Keyservers::new(&*engine, &servers).fetch(&cx(), &[by_id(&ada_key)]);
        let taken = &fetched.certificates[0];
        assert_eq!(bodies(&taken.bytes), bodies(&ada(&ada_key)));
    }
}

/// What is in the packets, however long their headers are.
fn bodies(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut bodies = Vec::new();
    while let Some(packet) = Packet::first(bytes) {
        bodies.push(packet.body);
        bytes = &bytes[packet.raw.len()..];
    }
    bodies
}

fn remark(number: u8) -> craft::subpacket::Subpacket {
    craft::subpacket::notation("remark@example.com", &number.to_string())
}

#[test]
fn a_subkeys_answer_survives_in_whichever_copy_it_stands() {
    for engine in engines() {
        let (ada_key, subkey) = (key(), key());
        let answered = certificate(&ada_key, "Ada")
            .subkey(&subkey, &ada_key.binds(&subkey, MADE))
            .bytes();
        let servers = [Server::named("s").always_says(&answered).boxed()];
        let fetched = Keyservers::new(&*engine, &servers).fetch(&cx(), &[by_id(&ada_key)]);
        let facts = engine.certificate_facts(&fetched.certificates[0]).unwrap();
        let back = facts.subkeys[0].signatures[0].back_signature.as_ref();
        assert_eq!(back.unwrap().maths, Maths::Good);
    }
}

#[test]
fn what_is_not_meant_for_others_is_not_taken_in() {
    for engine in engines() {
        let ada_key = key();
        let private = craft::subpacket::Subpacket::new(4, &[0]);
        let bytes = certificate(&ada_key, "Ada <ada@example.com>")
            .user_id("Ada (private)", &ada_key.certifies(MADE).with(private))
            .bytes();
        let servers = [Server::named("s").always_says(&bytes).boxed()];
        let fetched = Keyservers::new(&*engine, &servers).fetch(&cx(), &[by_id(&ada_key)]);
        assert_eq!(fetched.certificates[0].bytes, ada(&ada_key));
    }
}

#[test]
fn a_flood_is_refused_before_it_is_looked_through() {
    for engine in engines() {
        let ada_key = key();
        let junk = packet(SIGNATURE, &[4, 0x13, 22, 8, 0, 0, 0, 0, 0, 0]);
        let mut draft = certificate(&ada_key, "Ada <ada@example.com>");
        draft = draft.raw(&junk.repeat(10_001));
        let servers = [Server::named("s").always_says(&draft.bytes()).boxed()];
        let fetched = Keyservers::new(&*engine, &servers).fetch(&cx(), &[by_id(&ada_key)]);
        assert!(fetched.certificates.is_empty());
        assert!(fetched.failures[0].text.contains("a flood"), "{fetched:?}");
    }
}

#[test]
fn an_endless_user_id_goes_and_the_others_stay() {
    for engine in engines() {
        let ada_key = key();
        let endless = "x".repeat(3000);
        let bytes = certificate(&ada_key, "Ada <ada@example.com>")
            .user_id(&endless, &ada_key.certifies(MADE))
            .bytes();
        let servers = [Server::named("s").always_says(&bytes).boxed()];
        let fetched = Keyservers::new(&*engine, &servers).fetch(&cx(), &[by_id(&ada_key)]);
        assert_eq!(fetched.certificates[0].bytes, ada(&ada_key));
    }
}
