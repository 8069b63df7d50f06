//! What a new key is like.

use crate::support::*;
use sifseal_conformance_tests::workshop::at;
use sifseal_core::openpgp::{HashAlgorithm, KeyFlags, Maths, Protection, PublicKeyAlgorithm};
use sifseal_core::traits::KeyAlgorithm;
use sifseal_core::{ErrorKind, Timestamp};

#[test]
fn a_new_key_is_what_was_asked_for() {
    for engine in subjects() {
        for (key, algorithm, bits) in [
            (engine.ed25519(), PublicKeyAlgorithm::EdDsaLegacy, 256),
            (engine.rsa(), PublicKeyAlgorithm::Rsa, 2048),
        ] {
            assert_eq!(key.outline.algorithm, algorithm);
            assert_eq!(key.outline.bits, bits);
            assert_eq!(key.outline.created, NOW);
            assert_eq!(key.outline.user_ids, ["Ada (test) <ada@example.com>"]);
            assert_eq!(key.outline.subkeys.len(), 1);
            assert_eq!(key.protection, Protection::Open);
        }
    }
}

#[test]
fn a_new_key_says_good_things_about_itself_and_only_those() {
    for (maker, reader) in makers_and_readers() {
        for key in maker.keys() {
            let facts = reader.facts(&reader.certificate(&key));
            assert_eq!(facts.primary.version, 4);
            assert_eq!(facts.primary.created, NOW);
            assert!(facts.on_primary.is_empty());

            let [certification] = facts.user_ids[0].signatures.as_slice() else {
                panic!("one certification");
            };
            assert_eq!(certification.maths, Maths::Good);
            assert_eq!(certification.hash, HashAlgorithm::Sha512);
            assert_eq!(certification.created, Some(NOW));
            assert_eq!(certification.key_flags, Some(KeyFlags(0x03)));
            assert!(certification.primary_user_id);
            assert_eq!(certification.key_expires_after, None);
            assert!(certification.unknown_critical.is_empty());

            let [binding] = facts.subkeys[0].signatures.as_slice() else {
                panic!("one binding");
            };
            assert_eq!(facts.subkeys[0].key.created, NOW);
            assert_eq!(binding.maths, Maths::Good);
            assert_eq!(binding.created, Some(NOW));
            assert_eq!(binding.key_flags, Some(KeyFlags(0x0C)));
            assert_eq!(binding.back_signature, None);
        }
    }
}

#[test]
fn the_keys_of_all_engines_say_the_same() {
    let mut said = subjects().map(|engine| {
        let facts = engine.facts(&engine.certificate(&engine.ed25519()));
        (facts.user_ids, facts.subkeys[0].signatures.clone())
    });
    let first = said.next().unwrap();
    for other in said {
        assert_eq!(first, other);
    }
}

/// Integers lose leading zeros, so one key in 128 has a short value somewhere.
#[test]
fn fresh_keys_are_read_by_all_and_written_back_as_they_were() {
    let passphrase = secret("pass");
    for (maker, reader) in makers_and_readers() {
        for _ in 0..50 {
            let key = maker.ed25519();
            assert_eq!(reader.only_secret_key(key.bytes.expose()), key);
            let facts = reader.facts(&reader.certificate(&key));
            assert_eq!(facts.user_ids[0].signatures[0].maths, Maths::Good);
            assert_eq!(facts.subkeys[0].signatures[0].maths, Maths::Good);
        }
        let locked = reader
            .relock(&maker.fresh_rsa(), None, Some(&passphrase))
            .unwrap();
        assert!(maker.relock(&locked, Some(&passphrase), None).is_ok());
    }
}

#[test]
fn an_expiry_is_written_on_both_keys() {
    for engine in subjects() {
        let mut spec = spec(KeyAlgorithm::Ed25519);
        spec.expires_after = Some(86_400);
        let key = engine.generate(&cx(), &spec, None).unwrap();
        let facts = engine.facts(&engine.certificate(&key));
        let (user_id, subkey) = (&facts.user_ids[0], &facts.subkeys[0]);
        assert_eq!(user_id.signatures[0].key_expires_after, Some(86_400));
        assert_eq!(subkey.signatures[0].key_expires_after, Some(86_400));
    }
}

#[test]
fn what_is_described_is_made_and_what_cannot_be_made_is_refused_with_the_reason() {
    for engine in subjects() {
        let described = engine.describe();
        for algorithm in [
            KeyAlgorithm::Ed25519,
            KeyAlgorithm::Rsa(2048),
            KeyAlgorithm::Rsa(3072),
            KeyAlgorithm::Rsa(4096),
        ] {
            assert!(described.generates.contains(&algorithm));
        }
        let rsa3072 = engine.generate(&cx(), &spec(KeyAlgorithm::Rsa(3072)), None);
        assert_eq!(rsa3072.unwrap().outline.bits, 3072);

        let refusal = |algorithm| {
            let error = engine.generate(&cx(), &spec(algorithm), None).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            error.to_string()
        };
        assert!(refusal(KeyAlgorithm::Rsa(1024)).contains("under 2048 bits are not safe"));
        assert!(refusal(KeyAlgorithm::Rsa(16385)).contains("RSA keys over"));

        let before_1970 = at(Timestamp(-1));
        let refused = engine.generate(&before_1970, &spec(KeyAlgorithm::Ed25519), None);
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Unsupported);
    }
}

#[test]
fn a_passphrase_locks_every_secret_part_as_old_readers_open_it_w2() {
    /// Usage 254, AES-256, iterated and salted, SHA-256 (RFC 9580, sections 3.7.1.3
    /// and 5.5.3).
    const LOCK: [u8; 4] = [254, 9, 3, 8];
    const LARGEST_COUNT: u8 = 0xFF;
    let passphrase = secret("correct horse");
    for engine in subjects() {
        for algorithm in [KeyAlgorithm::Ed25519, KeyAlgorithm::Rsa(2048)] {
            let key = engine
                .generate(&cx(), &spec(algorithm), Some(&passphrase))
                .unwrap();
            assert_eq!(key.protection, Protection::Passphrase);
            let locks = key.bytes.expose().windows(13);
            let locks = locks.filter(|part| part[..4] == LOCK && part[12] == LARGEST_COUNT);
            assert_eq!(locks.count(), 2, "{} {algorithm:?}", engine.name());
            let opened = engine.relock(&key, Some(&passphrase), None).unwrap();
            assert_eq!(opened.protection, Protection::Open);
        }
    }
}

#[test]
fn an_empty_passphrase_is_none() {
    for engine in subjects() {
        let empty = secret("");
        let key = engine
            .generate(&cx(), &spec(KeyAlgorithm::Ed25519), Some(&empty))
            .unwrap();
        assert_eq!(key.protection, Protection::Open);
        let relocked = engine.relock(&key, Some(&empty), Some(&empty)).unwrap();
        assert_eq!(relocked, key);
    }
}
