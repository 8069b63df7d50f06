//! What is asked for a certificate, and what every answer means.

use crate::scripted::{Reply, Server, reply};
use crate::{ADA, CERTIFICATE, ada, at_leisure, fetch, keyserver};
use sifseal_core::ErrorKind;
use sifseal_core::openpgp::{Fingerprint, KeyHandle, KeyId};
use sifseal_core::traits::Keyserver as _;

#[test]
fn a_key_is_asked_for_by_all_its_digits_w18() {
    let server = Server::new(|_| reply(200, CERTIFICATE));
    let keyserver = keyserver(&server.url("hkp"));
    let six = KeyHandle::Fingerprint(Fingerprint::V6([0x0a; 32]));
    let id = KeyHandle::KeyId(KeyId([0, 0, 0, 0, 0x0e, 0x5f, 0xef, 0x89]));
    for key in [ada(), id, six] {
        let found = at_leisure(|cx| keyserver.fetch(cx, &key)).unwrap();
        assert_eq!(found.unwrap(), CERTIFICATE.as_bytes());
    }
    let asked: Vec<_> = server
        .seen()
        .into_iter()
        .map(|request| request.target)
        .collect();
    let searches = [ADA, "000000000E5FEF89", &"0A".repeat(32)]
        .map(|digits| format!("/pks/lookup?op=get&options=mr&search=0x{digits}"));
    assert_eq!(asked, searches);
}

#[test]
fn a_base_path_is_kept_w20() {
    let server = Server::new(|_| reply(200, CERTIFICATE));
    let address = format!("{}/site/keys/", server.url("http"));
    fetch(&keyserver(&address)).unwrap();
    assert!(
        server.seen()[0]
            .target
            .starts_with("/site/keys/pks/lookup?")
    );
}

#[test]
fn a_request_tells_the_program_s_name_and_nothing_of_the_person() {
    let server = Server::new(|_| reply(200, CERTIFICATE));
    fetch(&keyserver(&server.url("http"))).unwrap();
    let request = &server.seen()[0];
    let agent = format!("sifseal/{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(request.header("user-agent"), Some(agent.as_str()));
    assert_eq!(request.header("authorization"), None);
    assert_eq!(request.header("accept-encoding"), Some("identity"));
}

#[test]
fn armor_inside_a_web_page_comes_alone() {
    let page = format!("<html>\r\n<h1>Get</h1><pre>\n{CERTIFICATE}</pre></html>");
    let server = Server::new(move |_| reply(200, &page).with("Content-Type", "text/html"));
    let found = fetch(&keyserver(&server.url("http"))).unwrap();
    assert_eq!(found.unwrap(), CERTIFICATE.as_bytes());
}

#[test]
fn a_server_without_the_key_is_no_error() {
    for nothing in [
        reply(404, "Not Found\n").with("Content-Type", "text/plain"),
        reply(404, "<html>No results found</html>").with("Content-Type", "text/html"),
        reply(200, "Key not found\n").with("Content-Type", "text/plain"),
    ] {
        let server = Server::new(move |_| nothing.clone());
        assert_eq!(fetch(&keyserver(&server.url("http"))).unwrap(), None);
        assert_eq!(server.seen().len(), 1, "that is an answer, not a failure");
    }
}

#[test]
fn the_page_of_a_hotel_network_is_no_answer() {
    for page in [
        "<html>Room number?</html>",
        "<html><head><script>location = '/login'</script></head></html>",
    ] {
        let server = Server::new(move |_| reply(200, page));
        let error = fetch(&keyserver(&server.url("http"))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed);
        assert_eq!(error.place().unwrap(), server.url("http"));
        assert!(error.to_string().contains("web page"), "{error}");
    }
}

#[test]
fn every_refusal_is_an_answer_with_its_kind_its_status_and_what_to_do() {
    for (status, kind, hint) in [
        (400, ErrorKind::Backend, "check the address"),
        (401, ErrorKind::Denied, "sifseal keyserver login"),
        (403, ErrorKind::Denied, "sifseal keyserver login"),
        (418, ErrorKind::Backend, "check the address"),
        (429, ErrorKind::Backend, "try again later"),
        (500, ErrorKind::Backend, "another keyserver"),
        (501, ErrorKind::Unsupported, "another keyserver"),
        (304, ErrorKind::Backend, "check the address"),
    ] {
        let page = reply(status, "<h1>secret internals</h1>").with("Content-Type", "text/html");
        let page = if status == 304 { reply(304, "") } else { page };
        let server = Server::new(move |_| page.clone());
        let error = fetch(&keyserver(&server.url("http"))).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.what().contains(&status.to_string()), "{error}");
        assert!(!error.what().contains("internals"), "{error}");
        assert!(error.hint_text().unwrap().contains(hint), "{error:?}");
        assert_eq!(error.place().unwrap(), server.url("http"));
        assert_eq!(server.seen().len(), 1, "{status} is not asked again");
    }
}

#[test]
fn a_server_s_own_reason_is_repeated_without_its_escapes_w13() {
    for (media_type, body) in [
        (
            "application/json",
            r#"{"error":{"code":500,"message":"disk \u001b[2J full"}}"#,
        ),
        ("text/plain; charset=utf-8", "disk \u{1b}[2J full\n"),
    ] {
        let server = Server::new(move |_| reply(500, body).with("Content-Type", media_type));
        let error = fetch(&keyserver(&server.url("http"))).unwrap_err();
        let line = error.to_string();
        assert!(line.contains("disk \\u{1b}[2J full"), "{line}");
    }
}

#[test]
fn what_often_passes_is_asked_again_and_what_does_not_is_not() {
    let good = || reply(200, CERTIFICATE);
    for (first, again) in [
        (reply(502, ""), true),
        (reply(503, ""), true),
        (reply(503, "").with("Retry-After", "0"), true),
        (reply(503, "").with("Retry-After", "3600"), false),
        (reply(504, ""), true),
        (reply(429, "").with("Retry-After", "0"), true),
        (reply(429, ""), false),
        (reply(429, "").with("Retry-After", "3600"), false),
        (reply(500, ""), false),
        (Reply::Bytes(Vec::new()), true),
        (
            Reply::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort".to_vec()),
            true,
        ),
        (Reply::Bytes(b"SSH-2.0-OpenSSH\r\n\r\n".to_vec()), false),
    ] {
        let server = Server::in_order(vec![first.clone(), good()]);
        let outcome = fetch(&keyserver(&server.url("http")));
        assert_eq!(outcome.is_ok(), again, "{first:?}: {outcome:?}");
        assert_eq!(server.seen().len(), if again { 2 } else { 1 }, "{first:?}");
    }
}

#[test]
fn a_server_that_stays_broken_is_left_after_three_questions() {
    for (broken, kind) in [
        (reply(503, ""), ErrorKind::Backend),
        (Reply::Bytes(Vec::new()), ErrorKind::Unavailable),
    ] {
        let server = Server::new(move |_| broken.clone());
        let error = fetch(&keyserver(&server.url("http"))).unwrap_err();
        assert_eq!(error.kind(), kind);
        assert_eq!(server.seen().len(), 3);
    }
}

#[test]
fn a_busy_server_s_wish_is_told() {
    let server = Server::new(|_| reply(429, "").with("Retry-After", "120"));
    let error = fetch(&keyserver(&server.url("http"))).unwrap_err();
    assert_eq!(error.hint_text(), Some("try again in 120 seconds"));
}

#[test]
fn connections_are_kept_and_threads_share_the_keyserver() {
    let server = Server::new(|_| reply(200, CERTIFICATE));
    let keyserver = keyserver(&server.url("http"));
    for _ in 0..3 {
        fetch(&keyserver).unwrap();
    }
    assert_eq!(server.connections(), 1);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| fetch(&keyserver).unwrap().unwrap());
        }
    });
    assert_eq!(server.seen().len(), 7);
}

#[test]
fn nobody_there_and_no_such_name_are_told_apart() {
    // The port was free a moment ago, and is not handed out again so soon.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = free.local_addr().unwrap();
    drop(free);
    let error = fetch(&keyserver(&format!("http://{at}"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(
        error.to_string(),
        format!("http://{at}: the connection was refused")
    );

    // A label of 70 letters is in no question that a resolver could send.
    let name = format!("http://{}.invalid", "x".repeat(70));
    let error = fetch(&keyserver(&name)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(
        error.to_string(),
        format!("{name}: its name cannot be found")
    );
}
