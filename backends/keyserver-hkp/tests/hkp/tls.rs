//! Encrypted servers: which are believed, and who gets credentials.

use crate::scripted::{Authority, Server, reply};
use crate::{CERTIFICATE, fetch, hasty, settings};
use sifseal_core::{ErrorKind, Secret};
use sifseal_keyserver_hkp::{Credentials, HkpKeyserver, Settings};
use std::io::{self, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

fn certificate_server(tls: Arc<rustls::ServerConfig>) -> Server {
    Server::tls(tls, |_| reply(200, CERTIFICATE))
}

pub(crate) fn trusting(address: &str, authority: &Authority) -> Settings {
    Settings {
        ca_file: Some(authority.file()),
        ..settings(address)
    }
}

pub(crate) fn basic() -> Option<Credentials> {
    Some(Credentials::Basic {
        username: "Aladdin".to_owned(),
        password: Secret::from("open sesame".to_owned()),
    })
}

#[test]
fn a_site_s_own_authority_is_believed_if_its_file_is_named() {
    let authority = Authority::new();
    let server = certificate_server(authority.server("127.0.0.1"));
    for scheme in ["https", "hkps"] {
        let keyserver = HkpKeyserver::new(trusting(&server.url(scheme), &authority)).unwrap();
        assert!(fetch(&keyserver).unwrap().is_some());
    }
}

#[test]
fn a_certificate_that_proves_nothing_is_refused_in_words_of_its_own() {
    let authority = Authority::new();
    for (tls, trusted, part, hint) in [
        (
            authority.server("127.0.0.1"),
            &Authority::new(),
            "not known here",
            "ca_file",
        ),
        (
            authority.server("keys.example"),
            &authority,
            "another name",
            "address",
        ),
        (
            authority.expired_server("127.0.0.1"),
            &authority,
            "expired",
            "clock",
        ),
    ] {
        let server = certificate_server(tls);
        let keyserver = HkpKeyserver::new(trusting(&server.url("https"), trusted)).unwrap();
        let error = fetch(&keyserver).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert_eq!(error.place().unwrap(), server.url("https"));
        assert!(error.what().contains(part), "{error}");
        assert!(error.hint_text().unwrap().contains(hint), "{error:?}");
        assert_eq!(server.seen().len(), 0, "nothing was asked");
        assert_eq!(server.connections(), 1, "and nothing was tried again");
    }
}

#[test]
fn insecure_takes_any_certificate() {
    let server = certificate_server(Authority::new().expired_server("else.example"));
    let mut settings = settings(&server.url("https"));
    settings.insecure = true;
    assert!(
        fetch(&HkpKeyserver::new(settings).unwrap())
            .unwrap()
            .is_some()
    );
}

#[test]
fn a_server_without_encryption_is_told_as_one() {
    let authority = Authority::new();
    let plain = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("https://{}", plain.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = plain.accept()?;
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")?;
        io::copy(&mut stream, &mut io::sink())
    });
    let keyserver = HkpKeyserver::new(trusting(&address, &authority)).unwrap();
    let error = fetch(&keyserver).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.what().contains("does not speak TLS"), "{error}");
    assert!(error.hint_text().unwrap().contains("hkp://"));
}

#[test]
fn a_server_that_does_not_shake_hands_is_left() {
    // It accepts, because the system does that for it, and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let authority = Authority::new();
    let mut settings = hasty(&format!("https://{}", silent.local_addr().unwrap()));
    settings.ca_file = Some(authority.file());
    let error = fetch(&HkpKeyserver::new(settings).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.what().contains("no connection in time"), "{error}");
}

#[test]
fn credentials_go_to_a_verified_server() {
    let authority = Authority::new();
    let server = certificate_server(authority.server("127.0.0.1"));
    let mut settings = trusting(&server.url("https"), &authority);
    settings.credentials = basic();
    fetch(&HkpKeyserver::new(settings).unwrap()).unwrap();
    let request = server.seen().pop().unwrap();
    let header = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==";
    assert_eq!(request.header("authorization"), Some(header));
}

#[test]
fn credentials_for_an_unverified_connection_are_an_error_w11() {
    for (address, insecure) in [
        ("http://keys.example", false),
        ("hkp://keys.example", true),
        ("https://keys.example", true),
    ] {
        let mut settings = settings(address);
        settings.insecure = insecure;
        settings.credentials = basic();
        let error = HkpKeyserver::new(settings).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert_eq!(error.place(), Some(address));
        assert!(error.hint_text().unwrap().contains("logout"), "{error:?}");
    }
}

#[test]
fn a_keyserver_in_debug_output_shows_no_secret() {
    let mut settings = settings("https://keys.example");
    settings.credentials = basic();
    let shown = format!(
        "{settings:?} {:?}",
        HkpKeyserver::new(settings.clone()).unwrap()
    );
    assert!(
        !shown.contains("sesame") && !shown.contains("QWxhZG"),
        "{shown}"
    );
}
