use super::*;
use crate::testing::{armored, certificate, now};
use sifseal_core::openpgp::Certificate;
use sifseal_core::openpgp::framing::{tag, write};
use sifseal_engine_rpgp::RpgpEngine;
use std::io::Write as _;

fn pieces_of(bytes: &[u8], window: usize) -> Vec<Piece> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    let contents = read_by(&now(), &RpgpEngine, &file, window).unwrap();
    if let Some(digest) = contents.digest {
        assert_eq!(digest, super::digest(&file).unwrap());
    }
    contents.pieces
}

/// Whether each certificate can be read from a piece that tells of it.
fn are_found(bytes: &[u8], window: usize, certificates: &[Certificate]) {
    let pieces = pieces_of(bytes, window);
    for certificate in certificates {
        let in_piece = |piece: &Piece| {
            let range = piece.bytes.start as usize..piece.bytes.end as usize;
            let keys = RpgpEngine.read_keys(&bytes[range]).keys;
            piece.keys.contains(&certificate.fingerprint())
                && keys.contains(&Key::Certificate(certificate.clone()))
        };
        assert!(
            pieces.iter().any(in_piece),
            "{window}: {:?}",
            certificate.outline.user_ids
        );
    }
}

fn ten() -> Vec<Certificate> {
    (0..10)
        .map(|number| certificate(&format!("Nr {number}")))
        .collect()
}

fn concatenated(certificates: &[Certificate]) -> Vec<u8> {
    certificates
        .iter()
        .flat_map(|certificate| certificate.bytes.clone())
        .collect()
}

#[test]
fn a_bundle_is_cut_at_its_certificates_whatever_the_window() {
    let certificates = ten();
    let bytes = concatenated(&certificates);
    let longest = certificates
        .iter()
        .map(|certificate| certificate.bytes.len())
        .max()
        .unwrap();
    for window in [
        2 * longest,
        2 * longest + 1,
        2 * longest + 77,
        5000,
        bytes.len(),
        WINDOW,
    ] {
        let pieces = pieces_of(&bytes, window);
        let lengths: Vec<_> = pieces
            .iter()
            .map(|piece| piece.bytes.end - piece.bytes.start)
            .collect();
        let expected: Vec<_> = certificates
            .iter()
            .map(|own| own.bytes.len() as u64)
            .collect();
        assert_eq!(lengths, expected);
        are_found(&bytes, window, &certificates);
    }
}

#[test]
fn armored_blocks_are_pieces_whatever_the_window() {
    let certificates = ten();
    let text: Vec<u8> = certificates.iter().flat_map(armored).collect();
    let longest = certificates
        .iter()
        .map(|own| armored(own).len())
        .max()
        .unwrap();
    for window in [2 * longest, 2 * longest + 33, WINDOW] {
        assert_eq!(pieces_of(&text, window).len(), 10);
        are_found(&text, window, &certificates);
    }
}

/// Certificates out of the simplest packets, always the same: what lies behind damage in
/// them never looks like a packet by chance.
fn ten_plain() -> Vec<Certificate> {
    let key = |filler: u8| {
        let curve = b"\x09\x2B\x06\x01\x04\x01\xDA\x47\x0F\x01";
        // Version 4, a time, EdDSA; the point has 263 bits.
        let point = [&b"\x01\x07\x40"[..], &[filler; 32]].concat();
        [&b"\x04\x11\x11\x11\x11\x16"[..], curve, &point].concat()
    };
    (0..10)
        .map(|number| {
            let mut bytes = Vec::new();
            write(tag::PUBLIC_KEY, &key(0x10 + number), &mut bytes);
            for name in ["one", "another"] {
                let user_id = format!("Nr {number}, {name} {}", "name ".repeat(20));
                write(tag::USER_ID, user_id.as_bytes(), &mut bytes);
            }
            write(tag::PUBLIC_SUBKEY, &key(0x30 + number), &mut bytes);
            crate::testing::only(&bytes)
        })
        .collect()
}

#[test]
fn damage_in_a_bundle_costs_what_is_damaged_and_no_more() {
    let certificates = ten_plain();
    let whole = concatenated(&certificates);
    let third = certificates[..3]
        .iter()
        .map(|own| own.bytes.len())
        .sum::<usize>();
    let fourth = third + certificates[3].bytes.len();
    let cut = [&whole[..fourth - 40], &whole[fourth..]].concat();
    let filled = [&whole[..third], &[0; 3000], &whole[fourth..]].concat();
    let others = [&certificates[..3], &certificates[4..]].concat();
    for window in [2500, 4000, 6000, WINDOW] {
        are_found(&cut, window, &others);
        are_found(&filled, window, &others);
    }
}

#[test]
fn a_certificate_larger_than_the_window_does_not_hide_those_behind_it() {
    let mut certificates = ten();
    let signature = {
        let bytes = &certificates[0].bytes;
        let mut rest = &bytes[..];
        while let Some(packet) = Packet::first(rest).filter(|packet| packet.tag != 2) {
            rest = &rest[packet.raw.len()..];
        }
        Packet::first(rest).unwrap().raw.to_vec()
    };
    let flooded = [&certificates[0].bytes[..], &signature.repeat(100)].concat();
    certificates.remove(0);
    let bytes = [flooded, concatenated(&certificates)].concat();
    are_found(&bytes, 4000, &certificates);
}

#[test]
fn a_large_file_may_begin_with_junk() {
    let certificates = ten_plain();
    let bytes = [&[0; 1000], &concatenated(&certificates)[..]].concat();
    for window in [2500, 4000, WINDOW] {
        are_found(&bytes, window, &certificates);
    }
}

#[test]
fn keys_of_versions_that_no_engine_reads_are_passed_over() {
    let certificates = ten_plain();
    let mut ancient = Vec::new();
    write(tag::PUBLIC_KEY, &[3; 100], &mut ancient);
    write(tag::USER_ID, b"Somebody of 1995", &mut ancient);
    let bytes: Vec<u8> = certificates
        .iter()
        .flat_map(|own| [&own.bytes[..], &ancient.repeat(3)].concat())
        .collect();
    for window in [2500, 4000, WINDOW] {
        are_found(&bytes, window, &certificates);
    }
}

#[test]
fn trust_packets_as_gnupg_stores_them_do_no_harm() {
    let certificates = ten();
    let bytes: Vec<u8> = certificates
        .iter()
        .flat_map(|own| {
            let primary = Packet::first(&own.bytes).unwrap().raw.len();
            let (primary, rest) = own.bytes.split_at(primary);
            [primary, &[0xB0, 2, 0, 0], rest].concat()
        })
        .collect();
    are_found(&bytes, WINDOW, &certificates);
    assert_eq!(pieces_of(&bytes, WINDOW).len(), 10);
}

#[test]
fn of_a_large_file_without_certificates_only_the_beginning_is_read() {
    let file = tempfile::tempfile().unwrap();
    file.set_len(1 << 20).unwrap();
    let contents = read_by(&now(), &RpgpEngine, &file, 1000).unwrap();
    assert!(contents.pieces.is_empty() && contents.digest.is_none());
}
