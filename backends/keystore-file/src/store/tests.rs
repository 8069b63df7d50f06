//! What is about files: modes, the bytes in them, what else stands in them. What holds
//! for every key store is in the conformance suite `key_store`.

use super::*;
use crate::testing::{ToyEngine, armored, certificate, fingerprint, key, secret_key};
use sifseal_core::Timestamp;
use sifseal_core::traits::{Ask, Nobody, Ui};
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;

static NOT_CANCELLED: AtomicBool = AtomicBool::new(false);

fn context(ui: &dyn Ui) -> Context<'_> {
    Context {
        now: Timestamp(0),
        deadline: None,
        cancelled: &NOT_CANCELLED,
        ui,
    }
}

/// A key directory in a home of its own.
struct Keys {
    home: TempDir,
    engine: Arc<ToyEngine>,
    store: FileKeyStore,
}

impl Keys {
    fn none() -> Self {
        let home = tempfile::tempdir().unwrap();
        let engine = Arc::new(ToyEngine::default());
        let store = FileKeyStore::open(home.path().join(".apptainer/keys"), engine.clone());
        Self {
            home,
            engine,
            store,
        }
    }

    fn with(public: &[u8], secret: &[u8]) -> Self {
        let keys = Self::none();
        fs::create_dir_all(keys.directory()).unwrap();
        fs::set_permissions(keys.directory(), Permissions::from_mode(0o700)).unwrap();
        fs::write(keys.path(KeyPart::Public), public).unwrap();
        fs::write(keys.path(KeyPart::Secret), secret).unwrap();
        keys
    }

    fn directory(&self) -> PathBuf {
        self.home.path().join(".apptainer/keys")
    }

    fn path(&self, part: KeyPart) -> PathBuf {
        self.directory().join(match part {
            KeyPart::Public => "pgp-public",
            KeyPart::Secret => "pgp-secret",
        })
    }

    fn bytes(&self, part: KeyPart) -> Vec<u8> {
        fs::read(self.path(part)).unwrap()
    }

    fn find(&self, part: KeyPart, query: &KeyQuery) -> Found {
        self.store.find(&context(&Nobody), part, query).unwrap()
    }

    fn all(&self, part: KeyPart) -> Vec<Fingerprint> {
        fingerprints(&self.find(part, &KeyQuery::All))
    }

    fn insert(&self, bytes: &[u8]) -> Insertion {
        let insertion = self.store.insert(&context(&Nobody), &key(bytes));
        insertion.unwrap()
    }

    fn remove(&self, part: KeyPart, byte: u8) -> Result<()> {
        let fingerprint = fingerprint(byte);
        self.store.remove(&context(&Nobody), part, &fingerprint)
    }

    fn material(&self, byte: u8) -> Result<Vec<u8>> {
        let fingerprint = fingerprint(byte);
        match self.store.private_key(&context(&Nobody), &fingerprint)? {
            PrivateKey::Material(secret) => Ok(secret.bytes.expose().to_vec()),
            PrivateKey::Device(_) => panic!("a file is no device"),
        }
    }
}

fn fingerprints(found: &Found) -> Vec<Fingerprint> {
    let entries = found.entries.iter();
    entries
        .map(|entry| entry.certificate.fingerprint())
        .collect()
}

fn mode_of(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

#[test]
fn reading_changes_no_permission() {
    let keys = Keys::with(&certificate(1, &["one"]), &secret_key(1, &["secret=a"]));
    fs::set_permissions(keys.directory(), Permissions::from_mode(0o755)).unwrap();
    for part in [KeyPart::Public, KeyPart::Secret] {
        fs::set_permissions(keys.path(part), Permissions::from_mode(0o644)).unwrap();
        assert_eq!(keys.all(part), [fingerprint(1)]);
        assert_eq!(mode_of(&keys.path(part)), 0o644);
    }
    assert_eq!(mode_of(&keys.directory()), 0o755);
    assert_eq!(fs::read_dir(keys.directory()).unwrap().count(), 2);
}

#[test]
fn the_first_key_makes_a_private_directory_and_private_files() {
    let keys = Keys::none();
    keys.insert(&secret_key(1, &["one", "secret=a"]));
    assert_eq!(mode_of(&keys.directory()), 0o700);
    assert_eq!(mode_of(&keys.path(KeyPart::Public)), 0o600);
    assert_eq!(mode_of(&keys.path(KeyPart::Secret)), 0o600);
}

#[test]
fn writing_narrows_what_is_open_to_others_and_says_so() {
    #[derive(Debug, Default)]
    struct Listener(Mutex<Vec<String>>);
    impl Ui for Listener {
        fn notice(&self, text: &str) {
            self.0.lock().unwrap().push(text.to_owned());
        }
        fn ask(&self, _question: &str) -> Option<String> {
            None
        }
        fn confirm(&self, _question: &str) -> Option<bool> {
            None
        }
        fn passphrase(&self, _ask: &Ask<'_>) -> Option<Secret> {
            None
        }

        fn in_person(&self) -> &dyn Ui {
            self
        }
    }

    let keys = Keys::with(&certificate(1, &["one"]), &secret_key(1, &["secret=a"]));
    fs::set_permissions(keys.directory(), Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(keys.path(KeyPart::Secret), Permissions::from_mode(0o644)).unwrap();
    let ui = Listener::default();
    let new = key(&secret_key(2, &["two", "secret=b"]));
    keys.store.insert(&context(&ui), &new).unwrap();
    assert_eq!(mode_of(&keys.directory()), 0o700);
    assert_eq!(mode_of(&keys.path(KeyPart::Secret)), 0o600);
    assert_eq!(mode_of(&keys.path(KeyPart::Public)), 0o600);
    let notices = ui.0.into_inner().unwrap();
    assert_eq!(notices.len(), 1);
    assert!(notices[0].contains("755"), "{notices:?}");
}

#[test]
fn a_sticky_directory_named_by_mistake_stays_open() {
    let keys = Keys::with(b"", b"");
    fs::set_permissions(keys.directory(), Permissions::from_mode(0o1777)).unwrap();
    keys.insert(&certificate(1, &["one"]));
    assert_eq!(mode_of(&keys.directory()), 0o1777);
    assert_eq!(mode_of(&keys.path(KeyPart::Public)), 0o600);
}

#[test]
fn a_secret_key_brings_its_certificate_along() {
    let keys = Keys::none();
    let secret = secret_key(1, &["Ada <ada@example.com>", "secret=a", "locked"]);
    let insertion = keys.insert(&secret);
    assert_eq!(insertion.secret, Some(Change::Added));
    assert_eq!(insertion.public, Change::Added);
    assert_eq!(keys.bytes(KeyPart::Secret), secret);
    assert_eq!(
        keys.bytes(KeyPart::Public),
        certificate(1, &["Ada <ada@example.com>"])
    );
    let found = keys.find(KeyPart::Secret, &KeyQuery::All);
    assert_eq!(found.entries[0].protection, Protection::Passphrase);
    let found = keys.find(KeyPart::Public, &KeyQuery::All);
    assert_eq!(found.entries[0].protection, Protection::NoSecret);
}

#[test]
fn a_key_that_comes_again_is_merged_and_never_there_twice_w5() {
    let keys = Keys::none();
    assert_eq!(keys.insert(&certificate(1, &["old"])).public, Change::Added);
    let again = keys.insert(&certificate(1, &["old"]));
    assert_eq!(again.public, Change::Unchanged);
    assert_eq!(again.secret, None);
    let newer = keys.insert(&certificate(1, &["new"]));
    assert_eq!(newer.public, Change::Merged);
    assert_eq!(keys.bytes(KeyPart::Public), certificate(1, &["old", "new"]));
}

#[test]
fn what_brings_nothing_new_is_not_written() {
    let keys = Keys::with(&certificate(1, &["one"]), b"");
    let before = fs::metadata(keys.path(KeyPart::Public)).unwrap().ino();
    keys.insert(&certificate(1, &["one"]));
    let after = fs::metadata(keys.path(KeyPart::Public)).unwrap().ino();
    assert_eq!(before, after);
}

#[test]
fn removing_one_of_three_secret_keys_leaves_the_others_whole_w1() {
    let (one, two, three) = (
        secret_key(1, &["one", "secret=a"]),
        secret_key(2, &["two", "secret=b", "locked"]),
        secret_key(3, &["three", "secret=c"]),
    );
    let keys = Keys::none();
    for secret in [&one, &two, &three] {
        keys.insert(secret);
    }
    let public = keys.bytes(KeyPart::Public);
    keys.remove(KeyPart::Secret, 2).unwrap();

    assert_eq!(
        keys.bytes(KeyPart::Secret),
        [one.clone(), three.clone()].concat()
    );
    assert_eq!(keys.bytes(KeyPart::Public), public);
    assert_eq!(keys.material(1).unwrap(), one);
    assert_eq!(keys.material(3).unwrap(), three);
    assert_eq!(keys.material(2).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn what_apptainer_left_of_secret_keys_is_no_secret_key_but_is_told_and_kept_w1() {
    let (damaged, whole) = (certificate(1, &["one"]), secret_key(2, &["secret=b"]));
    let keys = Keys::with(b"", &[damaged.clone(), whole.clone()].concat());
    let found = keys.find(KeyPart::Secret, &KeyQuery::All);
    assert_eq!(fingerprints(&found), [fingerprint(2)]);
    assert_eq!(found.junk.len(), 1);
    assert!(found.junk[0].what.contains("no secret part"), "{found:?}");
    assert!(found.junk[0].what.contains(&fingerprint(1).to_string()));
    assert_eq!(keys.material(1).unwrap_err().kind(), ErrorKind::NotFound);

    let third = secret_key(3, &["secret=c"]);
    keys.insert(&third);
    assert_eq!(
        keys.bytes(KeyPart::Secret),
        [damaged, whole, third].concat()
    );
}

#[test]
fn importing_the_backup_of_a_damaged_secret_key_heals_it_w1() {
    let keys = Keys::with(b"", &certificate(1, &["one"]));
    let insertion = keys.insert(&secret_key(1, &["secret=a"]));
    assert_eq!(insertion.secret, Some(Change::Merged));
    assert_eq!(
        keys.material(1).unwrap(),
        secret_key(1, &["one", "secret=a"])
    );
}

#[test]
fn junk_is_reported_and_the_good_keys_stay_usable() {
    let one = certificate(1, &["one"]);
    let keys = Keys::with(&[one.as_slice(), b"rubbish"].concat(), b"rubbish");
    let found = keys.find(KeyPart::Public, &KeyQuery::All);
    assert_eq!(fingerprints(&found), [fingerprint(1)]);
    assert_eq!(found.junk[0].offset, one.len());
    assert_eq!(found.junk[0].bytes, b"rubbish");

    // The bytes of what may be half a secret key are not handed around.
    let found = keys.find(KeyPart::Secret, &KeyQuery::All);
    assert_eq!(found.junk.len(), 1);
    assert!(found.junk[0].bytes.is_empty());
}

#[test]
fn duplicates_in_the_file_are_found_as_one_merged_key_w5() {
    let stale = secret_key(1, &["old", "secret=a"]);
    let fresh = secret_key(1, &["new", "secret=a", "locked"]);
    let keys = Keys::with(
        &[certificate(1, &["old"]), certificate(1, &["new"])].concat(),
        &[stale, fresh].concat(),
    );
    for part in [KeyPart::Public, KeyPart::Secret] {
        let found = keys.find(part, &KeyQuery::All);
        assert_eq!(found.entries.len(), 1);
        let user_ids = &found.entries[0].certificate.outline.user_ids;
        assert_eq!(user_ids, &["old", "new"]);
    }
    let expected = secret_key(1, &["old", "new", "secret=a", "locked"]);
    assert_eq!(keys.material(1).unwrap(), expected);
}

#[test]
fn an_armored_export_that_somebody_appended_is_read() {
    let (one, two) = (certificate(1, &["one"]), certificate(2, &["two"]));
    let keys = Keys::with(&[one, armored(&[two])].concat(), b"");
    assert_eq!(keys.all(KeyPart::Public), [fingerprint(1), fingerprint(2)]);
}

#[test]
fn a_new_passphrase_takes_the_place_of_the_old_one() {
    let (one, two) = (secret_key(1, &["secret=a"]), secret_key(2, &["secret=b"]));
    let keys = Keys::with(b"", &[one, two.clone()].concat());
    let locked = secret_key(1, &["secret=a", "locked"]);
    let cx = context(&Nobody);
    keys.store.replace(&cx, &key(&locked)).unwrap();
    assert_eq!(keys.bytes(KeyPart::Secret), [locked, two].concat());

    let unknown = key(&secret_key(9, &["secret=z"]));
    let error = keys.store.replace(&cx, &unknown).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[test]
fn a_ring_is_parsed_once_as_long_as_the_file_stays_the_same_w28() {
    let keys = Keys::with(&certificate(1, &["one"]), b"");
    for _ in 0..5 {
        assert_eq!(keys.all(KeyPart::Public), [fingerprint(1)]);
    }
    assert_eq!(keys.engine.times_read.load(Ordering::Relaxed), 1);
}

#[test]
fn a_change_by_another_program_is_seen_at_once() {
    let (one, two) = (certificate(1, &["one"]), certificate(2, &["two"]));
    let keys = Keys::with(&one, b"");
    assert_eq!(keys.all(KeyPart::Public), [fingerprint(1)]);
    fs::write(keys.path(KeyPart::Public), [one, two].concat()).unwrap();
    assert_eq!(keys.all(KeyPart::Public), [fingerprint(1), fingerprint(2)]);
    keys.remove(KeyPart::Public, 1).unwrap();
    assert_eq!(keys.all(KeyPart::Public), [fingerprint(2)]);
    fs::remove_file(keys.path(KeyPart::Public)).unwrap();
    assert!(keys.all(KeyPart::Public).is_empty());
}

#[test]
fn a_secret_key_in_the_public_ring_is_told_and_not_destroyed() {
    let stray = secret_key(1, &["one", "secret=a"]);
    let keys = Keys::with(&stray, b"");
    let found = keys.find(KeyPart::Public, &KeyQuery::All);
    assert_eq!(fingerprints(&found), [fingerprint(1)]);
    assert_eq!(found.entries[0].certificate.bytes, certificate(1, &["one"]));
    assert!(found.junk[0].what.contains("secret key in a public"));

    let error = keys.remove(KeyPart::Public, 1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
    assert_eq!(keys.bytes(KeyPart::Public), stray);

    keys.insert(&stray);
    keys.remove(KeyPart::Public, 1).unwrap();
    assert_eq!(keys.material(1).unwrap(), stray);
}

/// The public ring cannot be written, as if the program had been killed between
/// the two files.
#[test]
fn a_secret_key_is_stored_before_its_certificate_w17() {
    let keys = Keys::with(b"", b"");
    fs::remove_file(keys.path(KeyPart::Public)).unwrap();
    symlink("gone", keys.path(KeyPart::Public)).unwrap();
    let secret = secret_key(1, &["one", "secret=a"]);
    let error = keys.store.insert(&context(&Nobody), &key(&secret));
    assert!(error.is_err());
    assert_eq!(keys.material(1).unwrap(), secret);
}

#[test]
fn a_ring_that_cannot_be_read_is_an_error_that_names_it() {
    let keys = Keys::none();
    for part in [KeyPart::Public, KeyPart::Secret] {
        fs::create_dir_all(keys.path(part)).unwrap();
        let error = keys.store.find(&context(&Nobody), part, &KeyQuery::All);
        let error = error.unwrap_err();
        assert!(error.to_string().contains("/pgp-"), "{error}");
        assert!(error.to_string().ends_with("is a directory, not a file"));
    }
}

#[test]
fn a_sites_keyring_is_readable_by_all_and_takes_no_secret_keys() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("apptainer/global-pgp-public");
    let store = FileKeyStore::global(path.clone(), Arc::new(ToyEngine::default()));
    let cx = context(&Nobody);

    let secret = key(&secret_key(1, &["one", "secret=a"]));
    let error = store.insert(&cx, &secret).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(
        error.to_string(),
        "global keyring can't contain private keys"
    );
    assert!(!root.path().join("apptainer").exists());

    let one = certificate(1, &["one"]);
    store.insert(&cx, &key(&one)).unwrap();
    assert_eq!(fs::read(&path).unwrap(), one);
    assert_eq!(mode_of(&path), 0o644);
    assert_eq!(mode_of(&root.path().join("apptainer")), 0o755);
    let secrets = store.find(&cx, KeyPart::Secret, &KeyQuery::All).unwrap();
    assert!(secrets.entries.is_empty());
    assert!(store.private_key(&cx, &fingerprint(1)).is_err());
    assert_eq!(store.describe().secret_place, None);
}

#[test]
fn a_keyring_for_certificates_alone_is_private_and_takes_no_secret_keys() {
    let root = tempfile::tempdir().unwrap();
    let directory = root.path().join("keys");
    let store = FileKeyStore::certificates_only(directory.clone(), Arc::new(ToyEngine::default()));
    let cx = context(&Nobody);
    let secret = key(&secret_key(1, &["one", "secret=a"]));
    let error = store.insert(&cx, &secret).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(!directory.exists());

    let one = certificate(1, &["one"]);
    store.insert(&cx, &key(&one)).unwrap();
    assert_eq!(fs::read(directory.join("pgp-public")).unwrap(), one);
    assert_eq!(mode_of(&directory.join("pgp-public")), 0o600);
    assert_eq!(mode_of(&directory), 0o700);
    assert!(store.private_key(&cx, &fingerprint(1)).is_err());
    assert_eq!(store.describe().secret_place, None);
}

#[test]
fn the_store_tells_where_its_files_are() {
    let keys = Keys::none();
    let description = keys.store.describe();
    let public = keys.path(KeyPart::Public).display().to_string();
    let secret = keys.path(KeyPart::Secret).display().to_string();
    assert_eq!(description.public_place, public);
    assert_eq!(description.secret_place, Some(secret));
}
