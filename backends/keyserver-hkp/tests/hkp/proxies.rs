//! Ways out of a network.

use crate::scripted::{Authority, Proxy, Server, reply};
use crate::{CERTIFICATE, fetch, keyserver, settings};
use sifseal_core::ErrorKind;
use sifseal_keyserver_hkp::{HkpKeyserver, Proxies};
use std::ffi::OsString;
use std::net::TcpListener;
use std::process::Command;

/// All servers behind one proxy, except those in `no_proxy`.
fn behind(proxy: &str, no_proxy: &str) -> Proxies {
    Proxies::from_variables(&|name| match name {
        "all_proxy" => Some(OsString::from(proxy)),
        "no_proxy" => Some(OsString::from(no_proxy)),
        _ => None,
    })
    .unwrap()
}

#[test]
fn a_server_is_reached_through_a_proxy_which_alone_gets_its_password() {
    let server = Server::new(|_| reply(200, CERTIFICATE));
    let proxy = Proxy::http(&server);
    let mut settings = settings("hkp://keys.example");
    settings.proxies = behind(&format!("http://Aladdin:open%20sesame@{}", proxy.at), "");
    assert!(
        fetch(&HkpKeyserver::new(settings).unwrap())
            .unwrap()
            .is_some()
    );
    let asked = proxy.asked().pop().unwrap();
    assert_eq!(
        (asked.method.as_str(), asked.target.as_str()),
        ("CONNECT", "keys.example:11371")
    );
    let password = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==";
    assert_eq!(asked.header("proxy-authorization"), Some(password));
    assert_eq!(server.seen()[0].header("proxy-authorization"), None);
}

#[test]
fn through_a_proxy_too_the_server_itself_is_verified() {
    let authority = Authority::new();
    let server = Server::tls(authority.server("keys.example"), |_| {
        reply(200, CERTIFICATE)
    });
    for (proxy, scheme) in [
        (Proxy::http(&server), "http"),
        (Proxy::socks5(&server), "socks5h"),
    ] {
        for (name, believed) in [("keys.example", true), ("other.example", false)] {
            let mut settings = settings(&format!("https://{name}"));
            settings.ca_file = Some(authority.file());
            settings.proxies = behind(&format!("{scheme}://{}", proxy.at), "");
            let outcome = fetch(&HkpKeyserver::new(settings).unwrap());
            assert_eq!(outcome.is_ok(), believed, "{scheme} {name}: {outcome:?}");
            let asked = proxy.asked().pop().unwrap();
            assert_eq!(asked.target, format!("{name}:443"));
        }
    }
}

#[test]
fn an_exception_and_loopback_are_reached_without() {
    let server = Server::new(|_| reply(200, CERTIFICATE));
    let proxy = Proxy::http(&server);
    let mut at_loopback = settings(&server.url("http"));
    at_loopback.proxies = behind(&format!("http://{}", proxy.at), "");
    assert!(
        fetch(&HkpKeyserver::new(at_loopback).unwrap())
            .unwrap()
            .is_some()
    );

    // Directly, a name that cannot be looked up leads nowhere.
    let name = format!("{}.example", "x".repeat(70));
    let mut excepted = settings(&format!("http://{name}"));
    excepted.proxies = behind(&format!("http://{}", proxy.at), ".example");
    let error = fetch(&HkpKeyserver::new(excepted).unwrap()).unwrap_err();
    assert!(error.what().contains("name cannot be found"), "{error}");
    assert_eq!(proxy.asked().len(), 0);
}

#[test]
fn a_proxy_that_fails_is_named_without_its_password() {
    let refusing = Server::new(|_| reply(407, ""));
    let gone = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let authority = Authority::new();
    for at in [refusing.at, gone] {
        let mut settings = settings("https://keys.example");
        settings.proxies = behind(&format!("http://ada:hunter2@{at}"), "");
        settings.ca_file = Some(authority.file());
        let error = fetch(&HkpKeyserver::new(settings).unwrap()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        assert_eq!(error.place(), Some("https://keys.example"));
        let line = error.to_string();
        assert!(
            line.contains(&format!("proxy http://{at} (from all_proxy)")),
            "{line}"
        );
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
}

/// Set in the second process of the next test.
const INNER: &str = "SIFSEAL_TEST_WITH_PROXY_VARIABLES";

#[test]
fn the_environment_is_not_asked_for_proxies() {
    if std::env::var_os(INNER).is_some() {
        // Here every variable names a proxy that is not there.
        let server = Server::new(|_| reply(200, CERTIFICATE));
        assert!(fetch(&keyserver(&server.url("http"))).unwrap().is_some());
        return;
    }
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args([
        "--exact",
        "proxies::the_environment_is_not_asked_for_proxies",
    ]);
    again
        .env(INNER, "1")
        .env_remove("NO_PROXY")
        .env_remove("no_proxy");
    for name in ["all_proxy", "https_proxy", "http_proxy"] {
        let nowhere = "http://127.0.0.1:1";
        again.env(name, nowhere).env(name.to_uppercase(), nowhere);
    }
    let output = again.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}
