//! Signatures over the message: who made them, of which kind, and what they demand.

use crate::people::{TEXT, certificate, key, message, ordinary};
use crate::row::{MADE, SIGNED, row};
use sifseal_conformance_tests::craft::subpacket::{
    created, issuer, issuer_fingerprint, notation, preferred_key_server,
};
use sifseal_conformance_tests::craft::{Frame, Place, Subpacket, packet, tag};
use sifseal_conformance_tests::gnupg::Said;
use sifseal_conformance_tests::gnupg::reason::{
    NO_KEY, REFUSED_HASH, STANDALONE_REVOCATION, WRONG_KIND,
};

/// Why the unhashed area troubles GnuPG and not us.
const UNHASHED: &str = "GnuPG lets whoever passes a signature on spoil it by its unhashed area";

fn unknown() -> Subpacket {
    Subpacket::new(100, b"x")
}

#[test]
fn a_critical_notation_that_nobody_knows_is_refused() {
    let ada = key();
    let signature = ada
        .signs(SIGNED)
        .with(notation("policy@example.com", "x").critical());
    row(message(&signature))
        .knowing(certificate(&ada))
        .refused(&["unknown-critical"])
        .gpg(&[Said::Bad])
        .check();
}

#[test]
fn a_notation_that_is_not_critical_asks_for_nothing() {
    let ada = key();
    let signature = ada.signs(SIGNED).with(notation("policy@example.com", "x"));
    row(message(&signature))
        .knowing(certificate(&ada))
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_critical_notation_in_the_unhashed_area_is_anybodys_and_asks_for_nothing() {
    let ada = key();
    let signature = ada
        .signs(SIGNED)
        .with_unhashed(notation("policy@example.com", "x").critical());
    row(message(&signature))
        .knowing(certificate(&ada))
        .good()
        .gpg(&[Said::Bad])
        .unlike_gpg(UNHASHED)
        .check();
}

/// The salts that OpenPGP.js, ProtonMail's Go library (and so Apptainer) and Sequoia
/// write are not critical; if they were, they would still ask for nothing.
#[test]
fn a_salt_is_understood_even_if_it_is_critical() {
    let ada = key();
    for name in [
        "salt@notations.openpgpjs.org",
        "salt@notations.sequoia-pgp.org",
    ] {
        row(message(&ada.signs(SIGNED).with(notation(name, "abc"))))
            .knowing(certificate(&ada))
            .good()
            .gpg(&[Said::Good])
            .check();
        row(message(
            &ada.signs(SIGNED).with(notation(name, "abc").critical()),
        ))
        .knowing(certificate(&ada))
        .good()
        .gpg(&[Said::Bad])
        .unlike_gpg("GnuPG knows no notation at all unless it is told")
        .check();
    }
}

#[test]
fn a_critical_subpacket_that_nobody_knows_is_refused() {
    let ada = key();
    row(message(&ada.signs(SIGNED).with(unknown().critical())))
        .knowing(certificate(&ada))
        .refused(&["unknown-critical"])
        .gpg(&[Said::Bad])
        .check();
}

#[test]
fn a_subpacket_that_nobody_knows_and_is_not_critical_is_passed_over() {
    let ada = key();
    row(message(&ada.signs(SIGNED).with(unknown())))
        .knowing(certificate(&ada))
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_critical_subpacket_in_the_unhashed_area_is_anybodys_and_asks_for_nothing() {
    let ada = key();
    row(message(
        &ada.signs(SIGNED).with_unhashed(unknown().critical()),
    ))
    .knowing(certificate(&ada))
    .good()
    .gpg(&[Said::Bad])
    .unlike_gpg(UNHASHED)
    .check();
}

#[test]
fn a_critical_date_is_a_date() {
    let ada = key();
    row(message(&ada.signs(SIGNED).with(created(SIGNED).critical())))
        .knowing(certificate(&ada))
        .good()
        .gpg(&[Said::Good])
        .check();
}

/// A subpacket that the RFC names and nobody here reads.
#[test]
fn a_critical_subpacket_that_is_known_but_says_nothing_here_is_good() {
    let ada = key();
    let signature = ada
        .signs(SIGNED)
        .with(preferred_key_server("hkps://example.com").critical());
    row(message(&signature))
        .knowing(certificate(&ada))
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_signature_that_names_its_maker_by_key_id_alone_is_good() {
    let ada = key();
    let by_id = ada
        .signs(SIGNED)
        .bare()
        .dated(SIGNED)
        .with(issuer(ada.fingerprint().key_id()));
    row(message(&by_id))
        .knowing(certificate(&ada))
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_signature_that_names_its_maker_by_fingerprint_alone_is_good() {
    let ada = key();
    let by_fingerprint = ada
        .signs(SIGNED)
        .bare()
        .dated(SIGNED)
        .with(issuer_fingerprint(ada.fingerprint()));
    row(message(&by_fingerprint))
        .knowing(certificate(&ada))
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn names_of_the_maker_in_the_unhashed_area_are_as_good() {
    let ada = key();
    row(message(
        &ada.signs(SIGNED).bare().dated(SIGNED).with_issuers(),
    ))
    .knowing(certificate(&ada))
    .good()
    .gpg(&[Said::Good])
    .check();
}

#[test]
fn a_signature_that_names_nobody_is_nobodys() {
    let ada = key();
    row(message(&ada.signs(SIGNED).bare().dated(SIGNED)))
        .knowing(certificate(&ada))
        .refused(&["unknown-signer"])
        .gpg(&[Said::Error(NO_KEY)])
        .check();
}

#[test]
fn a_signature_that_claims_to_be_by_another_is_bad() {
    let (ada, bob) = (key(), key());
    let lie = ada.signs(SIGNED).claiming_to_be_by(&bob);
    row(message(&lie))
        .knowing(certificate(&ada))
        .knowing(certificate(&bob))
        .refused(&["bad-signature"])
        .gpg(&[Said::Bad])
        .check();
}

#[test]
fn a_signature_that_claims_to_be_by_a_stranger_is_a_strangers() {
    let (ada, bob) = (key(), key());
    let lie = ada.signs(SIGNED).claiming_to_be_by(&bob);
    row(message(&lie))
        .knowing(certificate(&ada))
        .refused(&["unknown-signer"])
        .gpg(&[Said::Error(NO_KEY)])
        .check();
}

#[test]
fn a_name_that_somebody_added_later_hides_nobody() {
    let (ada, bob) = (key(), key());
    let signature = ada
        .signs(SIGNED)
        .with_unhashed(issuer(bob.fingerprint().key_id()))
        .with_unhashed(issuer_fingerprint(bob.fingerprint()));
    row(message(&signature))
        .knowing(certificate(&bob))
        .knowing(certificate(&ada))
        .good()
        .by(&ada)
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn of_two_names_that_differ_the_one_that_signed_counts() {
    let (ada, bob) = (key(), key());
    let signature = ada.signs(SIGNED).with(issuer(bob.fingerprint().key_id()));
    row(message(&signature))
        .knowing(certificate(&bob))
        .knowing(certificate(&ada))
        .good()
        .by(&ada)
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_subkeys_signature_under_the_primary_keys_name_is_bad() {
    let (ada, sub) = (key(), key());
    row(message(&sub.signs(SIGNED).claiming_to_be_by(&ada)))
        .knowing(ordinary(&ada).subkey(&sub, &ada.binds(&sub, MADE)).bytes())
        .refused(&["bad-signature"])
        .gpg(&[Said::Bad])
        .check();
}

#[test]
fn a_signature_with_more_names_than_anyone_has_is_not_looked_up() {
    let ada = key();
    let mut signature = ada.signs(SIGNED);
    for _ in 0..10 {
        signature = signature.with_unhashed(issuer(key().fingerprint().key_id()));
    }
    row(message(&signature))
        .knowing(certificate(&ada))
        .refused(&["signature-malformed"])
        .gpg(&[Said::Good])
        .unlike_gpg("each name is a search, in key stores and over the network; we bound them")
        .check();
}

#[test]
fn junk_in_the_unhashed_area_is_passed_over() {
    let ada = key();
    for junk in [&[0][..], &[200], &[9, 100, 1], &[255, 255, 255, 255, 255]] {
        row(message(&ada.signs(SIGNED).with_unhashed_junk(junk)))
            .knowing(certificate(&ada))
            .good()
            .gpg(&[Said::Bad])
            .unlike_gpg(UNHASHED)
            .check();
    }
}

#[test]
fn a_signature_of_version_3_is_good() {
    let ada = key();
    row(message(&ada.signs(SIGNED).version3()))
        .knowing(certificate(&ada))
        .good()
        .gpg(&[Said::Good])
        .check();
}

/// A signature over bytes (0x00) says nothing about a text.
#[test]
fn a_binary_signature_in_the_frame_of_a_text_is_refused() {
    let ada = key();
    row(message(&ada.signs(SIGNED).kind(0x00)))
        .knowing(certificate(&ada))
        .refused(&["not-a-text-signature"])
        .gpg(&[Said::Good])
        .unlike_gpg("GnuPG takes either type; every program writes text signatures here")
        .check();
}

#[test]
fn a_signature_of_a_kind_that_is_for_keys_is_refused() {
    let ada = key();
    for kind in [0x02, 0x10, 0x13, 0x18, 0x19, 0x1F, 0x20, 0x40, 0x50, 0x77] {
        let reason = match kind {
            0x20 => STANDALONE_REVOCATION,
            _ => WRONG_KIND,
        };
        row(message(&ada.signs(SIGNED).kind(kind)))
            .knowing(certificate(&ada))
            .refused(&["not-a-text-signature"])
            .gpg(&[Said::Error(reason)])
            .check();
    }
}

#[test]
fn a_certification_moved_into_a_message_is_no_signature_of_it() {
    let ada = key();
    let certification = ada.certifies(MADE).over(Place::UserId(&ada, "Ada"));
    let message = Frame::new(TEXT)
        .raw(&certification)
        .headers(&["Hash: SHA256"])
        .message();
    row(message)
        .knowing(certificate(&ada))
        .refused(&["bad-signature", "not-a-text-signature"])
        .gpg(&[Said::Error(WRONG_KIND)])
        .check();
}

#[test]
fn a_signature_over_another_text_is_bad() {
    let ada = key();
    row(message(&ada.signs(SIGNED)).replace(TEXT, "goodbye"))
        .knowing(certificate(&ada))
        .refused(&["bad-signature"])
        .gpg(&[Said::Bad])
        .check();
}

/// Two octets of the digest stand in the packet in the clear; no key protects them.
#[test]
fn a_signature_whose_digest_does_not_begin_as_it_says_is_bad() {
    let ada = key();
    let mut body = ada.signs(SIGNED).body(Place::Data(TEXT.as_bytes()));
    // The areas stand behind a head of four octets, each behind its length.
    let hashed_len = usize::from(u16::from_be_bytes([body[4], body[5]]));
    let at = 6 + hashed_len + 2;
    body[at] ^= 1;
    let message = Frame::new(TEXT)
        .raw(&packet(tag::SIGNATURE, &body))
        .headers(&["Hash: SHA256"])
        .message();
    row(message)
        .knowing(certificate(&ada))
        .refused(&["bad-signature"])
        .gpg(&[Said::Good])
        .unlike_gpg("GnuPG does not look at them; a packet that contradicts itself was changed")
        .check();
}

#[test]
fn a_signature_with_a_changed_date_is_bad() {
    let ada = key();
    let mut body = ada.signs(SIGNED).body(Place::Data(TEXT.as_bytes()));
    // Head of six octets, then length (5), type (1) and date (4).
    body[15] ^= 1;
    let message = Frame::new(TEXT)
        .raw(&packet(tag::SIGNATURE, &body))
        .headers(&["Hash: SHA256"])
        .message();
    row(message)
        .knowing(certificate(&ada))
        .refused(&["bad-signature"])
        .gpg(&[Said::Bad])
        .check();
}

#[test]
fn a_signature_that_ends_too_early_is_no_good() {
    let ada = key();
    let body = ada.signs(SIGNED).body(Place::Data(TEXT.as_bytes()));
    for (len, said) in [
        (body.len() - 1, vec![]),
        (body.len() - 40, vec![]),
        (20, vec![]),
        (5, vec![Said::Error(REFUSED_HASH)]),
    ] {
        let message = Frame::new(TEXT)
            .raw(&packet(tag::SIGNATURE, &body[..len]))
            .headers(&["Hash: SHA256"])
            .message();
        let expected = match len < 40 {
            true => "signature-malformed",
            false => "bad-signature",
        };
        row(message)
            .knowing(certificate(&ada))
            .refused(&[expected])
            .gpg(&said)
            .check();
    }
}

#[test]
fn two_good_signatures_in_one_block_are_not_one() {
    let (ada, bob) = (key(), key());
    let message = Frame::new(TEXT)
        .signed(&ada.signs(SIGNED))
        .signed(&bob.signs(SIGNED))
        .message();
    row(message)
        .knowing(certificate(&ada))
        .knowing(certificate(&bob))
        .refused(&["not-one-signature"])
        .gpg(&[Said::Good, Said::Good])
        .unlike_gpg("an image's signature object is one signer's; more need a rule of their own")
        .check();
}

#[test]
fn a_strangers_signature_beside_a_good_one_is_one_too_many() {
    let (ada, stranger) = (key(), key());
    let message = Frame::new(TEXT)
        .signed(&ada.signs(SIGNED))
        .signed(&stranger.signs(SIGNED))
        .message();
    row(message)
        .knowing(certificate(&ada))
        .refused(&["not-one-signature"])
        .gpg(&[Said::Good, Said::Error(NO_KEY)])
        .check();
}

#[test]
fn a_bad_signature_beside_a_good_one_is_one_too_many() {
    let (ada, bob) = (key(), key());
    let message = Frame::new(TEXT)
        .signed(&ada.signs(SIGNED))
        .raw(&bob.signs(SIGNED).over(Place::Data(b"goodbye")))
        .message();
    row(message)
        .knowing(certificate(&ada))
        .knowing(certificate(&bob))
        .refused(&["not-one-signature"])
        .gpg(&[Said::Good, Said::Bad])
        .check();
}

#[test]
fn a_signature_of_a_version_that_nobody_knows_is_passed_over() {
    let ada = key();
    let mut unknown = ada.signs(SIGNED).body(Place::Data(TEXT.as_bytes()));
    unknown[0] = 99;
    let message = Frame::new(TEXT)
        .raw(&packet(tag::SIGNATURE, &unknown))
        .signed(&ada.signs(SIGNED))
        .message();
    row(message)
        .knowing(certificate(&ada))
        .good()
        .gpg(&[])
        .unlike_gpg("signatures of unknown versions are to be ignored (RFC 9580, section 5.2)")
        .check();
}

#[test]
fn anything_but_signatures_in_the_block_is_refused() {
    let ada = key();
    let message = Frame::new(TEXT)
        .raw(&ada.primary_packet())
        .signed(&ada.signs(SIGNED))
        .message();
    row(message)
        .knowing(certificate(&ada))
        .refused(&["signature-malformed"])
        .gpg(&[])
        .check();
}
