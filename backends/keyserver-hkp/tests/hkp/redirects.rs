//! Where servers send one, and where one goes.

use crate::scripted::{Authority, Server, reply};
use crate::{CERTIFICATE, fetch, keyserver, settings};
use sifseal_core::{ErrorKind, Secret};
use sifseal_keyserver_hkp::{Credentials, HkpKeyserver};
use std::sync::Arc;

fn token() -> Credentials {
    Credentials::Bearer(Secret::from("hunter2".to_owned()))
}

#[test]
fn a_server_may_send_one_about_in_itself() {
    for status in [301, 302, 303, 307, 308] {
        let server = Server::new(move |request| match request.target.as_str() {
            "/new?a=b" => reply(200, CERTIFICATE),
            _ => reply(status, "").with("Location", "/new?a=b"),
        });
        assert!(fetch(&keyserver(&server.url("http"))).unwrap().is_some());
        let methods: Vec<_> = server
            .seen()
            .into_iter()
            .map(|request| request.method)
            .collect();
        assert_eq!(methods, ["GET", "GET"]);
    }
}

#[test]
fn a_circle_is_left() {
    let server = Server::new(|request| reply(302, "").with("Location", request.target.clone()));
    let error = fetch(&keyserver(&server.url("http"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Backend);
    assert!(error.what().contains("again and again"), "{error}");
    assert_eq!(server.seen().len(), 4);
}

#[test]
fn without_encryption_nobody_is_sent_to_another_server() {
    let other = Server::new(|_| reply(200, CERTIFICATE));
    for target in [
        other.url("http"),
        format!("//{}/", other.at),
        "ftp://example.org/".to_owned(),
        "http://ada@example.org/".to_owned(),
        "not a url".to_owned(),
    ] {
        let location = target.clone();
        let server = Server::new(move |_| reply(302, "").with("Location", location.clone()));
        let error = fetch(&keyserver(&server.url("http"))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Backend, "{target}: {error}");
        assert!(error.hint_text().is_some());
    }
    assert_eq!(other.seen().len(), 0);
}

#[test]
fn an_encrypted_server_is_followed_to_and_gets_no_credentials_of_another_w11() {
    let authority = Authority::new();
    let other = Server::tls(authority.server("127.0.0.1"), |_| reply(200, CERTIFICATE));
    let target = other.url("https");
    let server = Server::tls(authority.server("127.0.0.1"), move |request| match request
        .target
        .as_str()
    {
        "/second" => reply(302, "").with("Location", target.clone()),
        _ => reply(302, "").with("Location", "/second"),
    });
    let mut settings = settings(&server.url("https"));
    settings.ca_file = Some(authority.file());
    settings.credentials = Some(token());
    let keyserver = HkpKeyserver::new(settings).unwrap();
    assert!(fetch(&keyserver).unwrap().is_some());
    for request in server.seen() {
        assert_eq!(request.header("authorization"), Some("Bearer hunter2"));
    }
    assert_eq!(server.seen().len(), 2);
    assert_eq!(other.seen()[0].header("authorization"), None);
}

#[test]
fn nobody_is_sent_from_an_encrypted_server_to_an_unencrypted_one() {
    let authority = Authority::new();
    let other = Arc::new(Server::new(|_| reply(200, CERTIFICATE)));
    let target = other.url("http");
    let server = Server::tls(authority.server("127.0.0.1"), move |_| {
        reply(302, "").with("Location", target.clone())
    });
    let mut settings = settings(&server.url("https"));
    settings.ca_file = Some(authority.file());
    settings.credentials = Some(token());
    let error = fetch(&HkpKeyserver::new(settings).unwrap()).unwrap_err();
    assert!(error.what().contains("not followed"), "{error}");
    assert!(error.what().contains(&other.url("http")), "{error}");
    assert_eq!(other.seen().len(), 0);
}

#[test]
fn a_server_that_nobody_verifies_sends_nobody_elsewhere() {
    let authority = Authority::new();
    let other = Server::tls(authority.server("127.0.0.1"), |_| reply(200, CERTIFICATE));
    let target = other.url("https");
    let server = Server::tls(authority.server("127.0.0.1"), move |_| {
        reply(302, "").with("Location", target.clone())
    });
    let mut settings = settings(&server.url("https"));
    settings.insecure = true;
    let error = fetch(&HkpKeyserver::new(settings).unwrap()).unwrap_err();
    assert!(error.what().contains("not followed"), "{error}");
    assert_eq!(other.seen().len(), 0);
}

#[test]
fn a_failure_behind_a_redirect_names_both_servers() {
    let authority = Authority::new();
    let other = Server::tls(authority.server("127.0.0.1"), |_| reply(200, CERTIFICATE));
    let target = other.url("https");
    let server = Server::new(move |_| reply(302, "").with("Location", target.clone()));
    let unknown_to_it = Authority::new();
    let mut settings = settings(&server.url("http"));
    settings.ca_file = Some(unknown_to_it.file());
    let error = fetch(&HkpKeyserver::new(settings).unwrap()).unwrap_err();
    let place = error.place().unwrap();
    assert!(place.contains(&other.url("https")), "{place}");
    assert!(place.contains(&server.url("http")), "{place}");
}
