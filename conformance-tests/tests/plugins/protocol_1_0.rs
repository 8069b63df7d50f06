//! A plugin of version 1.0 of the protocol, frozen when that was new.

use crate::world::World;
use base64::Engine as _;
use sifseal_conformance_tests::workshop::NOW;
use sifseal_core::openpgp::{HashAlgorithm, KeyHandle, Protection};
use sifseal_core::sif::Image;
use sifseal_core::traits::{
    Ask, KeyAlgorithm, KeyPart, KeyQuery, KeyStore, Keyserver, ObjectSelector, PrivateKey,
    RawSignature, SearchQuery, Ui,
};
use sifseal_core::{Context, ErrorKind, Secret};
use sifseal_engine_rpgp::RpgpEngine;
use sifseal_plugin_host::pin::{Shelf, seal};
use sifseal_plugin_host::{
    Carriage, Child, Plan, Plugin, PluginKeyStore, PluginKeyserver, PluginSelector, Surroundings,
};
use std::fs;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

const FROZEN: &str = include_str!("protocol_1_0.sh");

static NEVER: AtomicBool = AtomicBool::new(false);

/// Somebody who knows the PIN.
#[derive(Debug)]
struct Holder(&'static str);

impl Ui for Holder {
    fn notice(&self, _: &str) {}

    fn ask(&self, _: &str) -> Option<String> {
        None
    }

    fn confirm(&self, _: &str) -> Option<bool> {
        None
    }

    fn passphrase(&self, ask: &Ask<'_>) -> Option<Secret> {
        assert_eq!(ask.question, "plugin frozen: PIN: ");
        Some(Secret::from(self.0.to_owned()))
    }

    fn in_person(&self) -> &dyn Ui {
        self
    }
}

fn cx(ui: &dyn Ui) -> Context<'_> {
    Context {
        now: NOW,
        deadline: None,
        cancelled: &NEVER,
        ui,
    }
}

#[test]
fn a_plugin_of_version_1_0_still_runs() {
    let world = World::new();
    let certificate = world.key("ada", KeyAlgorithm::Rsa(2048));
    let fingerprint = certificate.fingerprint();
    let encoded = base64::engine::general_purpose::STANDARD.encode(&certificate.bytes);
    let script = FROZEN.replace("CERTIFICATE", &encoded);
    let script = script.replace("FINGERPRINT", &fingerprint.to_string());
    let file = world.path("frozen");
    fs::write(&file, script).unwrap();
    world.image();

    let plan = Plan {
        name: "frozen".to_owned(),
        sha256: *seal(&file, Shelf::Usual).unwrap().digest(),
        path: file,
        carriage: Carriage::Executable,
        timeout: Plan::TIMEOUT,
        settings: [("a".to_owned(), "b".into())].into_iter().collect(),
    };
    let surroundings = Surroundings {
        host: "sifseal of another year".to_owned(),
        environment: vec![],
        child: Child {
            program: "/nonexistent".into(),
            arguments: vec![],
        },
    };
    let plugin = Arc::new(Plugin::new(plan, surroundings));
    let holder = Holder("1234");

    let store = PluginKeyStore::new(Arc::clone(&plugin), Arc::new(RpgpEngine));
    let found = store
        .find(&cx(&holder), KeyPart::Secret, &KeyQuery::All)
        .unwrap();
    assert_eq!(found.entries[0].certificate, certificate);
    let drawer = Protection::Elsewhere("a drawer".to_owned());
    assert_eq!(found.entries[0].protection, drawer);
    let key = store.private_key(&cx(&holder), &fingerprint).unwrap();
    let PrivateKey::Device(signer) = key else {
        panic!("no device");
    };
    assert_eq!(
        signer.accepted_hashes(),
        [HashAlgorithm::Sha512, HashAlgorithm::Sha256]
    );
    let sign = |ui| signer.sign_digest(&cx(ui), HashAlgorithm::Sha256, &[0; 32]);
    assert_eq!(sign(&holder).unwrap(), RawSignature::Rsa(vec![1]));
    let error = sign(&Holder("4321")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked);
    assert_eq!(error.to_string(), "plugin frozen: no PIN");
    assert_eq!(error.hint_text(), Some("ask the desk"));

    let server = PluginKeyserver::new(Arc::clone(&plugin));
    let handle = KeyHandle::Fingerprint(fingerprint);
    assert_eq!(server.fetch(&cx(&holder), &handle).unwrap(), None);
    let query = SearchQuery::Text("Ada".to_owned());
    let hits = server.search(&cx(&holder), &query).unwrap();
    assert_eq!(hits[0].user_ids, ["Ada"]);
    assert_eq!(server.publish(&cx(&holder), b"x").unwrap(), "thank you");

    let image = Image::open(&world.path("image.sif")).unwrap();
    let selections = PluginSelector::new(plugin).select(image.table()).unwrap();
    assert!(selections[0].is_whole_group());
    assert_eq!(selections[1].objects().len(), 1);
}
