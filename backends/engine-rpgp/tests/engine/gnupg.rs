//! GnuPG reads what we write and we read what it writes, where it is installed.

use crate::support::*;
use sifseal_core::openpgp::{Maths, Protection, TransferableSecretKey, cleartext};
use sifseal_core::traits::{Engine, KeyAlgorithm};
use sifseal_core::{ErrorKind, Secret, Timestamp};
use std::io::Write;
use std::process::{Command, Output, Stdio};

/// A GnuPG with a home of its own; its agent ends with it.
struct Gpg {
    home: tempfile::TempDir,
}

impl Gpg {
    /// `None`, said aloud, where GnuPG is not installed.
    fn new() -> Option<Self> {
        if Command::new("gpg").arg("--version").output().is_err() {
            let required = std::env::var("SIFSEAL_REQUIRE").unwrap_or_default();
            assert!(
                !required
                    .split(',')
                    .any(|name| name == "all" || name == "gpg"),
                "this may not be skipped here"
            );
            println!("skipped: gpg is not installed");
            return None;
        }
        // The path of the agent's socket must be short.
        let home = tempfile::Builder::new()
            .prefix("g")
            .tempdir_in("/tmp")
            .unwrap();
        Some(Self { home })
    }

    fn output(&self, arguments: &[&str], input: &[u8]) -> Output {
        let mut child = Command::new("gpg")
            .env("GNUPGHOME", self.home.path())
            .args([
                "--batch",
                "--no-tty",
                "--pinentry-mode",
                "loopback",
                "--trust-model",
                "always",
            ])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        child.wait_with_output().unwrap()
    }

    /// What it prints, if it succeeds.
    fn run(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let output = self.output(arguments, input);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "gpg {arguments:?}: {said}");
        output.stdout
    }

    /// The status lines that it prints when it verifies a message.
    fn verify(&self, message: &str) -> String {
        let output = self.output(&["--status-fd", "1", "--verify"], message.as_bytes());
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Makes a key pair that signs, with a subkey that encrypts.
    fn generate(&self, algorithm: &str, passphrase: &str) {
        let protection = match passphrase {
            "" => "%no-protection".to_owned(),
            some => format!("Passphrase: {some}"),
        };
        let parameters = match algorithm {
            "rsa" => "Key-Type: RSA\nKey-Length: 2048\nSubkey-Type: RSA\nSubkey-Length: 2048",
            _ => {
                "Key-Type: EDDSA\nKey-Curve: ed25519\nKey-Usage: sign\nSubkey-Type: ECDH\nSubkey-Curve: cv25519"
            }
        };
        let script = format!(
            "{parameters}\n{protection}\nName-Real: Grace\nName-Email: grace@example.com\nExpire-Date: 0\n%commit\n"
        );
        self.run(&["--gen-key"], script.as_bytes());
    }
}

impl Drop for Gpg {
    fn drop(&mut self) {
        let _ = Command::new("gpgconf")
            .env("GNUPGHOME", self.home.path())
            .args(["--kill", "all"])
            .output();
    }
}

fn armored(key: &sifseal_core::openpgp::Key) -> Vec<u8> {
    ENGINE.armor(key).unwrap().expose().to_vec()
}

fn ours() -> [(KeyAlgorithm, Option<Secret>); 4] {
    [
        (KeyAlgorithm::Ed25519, None),
        (KeyAlgorithm::Ed25519, Some(secret("pass"))),
        (KeyAlgorithm::Rsa(2048), None),
        (KeyAlgorithm::Rsa(2048), Some(secret("pass"))),
    ]
}

fn key(algorithm: KeyAlgorithm, passphrase: Option<&Secret>) -> TransferableSecretKey {
    let open = match algorithm {
        KeyAlgorithm::Rsa(_) => rsa(),
        _ => ed25519(),
    };
    match passphrase {
        Some(passphrase) => ENGINE.relock(&open, None, Some(passphrase)).unwrap(),
        None => open,
    }
}

#[test]
fn gnupg_reads_our_public_keys_and_accepts_our_signatures() {
    for (algorithm, _) in [&ours()[0], &ours()[2]] {
        let Some(gpg) = Gpg::new() else { return };
        let key = key(*algorithm, None);
        let public = sifseal_core::openpgp::Key::Certificate(certificate(&key));
        gpg.run(&["--import"], &armored(&public));
        let listed = gpg.run(&["--list-keys", "--with-colons"], b"");
        let listed = String::from_utf8_lossy(&listed).into_owned();
        assert!(
            listed.contains(&format!("fpr:::::::::{}:", key.fingerprint())),
            "{listed}"
        );

        for text in [
            "text",
            "- dash\n\n-----BEGIN X-----\nFrom me",
            "{\"a\":1}",
            "",
        ] {
            let message = clearsign(&key, text);
            let status = gpg.verify(&format!("{message}\n"));
            assert!(
                status.contains(&format!("VALIDSIG {}", key.fingerprint())),
                "{algorithm:?} {text:?}: {status}"
            );
        }
        let tampered = clearsign(&key, "good").replace("good", "evil");
        assert!(gpg.verify(&tampered).contains("BADSIG"));
    }
}

#[test]
fn gnupg_reads_our_secret_keys_and_signs_with_them() {
    for (algorithm, passphrase) in ours() {
        let Some(gpg) = Gpg::new() else { return };
        let key = key(algorithm, passphrase.as_ref());
        let armored = armored(&sifseal_core::openpgp::Key::Secret(key.clone()));
        let passphrase = passphrase.map_or("", |_| "pass");
        gpg.run(&["--passphrase", passphrase, "--import"], &armored);
        let message = gpg.run(
            &["--passphrase", passphrase, "--clearsign"],
            b"text\n- more\n",
        );
        let message = String::from_utf8(message).unwrap();
        assert_eq!(
            cleartext::read(message.as_bytes()).unwrap().text,
            "text\n- more"
        );
        assert_eq!(
            only_trial(&message, &certificate(&key)),
            (key.fingerprint(), Maths::Good)
        );
    }
}

#[test]
fn we_read_the_keys_of_gnupg_and_sign_with_them() {
    for (algorithm, passphrase) in [
        ("ed25519", ""),
        ("ed25519", "pass"),
        ("rsa", "pass"),
        ("rsa", ""),
    ] {
        let Some(gpg) = Gpg::new() else { return };
        gpg.generate(algorithm, passphrase);
        let public = gpg.run(&["--export"], b"");
        let exported = gpg.run(
            &[
                "--passphrase",
                passphrase,
                "--export-secret-keys",
                "--armor",
            ],
            b"",
        );
        let certificate = only_certificate(&public);
        let key = only_secret_key(&exported);
        assert_eq!(
            ENGINE.certificate_of(&key).unwrap().outline,
            certificate.outline
        );
        let facts = certificate_facts(&certificate);
        assert_eq!(facts.user_ids[0].signatures[0].maths, Maths::Good);
        assert_eq!(facts.subkeys[0].signatures[0].maths, Maths::Good);

        let passphrase = Some(secret(passphrase)).filter(|passphrase| !passphrase.is_empty());
        let expected = match passphrase {
            Some(_) => Protection::Passphrase,
            None => Protection::Open,
        };
        assert_eq!(key.protection, expected);
        let signer = ENGINE
            .unlock(&key, &key.fingerprint(), passphrase.as_ref())
            .unwrap();
        // GnuPG refuses a signature that is older than its key.
        let cx = cx_at(Timestamp::now());
        for hash in signer.accepted_hashes() {
            let message = ENGINE
                .clearsign(&cx, signer.as_ref(), *hash, "text")
                .unwrap();
            let status = gpg.verify(&message);
            assert!(
                status.contains(&format!("VALIDSIG {}", key.fingerprint())),
                "{status}"
            );
        }
    }
}

#[test]
fn a_copy_without_the_primary_secret_is_told_and_its_subkey_signs() {
    let Some(gpg) = Gpg::new() else { return };
    gpg.generate("ed25519", "");
    let public = only_certificate(&gpg.run(&["--export"], b""));
    let fingerprint = public.fingerprint().to_string();
    gpg.run(
        &[
            "--passphrase",
            "",
            "--quick-add-key",
            &fingerprint,
            "ed25519",
            "sign",
        ],
        b"",
    );
    let certificate = only_certificate(&gpg.run(&["--export"], b""));
    let stub = only_secret_key(&gpg.run(&["--export-secret-subkeys"], b""));

    let refused = ENGINE.unlock(&stub, &stub.fingerprint(), None).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unavailable);
    assert!(refused.to_string().contains("elsewhere"));

    let facts = certificate_facts(&certificate);
    let signing = &facts.subkeys[1];
    let back = signing.signatures[0].back_signature.as_ref().unwrap();
    assert_eq!(back.maths, Maths::Good);

    let signer = ENGINE
        .unlock(&stub, &signing.key.fingerprint, None)
        .unwrap();
    let cx = cx_at(Timestamp::now());
    let message = ENGINE
        .clearsign(&cx, signer.as_ref(), signer.accepted_hashes()[0], "text")
        .unwrap();
    assert_eq!(
        only_trial(&message, &certificate),
        (signing.key.fingerprint, Maths::Good)
    );
    assert!(gpg.verify(&message).contains("VALIDSIG"));

    // A stub is left as it is; the parts that are here are locked.
    let locked = ENGINE.relock(&stub, None, Some(&secret("pass"))).unwrap();
    assert_eq!(locked.protection, Protection::Passphrase);
    let refused = ENGINE
        .unlock(&locked, &locked.fingerprint(), None)
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unavailable);
}

/// All of them are refused by rPGP or by policy, and mathematically good.
#[test]
fn weak_signatures_of_gnupg_are_good_mathematics() {
    for (algorithm, hash) in [
        ("ed25519", "SHA1"),
        ("rsa1024", "SHA1"),
        ("dsa1024", "SHA1"),
    ] {
        let Some(gpg) = Gpg::new() else { return };
        gpg.run(
            &[
                "--passphrase",
                "",
                "--quick-gen-key",
                "Eve <eve@example.com>",
                algorithm,
                "sign",
            ],
            b"",
        );
        let certificate = only_certificate(&gpg.run(&["--export"], b""));
        let message = gpg.run(
            &[
                "--allow-weak-digest-algos",
                "--digest-algo",
                hash,
                "--clearsign",
            ],
            b"text\n",
        );
        let message = String::from_utf8(message).unwrap();
        let facts = signature_facts(&message, &[&certificate]);
        assert_eq!(
            facts[0].trials[0].maths,
            Maths::Good,
            "{algorithm} {:?}",
            facts[0].hash
        );
        assert_eq!(
            certificate_facts(&certificate).user_ids[0].signatures[0].maths,
            Maths::Good
        );
    }
}
