//! Sequoia, the crate `sequoia-openpgp`.

use super::{MADE, SIGNED, certificate, key, message};
use openpgp::parse::Parse;
use openpgp::parse::stream::{MessageLayer, MessageStructure, VerificationHelper, VerifierBuilder};
use openpgp::policy::StandardPolicy;
use openpgp::{Cert, KeyHandle};
use sequoia_openpgp as openpgp;
use sifseal_conformance_tests::craft::{CertificateDraft, Frame, Key, Place, packet, tag};
use std::io::Read;

/// What Sequoia's streaming verifier says of each signature.
#[derive(Default)]
struct Helper {
    certificates: Vec<Cert>,
    results: Vec<Result<(), String>>,
}

impl VerificationHelper for Helper {
    fn get_certs(&mut self, _ids: &[KeyHandle]) -> openpgp::Result<Vec<Cert>> {
        Ok(self.certificates.clone())
    }

    fn check(&mut self, structure: MessageStructure<'_>) -> openpgp::Result<()> {
        for layer in structure {
            if let MessageLayer::SignatureGroup { results } = layer {
                self.results.extend(
                    results
                        .into_iter()
                        .map(|result| result.map(|_| ()).map_err(|error| error.to_string())),
                );
            }
        }
        Ok(())
    }
}

/// The text that Sequoia gives out, and what it says of the signatures.
fn verify(message: &str, certificates: &[Vec<u8>]) -> (String, Vec<Result<(), String>>) {
    let policy = StandardPolicy::new();
    let helper = Helper {
        certificates: certificates
            .iter()
            .map(|bytes| Cert::from_bytes(bytes).unwrap())
            .collect(),
        results: Vec::new(),
    };
    let mut verifier = VerifierBuilder::from_bytes(message)
        .unwrap()
        .with_policy(&policy, None, helper)
        .unwrap();
    let mut text = String::new();
    verifier.read_to_string(&mut text).unwrap();
    (text, verifier.into_helper().results)
}

/// Shows that the tests below can see a good signature and a bad one.
#[test]
fn sequoia_verifies() {
    let ada = key();
    let message = message(&ada.signs(SIGNED));
    let (text, results) = verify(&message, &[certificate(&ada)]);
    assert_eq!((text.trim_end(), &results[..]), ("hello", &[Ok(())][..]));
    let (_, results) = verify(&message.replace("hello", "goodbye"), &[certificate(&ada)]);
    assert!(results[0].is_err());
}

#[test]
fn sequoia_drops_signatures_with_a_sloppy_bit_length() {
    let ada = key();
    let body = (0..)
        .map(|second| ada.certifies(MADE.plus(second)))
        .map(|draft| draft.body(Place::UserId(&ada, "Ada")))
        .find(|body| body[value_of_s(body)] < 0x80)
        .unwrap();
    let mut sloppy = body.clone();
    let at = value_of_s(&body) - 2;
    let octets = u16::from_be_bytes([body[at], body[at + 1]]).div_ceil(8);
    sloppy[at..at + 2].copy_from_slice(&(8 * octets).to_be_bytes());

    assert_eq!(self_signatures(&ada, &body), 1);
    assert_eq!(self_signatures(&ada, &sloppy), 0);
}

/// Where the octets of the second integer of a signature begin, in its body.
fn value_of_s(body: &[u8]) -> usize {
    let number = |at: usize| usize::from(u16::from_be_bytes([body[at], body[at + 1]]));
    let unhashed = 6 + number(4);
    let r = unhashed + 2 + number(unhashed) + 2;
    r + 2 + number(r).div_ceil(8) + 2
}

/// How many self-signatures Sequoia finds on the only user ID.
fn self_signatures(ada: &Key, body: &[u8]) -> usize {
    let bytes = CertificateDraft::of(ada)
        .raw(&packet(tag::USER_ID, b"Ada"))
        .raw(&packet(tag::SIGNATURE, body))
        .bytes();
    let certificate = Cert::from_bytes(&bytes).unwrap();
    let user_ids: Vec<_> = certificate.userids().collect();
    user_ids
        .iter()
        .map(|user_id| user_id.self_signatures().count())
        .sum()
}

#[test]
fn sequoia_refuses_a_signature_older_than_every_self_signature_of_its_key() {
    let ada = key();
    let refreshed = ada.certifies(SIGNED.plus(86_400));
    let certificate = CertificateDraft::of(&ada)
        .user_id("Ada", &refreshed)
        .bytes();
    let (_, results) = verify(&message(&ada.signs(SIGNED)), &[certificate]);
    let error = results[0].as_ref().unwrap_err();
    assert!(error.contains("binding signature"), "{error}");
}

#[test]
fn sequoia_verifies_the_first_of_two_messages_and_is_silent_about_the_second() {
    let ada = key();
    let first = message(&ada.signs(SIGNED));
    let second = Frame::new("goodbye").signed(&ada.signs(SIGNED)).message();
    let (text, results) = verify(&(first + &second), &[certificate(&ada)]);
    assert_eq!((text.trim_end(), &results[..]), ("hello", &[Ok(())][..]));
}

#[test]
fn sequoia_passes_over_header_lines_and_text_around_a_message() {
    let ada = key();
    let frame = Frame::new("hello").signed(&ada.signs(SIGNED));
    for headers in [&["Hash: SHA512"][..], &[], &["Comment: x"]] {
        let message = frame.clone().headers(headers).message();
        let (_, results) = verify(&message, &[certificate(&ada)]);
        assert_eq!(results, [Ok(())], "{headers:?}");
    }
    let message = format!("before\n{}after\n", frame.message());
    let (text, results) = verify(&message, &[certificate(&ada)]);
    assert_eq!((text.trim_end(), &results[..]), ("hello", &[Ok(())][..]));
}

/// GnuPG and rPGP verify this one.
#[test]
fn sequoia_differs_about_a_carriage_return_alone() {
    let ada = key();
    let message = Frame::new("one\rtwo").signed(&ada.signs(SIGNED)).message();
    let (_, results) = verify(&message, &[certificate(&ada)]);
    assert!(results[0].is_err());
}
