//! Servers that are not at fault, or not alone: what is told then, and what not.

use crate::person::{Command, Person};
use crate::scripted::{Server, reply};
use crate::stock::good_server;

#[test]
fn a_server_that_does_not_have_the_key_is_not_at_fault() {
    let server = Server::new(|_| reply(404, "Not Found"));
    let url = server.url("http");
    for (command, status, words) in [
        (Command::Search, 1, "no matching keys found"),
        (Command::Pull, 1, "no keyserver has a key for"),
        (Command::Refresh, 0, ": on no keyserver\n"),
        (Command::Verify, 3, "signature made by unknown entity"),
    ] {
        for engine in command.engines() {
            let person = Person::asking(std::slice::from_ref(&url), engine);
            let ended = person.does(command);
            assert_eq!(ended.status, status, "{command:?}: {ended:?}");
            assert!(
                format!("{}{}", ended.stdout, ended.stderr).contains(words),
                "{ended:?}"
            );
            assert!(!ended.stderr.contains(&url), "{ended:?}");

            let good = good_server();
            let person = Person::asking(&[url.clone(), good.url("http")], engine);
            let ended = person.does(command);
            assert_eq!(ended.status, 0, "{command:?}: {ended:?}");
            assert!(!ended.stderr.contains("WARNING"), "{ended:?}");
        }
    }
}

#[test]
fn a_server_that_takes_nothing_is_passed_over_when_a_key_is_pushed() {
    let server = Server::new(|_| reply(404, "Not Found"));
    let url = server.url("http");
    let ended = Person::asking(std::slice::from_ref(&url), "rpgp").does(Command::Push);
    assert_eq!(ended.status, 1);
    let words = format!("FATAL:   push failed: {url}: it takes no certificates: status 404");
    assert!(ended.stderr.starts_with(&words), "{ended:?}");
    let person = Person::asking(&[url, good_server().url("http")], "rpgp");
    assert_eq!(person.does(Command::Push).status, 0);
}

#[test]
fn of_two_servers_that_are_down_both_are_named() {
    let servers = [500, 401].map(|status| Server::new(move |_| reply(status, "")));
    let urls = servers.each_ref().map(|server| server.url("http"));
    for command in Command::ALL {
        let ended = Person::asking(&urls, "rpgp").does(command);
        assert_eq!(ended.status, command.failure(), "{command:?}: {ended:?}");
        for url in &urls {
            assert_eq!(
                ended.stderr.matches(url).count(),
                1,
                "{command:?}: {ended:?}"
            );
        }
        assert!(
            ended.stderr.contains("log in: `sifseal keyserver login`"),
            "{ended:?}"
        );
    }
}

#[test]
fn a_server_that_fails_is_asked_once_for_one_signer() {
    let server = Server::new(|_| reply(500, ""));
    let url = server.url("http");
    Person::asking(&[url], "rpgp").does(Command::Verify);
    assert_eq!(server.seen().len(), 1);
}
