//! Passphrases: right ones, wrong ones, none, and changing them.

use crate::support::*;
use sifseal_core::ErrorKind;
use sifseal_core::openpgp::framing::{Packet, tag, write};
use sifseal_core::openpgp::{Fingerprint, Key, Maths, Protection, TransferableSecretKey};
use sifseal_core::{Error, Secret};

impl Subject {
    fn locked(&self, key: &TransferableSecretKey) -> TransferableSecretKey {
        self.relock(key, None, Some(&secret("right"))).unwrap()
    }

    fn refusal(&self, key: &TransferableSecretKey, passphrase: Option<&Secret>) -> Error {
        self.unlock(key, &key.fingerprint(), passphrase)
            .unwrap_err()
    }
}

#[test]
fn a_locked_key_opens_with_its_passphrase_and_no_other() {
    for (maker, reader) in makers_and_readers() {
        for key in maker.keys() {
            let key = maker.locked(&key);
            assert_eq!(key.protection, Protection::Passphrase);

            let wrong = reader.refusal(&key, Some(&secret("wrong")));
            assert_eq!(wrong.kind(), ErrorKind::Locked);
            assert_eq!(wrong.to_string(), "wrong passphrase");

            let none = reader.refusal(&key, None);
            assert_eq!(none.kind(), ErrorKind::Locked);
            assert_eq!(none.to_string(), "a passphrase is needed");
            let empty = reader.refusal(&key, Some(&secret("")));
            assert_eq!(empty.to_string(), none.to_string());

            let signer = reader
                .unlock(&key, &key.fingerprint(), Some(&secret("right")))
                .unwrap();
            let message = reader.message_by(&*signer, "text");
            let certificate = maker.certificate(&key);
            assert_eq!(
                maker.only_trial(&message, &certificate),
                (key.fingerprint(), Maths::Good)
            );
        }
    }
}

#[test]
fn an_open_key_needs_no_passphrase_and_minds_none() {
    for engine in subjects() {
        let key = engine.ed25519();
        for passphrase in [None, Some(secret("any"))] {
            let unlocked = engine.unlock(&key, &key.fingerprint(), passphrase.as_ref());
            assert!(unlocked.is_ok());
        }
    }
}

#[test]
fn locking_and_opening_again_gives_the_same_bytes() {
    for (maker, reader) in makers_and_readers() {
        for key in maker.keys() {
            let opened = reader
                .relock(&maker.locked(&key), Some(&secret("right")), None)
                .unwrap();
            assert_eq!(opened, key);
        }
    }
}

#[test]
fn a_changed_passphrase_replaces_the_old_one_in_every_part() {
    let (old, new) = (secret("right"), secret("new"));
    for (maker, reader) in makers_and_readers() {
        let key = maker.locked(&maker.ed25519());
        let changed = reader.relock(&key, Some(&old), Some(&new)).unwrap();
        assert_eq!(
            maker.refusal(&changed, Some(&old)).kind(),
            ErrorKind::Locked
        );
        assert!(maker.relock(&changed, Some(&new), None).is_ok());
        let wrong = reader.relock(&key, Some(&secret("wrong")), None);
        assert_eq!(wrong.unwrap_err().kind(), ErrorKind::Locked);
    }
}

/// One wrong guess in a while passes for a moment where a check is short.
#[test]
fn no_wrong_passphrase_is_called_anything_else() {
    for engine in subjects() {
        let key = engine.locked(&engine.ed25519());
        for guess in 0..40 {
            let error = engine.refusal(&key, Some(&secret(&format!("wrong {guess}"))));
            assert_eq!(error.kind(), ErrorKind::Locked, "{error}");
        }
    }
}

#[test]
fn a_half_locked_key_counts_as_open_and_relocking_locks_the_rest() {
    for engine in subjects() {
        let open = engine.ed25519();
        let locked = engine.locked(&open);
        let half = parts(&open)
            .zip(parts(&locked))
            .flat_map(|(open, locked)| match open.tag {
                tag::SECRET_KEY => locked.raw,
                _ => open.raw,
            })
            .copied()
            .collect::<Vec<u8>>();
        let half = engine.only_secret_key(&half);
        assert_eq!(half.protection, Protection::Open);
        let whole = engine
            .relock(&half, Some(&secret("right")), Some(&secret("new")))
            .unwrap();
        assert_eq!(whole.protection, Protection::Passphrase);
        assert_eq!(
            engine.relock(&whole, Some(&secret("new")), None).unwrap(),
            open
        );
    }
}

#[test]
fn a_key_that_is_not_there_is_not_found_and_one_that_cannot_sign_is_told() {
    for engine in subjects() {
        let key = engine.ed25519();
        let stranger = engine.unlock(&key, &Fingerprint::V4([7; 20]), None);
        assert_eq!(stranger.unwrap_err().kind(), ErrorKind::NotFound);
        let encryption = engine.unlock(&key, &key.outline.subkeys[0], None);
        assert_eq!(encryption.unwrap_err().kind(), ErrorKind::Unsupported);
    }
}

/// Whoever can write to a key file could put their own public values beside the
/// locked secret, and compute the secret from a signature made with both.
#[test]
fn a_secret_under_another_public_key_is_refused() {
    // Version, time, algorithm, curve, then the point: all Ed25519 keys have these
    // 51 octets at the same place.
    const POINT: std::ops::Range<usize> = 2 + 16..2 + 51;
    for engine in subjects() {
        let (mine, other) = (engine.ed25519(), engine.ed25519());
        let (mine_locked, right) = (engine.locked(&mine), secret("right"));
        for (key, passphrase) in [(mine, None), (mine_locked, Some(&right))] {
            let mut forged = key.bytes.expose().to_vec();
            forged[POINT].copy_from_slice(&other.bytes.expose()[POINT]);
            let forged = engine.only_secret_key(&forged);
            let error = engine.refusal(&forged, passphrase);
            assert_eq!(error.kind(), ErrorKind::Malformed);
            assert!(error.to_string().contains("belongs to another key"));
            let relocked = engine.relock(&forged, passphrase, None);
            assert_eq!(relocked.unwrap_err().kind(), ErrorKind::Malformed);
        }
    }
}

#[test]
fn an_rsa_secret_under_another_modulus_is_refused() {
    // Version, time, algorithm, length of the modulus, then its 256 octets.
    const MODULUS: std::ops::Range<usize> = 3 + 8..3 + 8 + 256;
    for engine in subjects() {
        let (mine, other) = (engine.rsa(), engine.fresh_rsa());
        let mut forged = mine.bytes.expose().to_vec();
        forged[MODULUS].copy_from_slice(&other.bytes.expose()[MODULUS]);
        let forged = engine.only_secret_key(&forged);
        let error = engine.refusal(&forged, None);
        assert_eq!(error.kind(), ErrorKind::Malformed, "{error}");
    }
}

/// Every octet behind the public fields of an open key, changed: an error or a key
/// that still signs well, and never a panic.
#[test]
fn no_damage_to_a_secret_part_gives_a_bad_signature() {
    for engine in subjects() {
        for key in engine.keys() {
            let bytes = key.bytes.expose();
            let certificate = engine.certificate(&key);
            let public = packets(&certificate.bytes).next().unwrap().body.len();
            let packet = packets(bytes).next().unwrap();
            let end = packet.raw.len();
            let secret_part = end - packet.body.len() + public..end;
            for at in secret_part.step_by(7) {
                for value in [0, 0xFF] {
                    let mut damaged = bytes.to_vec();
                    damaged[at] = value;
                    let ring = engine.read_keys(&damaged);
                    let Some(Key::Secret(damaged)) = ring.keys.first() else {
                        continue;
                    };
                    let Ok(signer) = engine.unlock(damaged, &key.fingerprint(), None) else {
                        continue;
                    };
                    let message = engine.message_by(&*signer, "text");
                    let (_, maths) = engine.only_trial(&message, &certificate);
                    assert_eq!(maths, Maths::Good, "octet {at}");
                }
            }
        }
    }
}

#[test]
fn what_has_no_secret_part_here_is_told() {
    for engine in subjects() {
        let key = engine.ed25519();
        let stubs: Vec<u8> = parts(&key)
            .flat_map(|packet| match packet.tag {
                tag::SECRET_KEY | tag::SECRET_SUBKEY => stub(&engine, &key, packet),
                _ => packet.raw.to_vec(),
            })
            .collect();
        let stubs = engine.only_secret_key(&stubs);
        assert!(matches!(stubs.protection, Protection::Elsewhere(_)));
        let refused = engine.refusal(&stubs, None);
        assert_eq!(refused.kind(), ErrorKind::Unavailable);
        assert!(refused.to_string().contains("smart card D276"), "{refused}");
        let relocked = engine.relock(&stubs, None, Some(&secret("pass")));
        assert_eq!(relocked.unwrap_err().kind(), ErrorKind::Unsupported);
    }
}

/// A key packet with its secret part on a card, as GnuPG marks it (`doc/DETAILS`).
fn stub(engine: &Subject, key: &TransferableSecretKey, packet: Packet<'_>) -> Vec<u8> {
    let certificate = engine.certificate(key);
    let public_tag = match packet.tag {
        tag::SECRET_KEY => tag::PUBLIC_KEY,
        _ => tag::PUBLIC_SUBKEY,
    };
    let public = packets(&certificate.bytes).find(|packet| packet.tag == public_tag);
    let mut body = public.unwrap().body.to_vec();
    body.extend(b"\xFF\x00\x65\x00GNU\x02\x02\xD2\x76");
    let mut bytes = Vec::new();
    write(packet.tag, &body, &mut bytes);
    bytes
}

fn parts(key: &TransferableSecretKey) -> impl Iterator<Item = Packet<'_>> {
    packets(key.bytes.expose())
}
