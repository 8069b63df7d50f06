//! Rings with junk in them, and bytes that are nothing at all.

use crate::support::*;
use sifseal_conformance::keys::Keys;
use sifseal_core::openpgp::{Key, Keyring, Maths, cleartext};

fn bytes(key: &Key) -> Vec<u8> {
    key.bytes().to_vec()
}

fn armored(key: &Key) -> Vec<u8> {
    some_engine().armor(key).unwrap().expose().to_vec()
}

fn mixed() -> [Key; 3] {
    [
        Key::Secret(ed25519()),
        Key::Certificate(certificate(&ed25519())),
        Key::Certificate(certificate(&rsa())),
    ]
}

fn fingerprints(ring: &Keyring) -> Vec<String> {
    ring.keys
        .iter()
        .map(|key| key.fingerprint().to_string())
        .collect()
}

#[test]
fn many_keys_come_out_whole_and_in_order_whatever_they_came_in() {
    let keys = mixed();
    let binary: Vec<u8> = keys.iter().flat_map(bytes).collect();
    let blocks: Vec<u8> = keys.iter().flat_map(armored).collect();
    let told = [
        b"Here are my keys:\n\n".to_vec(),
        blocks.clone(),
        b"\nBye\n".to_vec(),
    ]
    .concat();
    let with_mark = [b"\xEF\xBB\xBF".to_vec(), blocks.clone()].concat();
    let windows = String::from_utf8(blocks.clone())
        .unwrap()
        .replace('\n', "\r\n")
        .into_bytes();
    for form in [binary, blocks, told, with_mark, windows] {
        assert_eq!(agreed(|engine| engine.clean_ring(&form).keys), keys);
    }
}

#[test]
fn nothing_is_an_empty_ring_and_text_is_one_piece_of_junk() {
    assert_eq!(agreed_ring(b""), Keyring::default());
    assert_eq!(agreed_ring(b" \n"), Keyring::default());
    let ring = agreed_ring(b"dear diary");
    assert!(ring.keys.is_empty());
    assert_eq!(ring.junk.len(), 1);
    assert_eq!(
        (ring.junk[0].offset, ring.junk[0].bytes.as_slice()),
        (0, &b"dear diary"[..])
    );
}

#[test]
fn junk_before_between_and_after_keys_harms_none_of_them() {
    let keys = mixed();
    let junk: [&[u8]; 4] = [b"", b"\x00\x01\x02", b"plain text", &[0x99; 40]];
    for junk in junk {
        let mut ring = bytes(&keys[0]);
        let first = ring.len();
        ring.extend_from_slice(junk);
        ring.extend(bytes(&keys[1]));
        let second = ring.len();
        ring.extend_from_slice(junk);
        ring.extend(bytes(&keys[2]));
        let third = ring.len();
        ring.extend_from_slice(junk);

        let read = agreed_ring(&ring);
        assert_eq!(read.keys, keys, "{junk:?}");
        if !junk.is_empty() {
            let found: Vec<_> = read.junk.iter().map(|junk| junk.offset).collect();
            assert_eq!(found, [first, second, third]);
            assert!(read.junk.iter().all(|found| found.bytes == junk));
        }
    }
}

#[test]
fn a_ring_is_exactly_its_keys_and_its_junk() {
    let keys = mixed();
    let ring: Vec<u8> = keys.iter().flat_map(bytes).collect();
    let mut broken = ring.clone();
    broken[1] ^= 0x40;
    for ring in [ring, broken] {
        let read = agreed_ring(&ring);
        let kept: usize = read.keys.iter().map(|key| bytes(key).len()).sum();
        let junk: usize = read.junk.iter().map(|junk| junk.bytes.len()).sum();
        assert_eq!(kept + junk, ring.len());
        for junk in &read.junk {
            assert_eq!(
                ring[junk.offset..junk.offset + junk.bytes.len()],
                junk.bytes
            );
        }
    }
}

/// A version 3 key, as PGP 2 made them: whole, and useless.
#[test]
fn an_ancient_key_is_junk_and_its_neighbours_are_not() {
    let keys = mixed();
    let ancient = [
        &[0x99, 0, 15, 3, 0, 0, 0, 1, 0, 0, 1, 0, 8, 255, 0, 2, 3, 0][..],
        b"\xB4\x03Bob",
    ]
    .concat();
    let ring = [bytes(&keys[1]), ancient.clone(), bytes(&keys[2])].concat();
    let read = agreed_ring(&ring);
    assert_eq!(read.keys, keys[1..]);
    assert_eq!(read.junk.len(), 1);
    assert_eq!(read.junk[0].bytes, ancient);
    assert!(read.junk[0].what.contains("version 3"));
}

#[test]
fn a_cut_armored_block_is_junk_and_the_next_one_is_read() {
    let keys = mixed();
    let cut = armored(&keys[0]);
    let cut = &cut[..cut.len() / 2];
    let read = agreed_ring(&[cut, b"\n", &armored(&keys[1])].concat());
    assert_eq!(read.keys, keys[1..2]);
    assert_eq!(read.junk.len(), 1);
    assert_eq!(read.junk[0].offset, 0);
}

#[test]
fn an_armored_block_of_another_kind_is_junk() {
    let key = Key::Certificate(certificate(&ed25519()));
    let text = String::from_utf8(armored(&key)).unwrap();
    let read = agreed_ring(text.replace("PUBLIC KEY BLOCK", "MESSAGE").as_bytes());
    assert!(read.keys.is_empty());
    assert_eq!(read.junk.len(), 1);
}

impl Numbers {
    fn damage(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len());
            match self.below(4) {
                0 => bytes[at] ^= 1 << self.below(8),
                1 => bytes[at] = self.below(256) as u8,
                2 => bytes.truncate(at.max(1)),
                _ => drop(bytes.splice(at..at, [self.below(256) as u8])),
            }
        }
        bytes
    }
}

/// Everything that can be asked about whatever was read must answer, and the same
/// from every engine.
fn ask_everything(ring: &Keyring) {
    for key in &ring.keys {
        agreed(|engine| engine.merge(key, key).unwrap());
        let certificate = match key {
            Key::Certificate(certificate) => certificate.clone(),
            Key::Secret(secret) => {
                for engine in subjects() {
                    let _ = engine.unlock(secret, &secret.fingerprint(), None);
                    let _ = engine.relock(secret, None, None);
                }
                certificate(secret)
            }
        };
        agreed_facts(&certificate);
    }
}

#[test]
fn no_damage_to_a_ring_makes_an_engine_panic_or_lose_the_last_key() {
    // The same keys every time: behind damage, random octets can look like a key that
    // reaches into the next one, and what is true of nearly all rings would fail sometimes.
    let keys = Keys::default();
    let one = |ring: &[u8]| agreed_ring(ring).keys.remove(0);
    let secret_key = one(keys.get("ada").unwrap().secret());
    let public_key = one(keys.get("rsa-2048").unwrap().certificate());
    let last = one(keys.get("bob").unwrap().certificate());
    let mut numbers = Numbers(1);
    let mut lost = 0;
    for source in [secret_key, public_key] {
        for round in 0..700 {
            let damaged = numbers.damage(&bytes(&source));
            let ring = [damaged, bytes(&last)].concat();
            let read = agreed_ring(&ring);
            ask_everything(&read);
            if fingerprints(&read).contains(&last.fingerprint().to_string()) {
                continue;
            }
            // A damaged length can claim the beginning of what follows; then the
            // last key is inside of something, and still there.
            lost += 1;
            let primary = &bytes(&last)[..53];
            let everything = read.keys.iter().map(bytes);
            let everything = everything.chain(read.junk.iter().map(|junk| junk.bytes.clone()));
            let kept = everything
                .into_iter()
                .any(|bytes| bytes.windows(53).any(|window| window == primary));
            assert!(kept, "round {round}");
        }
    }
    assert!(lost < 20, "{lost} of 1400 times the last key was hidden");
}

#[test]
fn no_damage_to_a_message_makes_an_engine_panic_or_say_good_wrongly() {
    let key = ed25519();
    let certificate = certificate(&key);
    let message = some_engine().message(&key, "one\n- two\nthree");
    let mut numbers = Numbers(2);
    for _ in 0..3000 {
        let damaged = numbers.damage(message.as_bytes());
        let Ok(read) = cleartext::read(&damaged) else {
            continue;
        };
        let facts = agreed(|engine| {
            let facts = engine.signature_facts(&read, &[&certificate]);
            facts.map_err(|error| error.to_string())
        });
        let Ok(facts) = facts else { continue };
        for trial in facts.iter().flat_map(|facts| &facts.trials) {
            if trial.maths == Maths::Good {
                assert_eq!(read.text, "one\n- two\nthree");
            }
        }
    }
}

/// Five million octets of whatever is worst for the search for the next key.
#[test]
fn a_large_damaged_ring_is_read_in_linear_time() {
    let key = bytes(&Key::Certificate(certificate(&ed25519())));
    let started = std::time::Instant::now();
    for pattern in [
        &[0x99][..],
        &[0xC6, 0xFF, 0, 0, 0xFF, 0xFF, 4],
        &[0],
        // Keys inside of keys inside of keys, of 61440 octets each.
        b"\xC6\xFF\0\0\xF0\0\x06\0\0\0\0\x63\0\0\xEF\xF6",
        key.as_slice(),
    ] {
        let mut ring: Vec<u8> = pattern.iter().copied().cycle().take(5_000_000).collect();
        ring.extend_from_slice(b"\0\0");
        ring.extend_from_slice(&key);
        for engine in subjects() {
            assert!(!engine.read_keys(&ring).keys.is_empty());
        }
    }
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

/// A locked secret or a signature is random to a reader, and now and then looks like
/// the beginning of a key. In a ring without damage that must not matter.
#[test]
fn what_looks_like_a_key_inside_a_packet_of_an_undamaged_ring_hides_none() {
    let [one, two] = [ed25519(), ed25519()].map(|key| certificate(&key));
    let first_packet = usize::from(two.bytes[1]) + 2;
    let disguise = &two.bytes[..first_packet - 1];
    let length = u8::try_from(disguise.len()).unwrap();
    // A user attribute (packet type 17), whose content nobody understands.
    let attribute = [&[0xc0 | 17, length], disguise].concat();
    let bytes = [&one.bytes[..], &attribute, &two.bytes].concat();
    let ring = agreed_ring(&bytes);
    assert_eq!(ring.junk, []);
    let found: Vec<_> = ring.keys.iter().map(|key| key.fingerprint()).collect();
    assert_eq!(found, [one.fingerprint(), two.fingerprint()]);
}

#[test]
fn no_pair_of_fresh_keys_is_lost_for_what_its_random_bytes_look_like() {
    for _ in 0..400 {
        let keys = [ed25519(), ed25519()];
        let bytes = keys.each_ref().map(|key| key.bytes.expose()).concat();
        let ring = agreed_ring(&bytes);
        assert_eq!(ring.junk, []);
        let found: Vec<_> = ring.keys.iter().map(|key| key.fingerprint()).collect();
        assert_eq!(found, keys.map(|key| key.fingerprint()));
    }
}
