//! Keyservers: what every backend must do that gives out certificates.
//!
//! A behaviour lays some armored certificates into a folder, one file each; the backend
//! under test is made so that it gives those out.

use crate::context;
use sifseal_conformance::craft::armor;
use sifseal_conformance::keys::Keys;
use sifseal_core::keyservers::Keyservers;
use sifseal_core::openpgp::{Fingerprint, Key, KeyHandle};
use sifseal_core::traits::{Engine as _, Keyserver, SearchHit, SearchQuery};
use sifseal_core::{Context, ErrorKind, Result};
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
    an_unknown_fingerprint_is_found_nowhere_and_nobody_failed,
    an_answer_with_another_certificate_is_not_taken_w3,
    a_revocation_comes_along,
    a_search_finds_or_says_that_it_cannot,
    a_search_for_a_stranger_finds_nobody,
    what_a_search_by_address_finds_can_be_fetched,
    what_is_published_is_found_or_refused_with_a_word,
    what_is_published_comes_back_as_it_was,
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

    /// What it finds under a text; `None` if it says that it cannot search.
    fn found(&self, text: &str) -> Option<Vec<SearchHit>> {
        let query: SearchQuery = text.parse().unwrap();
        match self.server.search(&context(), &query) {
            Ok(hits) => Some(hits),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
                None
            }
        }
    }

    /// Hands a key of the suite in; false if it says that it takes none.
    fn takes(&self, name: &str) -> bool {
        let key = Keys::default().get(name).expect("a key of the suite");
        let armored = armor("PUBLIC KEY BLOCK", key.certificate());
        match self.server.publish(&context(), armored.as_bytes()) {
            Ok(_) => true,
            Err(error) => {
                let kind = error.kind();
                let has_a_word = matches!(kind, ErrorKind::Unsupported | ErrorKind::Denied);
                assert!(has_a_word, "{error}");
                false
            }
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

/// As the program asks it: nothing is found, and no server is to blame.
fn an_unknown_fingerprint_is_found_nowhere_and_nobody_failed(serve: &Serve) {
    let Shop { server, _folder } = Shop::with(serve, &["ada"]);
    let servers = [server];
    let unknown = KeyHandle::Fingerprint(fingerprint("bob"));
    let fetched = Keyservers::new(&RpgpEngine, &servers).fetch(&context(), &[unknown]);
    assert!(fetched.certificates.is_empty());
    assert_eq!(fetched.failures, []);
}

/// A server that has one answer to every question.
#[derive(Debug)]
struct Liar {
    server: Box<dyn Keyserver>,
    says: KeyHandle,
}

impl Keyserver for Liar {
    fn place(&self) -> String {
        self.server.place()
    }

    fn fetch(&self, cx: &Context<'_>, _key: &KeyHandle) -> Result<Option<Vec<u8>>> {
        self.server.fetch(cx, &self.says)
    }

    fn search(&self, cx: &Context<'_>, query: &SearchQuery) -> Result<Vec<SearchHit>> {
        self.server.search(cx, query)
    }

    fn publish(&self, cx: &Context<'_>, armored: &[u8]) -> Result<String> {
        self.server.publish(cx, armored)
    }
}

/// In whatever form the backend gives it: who is asked for Ada and answers with Bob is not
/// believed, and that the same answer is good for Bob shows that this is why.
fn an_answer_with_another_certificate_is_not_taken_w3(serve: &Serve) {
    let Shop { server, _folder } = Shop::with(serve, &["ada", "bob"]);
    let [ada, bob] = ["ada", "bob"].map(fingerprint);
    let says = KeyHandle::Fingerprint(bob);
    let servers: [Box<dyn Keyserver>; 1] = [Box::new(Liar { server, says })];
    let taken = |wanted: Fingerprint| -> Vec<Fingerprint> {
        let wanted = [KeyHandle::Fingerprint(wanted)];
        let fetched = Keyservers::new(&RpgpEngine, &servers).fetch(&context(), &wanted);
        let certificates = fetched.certificates.iter();
        certificates.map(|it| it.fingerprint()).collect()
    };
    assert_eq!(taken(bob), [bob]);
    assert_eq!(taken(ada), []);
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
    let Some(hits) = shop.found("ada@example.org") else {
        return;
    };
    assert_eq!(hits.len(), 1);
    let ada = fingerprint("ada");
    assert!(hits[0].fingerprint.is_none_or(|found| found == ada));
}

/// Nothing found is an empty answer, and no error.
fn a_search_for_a_stranger_finds_nobody(serve: &Serve) {
    let shop = Shop::with(serve, &["ada"]);
    assert_eq!(shop.found("nobody@example.org").unwrap_or_default(), []);
}

/// By the name that the server gives it, which is how a person goes on.
fn what_a_search_by_address_finds_can_be_fetched(serve: &Serve) {
    let shop = Shop::with(serve, &["ada", "bob"]);
    for hit in shop.found("bob@example.org").unwrap_or_default() {
        let handle = match hit.key.parse().unwrap() {
            SearchQuery::Key(handle) => handle,
            other => panic!("{other:?} is no key"),
        };
        assert_eq!(shop.fetched(handle), [fingerprint("bob")]);
    }
}

/// What was handed in is found afterwards, or the server says that it takes nothing.
fn what_is_published_is_found_or_refused_with_a_word(serve: &Serve) {
    let shop = Shop::with(serve, &["ada"]);
    if shop.takes("carol") {
        let wanted = fingerprint("carol");
        assert_eq!(shop.fetched(KeyHandle::Fingerprint(wanted)), [wanted]);
    }
}

/// Nothing is lost on the way, and nothing comes to it; a server may write it in another order.
fn what_is_published_comes_back_as_it_was(serve: &Serve) {
    let shop = Shop::with(serve, &["ada"]);
    let name = "signing-subkey";
    if !shop.takes(name) {
        return;
    }
    let wanted = KeyHandle::Fingerprint(fingerprint(name));
    let answer = shop.server.fetch(&context(), &wanted).unwrap().unwrap();
    let key = Keys::default().get(name).expect("a key of the suite");
    let sent = only_key(key.certificate());
    let back = only_key(&answer);
    assert_eq!(RpgpEngine.merge(&sent, &back).unwrap(), sent);
    assert_eq!(RpgpEngine.merge(&back, &sent).unwrap(), back);
}

fn only_key(bytes: &[u8]) -> Key {
    let mut keys = RpgpEngine.read_keys(bytes).keys;
    assert_eq!(keys.len(), 1);
    keys.remove(0)
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
