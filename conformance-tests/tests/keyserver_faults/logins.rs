//! Logins at a server whose TLS certificate a site's own authority has signed.

use crate::person::{CONFIG, Command, ONE_ENGINE, Person};
use crate::scripted::{Authority, Request, Server, reply};
use crate::stock::{STOCK, answer};
use std::fs;
use std::os::unix::fs::PermissionsExt;

const KEPT: &str = ".config/sifseal/credentials.toml";

/// Someone who asks one server, over TLS, which lets in whoever has the token.
fn someone_at_a_closed_server() -> (Server, Person) {
    let authority = Authority::new();
    let server = Server::tls(authority.server("127.0.0.1"), |request| {
        match request.header("authorization") {
            Some("Bearer sesame") if request.target == "/" => reply(200, "Welcome."),
            Some("Bearer sesame") => answer(request, &[&STOCK.ada, &STOCK.bob]),
            _ => reply(401, ""),
        }
    });
    let person = Person::asking(&[], ONE_ENGINE[0]);
    let ca = fs::read(authority.file()).unwrap();
    person.write(".config/sifseal/ca.pem", &ca);
    let url = server.url("https");
    let table = format!("[[keyserver]]\nbackend = 'hkp'\nurl = '{url}'\nca_file = 'ca.pem'\n");
    person.write(CONFIG, table.as_bytes());
    (server, person)
}

fn log_in(server: &Server, person: &Person, token: &str) -> (i32, String) {
    let line = format!("keyserver login --password-stdin {}", server.url("https"));
    let ended = person.types(&line, token);
    assert!(!ended.stderr.contains(token.trim()), "{ended:?}");
    (ended.status, ended.stderr)
}

#[test]
fn a_login_that_the_server_takes_is_kept_and_used_and_forgotten() {
    let (server, person) = someone_at_a_closed_server();
    let (status, told) = log_in(&server, &person, "sesame\n");
    let kept = person.path(KEPT);
    assert_eq!(status, 0, "{told}");
    // This server has no page by which a login could be proved.
    assert!(
        told.contains("whether this login is right is not known"),
        "{told}"
    );
    let stored = format!("INFO:    Token stored in {}\n", kept.display());
    assert!(told.ends_with(&stored), "{told}");
    let mode = fs::metadata(kept).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    for command in Command::ALL {
        let ended = person.does(command);
        assert_eq!(ended.status, 0, "{command:?}: {ended:?}");
    }
    let logout = format!("keyserver logout {}", server.url("hkps"));
    assert_eq!(person.types(&logout, "").status, 0);
    let searched = person.does(Command::Search);
    assert_eq!(searched.status, 1);
    assert!(
        searched.stderr.contains("it wants a login: status 401"),
        "{searched:?}"
    );
}

#[test]
fn a_login_that_the_server_does_not_take_is_not_kept() {
    let (server, person) = someone_at_a_closed_server();
    let (status, told) = log_in(&server, &person, "guess\n");
    assert_eq!(status, 1);
    let words = format!(
        "FATAL:   {}: it wants a login: status 401",
        server.url("https")
    );
    assert!(told.starts_with(&words), "{told}");
    assert!(!person.path(KEPT).exists());
}

#[test]
fn a_login_goes_to_its_own_server_and_to_no_other() {
    let (server, person) = someone_at_a_closed_server();
    log_in(&server, &person, "sesame\n");
    let other = Server::new(|request: &Request| answer(request, &[&STOCK.ada]));
    let line = format!("key search --url {} ada@example.com", other.url("http"));
    assert_eq!(person.types(&line, "").status, 0);
    assert!(
        other
            .seen()
            .iter()
            .all(|request| request.header("authorization").is_none())
    );
}
