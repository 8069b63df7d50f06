//! GnuPG on both ends: it shows that a server is one, before we are asked.

use sifseal_conformance_tests::{Gpg, Site};

/// A GnuPG with a key of its own, and the fingerprint.
pub(crate) fn person(user_id: &str) -> Option<(Gpg, String)> {
    let gpg = Gpg::with_dirmngr()?;
    gpg.quick_generate(user_id, "ed25519", "sign", "");
    let fingerprint = gpg.fingerprints().pop().unwrap();
    Some((gpg, fingerprint))
}

pub(crate) fn sends_and_receives(server: &Site) {
    let url = server.hkp_url();
    let Some((ada, fingerprint)) = person("Ada <ada@travel.example>") else {
        return;
    };
    let Some(bob) = Gpg::with_dirmngr() else {
        return;
    };
    assert!(!bob.receive_key(&url, &fingerprint), "before it was sent");
    ada.send_key(&url, &fingerprint);
    assert!(bob.receive_key(&url, &fingerprint));
    assert_eq!(bob.fingerprints(), [fingerprint]);
}

pub(crate) fn searches(server: &Site) {
    let url = server.hkp_url();
    let Some((grace, fingerprint)) = person("Grace <grace@search.example>") else {
        return;
    };
    assert_eq!(grace.search_keys(&url, "grace@search.example"), []);
    grace.send_key(&url, &fingerprint);
    for query in ["grace@search.example", &format!("0x{fingerprint}")] {
        let found = grace.search_keys(&url, query);
        assert_eq!(found.len(), 1, "{query}: {found:?}");
        assert_eq!(found[0].key, fingerprint, "{query}");
        assert_eq!(found[0].user_ids, ["Grace <grace@search.example>"]);
    }
}
