use super::format::Tables;
use super::*;
use crate::OfflineKeyserver;
use crate::bundle;
use crate::testing::{CountingEngine, armored, certificate, fetched, later, newer, now, server};
use sifseal_core::openpgp::{Certificate, KeyHandle};
use sifseal_core::traits::Keyserver;
use sifseal_core::{Context, Timestamp};
use sifseal_engine_rpgp::RpgpEngine;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

fn index_beside(place: &Path) -> PathBuf {
    if place.is_dir() {
        return place.join(".sifseal-index/rpgp");
    }
    let name = place.file_name().unwrap().to_str().unwrap();
    place.with_file_name(format!(".{name}.sifseal-index-rpgp"))
}

/// A place with some certificates, in a form.
struct Place {
    _root: TempDir,
    path: PathBuf,
    certificates: Vec<Certificate>,
}

fn places() -> Vec<Place> {
    let certificates: Vec<_> = (0..4)
        .map(|number| certificate(&format!("Nr {number}")))
        .collect();
    let place = |put: &dyn Fn(&Path)| {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("place");
        put(&path);
        Place {
            _root: root,
            path,
            certificates: certificates.clone(),
        }
    };
    let files = |path: &Path| {
        fs::create_dir_all(path.join("below")).unwrap();
        for (number, own) in certificates.iter().enumerate() {
            fs::write(path.join(format!("below/{number}.pgp")), &own.bytes).unwrap();
        }
    };
    let cert_d = |path: &Path| {
        for own in &certificates {
            let file = crate::place::in_cert_d(path, own.fingerprint().as_bytes());
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, &own.bytes).unwrap();
        }
    };
    let one = |path: &Path| fs::write(path, bundle(&RpgpEngine, &certificates).unwrap()).unwrap();
    vec![place(&files), place(&cert_d), place(&one)]
}

fn remove_index(place: &Path) {
    fs::remove_file(index_beside(place)).unwrap();
}

fn ask(server: &OfflineKeyserver, cx: &Context<'_>, certificate: &Certificate) -> Option<Vec<u8>> {
    let subkey = certificate.outline.subkeys[0];
    server
        .fetch(cx, &KeyHandle::KeyId(subkey.key_id()))
        .unwrap()
}

fn counting(path: &Path, cache: Option<PathBuf>) -> (Arc<CountingEngine>, OfflineKeyserver) {
    let engine = Arc::new(CountingEngine::default());
    let server = OfflineKeyserver::open(path.to_owned(), engine.clone(), cache);
    (engine, server)
}

#[test]
fn the_second_question_reads_one_certificate_also_in_another_process() {
    for place in places() {
        let wanted = &place.certificates[1];
        let (engine, server) = counting(&place.path, None);
        ask(&server, &later(), wanted).unwrap();
        assert!(engine.take() >= 4, "the first one reads all");
        ask(&server, &later(), wanted).unwrap();
        assert_eq!(engine.take(), 1);
        let (engine, server) = counting(&place.path, None);
        ask(&server, &later(), wanted).unwrap();
        assert_eq!(engine.take(), 1, "{:?}", place.path);
    }
}

#[test]
fn several_who_ask_at_once_have_one_index_made() {
    const ASKING: usize = 8;
    for place in places() {
        let (engine, alone) = counting(&place.path, None);
        ask(&alone, &later(), &place.certificates[0]).unwrap();
        let one = engine.take();
        remove_index(&place.path);
        let (engine, server) = counting(&place.path, None);
        let start = std::sync::Barrier::new(ASKING);
        std::thread::scope(|scope| {
            for number in 0..ASKING {
                let wanted = &place.certificates[number % place.certificates.len()];
                let (server, start) = (&server, &start);
                scope.spawn(move || {
                    start.wait();
                    ask(server, &later(), wanted).unwrap();
                });
            }
        });
        // Each reads one certificate, its answer.
        assert_eq!(engine.take(), one + ASKING - 1, "{:?}", place.path);
    }
}

#[test]
fn while_files_are_young_they_are_compared_by_content_and_not_parsed() {
    let place = places().remove(0);
    let (engine, server) = counting(&place.path, None);
    for expected in [5, 1] {
        ask(&server, &now(), &place.certificates[0]).unwrap();
        assert_eq!(engine.take(), expected);
    }
}

/// What a change must not hide, whether a server lives on or starts anew, and whether the
/// files are settled or not.
fn after(change: impl Fn(&Path), check: impl Fn(&OfflineKeyserver, &Context<'_>)) {
    for cx in [now(), later()] {
        let root = tempfile::tempdir().unwrap();
        let path = root.path();
        fs::create_dir(path.join("below")).unwrap();
        for name in ["one", "below/two"] {
            fs::write(path.join(name), certificate(name).bytes).unwrap();
        }
        let living = server(path);
        ask(&living, &cx, &certificate("nobody"));
        change(path);
        check(&living, &cx);
        check(&server(path), &cx);
    }
}

#[test]
fn a_file_that_came_is_seen() {
    let new = certificate("new");
    for name in ["new", "below/new", "below/deeper/new"] {
        after(
            |path| {
                fs::create_dir_all(path.join("below/deeper")).unwrap();
                fs::write(path.join(name), &new.bytes).unwrap();
            },
            |server, cx| assert!(ask(server, cx, &new).is_some()),
        );
    }
}

#[test]
fn a_file_that_went_or_changed_its_name_is_seen() {
    let old = certificate("old");
    let put = |path: &Path| {
        fs::write(path.join("below/two"), &old.bytes).unwrap();
        ask(&server(path), &later(), &old).unwrap();
    };
    after(
        |path| {
            put(path);
            fs::remove_file(path.join("below/two")).unwrap();
        },
        |server, cx| assert!(ask(server, cx, &old).is_none()),
    );
    after(
        |path| {
            put(path);
            fs::rename(path.join("below/two"), path.join("three")).unwrap();
        },
        |server, cx| assert!(ask(server, cx, &old).is_some()),
    );
}

#[test]
fn a_file_written_in_place_is_seen_whatever_its_size_and_times() {
    let [mut one, mut two] = ["A", "B"].map(certificate);
    // Values in a packet may begin with a zero and be an octet shorter.
    while one.bytes.len() != two.bytes.len() {
        [one, two] = ["A", "B"].map(certificate);
    }
    after(
        |path| {
            let path = path.join("below/two");
            fs::write(&path, &one.bytes).unwrap();
            let times = fs::metadata(&path).unwrap().modified().unwrap();
            ask(
                &server(path.parent().unwrap().parent().unwrap()),
                &later(),
                &one,
            )
            .unwrap();
            let file = File::options().write(true).open(&path).unwrap();
            file.write_all_at(&two.bytes, 0).unwrap();
            file.set_modified(times).unwrap();
        },
        |server, cx| {
            assert!(ask(server, cx, &two).is_some());
            assert!(ask(server, cx, &one).is_none());
        },
    );
}

#[test]
fn a_file_replaced_by_one_of_the_same_size_and_time_is_seen() {
    let [mut one, mut two] = ["A", "B"].map(certificate);
    while one.bytes.len() != two.bytes.len() {
        [one, two] = ["A", "B"].map(certificate);
    }
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let put = |path: &Path, own: &Certificate| {
        let aside = path.join(".aside");
        fs::write(&aside, &own.bytes).unwrap();
        File::options()
            .write(true)
            .open(&aside)
            .unwrap()
            .set_modified(time)
            .unwrap();
        fs::rename(aside, path.join("below/two")).unwrap();
    };
    after(
        |path| {
            put(path, &one);
            ask(&server(path), &later(), &one).unwrap();
            put(path, &two);
        },
        |server, cx| assert!(ask(server, cx, &two).is_some()),
    );
}

#[test]
fn a_certificate_directory_shows_what_others_put_in_place_and_even_what_they_overwrite() {
    let place = places().remove(1);
    let [old, new] = [&place.certificates[0], &newer(&place.certificates[0], "x")];
    let living = server(&place.path);
    ask(&living, &later(), old).unwrap();
    let path = crate::place::in_cert_d(&place.path, old.fingerprint().as_bytes());
    // By the rules.
    let aside = place.path.join("_aside");
    fs::write(&aside, &new.bytes).unwrap();
    fs::rename(&aside, &path).unwrap();
    for server in [&living, &server(&place.path)] {
        assert_eq!(ask(server, &later(), old).as_ref(), Some(&new.bytes));
    }
    // Against them: what is given out is read anew in any case.
    let newest = &self::newer(new, "y");
    for overwritten in [newest, old] {
        fs::write(&path, &overwritten.bytes).unwrap();
        for server in [&living, &server(&place.path)] {
            let found = ask(server, &later(), old);
            assert_eq!(found.as_ref(), Some(&overwritten.bytes));
        }
    }
}

#[test]
fn a_bundle_that_was_changed_is_read_again() {
    let place = places().remove(2);
    let new = certificate("new");
    let living = server(&place.path);
    ask(&living, &later(), &place.certificates[0]).unwrap();
    let mut bytes = fs::read(&place.path).unwrap();
    bytes.splice(0..0, new.bytes.clone());
    fs::write(&place.path, bytes).unwrap();
    for server in [&living, &server(&place.path)] {
        assert!(ask(server, &later(), &new).is_some());
        for own in &place.certificates {
            assert_eq!(ask(server, &later(), own).as_ref(), Some(&own.bytes));
        }
    }
}

#[test]
fn an_equal_stamp_that_is_not_settled_is_not_believed() {
    // Two writes in one tick of the clock: the index has the first one's content and the
    // second one's stamp.
    let [mut one, mut two] = ["A", "B"].map(certificate);
    while one.bytes.len() != two.bytes.len() {
        [one, two] = ["A", "B"].map(certificate);
    }
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("bundle");
    let scene = Scene {
        root: &path,
        form: crate::place::Form::Bundle,
        is_read_only: false,
    };
    let raced = |cx: &Context<'_>| {
        fs::write(&path, &one.bytes).unwrap();
        let index = build(cx, &RpgpEngine, &scene, None).unwrap();
        fs::write(&path, &two.bytes).unwrap();
        let mut tables = Tables {
            files: index.files().to_vec(),
            pieces: index.pieces().to_vec(),
            keys: index.keys().to_vec(),
            texts: vec![0; index.pieces()[0].text_end.get() as usize],
            ..Tables::default()
        };
        tables.files[0].stamp = crate::stamp::Stamp::of(&fs::metadata(&path).unwrap());
        let forged = Index::encode(index.reader(), index.taken(), tables).unwrap();
        fs::write(index_beside(&path), forged.bytes()).unwrap();
    };
    raced(&later());
    assert!(
        fetched(&path, &two.fingerprint()).is_none(),
        "this is what is to be avoided"
    );
    raced(&now());
    assert!(fetched(&path, &two.fingerprint()).is_some());
}

#[test]
fn a_damaged_cut_or_foreign_index_is_made_anew() {
    for place in places() {
        let wanted = &place.certificates[2];
        ask(&server(&place.path), &later(), wanted).unwrap();
        let path = index_beside(&place.path);
        let good = fs::read(&path).unwrap();
        for at in 0..good.len() {
            let mut bytes = good.clone();
            bytes[at] ^= 1;
            assert!(Index::decode(bytes).is_none(), "{at}");
        }
        let mut damaged: Vec<Vec<u8>> = (0..good.len())
            .step_by(61)
            .map(|at| {
                let mut bytes = good.clone();
                bytes[at] ^= 0x10;
                bytes
            })
            .collect();
        damaged.extend([0, 1, 50, good.len() / 2, good.len() - 1].map(|len| good[..len].to_vec()));
        damaged.extend([
            b"hello\n".to_vec(),
            vec![0xFF; 5000],
            [&good[..], b"x"].concat(),
        ]);
        for bytes in damaged {
            fs::write(&path, bytes).unwrap();
            let found = ask(&server(&place.path), &later(), wanted);
            assert_eq!(found.as_ref(), Some(&wanted.bytes));
        }
    }
}

#[test]
fn an_index_of_another_place_does_no_harm() {
    let [ours, theirs] = [places().remove(2), places().remove(2)];
    for place in [&ours, &theirs] {
        ask(&server(&place.path), &later(), &place.certificates[0]).unwrap();
    }
    fs::copy(index_beside(&theirs.path), index_beside(&ours.path)).unwrap();
    for own in &ours.certificates {
        assert_eq!(
            ask(&server(&ours.path), &later(), own).as_ref(),
            Some(&own.bytes)
        );
    }
}

#[test]
fn an_index_with_a_good_checksum_and_bad_numbers_is_refused() {
    let place = places().remove(2);
    ask(&server(&place.path), &later(), &place.certificates[0]).unwrap();
    let good = fs::read(index_beside(&place.path)).unwrap();
    let (body, _) = good.split_last_chunk::<4>().unwrap();
    let mut refused = 0;
    for at in (16..body.len()).step_by(5) {
        let mut bytes = body.to_vec();
        bytes[at] ^= 0x80;
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        refused += usize::from(Index::decode(bytes.clone()).is_none());
        fs::write(index_beside(&place.path), bytes).unwrap();
        // Whatever it says: no panic, and no wrong answer.
        let found = ask(&server(&place.path), &later(), &place.certificates[0]);
        assert!(found.is_none_or(|found| found == place.certificates[0].bytes));
    }
    assert!(refused > 10, "{refused}");
}

#[test]
fn an_index_by_another_engine_or_version_is_not_used() {
    let place = places().remove(2);
    let wanted = &place.certificates[0];
    let path = index_beside(&place.path);
    ask(&server(&place.path), &later(), wanted).unwrap();
    let ours = fs::read(&path).unwrap();
    let empty = Index::decode(ours.clone()).unwrap();
    let tables = Tables {
        files: vec![format::FileRecord {
            pieces_end: 0.into(),
            ..empty.files()[0]
        }],
        ..Tables::default()
    };
    // One that could not read any of these certificates.
    let theirs = Index::encode([7; 16], empty.taken(), tables).unwrap();
    fs::write(&path, theirs.bytes()).unwrap();
    assert!(ask(&server(&place.path), &later(), wanted).is_some());
    assert_eq!(fs::read(&path).unwrap()[..32], ours[..32]);
}

#[test]
fn paths_in_an_index_cannot_lead_out_of_the_place() {
    for path in ["../secret", "/etc/passwd", "a/../../b"] {
        let mut tables = Tables::default();
        tables.paths.extend(path.as_bytes());
        tables.files.push(format::FileRecord {
            stamp: crate::stamp::Stamp::default(),
            digest: [0; 32],
            path_end: (path.len() as u64).into(),
            pieces_end: 0.into(),
        });
        assert!(
            Index::encode([0; 16], Timestamp(0), tables).is_none(),
            "{path}"
        );
    }
}

#[test]
fn where_the_index_cannot_lie_beside_it_lies_in_the_cache() {
    for place in places() {
        let root = tempfile::tempdir().unwrap();
        let cache = root.path().join("not/yet/there");
        // Works for root too: a name that is taken by the wrong kind of thing.
        let beside = index_beside(&place.path);
        fs::create_dir_all(&beside).unwrap();
        let wanted = &place.certificates[0];
        let (engine, server) = counting(&place.path, Some(cache.clone()));
        ask(&server, &later(), wanted).unwrap();
        assert!(engine.take() >= 4);
        let (engine, server) = counting(&place.path, Some(cache.clone()));
        ask(&server, &later(), wanted).unwrap();
        assert_eq!(engine.take(), 1, "{:?}", place.path);
        assert_eq!(fs::read_dir(&cache).unwrap().count(), 1);
        // Without a cache, in memory.
        let (engine, server) = counting(&place.path, None);
        ask(&server, &later(), wanted).unwrap();
        assert!(engine.take() >= 4);
        ask(&server, &later(), wanted).unwrap();
        assert_eq!(engine.take(), 1);
    }
}

#[test]
fn a_place_that_everybody_may_write_to_gets_no_index_and_no_link_is_followed() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let place = places().remove(0);
    fs::set_permissions(&place.path, fs::Permissions::from_mode(0o1777)).unwrap();
    ask(&server(&place.path), &later(), &place.certificates[0]).unwrap();
    assert!(!place.path.join(".sifseal-index").exists());

    fs::set_permissions(&place.path, fs::Permissions::from_mode(0o755)).unwrap();
    let trap = tempfile::tempdir().unwrap();
    symlink(trap.path(), place.path.join(".sifseal-index")).unwrap();
    ask(&server(&place.path), &later(), &place.certificates[0]).unwrap();
    assert_eq!(fs::read_dir(trap.path()).unwrap().count(), 0);
}

#[test]
fn in_a_directory_that_others_write_to_even_an_own_bundle_gets_no_index() {
    use std::os::unix::fs::PermissionsExt;
    for place in places() {
        let directory = match place.path.is_dir() {
            true => &place.path,
            false => place.path.parent().unwrap(),
        };
        for mode in [0o1777, 0o775, 0o757] {
            fs::set_permissions(directory, fs::Permissions::from_mode(mode)).unwrap();
            ask(&server(&place.path), &later(), &place.certificates[0]).unwrap();
            let beside = index_beside(&place.path);
            assert!(!beside.exists(), "{mode:o}: {beside:?}");
        }
        fs::set_permissions(directory, fs::Permissions::from_mode(0o755)).unwrap();
        ask(&server(&place.path), &later(), &place.certificates[0]).unwrap();
        assert!(index_beside(&place.path).exists(), "{:?}", place.path);
    }
}

#[test]
fn an_index_directory_that_others_write_to_is_left_alone() {
    use std::os::unix::fs::PermissionsExt;
    let place = places().remove(0);
    let directory = place.path.join(".sifseal-index");
    fs::create_dir(&directory).unwrap();
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o777)).unwrap();
    ask(&server(&place.path), &later(), &place.certificates[0]).unwrap();
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 0);
}

#[test]
fn a_link_at_the_name_of_an_index_never_costs_what_it_leads_to() {
    for place in places() {
        let beside = index_beside(&place.path);
        fs::create_dir_all(beside.parent().unwrap()).unwrap();
        let victim = tempfile::NamedTempFile::new().unwrap();
        fs::write(&victim, "precious").unwrap();
        std::os::unix::fs::symlink(&victim, &beside).unwrap();
        let server = server(&place.path);
        ask(&server, &later(), &place.certificates[0]).unwrap();
        server.write_index(&later()).unwrap_err();
        assert_eq!(fs::read(&victim).unwrap(), b"precious");
    }
}

#[test]
fn an_index_that_is_carried_along_saves_parsing_on_the_copy() {
    for place in places() {
        let written = server(&place.path).write_index(&now()).unwrap();
        assert_eq!(written, index_beside(&place.path));
        let root = tempfile::tempdir().unwrap();
        let copied = Command::new("cp")
            .args(["-r", "--"])
            .arg(place.path.parent().unwrap())
            .arg(root.path().join("medium"))
            .status()
            .unwrap();
        assert!(copied.success());
        let copy = root.path().join("medium/place");
        let (engine, server) = counting(&copy, None);
        let wanted = &place.certificates[3];
        assert_eq!(ask(&server, &later(), wanted).as_ref(), Some(&wanted.bytes));
        assert_eq!(engine.take(), 1, "{:?}", place.path);
        // And hides nothing that was changed on the way.
        let new = certificate("new");
        let target = if copy.is_dir() {
            copy.join("ab/new")
        } else {
            copy.clone()
        };
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        let target = if place.path.join("below").exists() || copy.is_file() {
            target
        } else {
            crate::place::in_cert_d(&copy, new.fingerprint().as_bytes())
        };
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        let old = fs::read(&target).unwrap_or_default();
        fs::write(&target, [&new.bytes[..], &old].concat()).unwrap();
        assert!(ask(&server, &later(), &new).is_some());
    }
}

/// Tells the test below, run in other processes, where to look.
const PLACE: &str = "SIFSEAL_TEST_SHARED";

#[test]
fn several_processes_read_and_publish_at_once() {
    for place in places() {
        let others: Vec<_> = (0..3)
            .map(|_| {
                Command::new(std::env::current_exe().unwrap())
                    .args(["--exact", "index::tests::as_one_of_several", "--ignored"])
                    .env(PLACE, &place.path)
                    .stdout(std::process::Stdio::piped())
                    .stderr(std::process::Stdio::piped())
                    .spawn()
                    .unwrap()
            })
            .collect();
        for other in others {
            let output = other.wait_with_output().unwrap();
            let text = String::from_utf8_lossy(&output.stdout);
            assert!(
                output.status.success() && text.contains("1 passed"),
                "{text}"
            );
        }
        let query = sifseal_core::traits::SearchQuery::Text("Published".to_owned());
        let published = server(&place.path).search(&later(), &query).unwrap();
        assert_eq!(published.len(), 3 * 4, "{:?}", place.path);
    }
}

#[test]
#[ignore = "run by another test, in several processes"]
fn as_one_of_several() {
    let Some(path) = std::env::var_os(PLACE).map(PathBuf::from) else {
        return;
    };
    for round in 0..4 {
        let new = certificate(&format!("Published {round}"));
        server(&path).publish(&now(), &armored(&new)).unwrap();
        // By the true time: while others write, nothing is settled.
        let found = ask(&server(&path), &now(), &new);
        assert_eq!(found.as_ref(), Some(&new.bytes));
    }
}
