//! What a server is declared to serve it serves, and what not it does not: a
//! declaration excuses nobody from anything.

use crate::gnupg::person;
use sifseal_conformance_tests::Site;
use sifseal_conformance_tests::keyserver::Answer;

/// True if a machine readable index has this key.
fn lists(answer: &Answer, fingerprint: &str) -> bool {
    let start = format!("pub:{fingerprint}:");
    answer.status == 200 && answer.body.lines().any(|line| line.starts_with(&start))
}

pub(crate) fn by_its_answers(server: &Site) {
    let serves = server.serves();
    // A first name of hexadecimal digits, and another word.
    let Some((gpg, fingerprint)) = person("Abe Quill <abe@declared.example>") else {
        return;
    };
    gpg.run(&["--quick-set-expire", &fingerprint, "1y"], b"");
    gpg.send_key(&server.hkp_url(), &fingerprint);
    let index = |query: &str| {
        server.get(&format!(
            "/pks/lookup?op=index&options=mr&fingerprint=on&search={query}"
        ))
    };
    for (what, served, query) in [
        ("an address", true, "abe%40declared.example"),
        ("a fingerprint", true, &*format!("0x{fingerprint}")),
        ("a key ID", true, &format!("0x{}", &fingerprint[24..])),
        (
            "a short ID",
            serves.short_ids,
            &format!("0x{}", &fingerprint[32..]),
        ),
        ("a word", serves.words, "quill"),
        ("a word of digits", serves.words_of_hex_digits, "abe"),
        ("a host", serves.hosts, "declared.example"),
    ] {
        let answer = index(query);
        assert_eq!(lists(&answer, &fingerprint), served, "{what}: {answer:?}");
    }

    let found = gpg.search_keys(&server.hkp_url(), "abe@declared.example");
    let expires = found[0].expires.is_some();
    assert_eq!(expires, serves.expiry_dates, "{found:?}");

    let got = server.get(&format!(
        "/pks/lookup?op=get&options=mr&search=0x{fingerprint}"
    ));
    assert_eq!(got.status, 200, "{got:?}");
    let (start, end) = (
        "-----BEGIN PGP PUBLIC KEY BLOCK-----",
        "-----END PGP PUBLIC KEY BLOCK-----",
    );
    assert!(
        got.body.contains(start) && got.body.contains(end),
        "{got:?}"
    );
    let text = got.body.trim();
    let bare = text.starts_with(start) && text.ends_with(end);
    assert_eq!(bare, serves.bare_armor, "{got:?}");
}

pub(crate) fn for_nothing(server: &Site) {
    let status = if server.serves().status_404 { 404 } else { 200 };
    for operation in ["get", "index"] {
        let nothing = server.get(&format!(
            "/pks/lookup?op={operation}&options=mr&search=nobody%40nothing.example"
        ));
        assert_eq!(nothing.status, status, "{operation}: {nothing:?}");
        assert!(
            !nothing.body.contains("-----BEGIN"),
            "{operation}: {nothing:?}"
        );
        assert!(!nothing.body.contains("pub:"), "{operation}: {nothing:?}");
    }
}
