//! The suite's images and keys are the same every time: they are made anew here, and
//! compared with the digests on record.

use sifseal_conformance::keys::Keys;
use sifseal_conformance::scenario::Library;
use sifseal_conformance::vectors::Vectors;

/// To write the digests anew after a change that is meant:
/// `UPDATE_VECTORS=1 cargo test -p sifseal-conformance --test vectors`.
#[test]
fn every_image_and_key_is_the_one_on_record() {
    let library = Library::built_in().unwrap();
    let digests = Vectors::of(&library, &Keys::default()).unwrap().digests();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors.sha256");
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::write(path, &digests).unwrap();
    }
    let on_record = std::fs::read_to_string(path).unwrap();
    let changed: Vec<_> = digests
        .lines()
        .filter(|line| !on_record.contains(line))
        .collect();
    let gone: Vec<_> = on_record
        .lines()
        .filter(|line| !digests.contains(line))
        .collect();
    assert!(
        changed.is_empty() && gone.is_empty(),
        "changed: {changed:#?}\ngone: {gone:#?}"
    );
}

#[test]
fn every_weakness_that_can_be_seen_from_outside_has_a_scenario() {
    // The others cannot be seen through the adapter protocol: docs/conformance.md says which
    // tests they have instead.
    const SEEN: [u32; 15] = [2, 3, 4, 5, 6, 7, 8, 11, 12, 14, 18, 20, 23, 25, 26];
    let library = Library::built_in().unwrap();
    for number in SEEN {
        let name = format!("W-{number}");
        let shows = library
            .scenarios
            .iter()
            .any(|own| own.weaknesses.contains(&name));
        assert!(shows, "{name}");
    }
}
