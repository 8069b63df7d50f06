use super::*;
use crate::testing::{ToyEngine, armored, certificate, fingerprint, key, secret_key};
use std::sync::atomic::Ordering;

fn engine() -> ToyEngine {
    ToyEngine::default()
}

fn added(ring: &[u8], new: &[u8]) -> Vec<u8> {
    let engine = engine();
    let ring = Ring::read(&engine, ring);
    let (edits, _, _) = ring.add(&engine, &key(new)).unwrap();
    ring.rewritten(&engine, &edits).unwrap().expose().to_vec()
}

fn removed(ring: &[u8], byte: u8) -> Vec<u8> {
    let engine = engine();
    let ring = Ring::read(&engine, ring);
    let edits = ring.remove(&fingerprint(byte)).unwrap();
    ring.rewritten(&engine, &edits).unwrap().expose().to_vec()
}

/// A record that claims to be longer than what is there.
fn torn() -> Vec<u8> {
    b"\x0100300P|half a k".to_vec()
}

#[test]
fn a_new_key_comes_last() {
    let (one, two) = (certificate(1, &["one"]), certificate(2, &["two"]));
    assert_eq!(added(&[], &one), one);
    assert_eq!(added(&one, &two), [one, two].concat());
}

#[test]
fn removing_a_key_leaves_all_other_bytes_w1() {
    let (one, two, three) = (
        secret_key(1, &["secret=a"]),
        secret_key(2, &["secret=b", "locked"]),
        secret_key(3, &["secret=c"]),
    );
    let ring = [one.clone(), b"junk".to_vec(), two.clone(), three.clone()].concat();
    let rest = |keys: &[&[u8]]| keys.concat();
    assert_eq!(removed(&ring, 1), rest(&[b"junk", &two, &three]));
    assert_eq!(removed(&ring, 2), rest(&[&one, b"junk", &three]));
    assert_eq!(removed(&ring, 3), rest(&[&one, b"junk", &two]));
}

#[test]
fn junk_keeps_its_place_at_the_beginning_between_and_at_the_end() {
    let (one, two) = (certificate(1, &["one"]), certificate(2, &["two"]));
    let ring = [b"<<<", one.as_slice(), b"???", &two, b">>>"].concat();
    let longer = certificate(1, &["one", "more"]);
    let expected = [b"<<<", longer.as_slice(), b"???", &two, b">>>"].concat();
    assert_eq!(added(&ring, &certificate(1, &["more"])), expected);
}

#[test]
fn a_new_key_is_not_put_behind_a_torn_one_that_would_swallow_it_w17() {
    let one = certificate(1, &["one"]);
    let two = certificate(2, &["two"]);
    let ring = [one.clone(), torn()].concat();
    assert_eq!(added(&ring, &two), [one, two.clone(), torn()].concat());
    assert_eq!(added(&torn(), &two), [two, torn()].concat());
}

#[test]
fn a_change_that_does_not_read_back_is_refused() {
    let engine = engine();
    let bytes = [certificate(1, &["one"]), certificate(2, &["two"])].concat();
    let ring = Ring::read(&engine, &bytes);
    let edits = ring.remove(&fingerprint(1)).unwrap();
    engine.is_blind.store(true, Ordering::Relaxed);
    let error = ring.rewritten(&engine, &edits).unwrap_err();
    assert!(error.to_string().contains("harm other keys"), "{error}");
}

#[test]
fn duplicates_become_one_in_the_first_place_when_a_key_is_added_w5() {
    let ring = [
        certificate(1, &["old"]),
        certificate(2, &["two"]),
        certificate(1, &["new"]),
    ]
    .concat();
    let expected = [
        certificate(1, &["old", "new"]),
        certificate(2, &["two"]),
        certificate(3, &["three"]),
    ]
    .concat();
    assert_eq!(added(&ring, &certificate(3, &["three"])), expected);
}

#[test]
fn adding_to_a_key_that_is_there_twice_merges_all_three_w5() {
    let ring = [certificate(1, &["a"]), certificate(1, &["b"])].concat();
    assert_eq!(
        added(&ring, &certificate(1, &["c"])),
        certificate(1, &["a", "b", "c"])
    );
}

#[test]
fn copies_that_cannot_be_merged_both_stay() {
    let engine = engine();
    let bytes = [certificate(1, &["clash"]), certificate(1, &["clash"])].concat();
    let two = certificate(2, &["two"]);
    assert_eq!(added(&bytes, &two), [bytes.clone(), two].concat());

    let ring = Ring::read(&engine, &bytes);
    let (entries, remarks) = ring.entries(&engine);
    assert_eq!(entries.len(), 1);
    assert_eq!(remarks.len(), 1);
    assert!(remarks[0].what.contains("second copy"), "{remarks:?}");
}

#[test]
fn removing_a_key_removes_every_copy_and_leaves_other_duplicates_alone() {
    let ring = [
        certificate(1, &["a"]),
        certificate(2, &["x"]),
        certificate(1, &["b"]),
        certificate(2, &["y"]),
    ]
    .concat();
    let expected = [certificate(2, &["x"]), certificate(2, &["y"])].concat();
    assert_eq!(removed(&ring, 1), expected);
}

#[test]
fn an_armored_block_becomes_binary_when_something_is_added() {
    let (one, two, three, four) = (
        certificate(1, &["one"]),
        certificate(2, &["two"]),
        certificate(3, &["three"]),
        certificate(4, &["four"]),
    );
    let block = armored(&[two.clone(), three.clone()]);
    let ring = [one.clone(), block].concat();
    assert_eq!(added(&ring, &four), [one, two, three, four].concat());
}

#[test]
fn an_armored_block_stays_until_one_of_its_keys_is_removed() {
    let (one, two, three, four) = (
        certificate(1, &["one"]),
        certificate(2, &["two"]),
        certificate(3, &["three"]),
        certificate(4, &["four"]),
    );
    let block = armored(&[two.clone(), three.clone()]);
    let ring = [one.clone(), block.clone(), four.clone()].concat();
    assert_eq!(removed(&ring, 1), [block, four.clone()].concat());
    assert_eq!(removed(&ring, 2), [one, three, four].concat());
}

#[test]
fn junk_between_armored_blocks_is_kept_when_they_become_binary() {
    let (one, two, three) = (
        certificate(1, &["one"]),
        certificate(2, &["two"]),
        certificate(3, &["three"]),
    );
    let ring = [
        armored(std::slice::from_ref(&one)),
        b"note\n".to_vec(),
        armored(std::slice::from_ref(&two)),
    ]
    .concat();
    let expected = [one, two, b"note\n".to_vec()].concat();
    let with_three = added(&ring, &three);
    assert!(with_three.starts_with(&expected[..expected.len() - 5]));
    assert!(with_three.windows(5).any(|window| window == b"note\n"));
    assert_eq!(with_three.len(), expected.len() + three.len());
}

#[test]
fn putting_a_key_in_place_drops_its_other_secret_copies() {
    let engine = engine();
    let bytes = [
        secret_key(1, &["secret=old"]),
        secret_key(2, &["secret=x"]),
        secret_key(1, &["secret=older"]),
    ]
    .concat();
    let new = secret_key(1, &["secret=new", "locked"]);
    let ring = Ring::read(&engine, &bytes);
    let edits = ring.replace(&key(&new)).unwrap();
    let expected = [new, secret_key(2, &["secret=x"])].concat();
    assert_eq!(ring.rewritten(&engine, &edits).unwrap().expose(), expected);
}

#[test]
fn every_byte_of_a_ring_belongs_to_exactly_one_piece() {
    let parts = [
        certificate(1, &["one"]),
        b"junk".to_vec(),
        armored(&[certificate(2, &["two"])]),
        secret_key(3, &["secret=c"]),
        torn(),
    ];
    // All selections and both orders of the parts.
    for selection in 0..1u32 << parts.len() {
        let chosen = (0..parts.len()).filter(|at| selection & 1 << at != 0);
        let mut chosen: Vec<_> = chosen.map(|at| parts[at].as_slice()).collect();
        for _ in 0..2 {
            let bytes = chosen.concat();
            let ring = Ring::read(&engine(), &bytes);
            assert_eq!(ring.parts(&Edits::default()).concat(), bytes);
            let mut at = 0;
            for piece in &ring.pieces {
                assert_eq!(piece.bytes.start, at);
                at = piece.bytes.end;
            }
            assert_eq!(at, bytes.len());
            chosen.reverse();
        }
    }
}
