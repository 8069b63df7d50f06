//! Searches, their pages, and servers that answer them badly.

use crate::scripted::{Reply, Server, reply};
use crate::{ADA, at_leisure, keyserver};
use sifseal_core::traits::{Keyserver as _, SearchHit};
use sifseal_core::{ErrorKind, Result, Shown};
use std::sync::atomic::{AtomicUsize, Ordering};

fn search(server: &Server, text: &str) -> Result<Vec<SearchHit>> {
    let keyserver = keyserver(&server.url("hkp"));
    at_leisure(|cx| keyserver.search(cx, &text.parse().unwrap()))
}

/// How every search begins.
const INDEX: &str = "/pks/lookup?op=index&options=mr&fingerprint=on&x-pagesize=256";

fn page(name: &str) -> Reply {
    reply(200, format!("info:1:1\npub:{ADA}:1:3072:1::\nuid:{name}\n"))
}

#[test]
fn a_question_is_encoded_so_that_every_server_reads_the_same() {
    let server = Server::new(|_| page("ada"));
    for (text, written) in [
        ("Ada L <a+b@x.example>", "Ada%20L%20%3Ca%2Bb%40x.example%3E"),
        ("a&op=get#%", "a%26op%3Dget%23%25"),
        ("Jürgen", "J%C3%BCrgen"),
        ("e9d661e5", "0xE9D661E5"),
        ("@x.example", "%40x.example"),
        ("<a@x.example>", "%3Ca%40x.example%3E"),
    ] {
        assert_eq!(search(&server, text).unwrap().len(), 1);
        let target = server.seen().pop().unwrap().target;
        assert_eq!(target, format!("{INDEX}&search={written}"));
    }
}

#[test]
fn a_whole_address_and_a_handle_are_asked_for_exactly() {
    let server = Server::new(|_| page("ada"));
    for (text, written) in [
        ("a+b@x.example", "a%2Bb%40x.example"),
        (ADA, &format!("0x{ADA}")),
        ("00000e0e5fef89ab", "0x00000E0E5FEF89AB"),
    ] {
        assert_eq!(search(&server, text).unwrap().len(), 1);
        let asked: Vec<_> = server.seen().into_iter().map(|one| one.target).collect();
        let expected = format!("{INDEX}&exact=on&search={written}");
        assert_eq!(asked.last(), Some(&expected));
    }
    assert_eq!(server.seen().len(), 3, "one question each");
}

/// A server that searches by words has more keys with `example` than anybody can want.
#[test]
fn an_exact_question_is_answered_where_its_words_would_bring_too_much() {
    let server = Server::new(|request| match request.target.contains("&exact=on&") {
        true => page("ada"),
        false => reply(200, format!("pub:{ADA}\n").repeat(10_001)),
    });
    assert_eq!(search(&server, "ada@example.com").unwrap().len(), 1);
    let error = search(&server, "@example.com").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

#[test]
fn where_an_exact_question_is_refused_or_finds_nothing_the_plain_one_is_asked() {
    for exact in [
        reply(400, "Bad Request\n"),
        reply(501, ""),
        reply(404, "Not Found\n"),
        reply(200, "info:1:0\n"),
    ] {
        let server = Server::new(move |request| match request.target.contains("exact") {
            true => exact.clone(),
            false => page("ada"),
        });
        assert_eq!(search(&server, "ada@example.com").unwrap().len(), 1);
        assert_eq!(server.seen().len(), 2);
    }
}

/// Hockeypuck, SKS and onak read `exact` and make nothing of it: they answer as ever.
#[test]
fn servers_that_do_not_know_exact_questions_answer_them_as_before() {
    let hit = format!("pub:{ADA}:1:3072:1795472325:1858544325:\nuid:Ada <ada@example.com>");
    for (found, nothing) in [
        (
            format!("info:1:1\n{hit}:1795472325:1858544325:\n"),
            reply(404, "Not Found\n").with("Content-Type", "text/plain"),
        ),
        (
            format!("info:1:1\n{hit}:1795472325::\n\r\n"),
            reply(404, "<title>No results found</title>").with("Content-Type", "text/html"),
        ),
        (format!("info:1:1\n{hit}\n"), reply(200, "info:1:0\n")),
    ] {
        let server = Server::new(move |request| match request.target.contains("nobody") {
            true => nothing.clone(),
            false => reply(200, &found).with("Content-Type", "text/plain"),
        });
        assert_eq!(search(&server, "ada@example.com").unwrap().len(), 1);
        assert_eq!(search(&server, "nobody@example.com").unwrap(), []);
    }
}

#[test]
fn all_pages_are_read_w24() {
    let server = Server::new(|request| {
        let (_, token) = request
            .target
            .split_once("&x-pagetoken=")
            .unwrap_or_default();
        match token {
            "" => page("one").with("X-HKP-Next-Page-Token", "to/2 &3"),
            "to%2F2%20%263" => page("two").with("x-hkp-next-page-token", "3"),
            "3" => page("three").with("X-HKP-Next-Page-Token", ""),
            _ => reply(400, ""),
        }
    });
    let hits = search(&server, "ada").unwrap();
    let names: Vec<_> = hits.iter().flat_map(|hit| &hit.user_ids).collect();
    assert_eq!(names, ["one", "two", "three"]);
}

#[test]
fn pages_in_a_circle_or_without_end_are_left() {
    let circle = Server::new(|_| page("ada").with("X-HKP-Next-Page-Token", "same"));
    let count = AtomicUsize::new(0);
    let endless = Server::new(move |_| {
        let next = count.fetch_add(1, Ordering::Relaxed).to_string();
        page("ada").with("X-HKP-Next-Page-Token", next)
    });
    for (server, questions) in [(circle, 2), (endless, 64)] {
        let error = search(&server, "ada").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed);
        assert!(error.what().contains("end"), "{error}");
        assert_eq!(server.seen().len(), questions);
    }
}

#[test]
fn large_pages_share_one_limit() {
    let count = AtomicUsize::new(0);
    let server = Server::new(move |_| {
        let next = count.fetch_add(1, Ordering::Relaxed).to_string();
        let filler = format!("info:1:0\n{}", "#\n".repeat(1024 * 1024));
        reply(200, filler).with("X-HKP-Next-Page-Token", next)
    });
    let error = search(&server, "ada").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed, "{error}");
    assert!(server.seen().len() <= 5, "{}", server.seen().len());
}

#[test]
fn nothing_found_is_an_empty_answer() {
    for nothing in [
        reply(404, "Not Found\n"),
        reply(404, "<html>No results found</html>").with("Content-Type", "text/html"),
        reply(200, "info:1:0\n"),
        reply(200, ""),
    ] {
        let server = Server::new(move |_| nothing.clone());
        assert_eq!(search(&server, "nobody@example.com").unwrap(), []);
    }
}

#[test]
fn a_search_that_a_server_does_not_serve_is_told_from_one_without_result() {
    for (status, body, said) in [
        (400, "Bad Request\n", None),
        (422, "", None),
        (
            501,
            "Search by Short Key ID is not supported, sorry!",
            Some("sorry!"),
        ),
    ] {
        let server = Server::new(move |_| reply(status, body).with("Content-Type", "text/plain"));
        let error = search(&server, "Ada").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.what().contains(&status.to_string()), "{error}");
        assert!(error.what().contains(said.unwrap_or_default()), "{error}");
        assert!(error.hint_text().unwrap().contains("e-mail address"));
    }
}

#[test]
fn a_web_page_is_no_listing() {
    for body in [
        "<html>Room number?</html>",
        "<html><head><script>location = '/login'</script></head></html>",
        "Welcome!",
    ] {
        let server = Server::new(move |_| reply(200, body));
        let error = search(&server, "Ada").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed);
        assert!(error.what().contains("not a keyserver's"), "{error}");
    }
}

#[test]
fn a_name_with_terminal_escapes_arrives_whole_and_is_shown_harmless_w13() {
    let server = Server::new(|_| page("Mallory%1b[2K\u{202e}"));
    let hits = search(&server, "Mallory").unwrap();
    let name = &hits[0].user_ids[0];
    assert_eq!(name, "Mallory\u{1b}[2K\u{202e}");
    assert_eq!(Shown::new(name).to_string(), "Mallory\\u{1b}[2K\\u{202e}");
}
