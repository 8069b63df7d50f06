//! Keys and signatures by Go's old OpenPGP library, which old versions of Singularity
//! used: it gives wrong lengths to the integers of its signatures.

use crate::row::{MADE, SIGNED, row};
use sifseal_conformance_tests::engines;
use sifseal_conformance_tests::gnupg::Said;
use sifseal_conformance_tests::requirement::require_old_go;
use sifseal_conformance_tests::workshop::at;
use sifseal_core::openpgp::{HashAlgorithm, Key};

/// More than enough for leading zeros in self-signatures and in messages: half of all
/// values do not fill their first octet.
const KEYS: u32 = 6;
const MESSAGES: u32 = 4;

#[test]
fn keys_and_messages_of_the_old_library_are_good() {
    let Some(old_go) = require_old_go() else {
        return;
    };
    for _ in 0..KEYS {
        let key = old_go.key(MADE, SIGNED, 2048, MESSAGES, "one \n- two\n\nthree");
        for message in key.messages {
            row(message)
                .knowing(key.certificate.clone())
                .good()
                .gpg(&[Said::Good])
                .check();
        }
    }
}

#[test]
fn a_short_key_of_the_old_library_is_too_weak() {
    let Some(old_go) = require_old_go() else {
        return;
    };
    let key = old_go.key(MADE, SIGNED, 1024, 1, "hello");
    row(key.messages[0].clone())
        .knowing(key.certificate)
        .refused(&["weak-key"])
        .gpg(&[Said::Good])
        .unlike_gpg("GnuPG 2.2 has no minimum strength but for MD5 (W-7)")
        .check();
}

#[test]
fn a_secret_key_of_the_old_library_signs() {
    let Some(old_go) = require_old_go() else {
        return;
    };
    for _ in 0..2 {
        let old = old_go.key(MADE, SIGNED, 2048, 1, "hello");
        for engine in engines() {
            let ring = engine.read_keys(old.secret.as_bytes());
            let [Key::Secret(key)] = &ring.keys[..] else {
                panic!("one secret key: {:?}", ring.junk);
            };
            let signer = engine.unlock(key, &key.fingerprint(), None).unwrap();
            let message = engine
                .clearsign(&at(SIGNED), &*signer, HashAlgorithm::Sha256, "hello")
                .unwrap();
            row(message)
                .knowing(old.certificate.clone())
                .good()
                .gpg(&[Said::Good])
                .check();
        }
    }
}
