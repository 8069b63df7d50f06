//! Handing out a certificate, and looking what became of it.

use crate::people::*;
use crate::server::Server;
use sifseal_conformance_tests::craft::CertificateDraft;
use sifseal_conformance_tests::engines;
use sifseal_core::ErrorKind;
use sifseal_core::keyservers::{Keyservers, Seen};
use std::sync::Arc;

#[test]
fn the_first_server_that_takes_a_certificate_gets_it_in_armor_w24() {
    for engine in engines() {
        let own = key();
        let good = Server::named("good").has(by_fingerprint(&own), &ada(&own));
        let log = Arc::clone(&good.log);
        let servers = [
            Server::named("down")
                .fails_with(ErrorKind::Unavailable)
                .boxed(),
            Server::named("shut").takes_nothing().boxed(),
            good.boxed(),
        ];
        let certificate = read(&*engine, &ada(&own));
        let published = Keyservers::new(&*engine, &servers)
            .publish(&cx(), &certificate)
            .unwrap();
        assert_eq!(
            (published.place.as_str(), published.answer.as_str()),
            ("good", "thank you")
        );
        assert_eq!(published.seen, Seen::Whole);
        assert_eq!(published.failures.len(), 2);
        let sent = log.published.lock().unwrap();
        assert!(sent[0].starts_with(b"-----BEGIN PGP PUBLIC KEY BLOCK-----"));
        assert_eq!(read(&*engine, &sent[0]), certificate);
    }
}

#[test]
fn a_server_that_holds_addresses_back_is_found_out() {
    for engine in engines() {
        let own = key();
        let stripped = CertificateDraft::of(&own).on_key(&own.states(MADE)).bytes();
        let servers = [Server::named("s")
            .has(by_fingerprint(&own), &stripped)
            .boxed()];
        let certificate = read(&*engine, &ada(&own));
        let published = Keyservers::new(&*engine, &servers)
            .publish(&cx(), &certificate)
            .unwrap();
        let held_back = vec!["Ada <ada@example.com>".to_owned()];
        assert_eq!(published.seen, Seen::Without(held_back));
    }
}

#[test]
fn a_server_that_says_yes_to_anything_is_found_out() {
    let engine = &engines()[0];
    let (own, other) = (key(), key());
    let certificate = read(&**engine, &ada(&own));
    let seen = |server: Server| {
        Keyservers::new(&**engine, &[server.boxed()])
            .publish(&cx(), &certificate)
            .unwrap()
            .seen
    };
    assert_eq!(seen(Server::named("s")), Seen::Nothing);
    let unknown = seen(Server::named("s").always_says(&ada(&other)));
    assert!(matches!(unknown, Seen::Unknown(_)), "{unknown:?}");
}

#[test]
fn if_nobody_takes_it_the_first_reason_is_told() {
    let engine = &engines()[0];
    let certificate = read(&**engine, &ada(&key()));
    let servers = [
        Server::named("down").fails_with(ErrorKind::Timeout).boxed(),
        Server::named("shut").takes_nothing().boxed(),
    ];
    let publish = |servers: &[_]| {
        Keyservers::new(&**engine, servers)
            .publish(&cx(), &certificate)
            .unwrap_err()
    };
    assert_eq!(publish(&servers).to_string(), "down: out of order");
    assert_eq!(publish(&[]).to_string(), "no keyserver is configured");
}
