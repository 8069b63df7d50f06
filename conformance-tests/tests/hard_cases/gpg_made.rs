//! Keys and signatures that GnuPG makes: every kind of key it has, and texts that it
//! frames itself.

use crate::row::{MADE, SIGNED, row};
use sifseal_conformance_tests::gnupg::{Gpg, Said};

/// The certificate of a fresh key of GnuPG's, and a message by it.
fn made(gpg: &Gpg, algorithm: &str, text: &str) -> (Vec<u8>, Vec<u8>) {
    let name = "Ada <ada@example.com>";
    let generate = ["--passphrase", "", "--quick-gen-key", name, algorithm];
    let generate = [&generate[..], &["sign", "never"]].concat();
    gpg.run_at(MADE, &generate, b"");
    let message = gpg.run_at(SIGNED, &["--clearsign"], text.as_bytes());
    (gpg.run(&["--export"], b""), message)
}

/// A key of this kind is good, in the eyes of every engine but those that lack it.
fn is_good(algorithm: &str, lacking: &[&str]) {
    let Some(gpg) = Gpg::new() else { return };
    let (certificate, message) = made(&gpg, algorithm, "hello\n");
    row(message)
        .knowing(certificate)
        .good()
        .beyond(lacking)
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn ed25519_is_good() {
    is_good("ed25519", &[]);
}

#[test]
fn nist_p256_is_good() {
    is_good("nistp256", &[]);
}

#[test]
fn nist_p384_is_good() {
    is_good("nistp384", &[]);
}

#[test]
fn nist_p521_is_good() {
    is_good("nistp521", &[]);
}

#[test]
fn brainpool_p256_is_told_to_be_beyond_both_libraries() {
    is_good("brainpoolP256r1", &["rpgp", "sequoia"]);
}

#[test]
fn brainpool_p384_is_told_to_be_beyond_both_libraries() {
    is_good("brainpoolP384r1", &["rpgp", "sequoia"]);
}

#[test]
fn brainpool_p512_is_told_to_be_beyond_both_libraries() {
    is_good("brainpoolP512r1", &["rpgp", "sequoia"]);
}

/// Two values of *s* are equally good in ECDSA. Half of GnuPG's signatures have the
/// one that Bitcoin forbids, and with it libraries made for that.
#[test]
fn secp256k1_is_good_with_either_s() {
    let Some(gpg) = Gpg::new() else { return };
    let (certificate, _) = made(&gpg, "secp256k1", "hello");
    for text in 0..12 {
        let text = text.to_string();
        let message = gpg.run_at(SIGNED, &["--clearsign"], text.as_bytes());
        row(message)
            .knowing(certificate.clone())
            .good()
            .beyond(&["sequoia"])
            .gpg(&[Said::Good])
            .check();
    }
}

#[test]
fn rsa_of_2048_bits_is_good() {
    is_good("rsa2048", &[]);
}

#[test]
fn dsa_is_given_up() {
    let Some(gpg) = Gpg::new() else { return };
    let (certificate, message) = made(&gpg, "dsa2048", "hello\n");
    row(message)
        .knowing(certificate)
        .refused(&["weak-key"])
        .gpg(&[Said::Good])
        .unlike_gpg("GnuPG 2.2 still takes DSA, which FIPS 186-5 gave up (W-7)")
        .check();
}

#[test]
fn texts_that_gpg_frames_are_good() {
    for text in [
        "",
        "\n",
        "one",
        "one\n",
        "one\n\n",
        "one \ntwo\t\nthree \t \n",
        "one\r\ntwo\r\n",
        "one \r\ntwo\t\r\n",
        "- one\n-----BEGIN PGP SIGNATURE-----\nFrom me\n",
        "\n\none",
        "{\"version\":1}",
        "one\u{A0}\ntwo\u{C}\n",
    ] {
        let Some(gpg) = Gpg::new() else { return };
        let (certificate, message) = made(&gpg, "ed25519", text);
        row(message)
            .knowing(certificate)
            .good()
            .gpg(&[Said::Good])
            .check();
    }
}
