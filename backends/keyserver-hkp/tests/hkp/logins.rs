//! Whether a login is taken, by servers that look at it and servers that do not.

use crate::at_leisure;
use crate::scripted::{Authority, Reply, Request, Server, reply};
use crate::tls::{basic, trusting};
use sifseal_core::{ErrorKind, Result};
use sifseal_keyserver_hkp::{Checked, HkpKeyserver};

/// What comes of a check, and what the server was asked.
fn check(
    script: impl Fn(bool) -> Reply + Send + Sync + 'static,
) -> (Result<Checked>, Vec<Request>) {
    let authority = Authority::new();
    let server = Server::tls(authority.server("127.0.0.1"), move |request| {
        script(request.header("authorization").is_some())
    });
    let mut settings = trusting(&format!("{}/prefix", server.url("https")), &authority);
    settings.credentials = basic();
    let keyserver = HkpKeyserver::new(settings).unwrap();
    let outcome = at_leisure(|cx| keyserver.check(cx));
    (outcome, server.seen())
}

fn elsewhere(status: u16) -> Reply {
    reply(status, "").with("Location", "https://else.example/login")
}

#[test]
fn a_login_is_accepted_if_it_makes_the_difference() {
    for refusal in [401, 403, 302] {
        let (outcome, seen) = check(move |logged_in| match logged_in {
            true => reply(200, "{}"),
            false => elsewhere(refusal),
        });
        assert_eq!(outcome.unwrap(), Checked::Accepted, "{refusal}");
        let asked: Vec<_> = seen.iter().map(|request| &request.target).collect();
        assert_eq!(asked, ["/prefix/pks/lookup?op=stats&options=mr"; 2]);
    }
}

#[test]
fn a_login_that_is_refused_is_an_error_and_nobody_is_asked_again() {
    for status in [401, 403] {
        let (outcome, seen) = check(move |_| reply(status, ""));
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Denied);
        assert_eq!(seen.len(), 1);
    }
}

#[test]
fn a_page_that_is_open_to_all_proves_no_login() {
    let (outcome, _) = check(|_| reply(200, "Welcome"));
    assert_eq!(outcome.unwrap(), Checked::NotNeeded);
}

#[test]
fn neither_trouble_nor_a_redirect_to_a_form_proves_a_login() {
    for status in [302, 404, 429, 500, 501, 503] {
        let (outcome, seen) = check(move |_| elsewhere(status));
        assert_eq!(outcome.unwrap(), Checked::NotProved(status));
        assert_eq!(seen.len(), 1, "{status}");
        let (outcome, _) = check(move |logged_in| match logged_in {
            true => reply(200, ""),
            false => reply(503, ""),
        });
        assert_eq!(outcome.unwrap(), Checked::NotProved(503));
    }
}

#[test]
fn how_large_a_page_is_and_how_it_is_packed_does_not_matter() {
    for page in [
        reply(200, "x".repeat(64 * 1024)),
        reply(200, "x").with("Content-Encoding", "gzip"),
    ] {
        let (outcome, _) = check(move |logged_in| match logged_in {
            true => page.clone(),
            false => reply(401, ""),
        });
        assert_eq!(outcome.unwrap(), Checked::Accepted);
    }
}
