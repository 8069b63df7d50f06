//! A key ID that begins with a zero. Apptainer asks servers for its digits without the
//! zero, and never finds one key in sixteen (W-18).

use crate::people::{Pair, Person, Place, verified};
use sifseal_conformance_tests::craft::{CertificateDraft, Frame, Hand, Key, subpacket};
use sifseal_conformance_tests::workshop::edit;
use sifseal_core::Timestamp;
use sifseal_core::openpgp::cleartext;
use sifseal_core::sif::{DeleteMode, Extra, Image, NewObject, ObjectId, SignatureHash};
use std::fs;
use std::path::Path;

const USER_ID: &str = "Zoe <zoe@zero.example>";

/// The signature names its maker by the key ID alone, as old programs did, so that it
/// is by this ID that the key has to be found.
pub(crate) fn is_found_by_its_key_id(place: &Place, engine: &'static str) {
    let now = Timestamp::now();
    let key = key_with_a_zero(now);
    let certificate = CertificateDraft::of(&key).user_id(USER_ID, &key.certifies(now));
    let pair = Pair {
        fingerprint: key.fingerprint().to_string(),
        user_id: USER_ID.to_owned(),
        email: "zoe@zero.example".to_owned(),
    };
    assert!(pair.key_id().starts_with('0'));
    let zoe = Person::asking(place, engine);
    zoe.receives("zoe.pgp", certificate.bytes());
    zoe.done(&["key", "import", "zoe.pgp"]);
    zoe.done(&["key", "push", &pair.fingerprint]);

    let other = Person::new(engine);
    other.new_pair("Other", "", "other@zero.example", &[]);
    let image = other.signed_image("image.sif");
    sign_instead(&image, &key, now);

    let ada = Person::asking(place, engine);
    ada.receives("image.sif", fs::read(image).unwrap());
    assert_eq!(
        ada.done(&["verify", "image.sif"]),
        verified("image.sif", "[REMOTE]", &pair)
    );
    let found = ada.done(&["key", "search", &format!("0x{}", pair.key_id())]);
    assert!(found.contains(USER_ID), "{found}");
}

fn key_with_a_zero(now: Timestamp) -> Key {
    let mut keys = std::iter::repeat_with(|| Key::new(now, Hand::ed25519_legacy()));
    keys.find(|key| key.fingerprint().key_id().0[0] < 0x10)
        .unwrap()
}

/// Puts a signature by this key in the place of the one that is there, object 3.
fn sign_instead(image: &Path, key: &Key, now: Timestamp) {
    let id = ObjectId::new(3).unwrap();
    let opened = Image::open(image).unwrap();
    let old = opened.object(id).unwrap();
    let message = cleartext::read(&opened.read_small(old, 1 << 20).unwrap()).unwrap();
    let draft = key
        .signs(now)
        .bare()
        .with(subpacket::created(now))
        .with(subpacket::issuer(key.fingerprint().key_id()));
    let message = Frame::new(&message.text).signed(&draft).message();
    let mut signature = NewObject::new(old.data_type());
    signature.group = None;
    signature.link = old.link();
    signature.extra = Extra::Signature {
        hash: SignatureHash::Sha256,
        entity: Some(key.fingerprint()),
    };
    let mut editor = edit(image).unwrap();
    editor.delete(id, DeleteMode::Plain, now).unwrap();
    editor
        .add(&signature, &mut message.as_bytes(), now)
        .unwrap();
}
