//! A strict keyserver of our own: it answers as Hockeypuck was seen to.
//!
//! Hockeypuck serves much of the world and wants a database server to run. What it
//! answered to the requests of clients was recorded once, and this is a server that
//! answers so: status by status, and in the same forms. It is stricter than SKS and
//! onak. Keys are found by whole fingerprints and key IDs, never by 8 digits, and people
//! by whole addresses or whole user IDs.
//!
//! It is not Hockeypuck. What becomes of keys inside is our own engine's work, so it is
//! the real servers that show how strangers keep them. Web pages for people and the
//! newer paths below `/pks/v2` are left out; what was not recorded is not guessed at,
//! but for the word `Updated` in a reply and an index without flags.

use super::web::{Request, Response, Server};
use super::{Serves, Site};
use crate::craft::armor;
use percent_encoding::percent_decode_str;
use sifseal_core::Timestamp;
use sifseal_core::openpgp::{Certificate, Key, PublicKeyAlgorithm};
use sifseal_core::policy::standings;
use sifseal_core::traits::{Engine, KeyQuery};
use sifseal_engine_rpgp::RpgpEngine;

const SERVES: Serves = Serves {
    short_ids: false,
    words: false,
    words_of_hex_digits: false,
    hosts: false,
    expiry_dates: true,
    ed25519_bits: 256,
    status_404: true,
    bare_armor: true,
};

const BAD_REQUEST: &str = "400 Bad Request";
const NOT_FOUND: &str = "404 Not Found";

/// A running server, empty at first; it ends with the value.
#[derive(Debug)]
pub struct Strict {
    site: Site,
    // Held for its `Drop` alone.
    _running: Server,
}

/// What the server has.
#[derive(Debug, Default)]
struct Keys(Vec<Certificate>);

/// What became of a key that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Inserted,
    Updated,
    Ignored,
}

impl Strict {
    /// Starts one.
    ///
    /// # Panics
    /// The system gives no port.
    pub fn start() -> Self {
        let mut keys = Keys::default();
        let running = Server::start(move |request| keys.answer(request));
        Self {
            site: Site {
                name: "strict (as Hockeypuck)",
                address: running.address(),
                serves: SERVES,
            },
            _running: running,
        }
    }

    /// How it is asked.
    pub fn site(&self) -> Site {
        self.site
    }
}

impl Keys {
    fn answer(&mut self, request: &Request) -> Response {
        match (request.path.as_str(), request.method.as_str()) {
            ("/pks/lookup", "GET") => self.look_up(&request.query),
            ("/pks/add", "POST") => self.add(request),
            ("/pks/lookup", _) => only("GET, OPTIONS"),
            ("/pks/add", _) => only("POST, OPTIONS"),
            _ => text("404 Not Found", "404 page not found\n"),
        }
    }

    fn look_up(&self, query: &str) -> Response {
        let (Some(operation), Some(wanted)) = (field(query, "op"), field(query, "search")) else {
            return bare(BAD_REQUEST);
        };
        let found: Vec<&Certificate> = self.0.iter().filter(|key| has(key, &wanted)).collect();
        match operation.as_str() {
            "get" | "index" if found.is_empty() => bare(NOT_FOUND),
            "get" => keyring(&found, &wanted),
            "index" if field(query, "options").as_deref() == Some("mr") => index(&found),
            "index" => bare("501 Not Implemented"),
            _ => bare(BAD_REQUEST),
        }
    }

    fn add(&mut self, request: &Request) -> Response {
        let form = "application/x-www-form-urlencoded";
        if !request.content_type.starts_with(form) {
            return bare(BAD_REQUEST);
        }
        let body = String::from_utf8_lossy(&request.body);
        let Some(keys) = field(&body, "keytext").and_then(|armored| certificates(&armored)) else {
            return bare(BAD_REQUEST);
        };
        let rows: Vec<String> = keys
            .into_iter()
            .map(|key| {
                let fingerprint = key.fingerprint().to_string().to_lowercase();
                let fate = self.take(key);
                let version = "04";
                format!(
                    "<tr><th><strong>{fate:?}</strong></th>\n<td><a href=\"/pks/v2/certs/by-vfingerprint/{version}/{fingerprint}\">(4){fingerprint}</a></td><td></td></tr>\n"
                )
            })
            .collect();
        page("Submission Results", &rows.concat())
    }

    /// Stores a key, or what is new of one that is there.
    fn take(&mut self, key: Certificate) -> Fate {
        let same = |known: &&mut Certificate| known.fingerprint() == key.fingerprint();
        let Some(known) = self.0.iter_mut().find(same) else {
            self.0.push(key);
            return Fate::Inserted;
        };
        let both = RpgpEngine.merge(&Key::Certificate(known.clone()), &Key::Certificate(key));
        match both {
            Ok(Key::Certificate(merged)) if merged.bytes != known.bytes => {
                *known = merged;
                Fate::Updated
            }
            _ => Fate::Ignored,
        }
    }
}

/// The certificates in a text; `None` if there is none, or something else.
fn certificates(armored: &str) -> Option<Vec<Certificate>> {
    let ring = RpgpEngine.read_keys(armored.as_bytes());
    let keys: Option<Vec<Certificate>> = ring
        .keys
        .into_iter()
        .map(|key| match key {
            Key::Certificate(certificate) => Some(certificate),
            Key::Secret(_) => None,
        })
        .collect();
    keys.filter(|keys| !keys.is_empty() && ring.junk.is_empty())
}

/// A field of a form or query, decoded.
fn field(form: &str, name: &str) -> Option<String> {
    let mut pairs = form.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(key, _)| *key == name)?;
    let value = value.replace('+', " ");
    Some(percent_decode_str(&value).decode_utf8_lossy().into_owned())
}

/// By a whole fingerprint or key ID with `0x` before it, or by a whole address or user
/// ID.
fn has(key: &Certificate, wanted: &str) -> bool {
    let outline = &key.outline;
    match wanted.strip_prefix("0x") {
        Some(digits) => {
            let named = |fingerprint: String| match digits.len() {
                16 | 40 | 64 => digits.eq_ignore_ascii_case(&fingerprint),
                _ => false,
            };
            let all = [&[outline.fingerprint][..], &outline.subkeys].concat();
            all.iter()
                .any(|key| named(key.to_string()) || named(key.key_id().to_string()))
        }
        None => {
            let whole = |user_id: &String| user_id.eq_ignore_ascii_case(wanted);
            wanted.contains('@') && KeyQuery::is_email_of(wanted, &outline.user_ids)
                || outline.user_ids.iter().any(whole)
        }
    }
}

fn keyring(found: &[&Certificate], wanted: &str) -> Response {
    let bytes: Vec<u8> = found.iter().flat_map(|key| key.bytes.clone()).collect();
    let headers = "Comment: Hostname: 127.0.0.1\nVersion: Hockeypuck ~unreleased\n";
    let armored = armor("PUBLIC KEY BLOCK", &bytes).replacen('\n', &format!("\n{headers}"), 1);
    let name: String = wanted.chars().filter(char::is_ascii_alphanumeric).collect();
    Response {
        status: "200 OK".to_owned(),
        fields: vec![
            format!("Content-Disposition: attachment; filename=\"{name}.asc\""),
            "Content-Type: application/pgp-keys".to_owned(),
        ],
        body: armored.into_bytes(),
    }
}

/// Machine readable, as in section 5.2 of draft-shaw-openpgp-hkp-00.
fn index(found: &[&Certificate]) -> Response {
    let mut lines = format!("info:1:{}\n", found.len());
    for key in found {
        let outline = &key.outline;
        let facts = RpgpEngine.certificate_facts(key).ok();
        let standing = facts.and_then(|facts| {
            let now = Timestamp::now();
            standings(&facts, now).into_iter().next()
        });
        let expires = standing.and_then(|standing| standing.expires);
        let expires = expires.map(|time| time.0.to_string()).unwrap_or_default();
        let dates = format!("{}:{expires}", outline.created.0);
        lines += &format!(
            "pub:{}:{}:{}:{dates}:\n",
            outline.fingerprint,
            number(&outline.algorithm),
            outline.bits
        );
        for user_id in &outline.user_ids {
            lines += &format!("uid:{}:{dates}:\n", user_id.replace(':', "%3A"));
        }
    }
    text("200 OK", &lines)
}

/// OpenPGP's number (RFC 9580, section 9.1) of what can be a primary key in the tests.
fn number(algorithm: &PublicKeyAlgorithm) -> &'static str {
    match algorithm {
        PublicKeyAlgorithm::Rsa => "1",
        PublicKeyAlgorithm::Dsa => "17",
        PublicKeyAlgorithm::Ecdsa(_) => "19",
        PublicKeyAlgorithm::EdDsaLegacy => "22",
        PublicKeyAlgorithm::Ed25519 => "27",
        _ => "",
    }
}

fn page(title: &str, rows: &str) -> Response {
    let html = format!(
        "<html xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n<title>{title}</title>\n\
         <style type=\"text/css\">\n .uid {{ color: green; }}\n</style></head>\
         <body><h1>{title}</h1>\n<table>\n{rows}</table>\n</body></html>\n"
    );
    Response {
        status: "200 OK".to_owned(),
        fields: vec!["Content-Type: text/html; charset=utf-8".to_owned()],
        body: html.into_bytes(),
    }
}

/// A status, and its words again as the body.
fn bare(status: &str) -> Response {
    let words = status.split_once(' ').map_or(status, |(_, words)| words);
    text(status, &format!("{words}\n"))
}

fn text(status: &str, body: &str) -> Response {
    Response {
        status: status.to_owned(),
        fields: vec!["Content-Type: text/plain; charset=utf-8".to_owned()],
        body: body.as_bytes().to_vec(),
    }
}

fn only(methods: &str) -> Response {
    let mut response = text("405 Method Not Allowed", "Method Not Allowed\n");
    response.fields.push(format!("Allow: {methods}"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::craft::{self, CertificateDraft, Hand};
    use crate::workshop::NOW;
    use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
    use std::net::{Ipv4Addr, SocketAddr};

    fn request(method: &str, path: &str, query: &str, body: String) -> Request {
        Request {
            to: SocketAddr::from((Ipv4Addr::LOCALHOST, 80)),
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            protocol: "HTTP/1.1".to_owned(),
            content_type: "application/x-www-form-urlencoded".to_owned(),
            body: body.into_bytes(),
        }
    }

    fn form(certificate: &[u8]) -> String {
        let armored = armor("PUBLIC KEY BLOCK", certificate);
        let encoded = percent_encode(armored.as_bytes(), NON_ALPHANUMERIC);
        format!("keytext={encoded}")
    }

    fn send(keys: &mut Keys, certificate: &[u8]) -> String {
        let answer = keys.answer(&request("POST", "/pks/add", "", form(certificate)));
        assert_eq!(answer.status, "200 OK");
        String::from_utf8(answer.body).unwrap()
    }

    fn ask(keys: &mut Keys, query: &str) -> (String, String) {
        let answer = keys.answer(&request("GET", "/pks/lookup", query, String::new()));
        (answer.status, String::from_utf8(answer.body).unwrap())
    }

    #[test]
    fn keys_are_found_by_exact_names_only() {
        let mut keys = Keys::default();
        let key = craft::Key::new(NOW, Hand::ed25519_legacy());
        let draft =
            CertificateDraft::of(&key).user_id("Ada L <ada@x.example>", &key.certifies(NOW));
        let certificate = draft.bytes();
        assert!(send(&mut keys, &certificate).contains("Inserted"));
        let fingerprint = key.fingerprint().to_string();
        for (query, found) in [
            (format!("0x{fingerprint}"), true),
            (format!("0x{}", fingerprint.to_lowercase()), true),
            (format!("0x{}", &fingerprint[24..]), true),
            (format!("0x{}", &fingerprint[32..]), false),
            (fingerprint.clone(), false),
            ("ADA%40x.example".to_owned(), true),
            ("ada+l+%3cada%40x.example%3e".to_owned(), true),
            ("Ada".to_owned(), false),
            ("%40x.example".to_owned(), false),
            ("x.example".to_owned(), false),
        ] {
            let (status, index) = ask(&mut keys, &format!("op=index&options=mr&search={query}"));
            assert_eq!(status == "200 OK", found, "{query}");
            let line = format!("pub:{fingerprint}:22:256:{}:", NOW.0);
            assert_eq!(index.contains(&line), found, "{query}: {index}");
            let (status, armored) = ask(&mut keys, &format!("op=get&search={query}"));
            assert_eq!(status == "200 OK", found, "{query}");
            let got = certificates(&armored).map(|got| got[0].bytes.clone());
            assert_eq!(got, found.then(|| certificate.clone()), "{query}");
        }
    }

    #[test]
    fn a_key_that_comes_again_is_merged() {
        let mut keys = Keys::default();
        let key = craft::Key::new(NOW, Hand::ed25519_legacy());
        let with = |id| {
            CertificateDraft::of(&key)
                .user_id(id, &key.certifies(NOW))
                .bytes()
        };
        for (user_id, fate) in [
            ("<a@x.example>", "Inserted"),
            ("<a@x.example>", "Ignored"),
            ("<b@x.example>", "Updated"),
        ] {
            assert!(send(&mut keys, &with(user_id)).contains(fate), "{fate}");
        }
        let (_, index) = ask(&mut keys, "op=index&options=mr&search=b%40x.example");
        assert!(index.contains("uid:<a@x.example>:"), "{index}");
    }

    #[test]
    fn what_makes_no_sense_is_refused_as_recorded() {
        let mut keys = Keys::default();
        let key = craft::Key::new(NOW, Hand::ed25519_legacy());
        let good = form(&key.primary_packet());
        let text = Request {
            content_type: "text/plain".to_owned(),
            ..request("POST", "/pks/add", "", good)
        };
        let none = String::new;
        for (request, status) in [
            (
                request("POST", "/pks/add", "", "keytext=no+key".to_owned()),
                "400",
            ),
            (request("POST", "/pks/add", "", none()), "400"),
            (text, "400"),
            (
                request("GET", "/pks/lookup", "op=frob&search=x", none()),
                "400",
            ),
            (request("GET", "/pks/lookup", "search=x", none()), "400"),
            (request("GET", "/pks/lookup", "op=get", none()), "400"),
            (
                request("HEAD", "/pks/lookup", "op=get&search=0x12", none()),
                "405",
            ),
            (
                request("GET", "/vks/v1/by-fingerprint/12", "", none()),
                "404",
            ),
        ] {
            let answer = keys.answer(&request);
            assert!(answer.status.starts_with(status), "{request:?}: {answer:?}");
        }
        assert!(keys.0.is_empty());
    }
}
