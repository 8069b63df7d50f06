use super::*;
use crate::bundle;
use crate::testing::{
    MADE, all, armored, certificate, context_at, fetched, key, key_for, later, newer, now, only,
    public, revoked, server,
};
use sifseal_core::Timestamp;
use sifseal_core::openpgp::framing::Packet;
use sifseal_core::traits::{Ask, Ui};
use sifseal_engine_rpgp::RpgpEngine;
use std::fs;
use std::os::unix::fs::symlink;
use std::sync::atomic::AtomicBool;
use tempfile::TempDir;

/// The same certificates in each of the three forms.
struct Places {
    root: TempDir,
}

impl Places {
    fn with(certificates: &[Certificate]) -> Self {
        let root = tempfile::tempdir().unwrap();
        let places = Self { root };
        fs::create_dir_all(places.directory().join("team/alumni")).unwrap();
        fs::create_dir(places.cert_d()).unwrap();
        for (number, certificate) in certificates.iter().enumerate() {
            let (name, bytes) = match number % 3 {
                0 => ("one.asc", armored(certificate)),
                1 => ("team/two", certificate.bytes.clone()),
                _ => ("team/alumni/three.gpg", certificate.bytes.clone()),
            };
            let path = places.directory().join(name);
            let mut old = fs::read(&path).unwrap_or_default();
            old.extend(bytes);
            fs::write(path, old).unwrap();
            let path = place::in_cert_d(&places.cert_d(), certificate.fingerprint().as_bytes());
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, &certificate.bytes).unwrap();
        }
        fs::write(places.bundle(), bundle(&RpgpEngine, certificates).unwrap()).unwrap();
        let text: Vec<u8> = certificates.iter().flat_map(armored).collect();
        fs::write(places.armored_bundle(), text).unwrap();
        places
    }

    fn directory(&self) -> PathBuf {
        self.root.path().join("directory")
    }

    fn cert_d(&self) -> PathBuf {
        self.root.path().join("pgp.cert.d")
    }

    fn bundle(&self) -> PathBuf {
        self.root.path().join("bundle.pgp")
    }

    fn armored_bundle(&self) -> PathBuf {
        self.root.path().join("bundle.asc")
    }

    fn all(&self) -> [PathBuf; 4] {
        [
            self.directory(),
            self.cert_d(),
            self.bundle(),
            self.armored_bundle(),
        ]
    }
}

fn fingerprints_of(hits: &[SearchHit]) -> Vec<Fingerprint> {
    hits.iter().map(|hit| hit.fingerprint.unwrap()).collect()
}

#[test]
fn every_kind_of_question_is_answered_in_every_form() {
    let certificates = [
        certificate("Ada Lovelace <ada@example.com>"),
        certificate("Grace Hopper (Navy) <grace@example.org>"),
        certificate("Jürgen Groß <j@host.example.com>"),
        certificate("Ada Yonath <yonath@example.com>"),
    ];
    let places = Places::with(&certificates);
    let [ada, grace, jurgen, yonath] = certificates.each_ref().map(Certificate::fingerprint);
    let subkey = certificates[1].outline.subkeys[0];
    let digits = |fingerprint: Fingerprint| fingerprint.to_string();
    let questions = [
        (digits(ada), vec![ada]),
        (digits(ada).to_lowercase(), vec![ada]),
        (format!("0x{}", &digits(ada)[24..]), vec![ada]),
        (format!("0x{}", &digits(ada)[32..]), vec![ada]),
        (digits(subkey), vec![grace]),
        (format!("0x{}", &digits(subkey)[24..]), vec![grace]),
        (format!("0x{}", &digits(subkey)[32..]), vec![grace]),
        ("GRACE@example.ORG".to_owned(), vec![grace]),
        ("race@example.org".to_owned(), vec![]),
        ("@example.com".to_owned(), vec![ada, yonath]),
        ("ada".to_owned(), vec![ada, yonath]),
        ("hopper (n".to_owned(), vec![grace]),
        ("JÜRGEN".to_owned(), vec![jurgen]),
        ("nobody".to_owned(), vec![]),
        ("0x0123456789ABCDEF".to_owned(), vec![]),
    ];
    for place in places.all() {
        // One server for all questions, and one for each.
        let patient = server(&place);
        for (question, mut expected) in questions.clone() {
            expected.sort_unstable();
            let query: SearchQuery = question.parse().unwrap();
            for server in [&patient, &server(&place)] {
                let hits = server.search(&later(), &query).unwrap();
                assert_eq!(fingerprints_of(&hits), expected, "{question} in {place:?}");
            }
        }
    }
}

#[test]
fn a_fetch_gives_the_bytes_of_what_answers_and_of_nothing_else() {
    let certificates = [
        certificate("Ada <ada@example.com>"),
        certificate("Bob <b@example.com>"),
    ];
    let subkey = certificates[0].outline.subkeys[0];
    for place in Places::with(&certificates).all() {
        let server = server(&place);
        for handle in [
            KeyHandle::Fingerprint(certificates[0].fingerprint()),
            KeyHandle::KeyId(certificates[0].fingerprint().key_id()),
            KeyHandle::Fingerprint(subkey),
            KeyHandle::KeyId(subkey.key_id()),
        ] {
            let bytes = server.fetch(&later(), &handle).unwrap();
            assert_eq!(bytes.as_ref(), Some(&certificates[0].bytes), "{place:?}");
        }
        let unknown = KeyHandle::Fingerprint(Fingerprint::V4([7; 20]));
        assert_eq!(server.fetch(&later(), &unknown).unwrap(), None);
    }
}

#[test]
fn an_answer_tells_what_the_certificate_says_and_whether_it_counts() {
    let forever = key("Ada <ada@example.com>");
    let expiring = public(&key_for("Bob <bob@example.com>", Some(1000)));
    let revoked = revoked(&key("Eve <eve@example.com>"));
    let root = tempfile::tempdir().unwrap();
    let certificates = [public(&forever), expiring, revoked];
    let path = root.path().join("bundle");
    fs::write(&path, bundle(&RpgpEngine, &certificates).unwrap()).unwrap();
    let ask = |text: &str, at: Timestamp| {
        let query = SearchQuery::Text(text.to_owned());
        server(&path)
            .search(&context_at(at), &query)
            .unwrap()
            .remove(0)
    };

    let ada = ask("ada", Timestamp::now());
    assert_eq!(ada.key, forever.fingerprint().to_string());
    assert_eq!((ada.algorithm, ada.bits), (Some(22), Some(256)));
    assert_eq!((ada.created, ada.expires), (Some(MADE), None));
    assert_eq!(
        (ada.flags.as_str(), &ada.user_ids[..]),
        ("", &["Ada <ada@example.com>".to_owned()][..])
    );

    let end = MADE.plus(1000);
    let before = ask("bob", end.plus(-1));
    assert_eq!((before.expires, before.flags.as_str()), (Some(end), ""));
    assert_eq!(ask("bob", end).flags, "e");
    assert_eq!(ask("eve", Timestamp::now()).flags, "r");
}

#[test]
fn copies_in_several_files_are_merged_so_that_no_revocation_is_missed() {
    let key = key("Ada <ada@example.com>");
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a.pgp"), &public(&key).bytes).unwrap();
    fs::write(
        root.path().join("b.pgp"),
        newer(&public(&key), "Ada <ada@new.example>").bytes,
    )
    .unwrap();
    fs::write(root.path().join("c.asc"), armored(&revoked(&key))).unwrap();
    let fetched = only(&fetched(root.path(), &key.fingerprint()).unwrap());
    assert_eq!(fetched.outline.user_ids.len(), 2);
    let query = SearchQuery::Text("new.example".to_owned());
    let hits = server(root.path()).search(&later(), &query).unwrap();
    assert_eq!(hits.len(), 1);
    let by_mail = SearchQuery::Text("ada@example.com".to_owned());
    let hits = server(root.path()).search(&later(), &by_mail).unwrap();
    assert_eq!((hits.len(), hits[0].flags.as_str()), (1, "r"));
}

#[test]
fn two_certificates_with_one_key_id_are_both_given() {
    // What an attacker makes by trying for years, made here by sharing a subkey.
    let ada = certificate("Ada <ada@example.com>");
    let bob = certificate("Bob <bob@example.com>");
    let subkey = |certificate: &Certificate| {
        let mut rest = &certificate.bytes[..];
        while let Some(packet) = Packet::first(rest).filter(|packet| !packet.is_subkey()) {
            rest = &rest[packet.raw.len()..];
        }
        rest.to_vec()
    };
    let thief = only(&[&bob.bytes[..], &subkey(&ada)].concat());
    let root = tempfile::tempdir().unwrap();
    fs::write(
        root.path().join("both"),
        [&ada.bytes[..], &thief.bytes].concat(),
    )
    .unwrap();
    let handle = KeyHandle::KeyId(ada.outline.subkeys[0].key_id());
    let bytes = server(root.path())
        .fetch(&later(), &handle)
        .unwrap()
        .unwrap();
    let mut given: Vec<_> = all(&bytes).iter().map(Certificate::fingerprint).collect();
    given.sort_unstable();
    let mut expected = [ada.fingerprint(), bob.fingerprint()];
    expected.sort_unstable();
    assert_eq!(given, expected);
}

#[test]
fn of_a_secret_key_only_the_certificate_is_given_out() {
    let key = key("Ada <ada@example.com>");
    let root = tempfile::tempdir().unwrap();
    for (name, bytes) in [
        ("binary", key.bytes.expose().to_vec()),
        (
            "armored",
            RpgpEngine
                .armor(&Key::Secret(key.clone()))
                .unwrap()
                .expose()
                .to_vec(),
        ),
    ] {
        let path = root.path().join(name);
        fs::write(&path, bytes).unwrap();
        for handle in [key.fingerprint(), key.outline.subkeys[0]] {
            assert_eq!(fetched(&path, &handle), Some(public(&key).bytes), "{name}");
        }
    }
    assert_eq!(
        fetched(root.path(), &key.fingerprint()),
        Some(public(&key).bytes)
    );
}

#[test]
fn junk_hides_nothing_that_lies_beside_it_in_the_file_or_the_directory() {
    let [ada, bob, eve] = ["Ada", "Bob", "Eve"].map(certificate);
    let cut = &bob.bytes[..bob.bytes.len() - 30];
    let root = tempfile::tempdir().unwrap();
    let mixed = [b"-- not a key --\n", &ada.bytes[..], cut, &eve.bytes].concat();
    fs::write(root.path().join("mixed"), &mixed).unwrap();
    fs::write(root.path().join("README"), "Keys of the team.\n").unwrap();
    fs::write(root.path().join("empty"), "").unwrap();
    fs::write(root.path().join("zeros"), vec![0; 100_000]).unwrap();
    for place in [root.path().to_owned(), root.path().join("mixed")] {
        for wanted in [&ada, &eve] {
            let bytes = fetched(&place, &wanted.fingerprint());
            assert_eq!(bytes.as_ref(), Some(&wanted.bytes), "{place:?}");
        }
    }
}

#[test]
fn a_bundle_may_have_armored_blocks_behind_binary_certificates() {
    let [ada, bob] = ["Ada", "Bob"].map(certificate);
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("bundle");
    fs::write(&path, [ada.bytes.clone(), armored(&bob)].concat()).unwrap();
    for wanted in [&ada, &bob] {
        assert_eq!(
            fetched(&path, &wanted.fingerprint()).as_ref(),
            Some(&wanted.bytes)
        );
    }
}

#[test]
fn hostile_directories_neither_hang_nor_lead_astray() {
    let ada = certificate("Ada");
    let outside = tempfile::tempdir().unwrap();
    let bob = certificate("Bob");
    fs::write(outside.path().join("bob.pgp"), &bob.bytes).unwrap();
    let root = tempfile::tempdir().unwrap();
    let at = |name: &str| root.path().join(name);
    fs::write(at("ada.pgp"), &ada.bytes).unwrap();
    symlink(root.path(), at("loop")).unwrap();
    symlink(at("self"), at("self")).unwrap();
    symlink(outside.path(), at("elsewhere")).unwrap();
    symlink(outside.path().join("bob.pgp"), at("bob.pgp")).unwrap();
    symlink("/dev/zero", at("zero.pgp")).unwrap();
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(
        rustix::fs::CWD,
        at("fifo.pgp"),
        rustix::fs::FileType::Fifo,
        mode,
        0,
    )
    .unwrap();
    let huge = File::create(at("huge.pgp")).unwrap();
    huge.set_len(crate::pieces::MAX_FILE + 1).unwrap();
    let sparse = File::create(at("sparse.pgp")).unwrap();
    sparse.set_len(100 << 20).unwrap();
    let mut deep = root.path().to_owned();
    for level in 0..20 {
        deep.push(level.to_string());
    }
    fs::create_dir_all(&deep).unwrap();
    fs::write(deep.join("bob.pgp"), &bob.bytes).unwrap();

    assert_eq!(fetched(root.path(), &ada.fingerprint()), Some(ada.bytes));
    assert_eq!(fetched(root.path(), &bob.fingerprint()), None);
}

#[test]
fn a_path_that_is_a_link_is_followed_because_somebody_configured_it() {
    let ada = certificate("Ada");
    let places = Places::with(std::slice::from_ref(&ada));
    for (name, place) in ["a", "b", "c", "d"].iter().zip(places.all()) {
        let link = places.root.path().join(name);
        symlink(place, &link).unwrap();
        assert_eq!(
            fetched(&link, &ada.fingerprint()).as_ref(),
            Some(&ada.bytes)
        );
    }
}

#[test]
fn special_names_in_a_certificate_directory_are_left_alone() {
    let [ada, root_of_trust] = ["Ada", "Local trust root"].map(certificate);
    let places = Places::with(std::slice::from_ref(&ada));
    let special = |name: &str| places.cert_d().join(name);
    for name in ["trust-root", "_trust-root", "_sequoia_ca.pgp"] {
        fs::write(special(name), &root_of_trust.bytes).unwrap();
    }
    assert_eq!(
        fetched(&places.cert_d(), &root_of_trust.fingerprint()),
        None
    );
    assert_eq!(
        fetched(&places.cert_d(), &ada.fingerprint()),
        Some(ada.bytes)
    );
    assert_eq!(
        fs::read(special("trust-root")).unwrap(),
        root_of_trust.bytes
    );
}

#[test]
fn a_missing_place_is_no_trouble_until_it_is_asked() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("not/mounted");
    let server = server(&path);
    assert_eq!(server.place(), path.display().to_string());
    let error = server.fetch(&now(), &KeyHandle::KeyId(Fingerprint::V4([1; 20]).key_id()));
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.hint_text().is_some());
    fs::create_dir_all(&path).unwrap();
    let ada = certificate("Ada");
    fs::write(path.join("ada"), &ada.bytes).unwrap();
    let handle = KeyHandle::Fingerprint(ada.fingerprint());
    assert_eq!(server.fetch(&now(), &handle).unwrap(), Some(ada.bytes));
}

#[test]
fn work_that_was_called_off_stops() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("ada"), certificate("Ada").bytes).unwrap();
    let late = Context {
        deadline: Some(std::time::Instant::now()),
        ..now()
    };
    let query = SearchQuery::Text("Ada".to_owned());
    let error = server(root.path()).search(&late, &query).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[test]
fn a_bundle_has_each_certificate_once_in_one_order() {
    let [ada, bob] = ["Ada", "Bob"].map(certificate);
    let newer = newer(&ada, "Ada <ada@new.example>");
    let sorted = |certificates: &[&Certificate]| {
        let owned: Vec<_> = certificates.iter().copied().cloned().collect();
        bundle(&RpgpEngine, &owned).unwrap()
    };
    let one = sorted(&[&ada, &bob, &newer]);
    assert_eq!(one, sorted(&[&newer, &ada, &bob, &bob]));
    let certificates = all(&one);
    assert!(certificates.is_sorted_by_key(Certificate::fingerprint));
    assert_eq!(certificates.len(), 2);
    assert!(certificates.contains(&newer));
}

#[test]
fn a_question_relies_on_a_look_that_began_after_it_and_on_no_earlier_one() {
    let ada = certificate("Ada <ada@example.com>");
    let places = Places::with(std::slice::from_ref(&ada));
    for path in places.all() {
        let server = server(&path);
        let view = server.view().unwrap();
        let looks = || server.looks.load(Ordering::SeqCst);
        let current = |every_file, asked| {
            let found = server.current_after(&later(), &view, every_file, asked);
            found.unwrap().index
        };
        let two_asked = looks();
        let first = current(false, two_asked);
        let second = current(false, two_asked);
        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!(looks(), 1, "the other one waited for this look");

        let asked_later = looks();
        current(false, asked_later);
        assert_eq!(looks(), 2, "it had begun before this question");
        current(true, asked_later);
        assert_eq!(looks(), 3, "it had not looked at every file");
        current(true, asked_later);
        assert_eq!(looks(), 3);
    }
}

#[test]
fn a_wrong_index_is_replaced_once_for_all_that_saw_it() {
    let ada = certificate("Ada <ada@example.com>");
    let places = Places::with(std::slice::from_ref(&ada));
    let server = server(&places.directory());
    let view = server.view().unwrap();
    let wrong = server.current(&later(), &view, false).unwrap().index;
    let first = server.instead_of(&later(), &view, &wrong).unwrap().index;
    let second = server.instead_of(&later(), &view, &wrong).unwrap().index;
    assert!(!Arc::ptr_eq(&wrong, &first));
    assert!(Arc::ptr_eq(&first, &second));
}

/// Somebody who, told of something while an index is made, tries to begin another.
#[derive(Debug)]
struct Rival<'a> {
    server: &'a OfflineKeyserver,
    was_kept_out: AtomicBool,
}

impl Ui for Rival<'_> {
    fn notice(&self, _text: &str) {
        let is_locked = self.server.kept.try_lock().is_err();
        self.was_kept_out.store(is_locked, Ordering::Relaxed);
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

#[test]
fn while_an_index_is_made_nobody_begins_another() {
    let places = Places::with(&[certificate("Ada <ada@example.com>")]);
    symlink("/", places.directory().join("worth-a-remark")).unwrap();
    let server = server(&places.directory());
    let ui = Rival {
        server: &server,
        was_kept_out: AtomicBool::new(false),
    };
    let cx = Context { ui: &ui, ..later() };
    let view = server.view().unwrap();
    let index = server.current(&cx, &view, false).unwrap().index;
    assert!(ui.was_kept_out.swap(false, Ordering::Relaxed));
    server.instead_of(&cx, &view, &index).unwrap();
    assert!(ui.was_kept_out.into_inner());
}
