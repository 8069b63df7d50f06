//! Engines: what every OpenPGP library behind the trait must do. That several of them find
//! the same facts is more than this, and tested where several are at hand.

use crate::{NOW, context};
use sifseal_conformance::craft::armor;
use sifseal_conformance::keys::{Keys, SIGNED};
use sifseal_core::integrity::usable_signing_keys;
use sifseal_core::openpgp::cleartext;
use sifseal_core::openpgp::{
    Certificate, HashAlgorithm, Key, Maths, Protection, TransferableSecretKey,
};
use sifseal_core::traits::{Engine, KeyAlgorithm, KeySpec};
use sifseal_core::{Context, ErrorKind, Secret, Timestamp};

/// What a behaviour is shown on.
pub type Behaviour = fn(&dyn Engine);

behaviours! {
    engine_behaviours in engine:
    it_tells_what_it_is,
    what_a_new_key_signs_is_good,
    what_was_changed_is_bad_and_what_a_stranger_signed_is_nobodys,
    a_locked_key_opens_with_its_passphrase_and_no_other,
    a_passphrase_can_be_changed_and_taken_away,
    what_is_armored_comes_back,
    binary_keys_are_read_byte_for_byte,
    no_damage_ends_the_program,
    merging_is_a_union,
    a_certificate_has_nothing_secret,
    the_facts_tell_who_may_sign,
    the_owners_statements_are_the_owners,
    a_signature_made_by_hand_is_good,
    a_hash_that_was_not_announced_is_refused,
}

const TEXT: &str = "what was signed";

/// A new key of the first kind that the engine makes, made a day ago.
fn new_key(engine: &dyn Engine, passphrase: Option<&str>) -> TransferableSecretKey {
    let algorithm = match engine.describe().generates.contains(&KeyAlgorithm::Ed25519) {
        true => KeyAlgorithm::Ed25519,
        false => KeyAlgorithm::Rsa(2048),
    };
    let spec = KeySpec {
        user_id: "Ada <ada@example.org>".to_owned(),
        algorithm,
        expires_after: None,
    };
    let cx = Context {
        now: Timestamp(NOW.0 - 86_400),
        ..context()
    };
    let passphrase = passphrase.map(secret);
    engine.generate(&cx, &spec, passphrase.as_ref()).unwrap()
}

fn secret(text: &str) -> Secret {
    Secret::from(text.to_owned())
}

/// The certificate of a key of the suite.
fn of_the_suite(engine: &dyn Engine, name: &str) -> Certificate {
    let key = Keys::default().get(name).expect("a key of the suite");
    match engine.read_keys(key.certificate()).keys.pop() {
        Some(Key::Certificate(certificate)) => certificate,
        other => panic!("{name}: {other:?}"),
    }
}

/// Signs the text; the message.
fn signed(engine: &dyn Engine, key: &TransferableSecretKey) -> String {
    let which = key.fingerprint();
    let signer = engine.unlock(key, &which, None).unwrap();
    let hash = signer.accepted_hashes()[0];
    engine.clearsign(&context(), &*signer, hash, TEXT).unwrap()
}

/// What came of trying the certificate's keys on the one signature of a message.
fn tried(engine: &dyn Engine, message: &str, certificate: &Certificate) -> Vec<Maths> {
    let message = cleartext::read(message.as_bytes()).unwrap();
    let facts = engine.signature_facts(&message, &[certificate]).unwrap();
    assert_eq!(facts.len(), 1);
    facts[0]
        .trials
        .iter()
        .map(|trial| trial.maths.clone())
        .collect()
}

/// It has a name and a library, and makes something.
fn it_tells_what_it_is(engine: &dyn Engine) {
    let description = engine.describe();
    assert!(!description.name.is_empty() && !description.library.is_empty());
    assert!(!description.generates.is_empty());
}

/// Sign, frame, read, check.
fn what_a_new_key_signs_is_good(engine: &dyn Engine) {
    let key = new_key(engine, None);
    let certificate = engine.certificate_of(&key).unwrap();
    assert_eq!(
        tried(engine, &signed(engine, &key), &certificate),
        [Maths::Good]
    );
}

/// Another text, another key.
fn what_was_changed_is_bad_and_what_a_stranger_signed_is_nobodys(engine: &dyn Engine) {
    let (key, other) = (new_key(engine, None), new_key(engine, None));
    let certificate = engine.certificate_of(&key).unwrap();
    let message = signed(engine, &key).replacen(TEXT, "what was not", 1);
    assert_eq!(tried(engine, &message, &certificate), [Maths::Bad]);
    assert!(tried(engine, &signed(engine, &other), &certificate).is_empty());
}

/// With this passphrase and no other; that every part is locked is its `Protection` (W-2).
fn a_locked_key_opens_with_its_passphrase_and_no_other(engine: &dyn Engine) {
    let key = new_key(engine, Some("right"));
    assert_eq!(key.protection, Protection::Passphrase);
    for wrong in [None, Some(secret("wrong")), Some(secret(""))] {
        let error = engine.unlock(&key, &key.fingerprint(), wrong.as_ref());
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Locked);
    }
    let right = secret("right");
    assert!(
        engine
            .unlock(&key, &key.fingerprint(), Some(&right))
            .is_ok()
    );
}

/// From open to locked, to another passphrase, and back.
fn a_passphrase_can_be_changed_and_taken_away(engine: &dyn Engine) {
    let open = new_key(engine, None);
    let (one, other) = (secret("one"), secret("other"));
    let locked = engine.relock(&open, None, Some(&one)).unwrap();
    let again = engine.relock(&locked, Some(&one), Some(&other)).unwrap();
    let which = open.fingerprint();
    assert!(engine.unlock(&again, &which, Some(&one)).is_err());
    assert!(engine.unlock(&again, &which, Some(&other)).is_ok());
    let wrong = engine.relock(&again, Some(&one), None).unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::Locked);
    let back = engine.relock(&again, Some(&other), None).unwrap();
    assert_eq!(back.protection, Protection::Open);
    assert_eq!(
        engine.certificate_of(&back).unwrap(),
        engine.certificate_of(&open).unwrap()
    );
}

/// Armor is another way to write the same.
fn what_is_armored_comes_back(engine: &dyn Engine) {
    let key = new_key(engine, Some("right"));
    let certificate = engine.certificate_of(&key).unwrap();
    for key in [Key::Secret(key), Key::Certificate(certificate)] {
        let armored = engine.armor(&key).unwrap();
        let read = engine.read_keys(armored.expose());
        assert!(read.junk.is_empty());
        assert_eq!(read.keys, [key]);
    }
}

/// A key store writes back what it does not change (W-1).
fn binary_keys_are_read_byte_for_byte(engine: &dyn Engine) {
    let keys = Keys::default();
    let names = [
        "ada",
        "rsa-2048",
        "percy",
        "signing-subkey",
        "compromised-2023",
    ];
    let ring: Vec<u8> = names
        .iter()
        .flat_map(|name| keys.get(name).expect("a key").certificate().to_vec())
        .collect();
    let read = engine.read_keys(&ring);
    assert_eq!(read.keys.len(), names.len());
    let bytes: Vec<u8> = read
        .keys
        .iter()
        .flat_map(|key| key.bytes().to_vec())
        .collect();
    assert_eq!(bytes, ring);
}

/// Nothing that comes from outside may end the program.
fn no_damage_ends_the_program(engine: &dyn Engine) {
    let key = Keys::default().get("signing-subkey").expect("a key");
    let whole = key.certificate();
    for end in 0..whole.len() {
        let read = engine.read_keys(&whole[..end]);
        for key in read.keys {
            if let Key::Certificate(certificate) = key {
                let _ = engine.certificate_facts(&certificate);
            }
        }
        let mut changed = whole.to_vec();
        changed[end] ^= 0xFF;
        let _ = engine.read_keys(&changed);
    }
    assert!(engine.read_keys(b"").keys.is_empty());
    assert!(engine.read_keys(b"no key at all").keys.is_empty());
}

/// The same twice is the same; what is new comes to it.
fn merging_is_a_union(engine: &dyn Engine) {
    let key = Keys::default().get("extended").expect("a key");
    let Some(Key::Certificate(whole)) = engine.read_keys(key.certificate()).keys.pop() else {
        panic!("a certificate");
    };
    let whole = Key::Certificate(whole);
    assert_eq!(engine.merge(&whole, &whole).unwrap(), whole);
    let other = Key::Certificate(of_the_suite(engine, "ada"));
    let error = engine.merge(&whole, &other).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
}

/// The secret part stays where it is.
fn a_certificate_has_nothing_secret(engine: &dyn Engine) {
    let key = new_key(engine, None);
    let certificate = engine.certificate_of(&key).unwrap();
    assert_eq!(certificate.fingerprint(), key.fingerprint());
    let keys = engine.read_keys(&certificate.bytes).keys;
    assert!(matches!(&keys[..], [Key::Certificate(_)]));
    assert!(certificate.bytes.len() < key.bytes.expose().len());
}

/// By the facts and the policy, a key that is good may sign and others may not.
fn the_facts_tell_who_may_sign(engine: &dyn Engine) {
    for (name, may_sign) in [
        ("ada", true),
        ("rsa-2048", true),
        ("signing-subkey", true),
        ("extended", true),
        ("expired-2021", false),
        ("compromised-2023", false),
        ("certifies-only", false),
        ("subkey-encrypts-only", true),
        ("rsa-1024", false),
        ("sha1-of-2024", false),
        ("revoked-by-another", true),
    ] {
        let certificate = of_the_suite(engine, name);
        let facts = engine.certificate_facts(&certificate).unwrap();
        let usable = usable_signing_keys(&facts, NOW);
        assert_eq!(usable.is_ok(), may_sign, "{name}: {usable:?}");
    }
}

/// What others hang on somebody's certificate is not the owner's word.
fn the_owners_statements_are_the_owners(engine: &dyn Engine) {
    let certificate = of_the_suite(engine, "revoked-by-another");
    let own = engine.own_statements(&certificate).unwrap();
    assert_eq!(own.fingerprint(), certificate.fingerprint());
    assert!(own.bytes.len() < certificate.bytes.len());
    let twice = engine.own_statements(&own).unwrap();
    assert_eq!(twice, own);
}

/// By hand and by no engine: the messages of the suite.
fn a_signature_made_by_hand_is_good(engine: &dyn Engine) {
    use sifseal_conformance::craft::Frame;
    for name in ["ada", "rsa-2048", "signing-subkey"] {
        let key = Keys::default().get(name).expect("a key");
        let message = Frame::new(TEXT)
            .signed(&key.signing().signs(SIGNED))
            .message();
        let certificate = of_the_suite(engine, name);
        assert_eq!(
            tried(engine, &message, &certificate),
            [Maths::Good],
            "{name}"
        );
        let armored = armor("PUBLIC KEY BLOCK", key.certificate());
        assert_eq!(engine.read_keys(armored.as_bytes()).keys.len(), 1);
    }
}

/// A signer refuses a hash that it has not announced.
fn a_hash_that_was_not_announced_is_refused(engine: &dyn Engine) {
    let key = new_key(engine, None);
    let signer = engine.unlock(&key, &key.fingerprint(), None).unwrap();
    assert!(!signer.accepted_hashes().contains(&HashAlgorithm::Md5));
    let error = signer
        .sign_digest(&context(), HashAlgorithm::Md5, &[0; 16])
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

/// Every behaviour of an engine, as tests in a module of this name.
#[macro_export]
macro_rules! engine_suite {
    ($name:ident, $engine:expr) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            fn run(_test: &str, behaviour: $crate::engine::Behaviour) {
                behaviour(&$engine);
            }

            $crate::engine_behaviours!($name, run);
        }
    };
}
