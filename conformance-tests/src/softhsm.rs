//! SoftHSM: an HSM in software, whose tokens are folders. Keys are made in it by OpenSC's
//! `pkcs11-tool`, so that nothing of ours is needed to set the stage.

use crate::process;
use crate::requirement::installed;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where distributions put the module.
const MODULES: [&str; 4] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
];

/// The PIN of each token.
pub const PIN: &str = "12345678";
/// The PIN of its security officer.
const SO_PIN: &str = "87654321";

/// SoftHSM as installed.
#[derive(Debug, Clone)]
pub struct SoftHsm {
    module: PathBuf,
    util: PathBuf,
    tool: PathBuf,
}

impl SoftHsm {
    /// Its module.
    pub fn module(&self) -> &Path {
        &self.module
    }

    /// The installed one, or what is missing.
    pub(crate) fn find() -> Result<Self, String> {
        let mut modules = MODULES.iter().map(PathBuf::from);
        Ok(Self {
            module: modules
                .find(|module| module.is_file())
                .ok_or("SoftHSM's module is not installed")?,
            util: installed("softhsm2-util")?,
            tool: installed("pkcs11-tool")?,
        })
    }

    /// A place for tokens of its own, with one token in it.
    ///
    /// # Panics
    /// It cannot be made.
    pub fn token(&self, label: &str) -> Token {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let tokens = folder.path().join("tokens");
        std::fs::create_dir(&tokens).expect("a folder for tokens");
        let settings = format!(
            "directories.tokendir = {}\nlog.level = ERROR\n",
            tokens.display()
        );
        std::fs::write(folder.path().join("softhsm2.conf"), settings).expect("a file");
        let token = Token {
            hsm: self.clone(),
            folder,
            label: label.to_owned(),
        };
        token.initialise(label);
        token
    }
}

/// The kinds of keys that tests make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum KeyKind {
    Rsa2048,
    Rsa4096,
    P256,
    P384,
    P521,
    Ed25519,
}

impl KeyKind {
    fn words(self) -> &'static str {
        match self {
            Self::Rsa2048 => "rsa:2048",
            Self::Rsa4096 => "rsa:4096",
            Self::P256 => "EC:prime256v1",
            Self::P384 => "EC:secp384r1",
            Self::P521 => "EC:secp521r1",
            Self::Ed25519 => "EC:edwards25519",
        }
    }
}

/// A place with a token, which goes away with the value.
#[derive(Debug)]
pub struct Token {
    hsm: SoftHsm,
    folder: tempfile::TempDir,
    label: String,
}

impl Token {
    /// The module.
    pub fn module(&self) -> &Path {
        &self.hsm.module
    }

    /// The file that the variable `SOFTHSM2_CONF` must name, in each program that is to
    /// see the token.
    pub fn configuration(&self) -> PathBuf {
        self.folder.path().join("softhsm2.conf")
    }

    /// Adds one more token to the same place.
    ///
    /// # Panics
    /// It cannot be made.
    pub fn initialise(&self, label: &str) {
        let words = [
            "--init-token",
            "--free",
            "--label",
            label,
            "--pin",
            PIN,
            "--so-pin",
            SO_PIN,
        ];
        self.run(&self.hsm.util, &words);
    }

    /// Makes a key pair with a label and an ID.
    ///
    /// # Panics
    /// It cannot be made.
    pub fn make_key(&self, kind: KeyKind, label: &str, id: &str) {
        self.make_key_with(kind, label, id, &[]);
    }

    /// Makes one that wants the PIN for each signature.
    ///
    /// # Panics
    /// It cannot be made.
    pub fn make_key_that_always_asks(&self, kind: KeyKind, label: &str, id: &str) {
        self.make_key_with(kind, label, id, &["--always-auth"]);
    }

    fn make_key_with(&self, kind: KeyKind, label: &str, id: &str, more: &[&str]) {
        let module = self.hsm.module.to_str().expect("a path in UTF-8");
        let words = [
            "--module",
            module,
            "--token-label",
            &self.label,
            "--login",
            "--pin",
            PIN,
            "--keypairgen",
            "--key-type",
            kind.words(),
            "--usage-sign",
            "--label",
            label,
            "--id",
            id,
        ];
        self.run(&self.hsm.tool, &[&words[..], more].concat());
    }

    /// Brings in a key pair that was made elsewhere, in the DER of PKCS#8.
    ///
    /// # Panics
    /// The token does not take it.
    pub fn import_key(&self, pkcs8: &[u8], label: &str, id: &str) {
        let base64 = STANDARD.encode(pkcs8);
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n");
        let file = self.folder.path().join("key.pem");
        std::fs::write(&file, pem).expect("a file");
        let file = file.to_str().expect("a path in UTF-8");
        let words = [
            "--import",
            file,
            "--token",
            &self.label,
            "--pin",
            PIN,
            "--label",
            label,
            "--id",
            id,
        ];
        self.run(&self.hsm.util, &words);
    }

    /// Takes all tokens away, as when a stick is pulled out.
    ///
    /// # Panics
    /// The folder cannot be removed.
    pub fn remove(&self) {
        let tokens = self.folder.path().join("tokens");
        std::fs::remove_dir_all(&tokens).expect("a folder of ours");
        std::fs::create_dir(&tokens).expect("a folder of ours");
    }

    fn run(&self, program: &Path, words: &[&str]) {
        let mut command = Command::new(program);
        command
            .args(words)
            .env("SOFTHSM2_CONF", self.configuration());
        let output = process::run(&mut command, b"");
        let told = process::text(&output.stderr);
        assert!(output.status.success(), "{command:?}: {told}");
    }
}
