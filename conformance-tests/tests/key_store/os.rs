//! What is special about a key store over a secret store, whichever that is.

use crate::sabotage::{Moment, Plan, Saboteur, gone};
use crate::stage::{SMALL_ITEMS, os, undescribed};
use keyring_core::api::{CredentialApi, CredentialStoreApi};
use keyring_core::{Credential, CredentialStore, Entry, mock};
use sifseal_backend_suite::key_store::keys::*;
use sifseal_backend_suite::key_store::{Calls, context};
use sifseal_core::ErrorKind;
use sifseal_core::openpgp::{Key, Protection};
use sifseal_core::traits::{KeyPart, KeyQuery, KeyStore};
use sifseal_keystore_os::{Capabilities, Guard, OsKeyStore, StoreKind, Vault};
use std::any::Any;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A secret store in memory, and a key directory.
struct Memory {
    home: tempfile::TempDir,
    store: Arc<CredentialStore>,
    capabilities: Capabilities,
}

impl Memory {
    fn new(capabilities: Capabilities) -> Self {
        Self {
            home: tempfile::tempdir().expect("a temporary folder"),
            store: mock::Store::new().expect("a mock"),
            capabilities: undescribed(capabilities),
        }
    }

    fn large_items() -> Self {
        Self::new(StoreKind::SecretService.capabilities())
    }

    fn small_items() -> Self {
        Self::new(SMALL_ITEMS)
    }

    fn directory(&self) -> &Path {
        self.home.path()
    }

    fn keys(&self) -> OsKeyStore {
        let store = Arc::clone(&self.store);
        let vault = Vault::over(self.capabilities, move || Ok(Arc::clone(&store)));
        os(vault, self.directory())
    }

    /// The keys, with a store that cannot be reached.
    fn keys_without_store(&self) -> OsKeyStore {
        os(
            Vault::over(self.capabilities, || Err(gone())),
            self.directory(),
        )
    }

    /// The items of the store, as they lie there.
    fn items(&self) -> Vec<(String, String)> {
        let spec = [("service", "sifseal")].into();
        let entries = self.store.search(&spec).expect("a search");
        let items = entries.iter().filter_map(|entry: &Entry| {
            let (_, name) = entry.get_specifiers()?;
            Some((name, entry.get_password().ok()?))
        });
        items.collect()
    }

    fn forget_everything(&self) {
        let spec = [("service", "sifseal")].into();
        for entry in self.store.search(&spec).expect("a search") {
            let _ = entry.delete_credential();
        }
    }

    fn files(&self, ending: &str) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.directory()).expect("the directory");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        paths
            .filter(|path| path.to_string_lossy().ends_with(ending))
            .collect()
    }
}

fn calls(store: &OsKeyStore) -> &dyn KeyStore {
    store
}

#[test]
fn listing_and_finding_certificates_never_touch_the_secret_store() {
    let memory = Memory::large_items();
    let key = locked("Ada <ada@example.com>");
    calls(&memory.keys()).add(&key);

    let cut_off = memory.keys_without_store();
    let email = KeyQuery::Email("ada@example.com".to_owned());
    for part in [KeyPart::Public, KeyPart::Secret] {
        for query in [&KeyQuery::All, &email] {
            let found = calls(&cut_off).found(part, query);
            assert_eq!(found.entries[0].certificate, certificate_of(&key));
        }
    }
    assert!(calls(&cut_off).material(&key.fingerprint()).is_err());
}

#[test]
fn an_open_key_is_taken_only_where_the_stores_lock_is_meant_to_guard_it() {
    let memory = Memory::large_items();
    let key = open("Ada");
    let insert = |store: &OsKeyStore| store.insert(&context(), &Key::Secret(key.clone()));
    let error = insert(&memory.keys()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
    assert!(
        error
            .hint_text()
            .unwrap()
            .contains("protection = \"store\"")
    );
    assert!(memory.items().is_empty(), "nothing was stored");

    let trusting = memory.keys().guarded_by(Guard::StoreAlone);
    insert(&trusting).unwrap();
    let found = calls(&trusting).found(KeyPart::Secret, &KeyQuery::All);
    assert_eq!(found.entries[0].protection, Protection::Open);

    // Nor does an open key take the place of a locked one.
    let key = relocked(&key, None, "right");
    let locked = Key::Secret(key.clone());
    trusting.replace(&context(), &locked).unwrap();
    let opened = engine().relock(&key, Some(&passphrase("right")), None);
    let opened = Key::Secret(opened.unwrap());
    let error = memory.keys().replace(&context(), &opened).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
}

#[test]
fn an_item_can_be_imported_by_any_openpgp_program() {
    let memory = Memory::large_items();
    let key = locked("Ada");
    calls(&memory.keys()).add(&key);
    let items = memory.items();
    assert_eq!(items.len(), 1);
    assert!(items[0].0.starts_with(&key.fingerprint().to_string()));
    assert!(items[0].1.contains("-----BEGIN PGP PRIVATE KEY BLOCK-----"));
    let read = engine().read_keys(items[0].1.as_bytes());
    assert_eq!(read.keys, [Key::Secret(key)]);
}

#[test]
fn of_a_large_key_only_the_key_to_its_seal_is_in_the_store() {
    let memory = Memory::small_items();
    let key = locked("Ada");
    calls(&memory.keys()).add(&key);
    for (_, item) in memory.items() {
        assert!(item.starts_with("sifseal-seal 1 "), "{item}");
        assert!(item.len() <= SMALL_ITEMS.largest_item);
    }
    let sealed = memory.files(".sealed");
    assert_eq!(sealed.len(), 1);
    let file = std::fs::read(&sealed[0]).unwrap();
    assert!(engine().read_keys(&file).keys.is_empty());

    // A change leaves one sealed file, and a removal none.
    let changed = Key::Secret(relocked(&key, Some("right"), "new"));
    memory.keys().replace(&context(), &changed).unwrap();
    assert_eq!(memory.files(".sealed").len(), 1);
    let removed = calls(&memory.keys()).take_away(KeyPart::Secret, &key.fingerprint());
    removed.unwrap();
    assert!(memory.files(".sealed").is_empty());
    assert!(memory.items().is_empty());
}

#[test]
fn what_cannot_be_read_is_told_and_never_written_over() {
    let memory = Memory::small_items();
    let key = locked("Ada");
    calls(&memory.keys()).add(&key);
    let sealed = memory.files(".sealed").remove(0);
    let good = std::fs::read(&sealed).unwrap();
    let mut damaged = good.clone();
    damaged[100] ^= 1;
    std::fs::write(&sealed, damaged).unwrap();

    let error = calls(&memory.keys())
        .material(&key.fingerprint())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
    assert!(error.hint_text().unwrap().contains("key remove --secret"));
    let added = memory.keys().insert(&context(), &Key::Secret(key.clone()));
    assert_eq!(added.unwrap_err().kind(), ErrorKind::Malformed);

    std::fs::write(&sealed, good).unwrap();
    assert_eq!(
        calls(&memory.keys()).material(&key.fingerprint()).unwrap(),
        key
    );

    std::fs::remove_file(&sealed).unwrap();
    let lost = calls(&memory.keys()).material(&key.fingerprint());
    let lost = lost.unwrap_err();
    let hint = lost.hint_text().unwrap();
    assert!(hint.contains("$XDG_DATA_HOME/sifseal"), "{hint}");
    // The way out that the error names.
    assert!(hint.contains("key remove --secret"), "{hint}");
    let removed = calls(&memory.keys()).take_away(KeyPart::Secret, &key.fingerprint());
    removed.unwrap();
    calls(&memory.keys()).add(&key);
    assert_eq!(
        calls(&memory.keys()).material(&key.fingerprint()).unwrap(),
        key
    );
}

/// As the kernel forgets keys: at the end of the machine's uptime, or unused.
#[test]
fn what_is_left_of_a_key_that_the_store_has_forgotten_can_be_removed() {
    for list_is_lost in [false, true] {
        let memory = Memory::small_items();
        let key = locked("Ada");
        calls(&memory.keys()).add(&key);
        memory.forget_everything();
        if list_is_lost {
            std::fs::remove_file(&memory.files(".json")[0]).unwrap();
        }
        assert_eq!(memory.files(".sealed").len(), 1);
        let remove = || calls(&memory.keys()).take_away(KeyPart::Secret, &key.fingerprint());
        remove().unwrap();
        assert!(memory.files(".sealed").is_empty(), "{list_is_lost}");
        assert_eq!(remove().unwrap_err().kind(), ErrorKind::NotFound);
    }
}

#[test]
fn a_lost_list_is_found_again_and_made_by_the_next_change() {
    // One can be searched, the other not: there each certificate is asked for.
    for memory in [Memory::large_items(), Memory::small_items()] {
        a_lost_list_is_found_again(&memory);
    }
}

fn a_lost_list_is_found_again(memory: &Memory) {
    let (ada, bob) = (locked("Ada"), locked("Bob"));
    calls(&memory.keys()).add(&ada);
    for list in memory.files(".json") {
        std::fs::remove_file(list).unwrap();
    }
    assert_eq!(
        calls(&memory.keys()).all(KeyPart::Secret),
        [ada.fingerprint()]
    );
    assert!(memory.files(".json").is_empty(), "reading makes no file");
    calls(&memory.keys()).add(&bob);
    let listed = calls(&memory.keys_without_store()).all(KeyPart::Secret);
    assert_eq!(listed, fingerprints([&ada, &bob]));
}

#[test]
fn a_list_is_not_made_again_while_a_name_in_the_store_cannot_be_read() {
    let memory = Memory::large_items();
    let (ada, bob) = (locked("Ada"), locked("Bob"));
    calls(&memory.keys()).add(&ada);
    for list in memory.files(".json") {
        std::fs::remove_file(list).unwrap();
    }
    let store = Arc::clone(&memory.store);
    let vault = Vault::over(memory.capabilities, move || {
        Ok(Arc::new(Nameless(Arc::clone(&store))))
    });
    let nameless = os(vault, memory.directory());
    let found = nameless.find(&context(), KeyPart::Secret, &KeyQuery::All);
    assert_eq!(found.unwrap_err().kind(), ErrorKind::Backend);
    let added = nameless.insert(&context(), &Key::Secret(bob));
    assert_eq!(added.unwrap_err().kind(), ErrorKind::Backend);
    assert!(memory.files(".json").is_empty(), "Ada would be forgotten");
    let all = calls(&memory.keys()).all(KeyPart::Secret);
    assert_eq!(all, [ada.fingerprint()]);
}

#[test]
fn a_list_is_not_made_again_while_a_key_in_the_store_cannot_be_read() {
    let memory = Memory::large_items();
    let (ada, bob) = (locked("Ada"), locked("Bob"));
    calls(&memory.keys()).add(&ada);
    for list in memory.files(".json") {
        std::fs::remove_file(list).unwrap();
    }
    let name = format!("{}/a", ada.fingerprint());
    let item = memory.store.build("sifseal", &name, None).unwrap();
    let whole = item.get_password().unwrap();
    item.set_password("half").unwrap();
    let added = memory.keys().insert(&context(), &Key::Secret(bob.clone()));
    let error = added.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
    assert!(error.to_string().contains(&ada.fingerprint().to_string()));
    assert!(memory.files(".json").is_empty());

    item.set_password(&whole).unwrap();
    calls(&memory.keys()).add(&bob);
    let listed = calls(&memory.keys_without_store()).all(KeyPart::Secret);
    assert_eq!(listed, fingerprints([&ada, &bob]));
}

/// A half-written item in the free slot is what an interrupted change leaves: the old key
/// is the key, and the next change clears the half away.
#[test]
fn half_a_key_in_the_free_slot_harms_nobody() {
    let memory = Memory::large_items();
    let key = locked("Ada");
    calls(&memory.keys()).add(&key);
    let name = format!("{}/b", key.fingerprint());
    let half = memory.store.build("sifseal", &name, None).unwrap();
    half.set_password("sifseal-key 2\n-----BEGIN PGP PRIV")
        .unwrap();
    let read = || calls(&memory.keys()).material(&key.fingerprint()).unwrap();
    assert_eq!(read(), key);

    let changed = relocked(&key, Some("right"), "new");
    let change = Key::Secret(changed.clone());
    memory.keys().replace(&context(), &change).unwrap();
    assert_eq!(read(), changed);
    assert_eq!(memory.items().len(), 1);
}

/// A store that finds items and cannot tell their names.
#[derive(Debug)]
struct Nameless(Arc<CredentialStore>);

impl CredentialStoreApi for Nameless {
    fn vendor(&self) -> String {
        self.0.vendor()
    }

    fn id(&self) -> String {
        self.0.id()
    }

    fn build(
        &self,
        service: &str,
        user: &str,
        modifiers: Option<&HashMap<&str, &str>>,
    ) -> keyring_core::Result<Entry> {
        self.0.build(service, user, modifiers)
    }

    fn search(&self, spec: &HashMap<&str, &str>) -> keyring_core::Result<Vec<Entry>> {
        let found = self.0.search(spec)?.into_iter();
        Ok(found
            .map(|_| Entry::new_with_credential(Arc::new(NamelessItem)))
            .collect())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[derive(Debug)]
struct NamelessItem;

impl CredentialApi for NamelessItem {
    fn set_secret(&self, _secret: &[u8]) -> keyring_core::Result<()> {
        Err(gone())
    }

    fn get_secret(&self) -> keyring_core::Result<Vec<u8>> {
        Err(gone())
    }

    fn delete_credential(&self) -> keyring_core::Result<()> {
        Err(gone())
    }

    fn get_credential(&self) -> keyring_core::Result<Option<Arc<Credential>>> {
        Ok(None)
    }

    fn get_specifiers(&self) -> Option<(String, String)> {
        None
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[test]
fn a_key_that_another_program_removed_is_not_found_and_can_be_taken_off_the_list() {
    let memory = Memory::large_items();
    let key = locked("Ada");
    calls(&memory.keys()).add(&key);
    memory.forget_everything();
    let error = calls(&memory.keys())
        .material(&key.fingerprint())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.hint_text().unwrap().contains("another program"));
    let remove = || calls(&memory.keys()).take_away(KeyPart::Secret, &key.fingerprint());
    remove().unwrap();
    assert!(calls(&memory.keys()).all(KeyPart::Secret).is_empty());
    assert_eq!(remove().unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn a_list_that_is_damaged_is_told_by_its_name() {
    let memory = Memory::large_items();
    std::fs::write(memory.directory().join("os-secret-service.json"), "{").unwrap();
    let found = memory
        .keys()
        .find(&context(), KeyPart::Secret, &KeyQuery::All);
    let error = found.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
    assert!(error.to_string().contains("os-secret-service.json"));
}

#[test]
fn a_store_that_refuses_a_key_keeps_the_list_as_it_was() {
    let memory = Memory::large_items();
    let key = locked("Ada");
    // Looking into the slots, unlocking and the freeing of one pass; the new item is refused.
    let plan: Plan = Arc::new(|moment| match moment {
        Moment::Before(11) => Err(gone()),
        _ => Ok(()),
    });
    let store = Arc::clone(&memory.store);
    let saboteur = Saboteur::new(plan);
    let vault = Vault::over(memory.capabilities, move || {
        Ok(saboteur.over(Arc::clone(&store)))
    });
    let refusing = os(vault, memory.directory());
    let refused = refusing.insert(&context(), &Key::Secret(key.clone()));
    assert!(refused.is_err());
    assert!(memory.items().is_empty());
    assert!(calls(&memory.keys()).all(KeyPart::Secret).is_empty());
}

#[test]
fn a_store_that_forgets_what_it_took_is_found_out_before_the_old_key_goes() {
    let memory = Memory::large_items();
    let key = locked("Ada");
    calls(&memory.keys()).add(&key);
    let second = format!("{}/b", key.fingerprint());
    let forgetful = Arc::clone(&memory.store);
    let plan: Plan = Arc::new(move |moment| {
        if let Moment::After(_) = moment {
            let _ = forgetful
                .build("sifseal", &second, None)?
                .delete_credential();
        }
        Ok(())
    });
    let saboteur = Saboteur::new(plan);
    let store = Arc::clone(&memory.store);
    let vault = Vault::over(memory.capabilities, move || {
        Ok(saboteur.over(Arc::clone(&store)))
    });
    let changed = Key::Secret(relocked(&key, Some("right"), "new"));
    let replaced = os(vault, memory.directory()).replace(&context(), &changed);
    let error = replaced.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Backend, "{error}");
    assert!(error.to_string().contains("did not give back"), "{error}");
    assert_eq!(
        calls(&memory.keys()).material(&key.fingerprint()).unwrap(),
        key
    );
}
