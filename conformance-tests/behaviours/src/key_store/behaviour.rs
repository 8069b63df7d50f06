//! What every key store does, told once.

use super::keys::*;
use super::{Behaviour, Calls, Stage, context};
use sifseal_core::ErrorKind;
use sifseal_core::openpgp::{Key, KeyHandle, Protection};
use sifseal_core::traits::{Change, KeyPart, KeyQuery};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

behaviours! {
    key_store_behaviours in key_store:
    a_store_that_is_not_there_holds_nothing_and_is_not_made_by_asking,
    a_secret_key_brings_its_certificate_along,
    a_secret_key_comes_back_byte_for_byte,
    a_large_key_comes_back_byte_for_byte,
    a_certificate_is_no_secret_key,
    a_certificate_that_comes_again_is_merged_and_never_there_twice_w5,
    a_secret_key_that_comes_again_is_merged_and_never_there_twice_w5,
    removing_one_of_three_secret_keys_leaves_the_others_whole_w1,
    removing_a_certificate_leaves_the_secret_key,
    removing_a_secret_key_leaves_its_certificate,
    what_is_removed_can_be_added_again,
    a_query_narrows_both_halves,
    a_new_passphrase_takes_the_place_of_the_old_one,
    a_certificate_takes_the_place_of_the_old_one,
    what_was_stored_is_there_for_the_next_program,
    writers_at_the_same_time_lose_no_key_w17,
    every_file_is_for_its_owner_alone_w10,
    a_store_tells_what_it_is,
}

const HALVES: [KeyPart; 2] = [KeyPart::Public, KeyPart::Secret];

fn a_store_that_is_not_there_holds_nothing_and_is_not_made_by_asking(stage: &Stage) {
    let store = stage.store();
    let unknown = locked("Ada").fingerprint();
    for part in HALVES {
        assert!(store.all(part).is_empty());
        let error = store.take_away(part, &unknown).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    }
    let error = store.material(&unknown).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    assert_eq!(std::fs::read_dir(stage.home()).unwrap().count(), 0);
}

fn a_secret_key_brings_its_certificate_along(stage: &Stage) {
    let (store, key) = (stage.store(), locked("Ada <ada@example.com>"));
    let insertion = store.add(&key);
    assert_eq!(insertion.secret, Some(Change::Added));
    assert_eq!(insertion.public, Change::Added);
    for (part, protection) in [
        (KeyPart::Public, Protection::NoSecret),
        (KeyPart::Secret, Protection::Passphrase),
    ] {
        let found = store.found(part, &KeyQuery::All);
        assert_eq!(found.entries.len(), 1, "{part:?}");
        assert_eq!(found.entries[0].certificate, certificate_of(&key));
        assert_eq!(found.entries[0].protection, protection);
    }
}

fn a_secret_key_comes_back_byte_for_byte(stage: &Stage) {
    let (store, key) = (stage.store(), locked("Ada"));
    store.add(&key);
    let material = store.material(&key.fingerprint()).unwrap();
    assert_eq!(material, key);
    // And it is of use.
    let right = passphrase("right");
    let signer = engine().unlock(&material, &key.fingerprint(), Some(&right));
    assert!(signer.is_ok());
}

fn a_large_key_comes_back_byte_for_byte(stage: &Stage) {
    let (store, key) = (stage.store(), large("Ada"));
    store.add(&key);
    assert_eq!(store.material(&key.fingerprint()).unwrap(), key);
    store
        .take_away(KeyPart::Secret, &key.fingerprint())
        .unwrap();
    assert!(store.material(&key.fingerprint()).is_err());
}

fn a_certificate_is_no_secret_key(stage: &Stage) {
    let (store, key) = (stage.store(), locked("Ada"));
    let certificate = Key::Certificate(certificate_of(&key));
    let insertion = store.insert(&context(), &certificate).unwrap();
    assert_eq!(insertion.secret, None);
    assert_eq!(insertion.public, Change::Added);
    assert_eq!(store.all(KeyPart::Public), [key.fingerprint()]);
    assert!(store.all(KeyPart::Secret).is_empty());
    assert!(store.material(&key.fingerprint()).is_err());
}

fn a_certificate_that_comes_again_is_merged_and_never_there_twice_w5(stage: &Stage) {
    let (store, key) = (stage.store(), locked("Ada"));
    let whole = certificate_of(&key);
    let insert = |certificate| {
        let certificate = Key::Certificate(certificate);
        store.insert(&context(), &certificate).unwrap().public
    };
    assert_eq!(insert(older_certificate(&whole)), Change::Added);
    assert_eq!(insert(older_certificate(&whole)), Change::Unchanged);
    assert_eq!(insert(whole.clone()), Change::Merged);
    assert_eq!(insert(older_certificate(&whole)), Change::Unchanged);
    let found = store.found(KeyPart::Public, &KeyQuery::All);
    assert_eq!(found.entries.len(), 1);
    assert_eq!(found.entries[0].certificate, whole);
}

fn a_secret_key_that_comes_again_is_merged_and_never_there_twice_w5(stage: &Stage) {
    let (store, key) = (stage.store(), locked("Ada"));
    assert_eq!(store.add(&older(&key)).secret, Some(Change::Added));
    let merged = store.add(&key);
    assert_eq!(merged.secret, Some(Change::Merged));
    assert_eq!(merged.public, Change::Merged);
    let again = store.add(&key);
    assert_eq!(again.secret, Some(Change::Unchanged));
    assert_eq!(again.public, Change::Unchanged);
    assert_eq!(store.material(&key.fingerprint()).unwrap(), key);
    for part in HALVES {
        let found = store.found(part, &KeyQuery::All);
        assert_eq!(found.entries.len(), 1);
        assert_eq!(found.entries[0].certificate, certificate_of(&key));
    }
}

fn removing_one_of_three_secret_keys_leaves_the_others_whole_w1(stage: &Stage) {
    let store = stage.store();
    let keys = ["one", "two", "three"].map(locked);
    for key in &keys {
        store.add(key);
    }
    let [one, two, three] = &keys;
    store
        .take_away(KeyPart::Secret, &two.fingerprint())
        .unwrap();
    assert_eq!(store.all(KeyPart::Secret), fingerprints([one, three]));
    assert_eq!(store.all(KeyPart::Public), fingerprints(&keys));
    assert_eq!(store.material(&one.fingerprint()).unwrap(), *one);
    assert_eq!(store.material(&three.fingerprint()).unwrap(), *three);
    let error = store.material(&two.fingerprint()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

fn removing_a_certificate_leaves_the_secret_key(stage: &Stage) {
    let (store, key) = (stage.store(), locked("Ada"));
    store.add(&key);
    store
        .take_away(KeyPart::Public, &key.fingerprint())
        .unwrap();
    assert!(store.all(KeyPart::Public).is_empty());
    assert_eq!(store.all(KeyPart::Secret), [key.fingerprint()]);
    assert_eq!(store.material(&key.fingerprint()).unwrap(), key);
    // Adding it again mends the public half.
    let insertion = store.add(&key);
    assert_eq!(insertion.secret, Some(Change::Unchanged));
    assert_eq!(insertion.public, Change::Added);
}

fn removing_a_secret_key_leaves_its_certificate(stage: &Stage) {
    let (store, key) = (stage.store(), locked("Ada"));
    store.add(&key);
    store
        .take_away(KeyPart::Secret, &key.fingerprint())
        .unwrap();
    assert!(store.all(KeyPart::Secret).is_empty());
    assert_eq!(store.all(KeyPart::Public), [key.fingerprint()]);
    let again = store.take_away(KeyPart::Secret, &key.fingerprint());
    assert_eq!(again.unwrap_err().kind(), ErrorKind::NotFound);
}

fn what_is_removed_can_be_added_again(stage: &Stage) {
    let (store, key) = (stage.store(), locked("Ada"));
    for _ in 0..3 {
        assert_eq!(store.add(&key).secret, Some(Change::Added));
        assert_eq!(store.material(&key.fingerprint()).unwrap(), key);
        store
            .take_away(KeyPart::Secret, &key.fingerprint())
            .unwrap();
        assert!(store.material(&key.fingerprint()).is_err());
    }
}

fn a_query_narrows_both_halves(stage: &Stage) {
    let store = stage.store();
    let ada = locked("Ada <ada@example.com>");
    let bob = locked("Bob <bob@example.com>");
    store.add(&ada);
    store.add(&bob);
    let subkey = bob.outline.subkeys[0];
    for (query, expected) in [
        (
            KeyQuery::Email("BOB@example.com".to_owned()),
            vec![bob.fingerprint()],
        ),
        (
            KeyQuery::Handle(KeyHandle::KeyId(ada.fingerprint().key_id())),
            vec![ada.fingerprint()],
        ),
        (
            KeyQuery::Handle(KeyHandle::Fingerprint(subkey)),
            vec![bob.fingerprint()],
        ),
        (KeyQuery::Email("eve@example.com".to_owned()), vec![]),
        (KeyQuery::All, fingerprints([&ada, &bob])),
    ] {
        for part in HALVES {
            let found = store.found(part, &query).entries;
            let found = found.iter().map(|entry| entry.certificate.fingerprint());
            assert_eq!(found.collect::<Vec<_>>(), expected, "{part:?} {query:?}");
        }
    }
}

fn a_new_passphrase_takes_the_place_of_the_old_one(stage: &Stage) {
    let store = stage.store();
    let (ada, bob) = (locked("Ada"), locked("Bob"));
    store.add(&ada);
    store.add(&bob);
    for (old, new) in [("right", "new"), ("new", "newer"), ("newer", "newest")] {
        let stored = store.material(&ada.fingerprint()).unwrap();
        let changed = relocked(&stored, Some(old), new);
        store
            .replace(&context(), &Key::Secret(changed.clone()))
            .unwrap();
        assert_eq!(store.material(&ada.fingerprint()).unwrap(), changed);
    }
    assert_eq!(store.material(&bob.fingerprint()).unwrap(), bob);
    assert_eq!(store.all(KeyPart::Secret), fingerprints([&ada, &bob]));

    let unknown = Key::Secret(locked("Eve"));
    let error = store.replace(&context(), &unknown).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

fn a_certificate_takes_the_place_of_the_old_one(stage: &Stage) {
    let (store, key) = (stage.store(), locked("Ada"));
    store.add(&key);
    let smaller = older_certificate(&certificate_of(&key));
    let replaced = store.replace(&context(), &Key::Certificate(smaller.clone()));
    replaced.unwrap();
    let found = store.found(KeyPart::Public, &KeyQuery::All);
    assert_eq!(found.entries[0].certificate, smaller);
    assert_eq!(store.material(&key.fingerprint()).unwrap(), key);

    let unknown = Key::Certificate(certificate_of(&locked("Eve")));
    let error = store.replace(&context(), &unknown).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

fn what_was_stored_is_there_for_the_next_program(stage: &Stage) {
    let keys = ["one", "two"].map(locked);
    for key in &keys {
        stage.store().add(key);
    }
    for part in HALVES {
        assert_eq!(stage.store().all(part), fingerprints(&keys));
    }
    for key in &keys {
        assert_eq!(stage.store().material(&key.fingerprint()).unwrap(), *key);
    }
    let one = keys[0].fingerprint();
    stage.store().take_away(KeyPart::Secret, &one).unwrap();
    assert!(stage.store().material(&one).is_err());
}

fn writers_at_the_same_time_lose_no_key_w17(stage: &Stage) {
    let keys: Vec<_> = (0..6).map(|n| locked(&format!("key {n}"))).collect();
    let shared = locked("shared");
    std::thread::scope(|scope| {
        for pair in keys.chunks(2) {
            let shared = &shared;
            scope.spawn(move || {
                let store = stage.store();
                for key in pair {
                    store.add(key);
                }
                store.add(shared);
            });
        }
    });
    let mut expected = fingerprints(keys.iter().chain([&shared]));
    expected.sort_unstable();
    for part in HALVES {
        let mut found = stage.store().all(part);
        found.sort_unstable();
        assert_eq!(found, expected);
    }
    for key in keys.iter().chain([&shared]) {
        assert_eq!(stage.store().material(&key.fingerprint()).unwrap(), *key);
    }
}

fn every_file_is_for_its_owner_alone_w10(stage: &Stage) {
    let store = stage.store();
    store.add(&locked("Ada"));
    store.add(&large("Bob"));
    assert_eq!(mode_of(&stage.directory()), 0o700);
    let files: Vec<_> = std::fs::read_dir(stage.directory())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(!files.is_empty());
    for file in files {
        assert_eq!(mode_of(&file), 0o600, "{}", file.display());
    }
}

fn a_store_tells_what_it_is(stage: &Stage) {
    let description = stage.store().describe();
    assert!(!description.name.is_empty());
    assert!(!description.public_place.is_empty());
    assert!(description.secret_place.is_some());
    assert!(description.writable);
}

fn mode_of(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().mode() & 0o7777
}
