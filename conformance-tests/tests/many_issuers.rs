//! A signature that names a crowd as its makers. Names stand in a part of the
//! signature that nobody signs, and each is looked up everywhere; so anyone could make
//! a verification slow, if there were no limit.

#![allow(clippy::unwrap_used)]

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sifseal_conformance_tests::engines;
use sifseal_conformance_tests::workshop::{
    NOW, Workshop, asking, at, certificate, edit, new_key, sign_with, verify_with,
};
use sifseal_core::integrity::{Report, VerifyOptions};
use sifseal_core::openpgp::cleartext;
use sifseal_core::sif::{DeleteMode, Image, NewObject, ObjectId};
use sifseal_core::traits::{KeyAlgorithm, KeyStore};
use sifseal_keystore_file::FileKeyStore;
use std::path::Path;
use std::sync::Arc;

/// The most names that are looked up.
const LIMIT: usize = 8;

#[test]
fn a_signature_may_name_its_maker_a_few_times_and_no_crowd() {
    for engine in engines() {
        let shop = Workshop::new();
        let store = FileKeyStore::open(shop.path("keys"), Arc::clone(&engine));
        let image = shop.image("image.sif", 1).unwrap();
        let ada = new_key(&*engine, "Ada", KeyAlgorithm::Ed25519).unwrap();
        let (_, public) = certificate(&*engine, &ada).unwrap();
        store.insert(&at(NOW), &public).unwrap();
        let everything = asking(&[], &[]);
        let signature = sign_with(&*engine, &image, &ada, &everything, NOW).unwrap()[0];
        let verify = || -> Report {
            let options = VerifyOptions::default();
            verify_with(&*engine, &store, &image, &everything, &options).unwrap()
        };

        let own = verify().signatures[0].issuers.len();
        let signature = name_more(&image, signature, LIMIT - own);
        assert_eq!(verify().signatures[0].issuers.len(), LIMIT);
        assert_eq!(verify().refusal(), None);
        name_more(&image, signature, 1);
        let report = verify();
        assert_eq!(report.signatures[0].issuers, [], "nobody was looked up");
        let words = report.refusal().unwrap().to_string();
        assert!(words.contains("names too many makers"), "{words}");
    }
}

/// Puts another signature object in the place of this one: the same with so many
/// strangers named in addition. Its ID.
fn name_more(image: &Path, signature: ObjectId, strangers: usize) -> ObjectId {
    let opened = Image::open(image).unwrap();
    let object = opened.object(signature).unwrap();
    let message = opened.read_small(object, 1 << 20).unwrap();
    let packet = with_strangers(&cleartext::read(&message).unwrap().packets, strangers);
    let text = std::str::from_utf8(&message).unwrap();
    let (signed, _) = text.split_once("-----BEGIN PGP SIGNATURE").unwrap();
    let block = BASE64_STANDARD.encode(packet);
    let message =
        format!("{signed}-----BEGIN PGP SIGNATURE-----\n\n{block}\n-----END PGP SIGNATURE-----\n");
    let mut copy = NewObject::new(object.data_type());
    copy.group = None;
    copy.link = object.link();
    copy.extra = object.extra();
    let mut editor = edit(image).unwrap();
    editor.delete(signature, DeleteMode::Plain, NOW).unwrap();
    editor.add(&copy, &mut message.as_bytes(), NOW).unwrap()
}

/// A version 4 signature packet (RFC 9580, section 5.2.3) with more issuer key IDs in
/// its unhashed area.
fn with_strangers(packet: &[u8], strangers: usize) -> Vec<u8> {
    let body = body_of(packet);
    assert_eq!(body[0], 4, "a version 4 signature");
    let length = |at: usize| usize::from(u16::from_be_bytes([body[at], body[at + 1]]));
    let unhashed = 6 + length(4);
    let behind = unhashed + 2 + length(unhashed);
    let mut area = body[unhashed + 2..behind].to_vec();
    for stranger in 0..strangers {
        // Nine bytes: type 16, and a key ID.
        area.extend([9, 16]);
        area.extend((0xeeee_0000 + stranger as u64).to_be_bytes());
    }
    let mut body = [
        &body[..unhashed],
        &u16::try_from(area.len()).unwrap().to_be_bytes(),
        &area,
        &body[behind..],
    ]
    .concat();
    // Packet type 2, and a length of five octets.
    let mut packet = vec![0xc2, 0xff];
    packet.extend(u32::try_from(body.len()).unwrap().to_be_bytes());
    packet.append(&mut body);
    packet
}

/// The body of the one packet, whose header has any of the usual forms (RFC 9580,
/// section 4.2).
fn body_of(packet: &[u8]) -> &[u8] {
    let header = match (packet[0] & 0x40 != 0, packet[0] & 3, packet[1]) {
        (true, _, 0..=191) | (false, 0, _) => 2,
        (true, _, 192..=223) | (false, 1, _) => 3,
        (true, _, 255) => 6,
        other => panic!("unusual header {other:?}"),
    };
    &packet[header..]
}
