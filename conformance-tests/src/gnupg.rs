//! GnuPG, with a home of its own, asked for keys, signatures and its opinion.

mod keyservers;

pub use keyservers::Found;

use crate::{process, require_gpg};
use sifseal_core::Timestamp;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A GnuPG that knows no keys yet; its agent ends with the value.
#[derive(Debug)]
pub struct Gpg {
    program: PathBuf,
    home: tempfile::TempDir,
}

/// What GnuPG says of one signature, by the word on its status line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// `GOODSIG`.
    Good,
    /// `EXPSIG`: good, but the signature has expired.
    SignatureExpired,
    /// `EXPKEYSIG`: good, but the key has expired by now.
    KeyExpired,
    /// `REVKEYSIG`: good, but the key is revoked by now.
    KeyRevoked,
    /// `BADSIG`.
    Bad,
    /// `ERRSIG`: it cannot tell; the number says why.
    Error(u32),
}

/// Reasons of [`Said::Error`], by libgpg-error's numbers.
pub mod reason {
    /// "General error": a signing subkey without a good back signature, or a hash
    /// that is not the one of the `Hash` header.
    pub const GENERAL: u32 = 1;
    /// The public-key algorithm is not one that it has.
    pub const UNKNOWN_ALGORITHM: u32 = 4;
    /// The hash is not one that it has or takes.
    pub const REFUSED_HASH: u32 = 5;
    /// The key is not there.
    pub const NO_KEY: u32 = 9;
    /// The signature is of a kind that is not for documents.
    pub const WRONG_KIND: u32 = 32;
    /// The signature is older than its key.
    pub const TIME_CONFLICT: u32 = 39;
    /// A revocation, which is for importing.
    pub const STANDALONE_REVOCATION: u32 = 52;
    /// The key may not do that.
    pub const WRONG_USE: u32 = 125;
}

/// What GnuPG says of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opinion {
    /// Of each signature, in order; empty if it found none.
    pub signatures: Vec<Said>,
    /// True if it ended with success.
    pub succeeded: bool,
    /// All that it printed, for people.
    pub words: String,
}

impl Opinion {
    /// True if all is well to GnuPG.
    pub fn is_good(&self) -> bool {
        let all_good = self.signatures.iter().all(|said| *said == Said::Good);
        self.succeeded && all_good && !self.signatures.is_empty()
    }
}

impl Gpg {
    /// `None`, said aloud, where GnuPG is not installed.
    ///
    /// # Panics
    /// The system gives no folder, or GnuPG is missing and was required.
    #[allow(clippy::expect_used)]
    pub fn new() -> Option<Self> {
        let program = require_gpg()?;
        // The path of the agent's socket must be short.
        let home = tempfile::Builder::new()
            .prefix("g")
            .tempdir_in("/tmp")
            .expect("a temporary folder");
        Some(Self { program, home })
    }

    /// Its home.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Runs it and tells all that came of it.
    pub fn output(&self, arguments: &[&str], input: &[u8]) -> Output {
        let mut command = Command::new(&self.program);
        command.env("GNUPGHOME", self.home.path());
        command.args(["--batch", "--yes", "--no-tty", "--trust-model", "always"]);
        command.args(["--pinentry-mode", "loopback"]);
        command.args(arguments);
        process::run(&mut command, input)
    }

    /// What it prints.
    ///
    /// # Panics
    /// If it fails.
    pub fn run(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let output = self.output(arguments, input);
        let said = process::text(&output.stderr);
        assert!(output.status.success(), "gpg {arguments:?}: {said}");
        output.stdout
    }

    /// The same with the clock standing still at some time.
    ///
    /// # Panics
    /// If it fails.
    pub fn run_at(&self, now: Timestamp, args: &[&str], stdin: &[u8]) -> Vec<u8> {
        let clock = clock(now);
        let args = [&["--faked-system-time", &clock], args].concat();
        self.run(&args, stdin)
    }

    /// What it says at some time of a message, with these certificates at hand.
    ///
    /// # Panics
    /// If it says something that is not understood here.
    pub fn opinion(&self, now: Timestamp, certificates: &[Vec<u8>], message: &[u8]) -> Opinion {
        let clock = clock(now);
        let quietly = ["--faked-system-time", &clock, "--no-autostart"];
        for certificate in certificates {
            // What it does not import it will not know, and say so.
            self.output(&[&quietly[..], &["--import"]].concat(), certificate);
        }
        let status = ["--status-fd", "1", "--verify"];
        let output = self.output(&[&quietly[..], &status].concat(), message);
        let lines = process::text(&output.stdout);
        Opinion {
            signatures: lines.lines().filter_map(said).collect(),
            succeeded: output.status.success(),
            words: lines + &process::text(&output.stderr),
        }
    }

    /// The status lines that it prints when it verifies a message.
    pub fn verify(&self, message: &str) -> String {
        let output = self.output(&["--status-fd", "1", "--verify"], message.as_bytes());
        process::text(&output.stdout)
    }

    /// Makes a key pair by GnuPG's own words: an algorithm as `rsa2048`, and what
    /// the primary key is for, as `cert,sign`. No passphrase if it is empty.
    pub fn quick_generate(&self, user_id: &str, algorithm: &str, usage: &str, passphrase: &str) {
        self.run(
            &[
                "--passphrase",
                passphrase,
                "--quick-gen-key",
                user_id,
                algorithm,
                usage,
                "never",
            ],
            b"",
        );
    }

    /// The revocation that it prepared for its only key, without a reason. As stored, a
    /// colon keeps it from being used by accident.
    ///
    /// # Panics
    /// If there is none.
    #[allow(clippy::expect_used)]
    pub fn prepared_revocation(&self) -> String {
        let folder = self.home.path().join("openpgp-revocs.d");
        let mut files = std::fs::read_dir(folder).expect("GnuPG's folder");
        let file = files.next().expect("a revocation").expect("its name");
        let text = std::fs::read_to_string(file.path()).expect("a text file");
        text.replace(":-----BEGIN", "-----BEGIN")
    }

    /// Makes a key pair that signs, with a subkey that encrypts: `rsa` or `ed25519`.
    pub fn generate(&self, algorithm: &str, passphrase: &str) {
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

    /// The revocation that it made along with a key, to be imported one day.
    ///
    /// # Panics
    /// If there is none.
    #[allow(clippy::expect_used)]
    pub fn ready_revocation(&self, fingerprint: &str) -> Vec<u8> {
        let folder = self.home.path().join("openpgp-revocs.d");
        let text = std::fs::read_to_string(folder.join(format!("{fingerprint}.rev")));
        // A colon before the armor guards against accidents.
        let text = text.expect("a revocation").replace("\n:---", "\n---");
        text.into_bytes()
    }

    /// The fingerprints of all primary keys.
    pub fn fingerprints(&self) -> Vec<String> {
        let list = process::text(&self.run(&["--with-colons", "--list-keys"], b""));
        let mut primary = false;
        let mut fingerprints = Vec::new();
        for line in list.lines() {
            let mut fields = line.split(':');
            match fields.next() {
                Some("pub") => primary = true,
                // The fingerprint follows its key.
                Some("fpr") if std::mem::take(&mut primary) => {
                    fingerprints.extend(fields.nth(8).map(str::to_owned));
                }
                _ => {}
            }
        }
        fingerprints
    }

    /// All public keys.
    pub fn public_keys(&self) -> Vec<u8> {
        self.run(&["--export"], b"")
    }

    /// All secret keys, locked as they are.
    pub fn secret_keys(&self, passphrase: &str) -> Vec<u8> {
        self.run(&["--passphrase", passphrase, "--export-secret-keys"], b"")
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

/// A clock that stands still: GnuPG takes seconds since 1970.
fn clock(now: Timestamp) -> String {
    format!("{}!", now.0)
}

/// One line of GnuPG's status output, if it is about a signature.
fn said(line: &str) -> Option<Said> {
    let mut words = line.strip_prefix("[GNUPG:] ")?.split(' ');
    Some(match words.next()? {
        "GOODSIG" => Said::Good,
        "EXPSIG" => Said::SignatureExpired,
        "EXPKEYSIG" => Said::KeyExpired,
        "REVKEYSIG" => Said::KeyRevoked,
        "BADSIG" => Said::Bad,
        // ERRSIG key-id algorithm hash class time reason fingerprint
        "ERRSIG" => Said::Error(words.nth(5)?.parse().ok()?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_lines_are_understood() {
        let error = "[GNUPG:] ERRSIG 0123456789ABCDEF 22 8 01 1735689600 9 -";
        assert_eq!(said(error), Some(Said::Error(9)));
        assert_eq!(
            said("[GNUPG:] GOODSIG 0123456789ABCDEF Ada"),
            Some(Said::Good)
        );
        assert_eq!(said("[GNUPG:] NEWSIG"), None);
        assert_eq!(said("gpg: Good signature"), None);
    }
}
