//! Secret keys whose secret part is on a card, or nowhere.

use crate::people::{TEXT, certificate, key, message};
use crate::row::{MADE, SIGNED, row};
use sifseal_conformance_tests::craft::{Key as CraftedKey, Place, Stub, packet, stub, tag};
use sifseal_conformance_tests::engines;
use sifseal_conformance_tests::gnupg::{Gpg, Said};
use sifseal_conformance_tests::workshop::at;
use sifseal_core::ErrorKind;
use sifseal_core::openpgp::{HashAlgorithm, Key, Protection, TransferableSecretKey};
use sifseal_core::traits::Engine;

const SERIAL: &[u8] = b"\xD2\x76\x00\x01\x24\x01\x03\x04\x00\x05\x00\x00\x12\x34\x00\x00";

/// The one secret key that an engine finds in these bytes.
fn only_secret_key(engine: &dyn Engine, bytes: &[u8]) -> TransferableSecretKey {
    let ring = engine.read_keys(bytes);
    match &ring.keys[..] {
        [Key::Secret(key)] => key.clone(),
        _ => panic!("one secret key: {ring:?}"),
    }
}

/// A secret key as GnuPG exports it if its secret part is elsewhere.
fn stubbed(ada: &CraftedKey, place: Stub<'_>) -> Vec<u8> {
    let certification = ada.certifies(MADE).over(Place::UserId(ada, "Ada"));
    [
        stub(ada, place),
        packet(tag::USER_ID, b"Ada"),
        certification,
    ]
    .concat()
}

#[test]
fn a_key_on_a_card_is_told_as_being_elsewhere() {
    for place in [Stub::Missing, Stub::Card(SERIAL), Stub::Card(&[])] {
        let ada = key();
        let bytes = stubbed(&ada, place);
        let mut first = None;
        for engine in engines() {
            let secret = only_secret_key(&*engine, &bytes);
            assert_eq!(secret.fingerprint(), ada.fingerprint());
            assert!(
                matches!(secret.protection, Protection::Elsewhere(_)),
                "{:?}",
                secret.protection
            );
            assert_eq!(secret.bytes.expose(), bytes);
            let same = first.get_or_insert_with(|| secret.clone());
            assert_eq!(secret, *same);

            let refusal = engine
                .unlock(&secret, &ada.fingerprint(), None)
                .unwrap_err();
            assert_eq!(refusal.kind(), ErrorKind::Unavailable, "{refusal}");
            let public = engine.certificate_of(&secret).unwrap();
            let known = only_certificate(&*engine, &certificate(&ada));
            assert_eq!(public.outline, known);
        }
    }
}

fn only_certificate(engine: &dyn Engine, bytes: &[u8]) -> sifseal_core::openpgp::Outline {
    let ring = engine.read_keys(bytes);
    assert_eq!(ring.keys.len(), 1);
    ring.keys[0].outline().clone()
}

#[test]
fn what_a_card_signed_verifies_with_its_stub() {
    let ada = key();
    row(message(&ada.signs(SIGNED)))
        .knowing(stubbed(&ada, Stub::Card(SERIAL)))
        .good()
        .gpg(&[Said::Good])
        .check();
}

/// `gpg --export-secret-subkeys`: how people keep their primary key off a machine.
#[test]
fn a_subkey_signs_for_a_primary_key_that_is_elsewhere() {
    let Some(gpg) = Gpg::new() else { return };
    let name = "Ada <ada@example.com>";
    let no_passphrase = ["--passphrase", ""];
    let generate = ["--quick-gen-key", name, "ed25519", "cert", "never"];
    gpg.run_at(MADE, &[&no_passphrase[..], &generate].concat(), b"");
    let listing = gpg.run(&["--list-keys", "--with-colons"], b"");
    let listing = String::from_utf8(listing).unwrap();
    let primary = fingerprints(&listing).remove(0);
    let add = ["--quick-add-key", &primary, "ed25519", "sign", "never"];
    gpg.run_at(MADE, &[&no_passphrase[..], &add].concat(), b"");
    let secret = gpg.run(&["--export-secret-subkeys"], b"");
    let public = gpg.run(&["--export"], b"");
    for engine in engines() {
        let key = only_secret_key(&*engine, &secret);
        let refusal = engine.unlock(&key, &key.fingerprint(), None).unwrap_err();
        assert_eq!(refusal.kind(), ErrorKind::Unavailable, "{refusal}");
        let subkey = key.outline.subkeys[0];
        let signer = engine.unlock(&key, &subkey, None).unwrap();
        let message = engine
            .clearsign(&at(SIGNED), &*signer, HashAlgorithm::Sha256, TEXT)
            .unwrap();
        row(message)
            .knowing(public.clone())
            .good()
            .gpg(&[Said::Good])
            .check();
    }
}

/// The fingerprints in a listing for machines, in order.
fn fingerprints(listing: &str) -> Vec<String> {
    listing
        .lines()
        .filter_map(|line| line.strip_prefix("fpr:"))
        .map(|fields| fields.replace(':', ""))
        .collect()
}
