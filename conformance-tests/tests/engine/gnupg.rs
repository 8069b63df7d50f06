//! GnuPG reads what we write and we read what it writes, where it is installed.

use crate::support::*;
use sifseal_conformance_tests::Gpg;
use sifseal_conformance_tests::workshop::{self, Workshop, asking, at, new_key, sign_with};
use sifseal_core::openpgp::{Key, Maths, Protection, TransferableSecretKey, cleartext};
use sifseal_core::sif::{Image, ObjectId};
use sifseal_core::traits::KeyAlgorithm;
use sifseal_core::{ErrorKind, Timestamp};

impl Subject {
    fn armored(&self, key: Key) -> Vec<u8> {
        self.armor(&key).unwrap().expose().to_vec()
    }

    fn locked_or_not(
        &self,
        key: &TransferableSecretKey,
        passphrase: &str,
    ) -> TransferableSecretKey {
        let passphrase = secret(passphrase);
        self.relock(key, None, Some(&passphrase)).unwrap()
    }
}

#[test]
fn gnupg_reads_our_public_keys_and_accepts_our_signatures() {
    for engine in subjects() {
        for key in engine.keys() {
            let Some(gpg) = Gpg::new() else { return };
            let public = Key::Certificate(engine.certificate(&key));
            gpg.run(&["--import"], &engine.armored(public));
            let listed = gpg.run(&["--list-keys", "--with-colons"], b"");
            let listed = String::from_utf8(listed).unwrap();
            let line = format!("fpr:::::::::{}:", key.fingerprint());
            assert!(listed.contains(&line), "{listed}");

            for text in [
                "text",
                "- dash\n\n-----BEGIN X-----\nFrom me",
                "{\"a\":1}",
                "",
            ] {
                let message = engine.message(&key, text);
                let status = gpg.verify(&format!("{message}\n"));
                let good = format!("VALIDSIG {}", key.fingerprint());
                assert!(status.contains(&good), "{text:?}: {status}");
            }
            let tampered = engine.message(&key, "good").replace("good", "evil");
            assert!(gpg.verify(&tampered).contains("BADSIG"));
        }
    }
}

/// A signature as it lies in an image, taken out of it.
#[test]
fn gnupg_accepts_the_signature_object_of_an_image() {
    for engine in subjects() {
        for algorithm in [KeyAlgorithm::Ed25519, KeyAlgorithm::Rsa(2048)] {
            let Some(gpg) = Gpg::new() else { return };
            let shop = Workshop::new();
            let path = shop.image("image.sif", 1).unwrap();
            let key = new_key(&*engine, "Ada", algorithm).unwrap();
            let public = Key::Certificate(engine.certificate(&key));
            gpg.run(&["--import"], &engine.armored(public));
            sign_with(&*engine, &path, &key, &asking(&[], &[]), workshop::NOW).unwrap();

            let image = Image::open(&path).unwrap();
            let object = image.object(ObjectId::new(3).unwrap()).unwrap();
            let message = image.read_small(object, 1 << 20).unwrap();
            let message = String::from_utf8(message).unwrap();
            let good = format!("VALIDSIG {}", key.fingerprint());
            let status = gpg.verify(&message);
            assert!(status.contains(&good), "{}: {status}", engine.name());
        }
    }
}

#[test]
fn gnupg_opens_our_secret_keys_and_signs_with_them() {
    for (maker, reader) in makers_and_readers() {
        for open in maker.keys() {
            for passphrase in ["", "pass"] {
                let Some(gpg) = Gpg::new() else { return };
                let key = maker.locked_or_not(&open, passphrase);
                let armored = maker.armored(Key::Secret(key.clone()));
                gpg.run(&["--passphrase", passphrase, "--import"], &armored);
                let sign = ["--passphrase", passphrase, "--clearsign"];
                let message = gpg.run(&sign, b"text\n- more\n");
                let message = String::from_utf8(message).unwrap();
                let text = cleartext::read(message.as_bytes()).unwrap().text;
                assert_eq!(text, "text\n- more");
                assert_eq!(
                    reader.only_trial(&message, &reader.certificate(&key)),
                    (key.fingerprint(), Maths::Good)
                );
                // The subkey too: GnuPG decrypts what it encrypted to it.
                let to = ["-r", "ada@example.com", "--encrypt"];
                let encrypted = gpg.run(&to, b"for Ada");
                let decrypt = ["--passphrase", passphrase, "--decrypt"];
                assert_eq!(gpg.run(&decrypt, &encrypted), b"for Ada");
            }
        }
    }
}

#[test]
fn we_read_the_keys_of_gnupg_and_sign_with_them() {
    for algorithm in ["ed25519", "rsa"] {
        for passphrase in ["", "pass"] {
            let Some(gpg) = Gpg::new() else { return };
            gpg.generate(algorithm, passphrase);
            let (public, exported) = (gpg.public_keys(), gpg.secret_keys(passphrase));
            for engine in subjects() {
                let certificate = engine.only_certificate(&public);
                let key = engine.only_secret_key(&exported);
                assert_eq!(engine.certificate(&key).outline, certificate.outline);
                let facts = engine.facts(&certificate);
                assert_eq!(facts.user_ids[0].signatures[0].maths, Maths::Good);
                assert_eq!(facts.subkeys[0].signatures[0].maths, Maths::Good);

                let expected = match passphrase {
                    "" => Protection::Open,
                    _ => Protection::Passphrase,
                };
                assert_eq!(key.protection, expected);
                let passphrase = secret(passphrase);
                let signer = engine
                    .unlock(&key, &key.fingerprint(), Some(&passphrase))
                    .unwrap();
                // GnuPG refuses a signature that is older than its key.
                let cx = at(Timestamp::now());
                for hash in signer.accepted_hashes() {
                    let message = engine.clearsign(&cx, &*signer, *hash, "text").unwrap();
                    let status = gpg.verify(&message);
                    let good = format!("VALIDSIG {}", key.fingerprint());
                    assert!(status.contains(&good), "{}: {status}", engine.name());
                }
                // What is open and stays so keeps GnuPG's bytes.
                let open = key.protection == Protection::Open;
                let unchanged = engine.relock(&key, Some(&passphrase), None);
                assert_eq!(unchanged.unwrap() == key, open);
                let relocked = engine
                    .relock(&key, Some(&passphrase), Some(&secret("other")))
                    .unwrap();
                let opened = engine.relock(&relocked, Some(&secret("other")), None);
                assert_eq!(opened.unwrap().protection, Protection::Open);
            }
        }
    }
}

#[test]
fn a_copy_without_the_primary_secret_is_told_and_its_subkey_signs() {
    let Some(gpg) = Gpg::new() else { return };
    gpg.generate("ed25519", "");
    let engine = subjects().next().unwrap();
    let fingerprint = engine.only_certificate(&gpg.public_keys()).fingerprint();
    let fingerprint = fingerprint.to_string();
    let add = [
        "--passphrase",
        "",
        "--quick-add-key",
        &fingerprint,
        "ed25519",
        "sign",
    ];
    gpg.run(&add, b"");
    let public = gpg.public_keys();
    let stub = gpg.run(&["--export-secret-subkeys"], b"");

    for engine in subjects() {
        let certificate = engine.only_certificate(&public);
        let stub = engine.only_secret_key(&stub);
        let refused = engine.unlock(&stub, &stub.fingerprint(), None).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Unavailable);
        assert!(refused.to_string().contains("elsewhere"));

        let facts = engine.facts(&certificate);
        let signing = &facts.subkeys[1];
        let back = signing.signatures[0].back_signature.as_ref().unwrap();
        assert_eq!(back.maths, Maths::Good);

        let which = signing.key.fingerprint;
        let signer = engine.unlock(&stub, &which, None).unwrap();
        let hash = signer.accepted_hashes()[0];
        let message = engine
            .clearsign(&at(Timestamp::now()), signer.as_ref(), hash, "text")
            .unwrap();
        let trial = engine.only_trial(&message, &certificate);
        assert_eq!(trial, (which, Maths::Good));
        assert!(gpg.verify(&message).contains("VALIDSIG"));

        // A stub is left as it is; the parts that are here are locked.
        let pass = secret("pass");
        let locked = engine.relock(&stub, None, Some(&pass)).unwrap();
        assert_eq!(locked.protection, Protection::Passphrase);
        let refused = engine.unlock(&locked, &locked.fingerprint(), None);
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Unavailable);
        assert!(engine.unlock(&locked, &which, Some(&pass)).is_ok());
        let opened = engine.relock(&locked, Some(&pass), None).unwrap();
        let stub_packet = packets(stub.bytes.expose()).next();
        assert_eq!(packets(opened.bytes.expose()).next(), stub_packet);
    }
}

/// All of them are refused by a library or by policy, and mathematically good.
#[test]
fn weak_signatures_of_gnupg_are_good_mathematics() {
    for algorithm in ["ed25519", "rsa1024", "dsa1024"] {
        let Some(gpg) = Gpg::new() else { return };
        gpg.quick_generate("Eve <eve@example.com>", algorithm, "sign", "");
        let weak = [
            "--allow-weak-digest-algos",
            "--digest-algo",
            "SHA1",
            "--clearsign",
        ];
        let message = String::from_utf8(gpg.run(&weak, b"text\n")).unwrap();
        for engine in subjects() {
            let certificate = engine.only_certificate(&gpg.public_keys());
            let trial = engine.only_trial(&message, &certificate);
            assert_eq!(trial.1, Maths::Good, "{} {algorithm}", engine.name());
            let facts = engine.facts(&certificate);
            assert_eq!(facts.user_ids[0].signatures[0].maths, Maths::Good);
        }
    }
}

#[test]
fn dsa_never_signs() {
    let Some(gpg) = Gpg::new() else { return };
    gpg.quick_generate("Eve <eve@example.com>", "dsa2048", "sign", "");
    for engine in subjects() {
        let key = engine.only_secret_key(&gpg.secret_keys(""));
        let refused = engine.unlock(&key, &key.fingerprint(), None);
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Unsupported);
        // Its owner may lock it all the same.
        let locked = engine.relock(&key, None, Some(&secret("pass"))).unwrap();
        assert_eq!(locked.protection, Protection::Passphrase);
    }
}

/// What each engine's library can calculate with; the rest is refused by name, and
/// never called bad.
#[test]
fn the_curves_of_gnupg_sign_and_verify_where_the_library_knows_them() {
    for (curve, rpgp, sequoia) in [
        ("nistp256", true, true),
        ("nistp384", true, true),
        ("nistp521", true, true),
        ("brainpoolP256r1", false, false),
        ("brainpoolP384r1", false, false),
        ("brainpoolP512r1", false, false),
        ("secp256k1", true, false),
    ] {
        let Some(gpg) = Gpg::new() else { return };
        gpg.quick_generate("Eve <eve@example.com>", curve, "sign", "pass");
        let clearsign = ["--passphrase", "pass", "--clearsign"];
        let gpgs = String::from_utf8(gpg.run(&clearsign, b"text\n")).unwrap();
        let (public, exported) = (gpg.public_keys(), gpg.secret_keys("pass"));
        let cx = at(Timestamp::now());
        let mut messages = Vec::new();
        for engine in subjects() {
            let known = match engine.name() {
                "rpgp" => rpgp,
                _ => sequoia,
            };
            let certificate = engine.only_certificate(&public);
            let maths = engine.only_trial(&gpgs, &certificate).1;
            let key = engine.only_secret_key(&exported);
            let unlocked = engine.unlock(&key, &key.fingerprint(), Some(&secret("pass")));
            if !known {
                let by = format!("{} {curve} {maths:?}", engine.name());
                assert!(matches!(maths, Maths::Unsupported(_)), "{by}");
                assert_eq!(unlocked.unwrap_err().kind(), ErrorKind::Unsupported);
                // Its owner may keep it here all the same.
                let (old, new) = (secret("pass"), secret("word"));
                let relocked = engine.relock(&key, Some(&old), Some(&new)).unwrap();
                assert_eq!(relocked.protection, Protection::Passphrase, "{by}");
                continue;
            }
            assert_eq!(maths, Maths::Good, "{} {curve}", engine.name());
            let signer = unlocked.unwrap();
            let hash = signer.accepted_hashes()[0];
            for text in 0..100 {
                let text = text.to_string();
                messages.push(engine.clearsign(&cx, &*signer, hash, &text).unwrap());
            }
            let status = gpg.verify(messages.last().unwrap());
            assert!(status.contains("VALIDSIG"), "{} {curve}", engine.name());
        }
        for engine in subjects().filter(|engine| match engine.name() {
            "rpgp" => rpgp,
            _ => sequoia,
        }) {
            let certificate = engine.only_certificate(&public);
            for message in &messages {
                let trial = engine.only_trial(message, &certificate);
                assert_eq!(trial.1, Maths::Good, "{} {curve}", engine.name());
            }
        }
    }
}

/// The shorter the modulus, the more often a value begins with zeros.
#[test]
fn small_rsa_keys_of_gnupg_sign_a_hundred_times() {
    let Some(gpg) = Gpg::new() else { return };
    gpg.quick_generate("Eve <eve@example.com>", "rsa1024", "sign", "");
    let (public, exported) = (gpg.public_keys(), gpg.secret_keys(""));
    for (maker, reader) in makers_and_readers() {
        let signer = maker.signer(&maker.only_secret_key(&exported));
        let certificate = reader.only_certificate(&public);
        for text in 0..100 {
            let message = maker.message_by(&*signer, &text.to_string());
            assert_eq!(reader.only_trial(&message, &certificate).1, Maths::Good);
        }
    }
}
