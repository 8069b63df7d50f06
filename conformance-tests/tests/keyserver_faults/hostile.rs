//! Servers that try to write on the person's terminal (W-13).

use crate::person::{Command, ONE_ENGINE, Person};
use crate::scripted::{Reply, Server, reply};
use crate::stock::{STOCK, answer, armored};
use crate::table::harmless;
use sifseal_conformance_tests::workshop::new_key;
use sifseal_core::traits::{Engine, KeyAlgorithm};
use sifseal_engine_rpgp::RpgpEngine;

const ESCAPE: &str = "\u{1b}[2J\u{9b}1A\u{202e}\u{7}";

fn every_command_stays_harmless(server: &Server) {
    for command in Command::ALL {
        let person = Person::asking(&[server.url("http")], ONE_ENGINE[0]);
        harmless(&person.does(command));
    }
}

#[test]
fn escapes_in_names_are_shown_and_not_obeyed_w13() {
    // Percent-encoded and bare, in the names and where no name belongs.
    let encoded = "%1B%5B2J%C2%9B1A%E2%80%AE";
    let fingerprint = STOCK.ada.fingerprint();
    let listing = format!(
        "info:1:2\npub:{fingerprint}:22:256:1700000000::\nuid:Ada{encoded}:::\nuid:{ESCAPE}:::\n\
         pub:{ESCAPE}:22:256:::{ESCAPE}\nuid:Zoe:::\n"
    );
    let user_id = format!("Mallory {ESCAPE} <m@example.com>");
    let engine = RpgpEngine;
    let key = new_key(&engine, &user_id, KeyAlgorithm::Ed25519).unwrap();
    let certificate = armored(&engine.certificate_of(&key).unwrap());
    let server = Server::new(move |request| match request.target.contains("op=index") {
        true => reply(200, &listing),
        false => reply(200, &certificate),
    });
    let person = Person::asking(&[server.url("http")], "rpgp");
    let found = person.does(Command::Search);
    assert!(found.stdout.contains("Ada\\u{1b}[2J"), "{found:?}");
    every_command_stays_harmless(&server);
}

#[test]
fn escapes_in_what_a_server_says_are_shown_and_not_obeyed_w13() {
    let said = |status: u16| {
        reply(status, format!("No. {ESCAPE}")).with("Content-Type", "text/plain; charset=utf-8")
    };
    for status in [200, 400, 401, 500] {
        every_command_stays_harmless(&Server::new(move |_| said(status)));
    }
    // To a push and to nothing else: everything after it is in order.
    let server = Server::new(move |request| match request.method.as_str() {
        "POST" => said(200),
        _ => answer(request, &[&STOCK.ada]),
    });
    let pushed = Person::asking(&[server.url("http")], "rpgp").does(Command::Push);
    assert_eq!(pushed.status, 0, "{pushed:?}");
    assert!(
        pushed
            .stderr
            .contains("Key server response: No. \\u{1b}[2J"),
        "{pushed:?}"
    );
    harmless(&pushed);
}

#[test]
fn escapes_in_headers_and_redirects_are_not_obeyed_w13() {
    for head in [
        format!("HTTP/1.1 200 {ESCAPE}\r\nX: {ESCAPE}\r\nContent-Length: 0\r\n\r\n"),
        format!("HTTP/1.1 302 x\r\nLocation: http://{ESCAPE}/\r\nContent-Length: 0\r\n\r\n"),
        format!("{ESCAPE}\r\n\r\n"),
    ] {
        let bytes = head.into_bytes();
        every_command_stays_harmless(&Server::new(move |_| Reply::Bytes(bytes.clone())));
    }
}
