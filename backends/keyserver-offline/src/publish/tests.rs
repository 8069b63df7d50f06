use super::*;
use crate::testing::{
    all, armored, certificate, fetched, key, later, newer, now, only, public, server,
};
use sifseal_core::traits::Keyserver;
use sifseal_engine_rpgp::RpgpEngine;
use std::fs;
use std::process::Command;

fn publish_to(path: &Path, certificate: &Certificate) -> Result<String> {
    server(path).publish(&now(), &armored(certificate))
}

/// The names in a directory that are not hidden.
fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    names
}

#[test]
fn a_directory_gets_a_file_for_a_new_certificate() {
    let root = tempfile::tempdir().unwrap();
    let ada = certificate("Ada");
    let answer = publish_to(root.path(), &ada).unwrap();
    let name = format!("{}.pgp", ada.fingerprint());
    assert!(
        answer.contains(&name) && answer.starts_with("added"),
        "{answer}"
    );
    assert_eq!(names(root.path()), std::slice::from_ref(&name));
    assert_eq!(fs::read(root.path().join(name)).unwrap(), ada.bytes);
    assert_eq!(fetched(root.path(), &ada.fingerprint()), Some(ada.bytes));
}

#[test]
fn a_file_that_holds_the_certificate_alone_is_updated_in_its_own_encoding() {
    let root = tempfile::tempdir().unwrap();
    let ada = certificate("Ada");
    let newer = newer(&ada, "Ada <ada@new.example>");
    let path = root.path().join("ada.asc");
    fs::write(&path, armored(&ada)).unwrap();
    assert!(
        publish_to(root.path(), &newer)
            .unwrap()
            .starts_with("merged")
    );
    assert_eq!(names(root.path()), ["ada.asc"]);
    let text = fs::read(&path).unwrap();
    assert!(text.starts_with(b"-----BEGIN PGP PUBLIC KEY BLOCK-----"));
    assert_eq!(only(&text), newer);
    assert!(
        publish_to(root.path(), &ada)
            .unwrap()
            .ends_with("has it already")
    );
    assert_eq!(fs::read(&path).unwrap(), text);
}

#[test]
fn a_file_that_holds_more_is_not_touched() {
    let root = tempfile::tempdir().unwrap();
    let [ada, bob] = ["Ada", "Bob"].map(certificate);
    let both = [ada.bytes.clone(), bob.bytes.clone()].concat();
    let path = root.path().join("team.pgp");
    fs::write(&path, &both).unwrap();
    let newer = newer(&ada, "Ada <ada@new.example>");
    publish_to(root.path(), &newer).unwrap();
    assert_eq!(fs::read(&path).unwrap(), both);
    assert_eq!(fetched(root.path(), &ada.fingerprint()), Some(newer.bytes));
}

#[test]
fn a_name_that_is_taken_by_something_else_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    let [ada, bob] = ["Ada", "Bob"].map(certificate);
    let path = root.path().join(format!("{}.pgp", ada.fingerprint()));
    fs::write(&path, &bob.bytes).unwrap();
    let error = publish_to(root.path(), &ada).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
    assert_eq!(fs::read(&path).unwrap(), bob.bytes);
}

#[test]
fn a_certificate_directory_is_written_by_its_own_rules() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join(WRITELOCK), "").unwrap();
    let ada = certificate("Ada");
    let newer = newer(&ada, "Ada <ada@new.example>");
    let digits = ada.fingerprint().to_string().to_lowercase();
    let path = root.path().join(&digits[..2]).join(&digits[2..]);
    for (certificate, answer) in [(&ada, "added"), (&newer, "merged"), (&ada, "has it")] {
        assert!(
            publish_to(root.path(), certificate)
                .unwrap()
                .contains(answer)
        );
    }
    assert_eq!(fs::read(&path).unwrap(), newer.bytes);
    assert_eq!(names(root.path()), [&digits[..2], WRITELOCK]);
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    assert_eq!(
        fetched(root.path(), &ada.outline.subkeys[0]),
        Some(newer.bytes)
    );
}

#[test]
fn a_certificate_directory_waits_for_the_lock_that_others_hold() {
    let root = tempfile::tempdir().unwrap();
    let lock = fs::File::create(root.path().join(WRITELOCK)).unwrap();
    lock.lock().unwrap();
    let hurried = Context {
        deadline: Some(std::time::Instant::now() + std::time::Duration::from_millis(50)),
        ..now()
    };
    let ada = certificate("Ada");
    let error = server(root.path())
        .publish(&hurried, &armored(&ada))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(names(root.path()), [WRITELOCK]);
    assert_eq!(fetched(root.path(), &ada.fingerprint()), None);
}

#[test]
fn a_bundle_takes_a_certificate_and_leaves_all_others_as_they_are() {
    let root = tempfile::tempdir().unwrap();
    let [ada, bob, eve] = ["Ada", "Bob", "Eve"].map(certificate);
    let newer = newer(&bob, "Bob <bob@new.example>");
    for is_text in [false, true] {
        let path = root.path().join(format!("bundle-{is_text}"));
        let encode = |certificate: &Certificate| match is_text {
            true => armored(certificate),
            false => certificate.bytes.clone(),
        };
        fs::write(&path, [encode(&ada), encode(&bob)].concat()).unwrap();
        assert!(publish_to(&path, &eve).unwrap().starts_with("added"));
        assert!(publish_to(&path, &newer).unwrap().starts_with("merged"));
        assert!(publish_to(&path, &bob).unwrap().ends_with("has it already"));
        let text = fs::read(&path).unwrap();
        assert_eq!(all(&text), [eve.clone(), ada.clone(), newer.clone()]);
        let expected = [encode(&eve), encode(&ada), encode(&newer)].concat();
        assert_eq!(text.trim_ascii_end(), expected.trim_ascii_end());
        for wanted in [&ada, &newer, &eve] {
            assert_eq!(
                fetched(&path, &wanted.fingerprint()).as_ref(),
                Some(&wanted.bytes)
            );
        }
    }
}

#[test]
fn a_bundle_that_was_cut_swallows_nothing_that_is_published_into_it() {
    let root = tempfile::tempdir().unwrap();
    let [ada, bob, eve] = ["Ada", "Bob", "Eve"].map(certificate);
    let path = root.path().join("bundle");
    let cut = [&ada.bytes[..], &bob.bytes[..bob.bytes.len() - 100]].concat();
    fs::write(&path, &cut).unwrap();
    publish_to(&path, &eve).unwrap();
    publish_to(&path, &newer(&bob, "Bob <bob@new.example>")).unwrap();
    let bytes = fs::read(&path).unwrap();
    assert!(
        bytes.ends_with(&cut[cut.len() - 10..]),
        "what cannot be read is there still"
    );
    for wanted in [&ada, &eve] {
        assert_eq!(
            fetched(&path, &wanted.fingerprint()).as_ref(),
            Some(&wanted.bytes)
        );
    }
    let fetched = only(&fetched(&path, &bob.fingerprint()).unwrap());
    assert!(
        fetched
            .outline
            .user_ids
            .contains(&"Bob <bob@new.example>".to_owned())
    );
}

#[test]
fn secret_keys_and_anything_but_one_certificate_are_refused() {
    let root = tempfile::tempdir().unwrap();
    let key = key("Ada");
    let bob = certificate("Bob");
    let server = server(root.path());
    let refuse = |bytes: &[u8]| server.publish(&now(), bytes).unwrap_err();
    let secret = refuse(
        RpgpEngine
            .armor(&Key::Secret(key.clone()))
            .unwrap()
            .expose(),
    );
    assert_eq!(secret.kind(), ErrorKind::Denied);
    assert!(secret.to_string().contains("secret key") && secret.hint_text().is_some());
    let hidden = [armored(&bob), b"\n".to_vec(), key.bytes.expose().to_vec()].concat();
    let beside = [&bob.bytes[..], key.bytes.expose()].concat();
    assert_eq!(refuse(&beside).kind(), ErrorKind::Denied);
    let both = [public(&key).bytes, bob.bytes.clone()].concat();
    for malformed in [&both[..], b"hello", b""] {
        assert_eq!(refuse(malformed).kind(), ErrorKind::Malformed);
    }
    assert_eq!(names(root.path()), [""; 0]);
    // What stands around a block is not taken along.
    server.publish(&now(), &hidden).unwrap();
    let written = fs::read(root.path().join(format!("{}.pgp", bob.fingerprint()))).unwrap();
    assert_eq!(written, bob.bytes);
}

#[test]
fn many_publish_at_once_and_nothing_is_lost() {
    let root = tempfile::tempdir().unwrap();
    let bundle = root.path().join("bundle");
    let certificates: Vec<_> = (0..6)
        .map(|number| certificate(&format!("Nr {number}")))
        .collect();
    fs::write(&bundle, &certificates[0].bytes).unwrap();
    std::thread::scope(|scope| {
        for certificate in &certificates[1..] {
            scope.spawn(|| publish_to(&bundle, certificate).unwrap());
        }
    });
    for certificate in &certificates {
        assert!(fetched(&bundle, &certificate.fingerprint()).is_some());
    }
}

/// Tells the test below, run as another user, where to publish.
const PLACE: &str = "SIFSEAL_TEST_PLACE";

#[test]
fn where_nothing_can_be_written_publishing_is_unsupported_and_reading_works() {
    let root = tempfile::tempdir().unwrap();
    let ada = certificate("Ada");
    let directory = root.path().join("directory");
    fs::create_dir(&directory).unwrap();
    fs::write(directory.join("ada.pgp"), &ada.bytes).unwrap();
    open_to_read(root.path(), 0o755);
    open_to_read(&directory, 0o555);
    fs::write(root.path().join("bundle"), &ada.bytes).unwrap();
    fs::write(
        root.path().join("fingerprint"),
        ada.fingerprint().to_string(),
    )
    .unwrap();
    open_to_read(root.path(), 0o555);
    let name = "publish::tests::as_a_visitor";
    let mut visitor = Command::new(std::env::current_exe().unwrap());
    visitor
        .args(["--exact", name, "--ignored"])
        .env(PLACE, root.path());
    if rustix::process::geteuid().is_root() {
        // Permission bits do not stop root; they stop `nobody`.
        use std::os::unix::process::CommandExt;
        visitor.uid(65534).gid(65534);
    }
    let output = match visitor.output() {
        Ok(output) => output,
        Err(error) => {
            eprintln!("skipped: this program cannot be run as another user: {error}");
            return open_to_read(root.path(), 0o755);
        }
    };
    open_to_read(&directory, 0o755);
    open_to_read(root.path(), 0o755);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
    assert_eq!(names(&directory), ["ada.pgp"]);
}

fn open_to_read(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
#[ignore = "run by another test, as another user"]
fn as_a_visitor() {
    let Some(root) = std::env::var_os(PLACE).map(PathBuf::from) else {
        return;
    };
    let fingerprint = fs::read_to_string(root.join("fingerprint"))
        .unwrap()
        .parse()
        .unwrap();
    for name in ["directory", "bundle"] {
        let place = root.join(name);
        assert!(fetched(&place, &fingerprint).is_some(), "{name}");
        let error = publish_to(&place, &certificate("Eve")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        assert_eq!(error.place(), Some(&*place.display().to_string()));
        assert!(error.hint_text().is_some());
        let error = server(&place).write_index(&later()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    }
}
