//! A key store in memory: the certificates of one row.

use sifseal_core::openpgp::{Certificate, Fingerprint, Key, Protection};
use sifseal_core::traits::{
    Found, Insertion, KeyEntry, KeyPart, KeyQuery, KeyStore, PrivateKey, StoreDescription,
};
use sifseal_core::{Context, Error, ErrorKind, Result};

#[derive(Debug)]
pub(crate) struct Shelf(pub(crate) Vec<Certificate>);

impl KeyStore for Shelf {
    fn describe(&self) -> StoreDescription {
        StoreDescription {
            name: "shelf".to_owned(),
            public_place: "memory".to_owned(),
            secret_place: None,
            writable: false,
        }
    }

    fn find(&self, _cx: &Context<'_>, _part: KeyPart, query: &KeyQuery) -> Result<Found> {
        let matching = self.0.iter().filter(|own| query.matches(&own.outline));
        Ok(Found {
            entries: matching
                .map(|certificate| KeyEntry {
                    certificate: certificate.clone(),
                    protection: Protection::NoSecret,
                })
                .collect(),
            junk: Vec::new(),
        })
    }

    fn private_key(&self, _cx: &Context<'_>, _primary: &Fingerprint) -> Result<PrivateKey> {
        Err(read_only())
    }

    fn insert(&self, _cx: &Context<'_>, _key: &Key) -> Result<Insertion> {
        Err(read_only())
    }

    fn replace(&self, _cx: &Context<'_>, _key: &Key) -> Result<()> {
        Err(read_only())
    }

    fn remove(&self, _cx: &Context<'_>, _part: KeyPart, _primary: &Fingerprint) -> Result<()> {
        Err(read_only())
    }
}

fn read_only() -> Error {
    Error::new(ErrorKind::Unsupported, "the shelf is only looked at")
}
