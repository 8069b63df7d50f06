//! Keys and messages by the reference's OpenPGP library, go-crypto.

use super::{Answer, KeyDescription, MessageVerdict, Peer, RingDescription};
use sifseal_core::Timestamp;
use std::ffi::OsStr;
use std::path::Path;

/// A key to generate as Apptainer's `key newpair` does.
#[derive(Debug, Clone)]
pub struct KeySpec<'a> {
    /// `rsa` or `ed25519`.
    pub algorithm: &'a str,
    /// The length of an RSA key; of no meaning for others.
    pub bits: u32,
    /// The name in the user ID.
    pub name: &'a str,
    /// The e-mail address in the user ID.
    pub email: &'a str,
    /// The file with the passphrase that locks the primary key.
    pub passphrase: Option<&'a Path>,
    /// When the key was made; `None` for now.
    pub time: Option<Timestamp>,
    /// Seconds until it expires; 0 for never.
    pub lifetime: u32,
}

impl<'a> KeySpec<'a> {
    /// An Ed25519 key of this person, not locked, of now and for ever.
    pub fn ed25519(name: &'a str, email: &'a str) -> Self {
        Self {
            algorithm: "ed25519",
            bits: 256,
            name,
            email,
            passphrase: None,
            time: None,
            lifetime: 0,
        }
    }

    /// The same with RSA.
    pub fn rsa(bits: u32, name: &'a str, email: &'a str) -> Self {
        Self {
            algorithm: "rsa",
            bits,
            ..Self::ed25519(name, email)
        }
    }
}

impl Peer {
    /// Generates a key, and writes it as a transferable secret key and as a
    /// certificate, both binary.
    pub fn generate_key(
        &self,
        secret: &Path,
        public: &Path,
        spec: &KeySpec<'_>,
    ) -> Answer<KeyDescription> {
        let bits = spec.bits.to_string();
        let lifetime = spec.lifetime.to_string();
        let time = spec.time.unwrap_or(Timestamp(0)).0.to_string();
        let passphrase = spec.passphrase.unwrap_or(Path::new("-"));
        self.ask(
            &[
                &"genkey",
                &secret,
                &public,
                &spec.algorithm,
                &bits,
                &spec.name,
                &spec.email,
                &passphrase,
                &"--time",
                &time,
                &"--lifetime",
                &lifetime,
            ],
            b"",
        )
    }

    /// The keys in a file, binary or armored.
    pub fn key_info(&self, file: &Path) -> Answer<Vec<KeyDescription>> {
        self.ask(&[&"keyinfo", &file], b"")
    }

    /// What Apptainer would make of a file as its key ring.
    pub fn check_ring(&self, file: &Path) -> Answer<RingDescription> {
        self.ask(&[&"ring-check", &file], b"")
    }

    /// Makes a cleartext message, signed by the primary key in `key`; `hash` as
    /// Go names it, such as `SHA-256`.
    pub fn clear_sign(
        &self,
        key: &Path,
        hash: &str,
        passphrase: Option<&Path>,
        text: &[u8],
    ) -> Answer<Vec<u8>> {
        let passphrase = passphrase.unwrap_or(Path::new("-"));
        self.run(&[&"clearsign", &key, &hash, &passphrase], text)
    }

    /// Judges a cleartext message by the keys in these files.
    pub fn clear_verify(&self, keyrings: &[&Path], message: &[u8]) -> Answer<MessageVerdict> {
        let mut args: Vec<&dyn AsRef<OsStr>> = vec![&"clearverify"];
        args.extend(keyrings.iter().map(|path| path as &dyn AsRef<OsStr>));
        self.ask(&args, message)
    }
}
