//! GnuPG, with a home of its own, asked for keys, signatures and its opinion.

use crate::{process, require_gpg};
use sifseal_core::Timestamp;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A GnuPG with a home of its own; its agent ends with the value.
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
    /// A GnuPG without any key; `None` if there is none on this machine.
    ///
    /// # Panics
    /// As [`require_gpg`], and if the system gives no folder.
    pub fn new() -> Option<Self> {
        use std::os::unix::fs::PermissionsExt;
        let program = require_gpg()?;
        let home = tempfile::tempdir().expect("a temporary folder");
        let private = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(home.path(), private).expect("a folder of our own");
        Some(Self { program, home })
    }

    /// A path in its home.
    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Runs it to its end, whatever that is. It asks nobody.
    pub fn try_run(&self, args: &[&str], stdin: &[u8]) -> Output {
        let mut command = Command::new(&self.program);
        command
            .env("GNUPGHOME", self.home.path())
            .env("LC_ALL", "C")
            .args(["--batch", "--yes", "--pinentry-mode", "loopback"])
            .args(args);
        process::run(&mut command, stdin)
    }

    /// Runs it and gives what it prints.
    ///
    /// # Panics
    /// If it fails.
    pub fn run(&self, args: &[&str], stdin: &[u8]) -> Vec<u8> {
        let output = self.try_run(args, stdin);
        let words = process::text(&output.stderr);
        assert!(output.status.success(), "gpg {args:?}: {words}");
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
            self.try_run(&[&quietly[..], &["--import"]].concat(), certificate);
        }
        let status = ["--trust-model", "always", "--status-fd", "1", "--verify"];
        let output = self.try_run(&[&quietly[..], &status].concat(), message);
        let lines = process::text(&output.stdout);
        Opinion {
            signatures: lines.lines().filter_map(said).collect(),
            succeeded: output.status.success(),
            words: lines + &process::text(&output.stderr),
        }
    }
}

impl Drop for Gpg {
    fn drop(&mut self) {
        let agent: &Path = &self.path("S.gpg-agent");
        if agent.exists() {
            let _ = Command::new("gpgconf")
                .env("GNUPGHOME", self.home.path())
                .args(["--kill", "all"])
                .output();
        }
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
