//! The table: every fault with every command, alone and with a good server behind it.

use crate::person::{Command, ONE_ENGINE, Person};
use crate::scripted::{Authority, Reply, Server, reply};
use crate::stock::{STOCK, armored, good_server};
use sifseal_conformance_tests::program::Output;
use std::net::TcpListener;

/// Runs every command against a faulty server, and against it and a good one.
fn in_every_command(url: &str, words: &[&str]) {
    for command in Command::ALL {
        in_command(command, ONE_ENGINE, url, words);
    }
}

fn in_command(command: Command, engines: &[&str], url: &str, words: &[&str]) {
    for engine in engines {
        alone(command, engine, url, words);
        beside_a_good_one(command, engine, url, words);
    }
}

/// The command fails by one line that names the server, and changes nothing.
fn alone(command: Command, engine: &str, url: &str, words: &[&str]) {
    let person = Person::asking(&[url.to_owned()], engine);
    let before = (person.ring(), person.other_files());
    let ended = person.does(command);
    assert_eq!(ended.status, command.failure(), "{command:?}: {ended:?}");
    let line = the_line_about(url, &ended);
    // Who goes on without an answer warns; who cannot go on ends with it.
    let goes_on = matches!(command, Command::Refresh | Command::Verify);
    let label = if goes_on { "WARNING: " } else { "FATAL:   " };
    assert!(line.starts_with(label), "{command:?}: {ended:?}");
    assert!(
        words.iter().any(|words| line.contains(words)),
        "{command:?}: {line}"
    );
    assert!(ended.stderr.matches("FATAL:   ").count() <= 1, "{ended:?}");
    assert_eq!((person.ring(), person.other_files()), before, "{command:?}");
}

/// The command succeeds by the second server, and warns of the first.
fn beside_a_good_one(command: Command, engine: &str, url: &str, words: &[&str]) {
    let good = good_server();
    let person = Person::asking(&[url.to_owned(), good.url("http")], engine);
    let (ring, others) = (person.ring(), person.other_files());
    let ended = person.does(command);
    // A refresh that did not reach everybody may have missed a revocation.
    let expected = if command == Command::Refresh { 1 } else { 0 };
    assert_eq!(ended.status, expected, "{command:?}: {ended:?}");
    let line = the_line_about(url, &ended);
    assert!(line.starts_with("WARNING: "), "{command:?}: {ended:?}");
    assert!(
        words.iter().any(|words| line.contains(words)),
        "{command:?}: {line}"
    );
    assert!(!ended.stderr.contains("FATAL"), "{command:?}: {ended:?}");
    let result = match command {
        Command::Search => STOCK.ada.fingerprint().to_string(),
        Command::Pull => "1 key(s) added to keyring".to_owned(),
        Command::Push => "pushed to server successfully".to_owned(),
        Command::Refresh => ": nothing new\n".to_owned(),
        Command::Verify => "[REMOTE]           Signing entity: Bob".to_owned(),
    };
    assert!(ended.stdout.contains(&result), "{command:?}: {ended:?}");
    assert_eq!(person.other_files(), others, "{command:?}");
    if command != Command::Pull {
        assert_eq!(person.ring(), ring, "{command:?}");
    }
}

/// There is exactly one line about the server, and nothing that a terminal obeys.
fn the_line_about<'a>(url: &str, ended: &'a Output) -> &'a str {
    let about = |text: &'a str| text.lines().filter(|line| line.contains(url));
    let mut lines = about(&ended.stderr).chain(about(&ended.stdout));
    let line = lines
        .next()
        .unwrap_or_else(|| panic!("{url} is not named: {ended:?}"));
    assert_eq!(lines.next(), None, "{url} is named twice: {ended:?}");
    harmless(ended);
    line
}

pub(crate) fn harmless(ended: &Output) {
    for text in [&ended.stdout, &ended.stderr] {
        let obeyed = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!text.contains(obeyed), "{text:?}");
        assert!(!text.contains("panicked"), "{text}");
    }
}

fn always(reply: Reply) -> Server {
    Server::new(move |_| reply.clone())
}

#[test]
fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    in_every_command(&url, &["the connection was refused"]);
}

#[test]
fn the_server_never_answers() {
    let server = always(Reply::Silence);
    in_every_command(&server.url("http"), &["no complete answer in time"]);
}

#[test]
fn the_answer_is_cut_short() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n";
    let server = always(Reply::Bytes(
        [head.as_bytes(), &armored(&STOCK.bob)].concat(),
    ));
    in_every_command(&server.url("http"), &["the connection broke"]);
}

#[test]
fn the_answer_is_another_key() {
    let server = Server::new(|request| match request.target.contains("op=index") {
        // A listing of anything is a listing; so the search has its own fault.
        true => reply(200, "pub:nonsense"),
        false => reply(200, armored(&STOCK.mallory)),
    });
    let url = server.url("http");
    for command in [
        Command::Pull,
        Command::Push,
        Command::Refresh,
        Command::Verify,
    ] {
        in_command(
            command,
            command.engines(),
            &url,
            &["another certificate than the one asked for"],
        );
    }
}

#[test]
fn the_answer_is_a_hundred_megabytes() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n";
    let server = always(Reply::Flood(head, vec![b'a'; 1 << 16]));
    in_every_command(&server.url("http"), &["too large"]);
}

#[test]
fn the_answer_has_no_end() {
    let server = always(Reply::Flood("HTTP/1.0 200 OK\r\n\r\n", vec![b'a'; 1 << 16]));
    in_every_command(&server.url("http"), &["too large"]);
}

#[test]
fn the_answer_is_a_web_page() {
    let page = "<html><title>Guest network</title>Please log in.</html>";
    let server = always(reply(200, page).with("Content-Type", "text/html"));
    in_every_command(&server.url("http"), &["a web page and not a keyserver's"]);
}

#[test]
fn the_answer_is_armor_around_nothing() {
    let begin = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n";
    let end = "-----END PGP PUBLIC KEY BLOCK-----\n";
    // No base64; and base64 of bytes that are no packets.
    for inner in ["!!!! nothing !!!!\n", "AAAAAAAA\n"] {
        let server = always(reply(200, format!("{begin}{inner}{end}")));
        for command in Command::ALL {
            let words = match command {
                Command::Search => ["the answer is not a keyserver's"; 2],
                _ => ["base64", "the answer is no OpenPGP certificate"],
            };
            in_command(command, command.engines(), &server.url("http"), &words);
        }
    }
}

#[test]
fn redirects_go_round_and_round() {
    let server = always(reply(302, "").with("Location", "/pks/lookup?again"));
    let words = ["redirects again and again", "it sends what is published to"];
    in_every_command(&server.url("http"), &words);
}

#[test]
fn the_server_refuses_with_a_status() {
    for (status, words) in [
        (401, "it wants a login: status 401"),
        (403, "it refuses the request: status 403"),
        (429, "too many requests: status 429"),
        (500, "trouble of its own: status 500"),
    ] {
        let server = always(reply(status, ""));
        in_every_command(&server.url("http"), &[words]);
    }
}

#[test]
fn nobody_has_signed_for_the_servers_name() {
    let tls = Authority::new().server("127.0.0.1");
    let server = Server::tls(tls, |_| reply(404, ""));
    let words = ["its TLS certificate", "no root certificates"];
    in_every_command(&server.url("https"), &words);
}

#[test]
fn the_server_speaks_no_tls() {
    let server = always(reply(404, ""));
    in_every_command(&server.url("https"), &["TLS", "the connection broke"]);
}
