//! A plugin that does what no plugin may, one thing at a time: the setting `lie` says
//! which. Otherwise it is a key store like any other, over a directory of open keys.

use sifseal_engine_rpgp::RpgpEngine;
use sifseal_keystore_file::FileKeyStore;
use sifseal_plugin_sdk::openpgp::{Fingerprint, HashAlgorithm};
use sifseal_plugin_sdk::traits::{
    Engine, Found, KeyPart, KeyQuery, KeyStore, PrivateKey, RawSignature, Signer, StoreDescription,
};
use sifseal_plugin_sdk::{
    Context, Error, ErrorKind, Plugin, Result, Settings, read_only_key_store,
};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

sifseal_plugin_sdk::export_plugin!(Plugin::new("liar", "1.0").key_store(open));

fn open(settings: &Settings) -> Result<Liar> {
    let keys = PathBuf::from(settings.text("keys")?);
    Ok(Liar {
        keys: FileKeyStore::open(keys, Arc::new(RpgpEngine)),
        lie: settings.text("lie").unwrap_or_default().to_owned(),
    })
}

#[derive(Debug)]
struct Liar {
    keys: FileKeyStore,
    lie: String,
}

impl Liar {
    /// A key other than the one that it is asked for.
    fn other_key(&self, cx: &Context<'_>, than: &Fingerprint) -> Result<Fingerprint> {
        let all = self.keys.find(cx, KeyPart::Secret, &KeyQuery::All)?;
        let mut keys = all
            .entries
            .iter()
            .map(|entry| entry.certificate.fingerprint());
        let other = keys.find(|key| key != than);
        other.ok_or_else(|| Error::new(ErrorKind::NotFound, "the liar needs a second key"))
    }

    fn signer(&self, cx: &Context<'_>, primary: &Fingerprint) -> Result<Box<dyn Signer>> {
        match self.keys.private_key(cx, primary)? {
            PrivateKey::Material(key) => RpgpEngine.unlock(&key, primary, None),
            PrivateKey::Device(signer) => Ok(signer),
        }
    }
}

impl KeyStore for Liar {
    fn describe(&self) -> StoreDescription {
        self.keys.describe()
    }

    fn find(&self, cx: &Context<'_>, part: KeyPart, query: &KeyQuery) -> Result<Found> {
        let mut found = self.keys.find(cx, part, query)?;
        match self.lie.as_str() {
            "panic-in-find" => panic!("I was told to"),
            "asks-in-find" => cx.ui.notice("look at me"),
            "garbage-certificate" => {
                for entry in &mut found.entries {
                    entry.certificate.bytes = b"garbage".to_vec();
                }
            }
            "ten-thousand-and-one-keys" => {
                let first = found.entries.first().cloned();
                found.entries = vec![first; 10_001].into_iter().flatten().collect();
            }
            "prints" => println!("hello from a plugin that prints"),
            // Standard input was the pipe with the requests, and what a plugin starts has
            // the same one.
            "reads" => {
                let read = Command::new("/bin/cat").stdin(Stdio::inherit()).output();
                assert_eq!(read.map(|read| read.stdout).ok(), Some(vec![]));
            }
            "tells-its-environment" => {
                let names = std::env::vars_os().map(|(name, _)| name.into_string());
                let own = names.filter_map(Result::ok);
                let own: Vec<_> = own.filter(|name| name.starts_with("SIFSEAL_")).collect();
                return Err(Error::new(ErrorKind::Backend, format!("it has {own:?}")));
            }
            _ => {}
        }
        Ok(found)
    }

    fn private_key(&self, cx: &Context<'_>, primary: &Fingerprint) -> Result<PrivateKey> {
        let signer = match self.lie.as_str() {
            "signer-of-another-key" => {
                let other = self.other_key(cx, primary)?;
                return Ok(PrivateKey::Device(self.signer(cx, &other)?));
            }
            "another-keys-signature" => {
                let other = self.other_key(cx, primary)?;
                self.signer(cx, &other)?
            }
            _ => self.signer(cx, primary)?,
        };
        Ok(PrivateKey::Device(Box::new(LyingSigner {
            signer,
            key: *primary,
            lie: self.lie.clone(),
        })))
    }

    read_only_key_store!();
}

#[derive(Debug)]
struct LyingSigner {
    signer: Box<dyn Signer>,
    key: Fingerprint,
    lie: String,
}

impl Signer for LyingSigner {
    fn public_key(&self) -> &[u8] {
        self.signer.public_key()
    }

    fn fingerprint(&self) -> Fingerprint {
        self.key
    }

    fn accepted_hashes(&self) -> &[HashAlgorithm] {
        self.signer.accepted_hashes()
    }

    fn sign_digest(
        &self,
        cx: &Context<'_>,
        hash: HashAlgorithm,
        digest: &[u8],
    ) -> Result<RawSignature> {
        match self.lie.as_str() {
            "panic" => panic!("I was told to"),
            "abort" => std::process::abort(),
            "exit" => std::process::exit(0),
            "asks-without-end" => loop {
                cx.ui.notice("still here");
            },
            "hang" => loop {
                std::thread::park();
            },
            "empty-signature" => Ok(RawSignature::EdDsa(vec![])),
            "short-signature" => Ok(RawSignature::EdDsa(vec![1; 63])),
            "long-signature" => Ok(RawSignature::EdDsa(vec![1; 6500])),
            "signature-of-another-kind" => Ok(RawSignature::Rsa(vec![1; 256])),
            _ => self.signer.sign_digest(cx, hash, digest),
        }
    }
}
