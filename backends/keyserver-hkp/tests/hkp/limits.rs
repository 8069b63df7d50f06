//! Servers that are slow, that never end, or that send too much.

use crate::scripted::{Reply, Server, reply};
use crate::{ada, fetch, hasty, keyserver, settings};
use sifseal_core::traits::{Keyserver as _, Nobody};
use sifseal_core::{Context, ErrorKind, Timestamp};
use sifseal_keyserver_hkp::HkpKeyserver;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

const MIB: u64 = 1024 * 1024;

#[test]
fn a_server_that_is_slow_is_left_wherever_it_is_slow() {
    for slow in [
        Reply::Silence,
        Reply::Drip("HTTP/1.1 200 OK\r\nX-Name: "),
        Reply::Drip("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"),
        Reply::Drip("HTTP/1.1 200 OK\r\n\r\n"),
    ] {
        let script = slow.clone();
        let server = Server::new(move |_| script.clone());
        let keyserver = HkpKeyserver::new(hasty(&server.url("http"))).unwrap();
        let error = fetch(&keyserver).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{slow:?}: {error}");
        assert_eq!(error.place().unwrap(), server.url("http"));
    }
}

#[test]
fn a_whole_call_with_its_retries_ends_too() {
    let server = Server::new(|_| reply(503, "").with("Retry-After", "1"));
    let mut settings = settings(&server.url("http"));
    settings.limits.call = Duration::from_millis(900);
    let error = fetch(&HkpKeyserver::new(settings).unwrap()).unwrap_err();
    assert!(error.what().contains("503"), "{error}");
    assert_eq!(
        server.seen().len(),
        1,
        "there was no time for a second question"
    );
}

#[test]
fn the_operation_s_own_limit_comes_first() {
    let server = Server::new(|_| Reply::Silence);
    let keyserver = keyserver(&server.url("http"));
    let mut cx = Context {
        now: Timestamp(0),
        deadline: Some(Instant::now() + Duration::from_millis(150)),
        cancelled: &AtomicBool::new(false),
        ui: &Nobody,
    };
    let error = keyserver.fetch(&cx, &ada()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);

    let cancelled = AtomicBool::new(true);
    cx.deadline = None;
    cx.cancelled = &cancelled;
    let asked = server.seen().len();
    let error = keyserver.fetch(&cx, &ada()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(server.seen().len(), asked, "nothing was asked any more");
}

#[test]
fn an_answer_without_end_is_left_at_the_limit() {
    let chunk = format!("10000\r\n{}\r\n", "a".repeat(0x10000));
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let until_close = "HTTP/1.0 200 OK\r\n\r\n";
    for head in [head, until_close] {
        let chunk = chunk.clone().into_bytes();
        let server = Server::new(move |_| Reply::Flood(head, chunk.clone()));
        let error = fetch(&keyserver(&server.url("http"))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{error}");
        assert!(error.what().contains("too large"), "{error}");
        // The rest is what lay in the sockets between the two.
        assert!(server.flooded() < 32 * MIB, "{}", server.flooded());
        assert_eq!(server.seen().len(), 1);
    }
}

#[test]
fn a_length_of_a_hundred_megabytes_is_believed_and_refused() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n";
    let server = Server::new(move |_| Reply::Flood(head, vec![b'a'; 1024]));
    let error = fetch(&keyserver(&server.url("http"))).unwrap_err();
    assert!(error.what().contains("too large"), "{error}");
    assert!(server.flooded() < 16 * MIB, "{}", server.flooded());
}

#[test]
fn an_answer_shorter_than_it_says_is_an_error() {
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n-----BEGIN".to_vec();
    let server = Server::new(move |_| Reply::Bytes(cut.clone()));
    let error = fetch(&keyserver(&server.url("http"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.what().contains("broke"), "{error}");
}

#[test]
fn a_compressed_answer_is_refused_unread() {
    // The first bytes of a gzip stream; whether it is a bomb is never found out.
    let bomb = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    let server = Server::new(move |_| reply(200, bomb).with("Content-Encoding", "gzip"));
    let error = fetch(&keyserver(&server.url("http"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
    assert!(error.what().contains("compressed"), "{error}");
}

#[test]
fn what_is_no_http_is_an_error_and_no_panic() {
    for garbage in [
        b"220 smtp.example ESMTP\r\n\r\n".to_vec(),
        b"HTTP/1.1 9999999 OK\r\n\r\n".to_vec(),
        b"\0\xff\x16\x03\x01\r\n\r\n".to_vec(),
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabc".to_vec(),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n".to_vec(),
        [b"HTTP/1.1 200 OK\r\nX: ".as_slice(), &vec![b'a'; 200_000]].concat(),
        [
            b"HTTP/1.1 200 OK\r\n".to_vec(),
            b"X: y\r\n".repeat(2000),
            b"\r\n".to_vec(),
        ]
        .concat(),
    ] {
        let shown = String::from_utf8_lossy(&garbage[..garbage.len().min(60)]).into_owned();
        let server = Server::new(move |_| Reply::Bytes(garbage.clone()));
        let error = fetch(&keyserver(&server.url("http"))).unwrap_err();
        let expected = [ErrorKind::Malformed, ErrorKind::Unavailable];
        assert!(expected.contains(&error.kind()), "{shown}: {error:?}");
        assert!(!error.to_string().contains(['{', '"']), "{error}");
    }
}
