//! A plugin asked as a host asks it.

use super::*;
use crate::keys::certificate;
use serde_json::{Value, json};
use sifseal_core::Context;
use sifseal_core::openpgp::{Fingerprint, HashAlgorithm, Protection};
use sifseal_core::traits::{
    Ask, Found, KeyEntry, KeyPart, KeyQuery, KeyStore, PrivateKey, RawSignature, Signer,
    StoreDescription,
};

const KEY: &str = "12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84";

#[derive(Debug)]
struct Pins;

impl KeyStore for Pins {
    fn describe(&self) -> StoreDescription {
        panic!("nobody asks")
    }

    fn find(&self, _: &Context<'_>, _: KeyPart, query: &KeyQuery) -> Result<Found> {
        if *query == KeyQuery::Email("panic@example.com".to_owned()) {
            panic!("at the disco");
        }
        let entry = KeyEntry {
            certificate: certificate(key(), b"certificate".to_vec()),
            protection: Protection::Elsewhere("slot 3".to_owned()),
        };
        Ok(Found {
            entries: vec![entry],
            junk: vec![],
        })
    }

    fn private_key(&self, cx: &Context<'_>, _: &Fingerprint) -> Result<PrivateKey> {
        cx.ui.notice("look at the token");
        match cx.ui.confirm("Use it?") {
            Some(true) => Ok(PrivateKey::Device(Box::new(Pin))),
            Some(false) => Err(Error::new(ErrorKind::Denied, "you said no")),
            None => Err(Error::new(ErrorKind::Locked, "nobody to ask")),
        }
    }

    crate::read_only_key_store!();
}

/// Signs with what it is told.
#[derive(Debug)]
struct Pin;

impl Signer for Pin {
    fn public_key(&self) -> &[u8] {
        &[]
    }

    fn fingerprint(&self) -> Fingerprint {
        key()
    }

    fn accepted_hashes(&self) -> &[HashAlgorithm] {
        &[HashAlgorithm::Sha512, HashAlgorithm::Sha256]
    }

    fn sign_digest(&self, cx: &Context<'_>, _: HashAlgorithm, _: &[u8]) -> Result<RawSignature> {
        let ask = Ask {
            question: "PIN: ",
            key: KEY,
            attempt: 1,
        };
        let pin = cx.ui.passphrase(&ask);
        let pin = pin.ok_or_else(|| Error::new(ErrorKind::Locked, "no PIN"))?;
        Ok(RawSignature::EdDsa(pin.expose().to_vec()))
    }
}

fn key() -> Fingerprint {
    KEY.parse().unwrap()
}

fn desk() -> Desk {
    Desk::new(Plugin::new("pins", "0.1").key_store(|_| Ok(Pins)))
}

fn ask(desk: &Desk, method: &str, params: Value) -> Value {
    let request = json!({"id": 5, "method": method, "params": params, "grease": [1]});
    let mut reply: Value =
        serde_json::from_slice(&desk.answer(request.to_string().as_bytes())).unwrap();
    assert_eq!(reply["id"], 5);
    reply["id"].take();
    reply
}

#[test]
fn a_plugin_tells_who_it_is_in_the_lower_of_two_versions() {
    let told = ask(&desk(), "describe", json!({"protocol": "1.99"}));
    let expected = json!({
        "name": "pins", "version": "0.1", "protocol": "1.0", "provides": ["key-store"]
    });
    assert_eq!(told["ok"], expected);
    let refused = ask(&desk(), "describe", json!({"protocol": "2.0"}));
    assert_eq!(refused["error"]["kind"], "unsupported");
}

#[test]
fn keys_are_found_and_asked_for_in_the_traits_own_words() {
    let found = ask(&desk(), "find", json!({"part": "secret", "query": {}}));
    let expected = json!([{
        "certificate": "Y2VydGlmaWNhdGU=", "guard": "elsewhere", "place": "slot 3"
    }]);
    assert_eq!(found["ok"]["keys"], expected);
}

#[test]
fn a_question_stops_the_work_until_it_is_answered() {
    let desk = desk();
    let notice = ask(&desk, "signer", json!({"primary": KEY}));
    assert_eq!(notice["need"]["ask"], "notice");
    let token = notice["need"]["token"].clone();
    let question = ask(
        &desk,
        "resume",
        json!({"token": token, "answer": {"told": true}}),
    );
    assert_eq!(question["need"]["text"], "Use it?");
    let token = question["need"]["token"].clone();
    let signer = ask(
        &desk,
        "resume",
        json!({"token": token, "answer": {"yes": true}}),
    );
    let expected = json!({"key": KEY, "hashes": ["SHA512", "SHA256"]});
    assert_eq!(signer["ok"], expected);

    let sign = json!({"primary": KEY, "key": KEY, "hash": "SHA256", "digest": "AA=="});
    let question = ask(&desk, "sign", sign);
    let token = question["need"]["token"].clone();
    let pin = json!({"token": token, "answer": {"secret": "MTIz"}});
    assert_eq!(ask(&desk, "resume", pin)["ok"], json!({"eddsa": "MTIz"}));

    let weak = json!({"primary": KEY, "key": KEY, "hash": "SHA1", "digest": "AA=="});
    let refused = ask(&desk, "sign", weak);
    assert_eq!(refused["error"]["kind"], "unsupported", "nobody is asked");
}

#[test]
fn nobody_to_ask_and_an_answer_to_nobody_are_told_apart() {
    let desk = desk();
    let notice = ask(&desk, "signer", json!({"primary": KEY}));
    let token = notice["need"]["token"].clone();
    let question = ask(&desk, "resume", json!({"token": token}));
    let late = ask(&desk, "resume", json!({"token": token}));
    assert_eq!(late["error"]["kind"], "not-found", "answered already");
    let token = question["need"]["token"].clone();
    let end = ask(&desk, "resume", json!({"token": token}));
    assert_eq!(end["error"]["message"], "nobody to ask");
}

#[test]
fn a_panic_is_an_error_and_the_plugin_lives_on() {
    let desk = desk();
    let query = json!({"part": "public", "query": {"email": "panic@example.com"}});
    let error = ask(&desk, "find", query);
    assert_eq!(error["error"]["kind"], "backend");
    assert_eq!(
        error["error"]["message"],
        "the plugin panicked: at the disco"
    );
    assert!(ask(&desk, "find", json!({"part": "public", "query": {}}))["ok"].is_object());
}

#[test]
fn what_the_plugin_is_not_and_what_nobody_knows_is_unsupported() {
    let query = json!({"query": {"fingerprint": KEY}});
    let no_server = ask(&desk(), "fetch", query);
    assert_eq!(no_server["error"]["message"], "this plugin is no keyserver");
    let unknown = ask(&desk(), "grease-1a2b", json!({}));
    assert_eq!(unknown["error"]["kind"], "unsupported");
    let wrong = ask(&desk(), "find", json!({"part": 3}));
    assert_eq!(wrong["error"]["kind"], "malformed");
}

/// A panic that crossed into the host would end it.
#[test]
fn a_plugin_that_panics_while_it_is_made_replies_all_the_same() {
    let reply = answered(
        || panic!("no licence"),
        b"{\"id\":7,\"method\":\"describe\"}",
    );
    let reply: serde_json::Value = serde_json::from_slice(&reply).unwrap();
    assert_eq!(reply["id"], 7);
    assert_eq!(reply["error"]["kind"], "backend");
}

/// Asks the plugin from inside of its drop, as a thread may that it waits for, and panics.
#[derive(Debug)]
struct Farewell(Arc<std::sync::OnceLock<Desk>>);

impl Drop for Farewell {
    fn drop(&mut self) {
        if let Some(desk) = self.0.get() {
            let found = ask(desk, "find", json!({"part": "public", "query": {}}));
            assert!(found["ok"].is_object());
            panic!("the device is gone");
        }
    }
}

impl KeyStore for Farewell {
    fn describe(&self) -> StoreDescription {
        panic!("nobody asks")
    }

    fn find(&self, _: &Context<'_>, _: KeyPart, _: &KeyQuery) -> Result<Found> {
        Ok(Found::default())
    }

    fn private_key(&self, _: &Context<'_>, _: &Fingerprint) -> Result<PrivateKey> {
        Err(crate::read_only())
    }

    crate::read_only_key_store!();
}

#[test]
fn a_store_that_is_replaced_is_dropped_when_the_plugin_can_be_used_again() {
    let desk = Arc::new(std::sync::OnceLock::new());
    let own = Arc::downgrade(&desk);
    let plugin = Plugin::new("farewell", "1").key_store(move |_| {
        let desk = own.upgrade().unwrap_or_default();
        Ok(Farewell(desk))
    });
    desk.set(Desk::new(plugin)).unwrap();
    let own = desk.get().unwrap();
    ask(own, "find", json!({"part": "public", "query": {}}));
    let described = ask(own, "describe", json!({"protocol": "1.0"}));
    assert_eq!(described["ok"]["name"], "farewell");
    // The last store would ask a desk that is being dropped.
    std::mem::forget(desk);
}
