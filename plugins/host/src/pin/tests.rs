//! What is refused, and that what was checked is what runs.

use super::*;
use crate::plan::Carriage;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

const SCRIPT: &str = "#!/bin/sh\necho checked\n";

struct Place(TempDir);

impl Place {
    fn with_script() -> (Self, PathBuf) {
        let place = Self(TempDir::new().unwrap());
        let path = place.0.path().join("plugin");
        fs::write(&path, SCRIPT).unwrap();
        (place, path)
    }
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[track_caller]
fn refused(path: &Path) -> (ErrorKind, String) {
    let error = seal(path, Shelf::Usual).unwrap_err();
    (error.kind(), error.to_string())
}

#[test]
fn a_link_a_directory_and_a_missing_file_are_refused_each_in_its_words() {
    let (place, path) = Place::with_script();
    let link = place.0.path().join("link");
    symlink(&path, &link).unwrap();
    assert!(refused(&link).1.contains("symbolic link"));
    assert!(refused(place.0.path()).1.contains("no regular file"));
    assert_eq!(refused(&place.0.path().join("none")).0, ErrorKind::Config);
    assert!(refused(Path::new("plugin")).1.contains("absolute"));
}

#[test]
fn what_others_could_have_written_is_refused() {
    let (place, path) = Place::with_script();
    mode(&path, 0o775);
    assert!(refused(&path).1.contains("others can write to it"));
    mode(&path, 0o755);
    mode(place.0.path(), 0o777);
    assert!(
        refused(&path)
            .1
            .contains("others can write to the directory")
    );
    mode(place.0.path(), 0o755);
    assert!(seal(&path, Shelf::Usual).is_ok());
}

#[test]
fn a_link_above_is_followed_and_what_it_leads_to_is_judged() {
    let (place, _) = Place::with_script();
    let real = place.0.path().join("real");
    fs::create_dir(&real).unwrap();
    fs::write(real.join("plugin"), SCRIPT).unwrap();
    let link = place.0.path().join("link");
    symlink(&real, &link).unwrap();
    assert!(seal(&link.join("plugin"), Shelf::Usual).is_ok());
    mode(&real, 0o777);
    assert!(refused(&link.join("plugin")).1.contains("others can write"));
}

#[test]
fn another_digest_is_named_beside_the_pinned_one() {
    let (_place, path) = Place::with_script();
    let digest = *seal(&path, Shelf::Usual).unwrap().digest();
    let plan = Plan {
        name: "vault".to_owned(),
        path: path.clone(),
        sha256: digest,
        carriage: Carriage::Executable,
        timeout: Plan::TIMEOUT,
        settings: serde_json::Map::new().into(),
    };
    assert!(seal_pinned(&plan, Shelf::Usual).is_ok());
    fs::write(&path, "#!/bin/sh\necho replaced\n").unwrap();
    let error = seal_pinned(&plan, Shelf::Usual).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
    assert!(error.to_string().contains(&digest.to_string()), "{error}");
    let hint = error.hint_text().unwrap();
    assert!(hint.contains("`sifseal plugin pin vault`"), "{hint}");
}

#[test]
fn what_was_checked_is_what_runs_whatever_becomes_of_the_file() {
    let (_place, path) = Place::with_script();
    for shelf in [Shelf::Usual, Shelf::PrivateCopy] {
        fs::write(&path, SCRIPT).unwrap();
        let sealed = seal(&path, shelf).unwrap();
        fs::write(&path, "#!/bin/sh\necho replaced\n").unwrap();
        let output = Command::new(sealed.path()).output().unwrap();
        assert_eq!(output.stdout, b"checked\n", "{shelf:?}");
    }
}

#[test]
fn sealed_memory_cannot_be_written_and_a_private_copy_goes_with_its_value() {
    let (_place, path) = Place::with_script();
    let sealed = seal(&path, Shelf::Usual).unwrap();
    assert!(fs::write(sealed.path(), "x").is_err());
    let private = seal(&path, Shelf::PrivateCopy).unwrap();
    let copy = private.path();
    assert!(copy.exists());
    drop(private);
    assert!(!copy.exists());
}
