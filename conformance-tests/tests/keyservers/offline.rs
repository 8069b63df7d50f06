//! Sites without a network: the guide's commands against certificates in the file
//! system, where nobody can be reached.

use crate::guide;
use crate::people::{Person, Place};
use sifseal_conformance_tests::keyserver::Serves;
use sifseal_conformance_tests::{Isolation, Strict, require_isolation};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const SERVES: Serves = Serves {
    short_ids: true,
    words: true,
    words_of_hex_digits: true,
    hosts: true,
    expiry_dates: true,
    ed25519_bits: 256,
    status_404: false,
    bare_armor: false,
};

const ENGINES: [&str; 2] = ["rpgp", "sequoia"];

fn place(path: &Path, isolation: Isolation) -> Place {
    Place {
        url: path.display().to_string(),
        serves: SERVES,
        isolation: Some(isolation),
    }
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect()
}

#[test]
fn nobody_can_be_reached() {
    let Some(isolation) = require_isolation() else {
        return;
    };
    let server = Strict::start();
    let mut place = Place::from(&server.site());
    let outside = Person::asking(&place, "rpgp");
    let pair = outside.new_pair("Ada", "", "ada@outside.example", &["--push"]);
    place.isolation = Some(isolation);
    let inside = Person::asking(&place, "rpgp");
    let words = "it cannot be reached from this network";
    inside.failed(&["key", "pull", &pair.fingerprint], 1, words);
}

#[test]
fn a_directory() {
    let Some(isolation) = require_isolation() else {
        return;
    };
    for engine in ENGINES {
        println!("a directory with {engine}");
        let folder = TempDir::new().unwrap();
        let place = place(folder.path(), isolation.clone());
        guide::with_push(&place, engine);
        guide::with_newpair_push(&place, engine);
    }
}

#[test]
fn a_certificate_directory() {
    let Some(isolation) = require_isolation() else {
        return;
    };
    for engine in ENGINES {
        println!("a certificate directory with {engine}");
        let folder = TempDir::new().unwrap();
        // By its lock an empty one is known.
        fs::write(folder.path().join("writelock"), "").unwrap();
        let place = place(folder.path(), isolation.clone());
        guide::with_push(&place, engine);
        guide::with_newpair_push(&place, engine);
        let digits = |name: &str| name.len() == 2 && u8::from_str_radix(name, 16).is_ok();
        let names = fs::read_dir(folder.path()).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        assert_eq!(names.filter(|name| digits(name)).count(), 2);
    }
}

/// Made by `keyserver bundle`, and carried to a medium that cannot be written to.
#[test]
fn a_bundle_on_a_medium() {
    let Some(isolation) = require_isolation() else {
        return;
    };
    for engine in ENGINES {
        println!("a bundle with {engine}");
        let ian = Person::new(engine);
        let pair = ian.new_pair("Ian Quillfeather", "example key", "ian@guide.example", &[]);
        fs::create_dir(ian.path("site")).unwrap();
        assert_eq!(
            ian.done(&["keyserver", "bundle", "--output", "site/keys.pgp"]),
            "1 certificate(s) written to site/keys.pgp\n"
        );

        let medium = TempDir::new().unwrap();
        let written = files(&ian.path("site"));
        for (name, content) in &written {
            fs::write(medium.path().join(name), content).unwrap();
        }
        let isolation = isolation.clone().with_medium(medium.path());
        let place = place(&medium.path().join("keys.pgp"), isolation);
        let ian = ian.configured(&place);
        guide::what_was_pushed(&place, &ian, &pair);
        let push = ["key", "push", &pair.fingerprint];
        let other = Person::asking(&place, engine);
        let stranger = other.new_pair("Other", "", "other@guide.example", &[]);
        other.failed(&["key", "push", &stranger.fingerprint], 1, "push failed: ");
        ian.failed(&push, 1, "push failed: ");
        assert_eq!(files(medium.path()), written);
    }
}
