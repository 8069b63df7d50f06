//! The keys of one token as a key store.

use crate::certificate;
use crate::module::Hsm;
use crate::settings::{KeyName, KeySettings, Pkcs11Settings, wrong};
use crate::signer::TokenSigner;
use sifseal_plugin_sdk::openpgp::{Fingerprint, Key, Protection, PublicKey};
use sifseal_plugin_sdk::traits::{
    Found, Insertion, KeyEntry, KeyPart, KeyQuery, KeyStore, PrivateKey, StoreDescription,
};
use sifseal_plugin_sdk::{self as sdk, Context, Error, ErrorKind, Result};
use std::ffi::OsString;

/// The keys of a token that have a certificate.
#[derive(Debug)]
pub struct Pkcs11KeyStore {
    hsm: Hsm,
    keys: Vec<(KeyName, KeySettings)>,
}

impl Pkcs11KeyStore {
    /// The store that the settings describe; `environment` may have the PIN.
    ///
    /// # Errors
    /// `Config`, saying what is wrong with the settings.
    pub fn new(
        settings: Pkcs11Settings,
        environment: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self> {
        let hsm = Hsm::new(&settings, environment)?;
        let named = settings.keys.into_iter().map(|key| {
            if !key.certificate.is_absolute() {
                return Err(wrong("the `certificate` of a key must be an absolute path"));
            }
            Ok((key.name()?, key))
        });
        Ok(Self {
            hsm,
            keys: named.collect::<Result<_>>()?,
        })
    }
}

impl KeyStore for Pkcs11KeyStore {
    fn describe(&self) -> StoreDescription {
        let place = self.hsm.token().to_string();
        StoreDescription {
            name: "pkcs11".to_owned(),
            public_place: place.clone(),
            secret_place: Some(place),
            writable: false,
        }
    }

    /// Reads the certificates; the token need not be there.
    fn find(&self, _: &Context<'_>, part: KeyPart, _: &KeyQuery) -> Result<Found> {
        // The host, which reads the certificates, chooses from them.
        let mut found = Found::default();
        for (_, key) in &self.keys {
            let bytes = certificate::read(&key.certificate)?;
            found.entries.push(KeyEntry {
                certificate: sdk::certificate(key.fingerprint, bytes),
                protection: match part {
                    KeyPart::Public => Protection::NoSecret,
                    KeyPart::Secret => Protection::Elsewhere(self.hsm.token().to_string()),
                },
            });
        }
        Ok(found)
    }

    fn private_key(&self, cx: &Context<'_>, primary: &Fingerprint) -> Result<PrivateKey> {
        let known = self
            .keys
            .iter()
            .find(|(_, key)| key.fingerprint == *primary);
        let (name, settings) = known.ok_or_else(|| {
            let what = format!("no key with the fingerprint {primary} is in the settings");
            Error::new(ErrorKind::NotFound, what)
                .hint("each table `keys` has the `fingerprint` of the certificate that it names")
        })?;
        let key = self.hsm.open(cx, name)?;
        let bytes = certificate::read(&settings.certificate)?;
        if !certificate::is_of(&bytes, key.values()) {
            let what = format!("the {name} in the {} is not in it", self.hsm.token());
            return Err(Error::new(ErrorKind::Config, what)
                .at(settings.certificate.display())
                .hint("the certificate must be of the key that the token has"));
        }
        let public = PublicKey {
            body: Vec::new(),
            fingerprint: settings.own_fingerprint(),
        };
        Ok(PrivateKey::Device(Box::new(TokenSigner::new(key, public))))
    }

    fn insert(&self, _: &Context<'_>, _: &Key) -> Result<Insertion> {
        Err(sdk::read_only())
    }

    fn replace(&self, _: &Context<'_>, _: &Key) -> Result<()> {
        Err(sdk::read_only())
    }

    fn remove(&self, _: &Context<'_>, _: KeyPart, _: &Fingerprint) -> Result<()> {
        Err(sdk::read_only())
    }
}
