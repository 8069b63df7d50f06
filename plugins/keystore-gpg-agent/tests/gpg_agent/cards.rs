//! Keys on smart cards that are not there.

use crate::support::{Desk, cx, signer, store};
use sifseal_conformance_tests::craft::{Hand, Key as CraftedKey, Place, Stub, packet, stub, tag};
use sifseal_plugin_sdk::openpgp::{HashAlgorithm, Protection};
use sifseal_plugin_sdk::traits::{KeyPart, KeyQuery, KeyStore, PrivateKey, Ui};
use sifseal_plugin_sdk::{Context, ErrorKind, Secret, Timestamp};
use std::path::Path;
use std::sync::Mutex;

const MADE: Timestamp = Timestamp(1_700_000_000);

/// An OpenPGP card that nobody has.
const SERIAL: &[u8] = b"\xD2\x76\x00\x01\x24\x01\x03\x04\x00\x05\x00\x00\x12\x34\x00\x00";

/// A GnuPG with one key of a kind, whose secret it believes to be on the card.
///
/// `gpg` imports no stubs. What it leaves in the place of a secret when it moves one to a
/// card is the public key with the card's number (GnuPG's `agent/keyformat.txt`, "Shadowed
/// Private Key Format").
fn with_key_on_card(algorithm: &str) -> Option<Desk> {
    let desk = Desk::new()?;
    desk.gpg.quick_generate("Ada", algorithm, "cert,sign", "");
    let keygrip = desk.only_keygrip();
    let public = desk.gpg.home().join("public");
    let save = format!("/datafile {}", public.display());
    let read = format!("READKEY {keygrip}");
    desk.ask(Path::new("gpg-connect-agent"), &[&save, &read, "/bye"]);

    let public = std::fs::read(public).unwrap();
    let numbers = public.strip_prefix(b"(10:public-key").unwrap();
    let numbers = numbers.strip_suffix(b"))").unwrap();
    let card = format!("(8:shadowed5:t1-v1({}:", SERIAL.len());
    let shadowed = [
        &b"(20:shadowed-private-key"[..],
        numbers,
        card.as_bytes(),
        SERIAL,
        b"9:OPENPGP.1))))",
    ];
    let shadowed = shadowed.concat();
    let file = format!("private-keys-v1.d/{keygrip}.key");
    std::fs::write(desk.gpg.home().join(file), shadowed).unwrap();
    Some(desk)
}

/// Somebody who only listens.
#[derive(Debug, Default)]
struct Listener(Mutex<Vec<String>>);

impl Ui for Listener {
    fn notice(&self, text: &str) {
        self.0.lock().unwrap().push(text.to_owned());
    }

    fn ask(&self, question: &str) -> Option<String> {
        panic!("{question}")
    }

    fn confirm(&self, question: &str) -> Option<bool> {
        panic!("{question}")
    }

    fn passphrase(&self, ask: &sifseal_plugin_sdk::traits::Ask<'_>) -> Option<Secret> {
        panic!("{ask:?}")
    }

    fn in_person(&self) -> &dyn Ui {
        self
    }
}

#[test]
fn a_key_on_a_card_is_listed_as_being_there_and_the_person_is_told_what_it_may_want() {
    for algorithm in ["ed25519", "rsa2048", "nistp256"] {
        let Some(desk) = with_key_on_card(algorithm) else {
            return;
        };
        let [entry] = &desk.find(KeyPart::Secret, &KeyQuery::All)[..] else {
            panic!("one key");
        };
        let place = format!("smart card {}", hex::encode_upper(SERIAL));
        assert_eq!(entry.protection, Protection::Elsewhere(place.clone()));

        let person = Listener::default();
        let cx = Context {
            ui: &person,
            ..cx()
        };
        let private = desk
            .store
            .private_key(&cx, &entry.certificate.fingerprint());
        assert!(matches!(private, Ok(PrivateKey::Device(_))));
        let heard = person.0.into_inner().unwrap();
        assert!(heard.len() == 1 && heard[0].contains(&place), "{heard:?}");
    }
}

#[test]
fn signing_without_the_card_says_that_it_is_the_card() {
    let Some(desk) = with_key_on_card("ed25519") else {
        return;
    };
    let error = desk.sign(&cx()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    let place = format!("smart card {}", hex::encode_upper(SERIAL));
    assert!(error.to_string().contains(&place), "{error}");
    assert!(error.hint_text().is_some(), "{error}");
}

#[test]
fn a_key_whose_secret_is_nowhere_is_not_listed() {
    let Some(desk) = Desk::new() else { return };
    let key = CraftedKey::new(MADE, Hand::ed25519_legacy());
    let certification = key.certifies(MADE).over(Place::UserId(&key, "Ada"));
    let user_id = packet(tag::USER_ID, b"Ada");
    let secret = [stub(&key, Stub::Missing), user_id, certification].concat();
    desk.gpg.run(&["--import"], &secret);
    assert!(desk.find(KeyPart::Secret, &KeyQuery::All).is_empty());
    let error = desk.signer(&key.fingerprint()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[test]
fn a_key_whose_secret_was_lost_after_it_was_listed_is_not_found() {
    let Some(desk) = Desk::new() else { return };
    desk.gpg.quick_generate("Ada", "ed25519", "cert,sign", "");
    let store = store(desk.gpg.home(), &[]);
    let signer = signer(&store, &desk.only_key()).unwrap();
    let keys = desk.gpg.home().join("private-keys-v1.d");
    std::fs::remove_dir_all(keys).unwrap();
    let error = signer
        .sign_digest(&cx(), HashAlgorithm::Sha256, &[7; 32])
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
}
