//! New and old encodings of keys and signatures, and numbers with zeros in front.

use crate::people::{TEXT, certificate, key, message, ordinary};
use crate::row::{MADE, SIGNED, row};
use sifseal_conformance_tests::craft::{
    CertificateDraft, Frame, Hand, Key, Place, armor, packet, tag,
};
use sifseal_conformance_tests::gnupg::Said;
use sifseal_conformance_tests::gnupg::reason::{NO_KEY, UNKNOWN_ALGORITHM};

/// Why GnuPG 2.2 has nothing to say about RFC 9580.
const OF_RFC_9580: &str = "GnuPG does not read what RFC 9580 brought";

#[test]
fn ed25519_in_the_encoding_of_rfc_9580_is_good_on_a_version_4_key() {
    let ada = Key::new(MADE, Hand::ed25519());
    row(message(&ada.signs(SIGNED)))
        .knowing(certificate(&ada))
        .good()
        .gpg(&[Said::Error(UNKNOWN_ALGORITHM)])
        .unlike_gpg(OF_RFC_9580)
        .check();
}

#[test]
fn ed448_is_good() {
    use sifseal_core::openpgp::HashAlgorithm::Sha512;
    let ada = Key::new(MADE, Hand::ed448());
    let certificate = CertificateDraft::of(&ada)
        .user_id("Ada", &ada.certifies(MADE).hash(Sha512))
        .bytes();
    row(message(&ada.signs(SIGNED).hash(Sha512)))
        .knowing(certificate)
        .good()
        .gpg(&[Said::Error(UNKNOWN_ALGORITHM)])
        .unlike_gpg(OF_RFC_9580)
        .check();
}

/// RFC 9580 asks for a hash of 512 bits there (section 5.2.3.5); nothing is broken
/// about the mathematics with a shorter one.
#[test]
fn ed448_with_a_shorter_hash_is_good() {
    let ada = Key::new(MADE, Hand::ed448());
    row(message(&ada.signs(SIGNED)))
        .knowing(certificate(&ada))
        .good()
        .gpg(&[Said::Error(UNKNOWN_ALGORITHM)])
        .unlike_gpg(OF_RFC_9580)
        .check();
}

#[test]
fn a_version_6_key_is_good() {
    let ada = Key::version6(MADE, Hand::ed25519());
    let certificate = CertificateDraft::of(&ada)
        .on_key(&ada.states(MADE))
        .user_id("Ada", &ada.certifies(MADE))
        .bytes();
    row(message(&ada.signs(SIGNED)))
        .knowing(certificate)
        .good()
        .gpg(&[])
        .unlike_gpg(OF_RFC_9580)
        .check();
}

#[test]
fn a_signing_subkey_of_a_version_6_key_is_good() {
    let ada = Key::version6(MADE, Hand::ed25519());
    let sub = Key::version6(MADE, Hand::ed25519());
    let certificate = CertificateDraft::of(&ada)
        .on_key(&ada.states(MADE))
        .subkey(&sub, &ada.binds(&sub, MADE))
        .bytes();
    row(message(&sub.signs(SIGNED)))
        .knowing(certificate)
        .good()
        .by(&ada)
        .gpg(&[])
        .unlike_gpg(OF_RFC_9580)
        .check();
}

/// The salt is as long as the hash prescribes (RFC 9580, section 5.2.3).
#[test]
fn a_version_6_signature_with_a_salt_of_another_length_is_bad() {
    let ada = Key::version6(MADE, Hand::ed25519());
    let certificate = CertificateDraft::of(&ada)
        .on_key(&ada.states(MADE))
        .user_id("Ada", &ada.certifies(MADE))
        .bytes();
    for octets in [0, 15, 17, 32] {
        row(message(&ada.signs(SIGNED).salt_len(octets)))
            .knowing(certificate.clone())
            .refused(&["bad-signature"])
            .gpg(&[])
            .check();
    }
}

/// A version 6 key makes version 6 signatures and no others (RFC 9580, section 5.2).
#[test]
fn a_version_4_signature_by_a_version_6_key_is_bad() {
    let hand = Hand::ed25519();
    let new = Key::version6(MADE, hand.clone());
    let old = Key::new(MADE, hand);
    row(message(&old.signs(SIGNED).claiming_to_be_by(&new)))
        .knowing(certificate(&new))
        .refused(&["bad-signature"])
        .gpg(&[Said::Error(UNKNOWN_ALGORITHM)])
        .check();
}

fn framed(packets: &[u8]) -> String {
    Frame::new(TEXT)
        .raw(packets)
        .headers(&["Hash: SHA256"])
        .message()
}

/// The integers of a signature: where each begins in the body, and its octets.
fn integers(body: &[u8]) -> Vec<(usize, Vec<u8>)> {
    let area = |at: usize| usize::from(u16::from_be_bytes([body[at], body[at + 1]]));
    let unhashed = 6 + area(4);
    let mut at = unhashed + 2 + area(unhashed) + 2;
    let mut found = Vec::new();
    while at < body.len() {
        let end = at + 2 + area(at).div_ceil(8);
        found.push((at, body[at + 2..end].to_vec()));
        at = end;
    }
    found
}

/// One value in 256 begins with a zero octet, which an integer does not show. Ed25519
/// and ECDSA need it back.
#[test]
fn a_signature_whose_values_begin_with_zero_is_good() {
    for ada in [key(), Key::new(MADE, Hand::p256())] {
        for which in 0..2 {
            let short = (0..)
                .map(|second| ada.signs(SIGNED.plus(second)))
                .find(|draft| {
                    let body = draft.body(Place::Data(TEXT.as_bytes()));
                    integers(&body)[which].1.len() < 32
                })
                .unwrap();
            row(message(&short))
                .knowing(certificate(&ada))
                .good()
                .gpg(&[Said::Good])
                .check();
        }
    }
}

/// Twice the values that are allowed: adding the order of the group to *S* changes
/// nothing about the equation, and RFC 8032 forbids it (section 5.1.7).
#[test]
fn an_ed25519_signature_with_a_second_form_of_s_is_bad() {
    /// The order of the group, least octet first.
    const ORDER: [u8; 32] = *b"\xED\xD3\xF5\x5C\x1A\x63\x12\x58\xD6\x9C\xF7\xA2\xDE\xF9\xDE\x14\
                              \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10";
    let ada = Key::new(MADE, Hand::ed25519());
    let mut body = ada.signs(SIGNED).body(Place::Data(TEXT.as_bytes()));
    let at = body.len() - 32;
    let mut carry = 0;
    for (octet, order) in body[at..].iter_mut().zip(ORDER) {
        carry += u16::from(*octet) + u16::from(order);
        *octet = carry as u8;
        carry >>= 8;
    }
    row(framed(&packet(tag::SIGNATURE, &body)))
        .knowing(certificate(&ada))
        .refused(&["bad-signature"])
        .gpg(&[Said::Error(UNKNOWN_ALGORITHM)])
        .check();
}

/// The old Go library gives the length of an integer in octets times eight, whatever
/// its first octet.
#[test]
fn integers_with_a_sloppy_bit_length_are_good() {
    for ada in [
        key(),
        Key::new(MADE, Hand::p256()),
        Key::new(MADE, Hand::rsa(2048)),
    ] {
        let body = (0..)
            .map(|second| {
                let draft = ada.signs(SIGNED.plus(second));
                draft.body(Place::Data(TEXT.as_bytes()))
            })
            .find(|body| integers(body).iter().all(|(_, octets)| octets[0] < 0x80))
            .unwrap();
        let mut sloppy = body.clone();
        for (at, octets) in integers(&body) {
            let bits = 8 * octets.len() as u16;
            sloppy[at..at + 2].copy_from_slice(&bits.to_be_bytes());
        }
        assert_ne!(body, sloppy);
        row(framed(&packet(tag::SIGNATURE, &sloppy)))
            .knowing(certificate(&ada))
            .good()
            .gpg(&[Said::Good])
            .check();
    }
}

/// Zeros in front, written out: wrong (RFC 9580, section 3.2) and harmless.
#[test]
fn integers_with_zeros_in_front_are_good() {
    for ada in [
        key(),
        Key::new(MADE, Hand::p256()),
        Key::new(MADE, Hand::rsa(2048)),
    ] {
        let body = ada.signs(SIGNED).body(Place::Data(TEXT.as_bytes()));
        let values = integers(&body);
        let mut long = body[..values[0].0].to_vec();
        for (_, octets) in values {
            let octets = [&[0], &octets[..]].concat();
            long.extend((8 * octets.len() as u16).to_be_bytes());
            long.extend(octets);
        }
        row(framed(&packet(tag::SIGNATURE, &long)))
            .knowing(certificate(&ada))
            .good()
            .gpg(&[Said::Good])
            .check();
    }
}

#[test]
fn a_self_signature_with_a_sloppy_bit_length_is_good() {
    let ada = key();
    let body = (0..)
        .map(|second| {
            let draft = ada.certifies(MADE.plus(second));
            draft.body(Place::UserId(&ada, "Ada"))
        })
        .find(|body| integers(body).iter().all(|(_, octets)| octets[0] < 0x80))
        .unwrap();
    let mut sloppy = body.clone();
    for (at, octets) in integers(&body) {
        let bits = 8 * octets.len() as u16;
        sloppy[at..at + 2].copy_from_slice(&bits.to_be_bytes());
    }
    let certificate = CertificateDraft::of(&ada)
        .raw(&packet(tag::USER_ID, b"Ada"))
        .raw(&packet(tag::SIGNATURE, &sloppy))
        .bytes();
    row(message(&ada.signs(SIGNED)))
        .knowing(certificate)
        .good()
        .gpg(&[Said::Good])
        .check();
}

/// Apptainer prints a key ID as a number, and loses the zeros (W-18).
#[test]
fn a_key_id_that_begins_with_zeros_is_good() {
    let ada = fresh_key_until(|key| key.fingerprint().key_id().0[0] == 0);
    row(message(&ada.signs(SIGNED)))
        .knowing(certificate(&ada))
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_fingerprint_that_begins_with_zeros_is_good() {
    let ada = fresh_key_until(|key| key.fingerprint().as_bytes()[0] == 0);
    row(message(&ada.signs(SIGNED)))
        .knowing(certificate(&ada))
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_public_key_that_begins_with_zeros_is_good() {
    // Legacy: behind OID, length and the mark 0x40. New: the first octet.
    let legacy = fresh_key_until(|key| key.body()[key.body().len() - 32] == 0);
    let new = std::iter::repeat_with(|| Key::new(MADE, Hand::ed25519()))
        .find(|key| key.body()[6] == 0)
        .unwrap();
    row(message(&legacy.signs(SIGNED)))
        .knowing(certificate(&legacy))
        .good()
        .gpg(&[Said::Good])
        .check();
    row(message(&new.signs(SIGNED)))
        .knowing(certificate(&new))
        .good()
        .gpg(&[Said::Error(UNKNOWN_ALGORITHM)])
        .unlike_gpg(OF_RFC_9580)
        .check();
}

fn fresh_key_until(wanted: impl Fn(&Key) -> bool) -> Key {
    std::iter::repeat_with(key).find(wanted).unwrap()
}

#[test]
fn two_hundred_fresh_keys_and_signatures_are_good() {
    for _ in 0..200 {
        let (ada, sub) = (key(), key());
        row(message(&sub.signs(SIGNED)))
            .knowing(ordinary(&ada).subkey(&sub, &ada.binds(&sub, MADE)).bytes())
            .good()
            .check_without_gpg();
    }
}

#[test]
fn several_armored_keys_in_one_file_are_all_found() {
    let people = [key(), key(), key()];
    let file = people
        .iter()
        .map(|key| armor("PUBLIC KEY BLOCK", &certificate(key)))
        .collect::<Vec<_>>()
        .join("\nThe next one is somebody else's:\n\n");
    let file = format!("Dear all,\nhere are our keys.\n\n{file}\nYours\n");
    for person in &people {
        row(message(&person.signs(SIGNED)))
            .knowing(file.clone())
            .good()
            .by(person)
            .gpg(&[Said::Good])
            .check();
    }
}

#[test]
fn several_keys_in_one_block_are_all_found() {
    let people = [key(), key(), key()];
    let all: Vec<u8> = people.iter().flat_map(certificate).collect();
    for file in [all.clone(), armor("PUBLIC KEY BLOCK", &all).into_bytes()] {
        for person in &people {
            row(message(&person.signs(SIGNED)))
                .knowing(file.clone())
                .good()
                .by(person)
                .gpg(&[Said::Good])
                .check();
        }
    }
}

#[test]
fn a_broken_block_hides_no_key_behind_it() {
    let ada = key();
    let broken = armor("PUBLIC KEY BLOCK", &certificate(&key())).replace("\n\n", "\n\n*\u{e9}");
    let file = broken + &armor("PUBLIC KEY BLOCK", &certificate(&ada));
    row(message(&ada.signs(SIGNED)))
        .knowing(file)
        .good()
        .by(&ada)
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_key_of_an_algorithm_that_nobody_knows_hides_no_other_key() {
    let (ada, sub) = (key(), key());
    let unknown = [4, 0, 0, 0, 1, 99, 1, 2, 3];
    let certificate = ordinary(&ada)
        .raw(&packet(tag::PUBLIC_SUBKEY, &unknown))
        .subkey(&sub, &ada.binds(&sub, MADE))
        .bytes();
    row(message(&sub.signs(SIGNED)))
        .knowing(certificate)
        .good()
        .by(&ada)
        .gpg(&[Said::Error(NO_KEY)])
        .unlike_gpg("GnuPG does not import what stands behind it")
        .check();
}
