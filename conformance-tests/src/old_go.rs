//! Keys and signatures by Go's old OpenPGP library, `golang.org/x/crypto/openpgp`, as
//! old images and key rings hold them.

use crate::{go_program, process};
use serde::Deserialize;
use sifseal_core::Timestamp;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// The program over the old library, built.
#[derive(Debug)]
pub struct OldGo {
    program: PathBuf,
}

/// A fresh RSA key, and messages that it signed.
#[derive(Debug, Clone, Deserialize)]
pub struct OldKey {
    /// The certificate, armored.
    pub certificate: String,
    /// The transferable secret key, armored, without a passphrase.
    pub secret: String,
    /// The messages, signed a second after each other.
    pub messages: Vec<String>,
}

impl OldGo {
    /// The program, built on the first call; or why there is none.
    ///
    /// Tests ask [`require_old_go`](crate::requirement::require_old_go) instead.
    pub(crate) fn get() -> Result<&'static Self, &'static str> {
        static OLD_GO: OnceLock<Result<OldGo, String>> = OnceLock::new();
        OLD_GO
            .get_or_init(|| go_program::build("old-go").map(|program| Self { program }))
            .as_ref()
            .map_err(String::as_str)
    }

    /// A fresh key of so many bits, and that many messages of a text.
    ///
    /// # Panics
    /// If the program fails.
    pub fn key(
        &self,
        made: Timestamp,
        signed: Timestamp,
        bits: u32,
        messages: u32,
        text: &str,
    ) -> OldKey {
        let mut command = Command::new(&self.program);
        command.args([
            made.0.to_string(),
            signed.0.to_string(),
            bits.to_string(),
            messages.to_string(),
        ]);
        let output = process::run(&mut command, text.as_bytes());
        let words = process::text(&output.stderr);
        assert!(output.status.success(), "old-go: {words}");
        serde_json::from_slice(&output.stdout).expect("old-go's answer")
    }
}
