//! Keyservers: what every backend must do that gives out certificates.
//!
//! A behaviour lays some armored certificates into a folder, one file each; the backend
//! under test is made so that it gives those out.

use crate::context;
use sifseal_conformance::craft::armor;
use sifseal_conformance::keys::Keys;
use sifseal_core::ErrorKind;
use sifseal_core::openpgp::{Fingerprint, Key, KeyHandle};
use sifseal_core::traits::{Engine as _, Keyserver, SearchQuery};
use sifseal_engine_rpgp::RpgpEngine;
use std::path::{Path, PathBuf};

/// Makes the keyserver that gives out the certificates in a folder.
pub type Serve = dyn Fn(&Path) -> Box<dyn Keyserver>;

/// What a behaviour is shown on.
pub type Behaviour = fn(&Serve);

behaviours! {
    keyserver_behaviours in keyserver:
    it_tells_where_it_is,
    a_certificate_is_found_by_its_fingerprint,
    a_certificate_is_found_by_its_key_id_w18,
    a_key_that_is_not_there_is_no_error,
    a_revocation_comes_along,
    a_search_finds_or_says_that_it_cannot,
    what_is_published_is_found_or_refused_with_a_word,
}

/// Some of the suite's keys in a folder, and who gives them out.
struct Shop {
    _folder: tempfile::TempDir,
    server: Box<dyn Keyserver>,
}

impl Shop {
    fn with(serve: &Serve, names: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::default();
        for name in names {
            let key = keys.get(name).expect("a key of the suite");
            let path: PathBuf = folder.path().join(format!("{name}.asc"));
            std::fs::write(path, armor("PUBLIC KEY BLOCK", key.certificate())).unwrap();
        }
        let server = serve(folder.path());
        Self {
            _folder: folder,
            server,
        }
    }

    /// The fingerprints in its answer.
    fn fetched(&self, handle: KeyHandle) -> Vec<Fingerprint> {
        let answer = self.server.fetch(&context(), &handle).unwrap();
        let keys = RpgpEngine.read_keys(&answer.unwrap_or_default()).keys;
        keys.iter().map(Key::fingerprint).collect()
    }
}

fn fingerprint(name: &str) -> Fingerprint {
    let key = Keys::default().get(name).expect("a key of the suite");
    key.primary().fingerprint()
}

/// Reports name it.
fn it_tells_where_it_is(serve: &Serve) {
    assert!(!Shop::with(serve, &["ada"]).server.place().is_empty());
}

/// By its whole name.
fn a_certificate_is_found_by_its_fingerprint(serve: &Serve) {
    let shop = Shop::with(serve, &["ada", "rita"]);
    for name in ["ada", "rita"] {
        let wanted = fingerprint(name);
        assert_eq!(shop.fetched(KeyHandle::Fingerprint(wanted)), [wanted]);
    }
}

/// By the key ID that a signature names; one that begins with a zero too (W-18).
fn a_certificate_is_found_by_its_key_id_w18(serve: &Serve) {
    let shop = Shop::with(serve, &["ada", "leading-zero"]);
    for name in ["ada", "leading-zero"] {
        let wanted = fingerprint(name);
        assert_eq!(shop.fetched(KeyHandle::KeyId(wanted.key_id())), [wanted]);
    }
}

/// That it is not there is an answer and not an error.
fn a_key_that_is_not_there_is_no_error(serve: &Serve) {
    let shop = Shop::with(serve, &["ada"]);
    let unknown = fingerprint("bob");
    for handle in [
        KeyHandle::Fingerprint(unknown),
        KeyHandle::KeyId(unknown.key_id()),
    ] {
        let answer = shop.server.fetch(&context(), &handle).unwrap();
        let keys = answer.map(|bytes| RpgpEngine.read_keys(&bytes).keys);
        assert!(keys.is_none_or(|keys| keys.is_empty()));
    }
}

/// A revocation comes with the certificate that it is on.
fn a_revocation_comes_along(serve: &Serve) {
    let shop = Shop::with(serve, &["compromised-2023"]);
    let wanted = KeyHandle::Fingerprint(fingerprint("compromised-2023"));
    let answer = shop.server.fetch(&context(), &wanted).unwrap().unwrap();
    let Some(Key::Certificate(certificate)) = RpgpEngine.read_keys(&answer).keys.pop() else {
        panic!("a certificate");
    };
    let facts = RpgpEngine.certificate_facts(&certificate).unwrap();
    assert_eq!(facts.on_primary.len(), 1);
}

/// A search finds by address, or says that it cannot.
fn a_search_finds_or_says_that_it_cannot(serve: &Serve) {
    let shop = Shop::with(serve, &["ada", "bob"]);
    let query: SearchQuery = "ada@example.org".parse().unwrap();
    match shop.server.search(&context(), &query) {
        Ok(hits) => {
            assert_eq!(hits.len(), 1);
            let ada = fingerprint("ada").to_string();
            assert!(
                hits[0]
                    .fingerprint
                    .is_none_or(|found| found.to_string() == ada)
            );
        }
        Err(error) => assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}"),
    }
}

/// What was handed in is found afterwards, or the server says that it takes nothing.
fn what_is_published_is_found_or_refused_with_a_word(serve: &Serve) {
    let shop = Shop::with(serve, &["ada"]);
    let key = Keys::default().get("carol").expect("a key of the suite");
    let armored = armor("PUBLIC KEY BLOCK", key.certificate());
    match shop.server.publish(&context(), armored.as_bytes()) {
        Ok(_) => {
            let wanted = fingerprint("carol");
            assert_eq!(shop.fetched(KeyHandle::Fingerprint(wanted)), [wanted]);
        }
        Err(error) => assert!(
            matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::Denied),
            "{error}"
        ),
    }
}

/// Every behaviour of a keyserver, as tests in a module of this name, over one that `serve`
/// makes of a folder of certificates.
#[macro_export]
macro_rules! keyserver_suite {
    ($name:ident, serve $serve:expr) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            fn run(_test: &str, behaviour: $crate::keyserver::Behaviour) {
                behaviour(&$serve);
            }

            $crate::keyserver_behaviours!($name, run);
        }
    };
}
