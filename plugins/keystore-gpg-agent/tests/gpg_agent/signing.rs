//! Signatures by fresh keys of every kind, many of them: the line protocol escapes some
//! bytes, and integers lose zeros, so that one signature proves little.

use crate::support::{Desk, Remembering, cx, sign_and_check, signer};
use sifseal_plugin_sdk::ErrorKind;
use sifseal_plugin_sdk::openpgp::{Certificate, HashAlgorithm};
use sifseal_plugin_sdk::traits::RawSignature;
use std::sync::Mutex;

/// Makes keys of a kind, signs with each, and tells what gpg-agent gave.
fn signatures(desk: &Desk, algorithm: &str, keys: usize) -> Vec<RawSignature> {
    for number in 0..keys {
        let name = format!("Key {number} <{number}@example.org>");
        desk.gpg.quick_generate(&name, algorithm, "cert,sign", "");
    }
    let certificates = desk.certificates();
    assert_eq!(certificates.len(), keys);
    let signed = certificates.iter().flat_map(|one| sign_with(desk, one));
    signed.collect()
}

fn sign_with(desk: &Desk, certificate: &Certificate) -> Vec<RawSignature> {
    let signer = desk.signer(&certificate.fingerprint()).unwrap();
    let mut given = Vec::new();
    for hash in signer.accepted_hashes() {
        let remembering = Remembering {
            signer: &*signer,
            given: Mutex::default(),
        };
        for message in sign_and_check(&remembering, *hash, certificate) {
            let said = desk.gpg.verify(&message);
            assert!(said.contains("GOODSIG"), "{said}");
        }
        given.extend(remembering.given.into_inner().unwrap());
    }
    given
}

fn bytes(raw: &RawSignature) -> Vec<u8> {
    match raw {
        RawSignature::Rsa(s) => s.clone(),
        RawSignature::EcDsa { r, s } => [&r[..], s].concat(),
        RawSignature::EdDsa(both) => both.clone(),
        other => panic!("{other:?}"),
    }
}

/// Each byte that the protocol escapes was among them.
fn assert_escaped_bytes_came(raws: &[RawSignature]) {
    let all: Vec<u8> = raws.iter().flat_map(bytes).collect();
    for byte in *b"%\r\n" {
        assert!(all.contains(&byte), "no byte {byte:02x} in {}", all.len());
    }
}

#[test]
fn ed25519_signatures_are_good_whatever_bytes_they_have() {
    let Some(desk) = Desk::new() else { return };
    let raws = signatures(&desk, "ed25519", 16);
    assert_eq!(raws.len(), 16 * 3 * 2);
    assert!(raws.iter().all(|raw| bytes(raw).len() == 64));
    assert_escaped_bytes_came(&raws);
}

#[test]
fn ecdsa_signatures_are_good_on_each_curve_of_nist() {
    for (curve, keys) in [("nistp256", 8), ("nistp384", 4), ("nistp521", 4)] {
        let Some(desk) = Desk::new() else { return };
        let raws = signatures(&desk, curve, keys);
        let is_integer = |raw: &RawSignature| match raw {
            RawSignature::EcDsa { r, s } => r[0] != 0 && s[0] != 0,
            _ => false,
        };
        assert!(raws.iter().all(is_integer), "{curve}");
    }
}

#[test]
fn rsa_signatures_are_good() {
    let Some(desk) = Desk::new() else { return };
    let raws = signatures(&desk, "rsa2048", 2);
    assert_escaped_bytes_came(&raws);
}

#[test]
fn a_hash_that_the_key_does_not_take_is_refused() {
    let Some(desk) = Desk::new() else { return };
    desk.gpg.quick_generate("Ada", "nistp384", "cert,sign", "");
    let signer = desk.signer(&desk.only_key()).unwrap();
    let error = signer.sign_digest(&cx(), HashAlgorithm::Sha256, &[7; 32]);
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Unsupported);
}

#[test]
fn the_restricted_socket_that_is_forwarded_over_ssh_is_enough() {
    let Some(desk) = Desk::new() else { return };
    desk.gpg.quick_generate("Ada", "ed25519", "cert,sign", "");
    let certificate = desk.certificates().remove(0);
    let socket = desk.folder("agent-extra-socket");
    let store = desk.store_with_socket(&socket);
    let signer = signer(&store, &certificate.fingerprint()).unwrap();
    sign_and_check(&*signer, signer.accepted_hashes()[0], &certificate);
}
