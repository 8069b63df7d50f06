//! What is handed over, and what servers say to it.

use crate::scripted::{Reply, Server, reply};
use crate::{CERTIFICATE, at_leisure, keyserver};
use percent_encoding::percent_decode;
use sifseal_core::traits::Keyserver as _;
use sifseal_core::{ErrorKind, Result};

fn publish(server: &Server, armored: &str) -> Result<String> {
    let keyserver = keyserver(&server.url("hkp"));
    at_leisure(|cx| keyserver.publish(cx, armored.as_bytes()))
}

#[test]
fn a_certificate_goes_out_as_a_form() {
    let server = Server::new(|_| reply(200, "Thank you"));
    assert_eq!(publish(&server, CERTIFICATE).unwrap(), "Thank you");
    let request = server.seen().pop().unwrap();
    assert_eq!(
        (request.method.as_str(), request.target.as_str()),
        ("POST", "/pks/add")
    );
    let form = "application/x-www-form-urlencoded";
    assert_eq!(request.header("content-type"), Some(form));
    let body = String::from_utf8(request.body).unwrap();
    let text = body.strip_prefix("keytext=").unwrap();
    assert!(!text.contains(['+', '&', '=', '\n']), "{text}");
    let decoded = percent_decode(text.as_bytes()).decode_utf8().unwrap();
    assert_eq!(decoded, CERTIFICATE);
}

#[test]
fn a_page_in_reply_becomes_one_short_line() {
    let page = format!(
        "<html><head><title>Added</title></head><body>New public keys\n added: <br>1{}</body>",
        " more".repeat(1000)
    );
    let server = Server::new(move |_| reply(200, &page).with("Content-Type", "text/html"));
    let words = publish(&server, CERTIFICATE).unwrap();
    assert!(
        words.starts_with("New public keys added: 1 more"),
        "{words}"
    );
    assert!(words.chars().count() <= 301 && !words.contains('\n'));
}

#[test]
fn a_page_that_is_all_script_took_nothing_but_silence_is_an_answer() {
    let page = "<html><head><script>location = '/login'</script></head></html>";
    let portal = Server::new(move |_| reply(200, page).with("Content-Type", "text/html"));
    let error = publish(&portal, CERTIFICATE).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
    assert!(error.hint_text().unwrap().contains("network"));
    let silent = Server::new(|_| reply(200, ""));
    assert_eq!(publish(&silent, CERTIFICATE).unwrap(), "");
}

#[test]
fn onak_s_success_for_garbage_is_an_error() {
    for words in [
        "No OpenPGP packets found in input.",
        "Error: No keytext to add supplied.",
    ] {
        let page = format!(
            "<HTML>\n<HEAD>\n<TITLE>onak : Add</TITLE>\n</HEAD>\n<BODY>\n{words}\n</BODY>\n</HTML>"
        );
        let server = Server::new(move |_| reply(200, &page).with("Content-Type", "text/html"));
        let error = publish(&server, CERTIFICATE).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied);
        assert!(error.what().contains(words), "{error}");
    }
}

#[test]
fn a_refusal_says_whether_it_is_the_certificate_the_login_or_the_server() {
    for (status, kind, part) in [
        (400, ErrorKind::Denied, "does not take the certificate"),
        (413, ErrorKind::Denied, "does not take the certificate"),
        (401, ErrorKind::Denied, "login"),
        (404, ErrorKind::Unsupported, "takes no certificates"),
        (405, ErrorKind::Unsupported, "takes no certificates"),
        (500, ErrorKind::Backend, "trouble"),
    ] {
        let server = Server::new(move |_| reply(status, ""));
        let error = publish(&server, CERTIFICATE).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.what().contains(part), "{error}");
    }
}

#[test]
fn a_certificate_is_sent_once_whatever_happens() {
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n".to_vec();
    let busy = reply(503, "").with("Retry-After", "0");
    let next = reply(307, "").with("Location", "/elsewhere");
    let other = reply(302, "").with("Location", "https://evil.example/pks/add");
    for (trouble, kind) in [
        (Reply::Bytes(Vec::new()), ErrorKind::Unavailable),
        (Reply::Bytes(cut), ErrorKind::Unavailable),
        (busy, ErrorKind::Backend),
        (next, ErrorKind::Backend),
        (other, ErrorKind::Backend),
    ] {
        let server = Server::new(move |_| trouble.clone());
        let error = publish(&server, CERTIFICATE).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(server.seen().len(), 1);
    }
}

#[test]
fn a_secret_key_is_never_sent() {
    let server = Server::new(|_| reply(200, ""));
    let secret = CERTIFICATE.replace("PUBLIC", "PRIVATE");
    for text in [&secret, &format!("{CERTIFICATE}{secret}"), "nothing"] {
        let error = publish(&server, text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed);
    }
    assert_eq!(server.connections(), 0);
}
