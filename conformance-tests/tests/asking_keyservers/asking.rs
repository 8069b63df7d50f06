//! Whom is asked, when, and how often.

use crate::people::*;
use crate::server::Server;
use sifseal_conformance_tests::craft::Key;
use sifseal_conformance_tests::engines;
use sifseal_core::ErrorKind;
use sifseal_core::keyservers::Keyservers;
use sifseal_core::traits::SearchQuery;
use std::sync::Arc;

#[test]
fn the_first_server_that_has_a_key_answers_and_the_next_are_left_alone_w24() {
    for engine in engines() {
        let wanted = key();
        let handle = by_fingerprint(&wanted);
        let first = Server::named("empty");
        let second = Server::named("full").has(handle, &ada(&wanted));
        let third = Server::named("idle").has(handle, &ada(&wanted));
        let logs = [&first, &second, &third].map(|server| Arc::clone(&server.log));
        let servers = [first.boxed(), second.boxed(), third.boxed()];
        let fetched = Keyservers::new(&*engine, &servers).fetch(&cx(), &[handle]);
        assert_eq!(fetched.certificates.len(), 1);
        assert_eq!(logs.map(|log| log.times_asked()), [1, 1, 0]);
    }
}

#[test]
fn a_server_that_is_broken_or_lies_does_not_keep_the_next_from_being_asked_w24() {
    for engine in engines() {
        let (wanted, other) = (key(), key());
        let handle = by_id(&wanted);
        let servers = [
            Server::named("down")
                .fails_with(ErrorKind::Unavailable)
                .boxed(),
            Server::named("shut").fails_with(ErrorKind::Denied).boxed(),
            Server::named("liar").always_says(&ada(&other)).boxed(),
            Server::named("good").has(handle, &ada(&wanted)).boxed(),
        ];
        let fetched = Keyservers::new(&*engine, &servers).fetch(&cx(), &[handle]);
        assert_eq!(fetched.certificates[0].fingerprint(), wanted.fingerprint());
        let told: Vec<_> = fetched.failures.iter().map(|f| f.place.as_str()).collect();
        assert_eq!(told, ["down", "shut", "liar"]);
    }
}

#[test]
fn all_keys_are_asked_for_at_once_w29() {
    for engine in engines() {
        let keys: Vec<Key> = (0..8).map(|_| key()).collect();
        let handles: Vec<_> = keys.iter().map(by_fingerprint).collect();
        let mut server = Server::named("s");
        for (key, handle) in keys.iter().zip(&handles) {
            server = server.has(*handle, &ada(key));
        }
        // Asked one after another, the first would wait for ever.
        let servers = [server.waits_for(8).boxed()];
        let fetched = Keyservers::new(&*engine, &servers).fetch(&cx(), &handles);
        assert_eq!(fetched.certificates.len(), 8);
    }
}

#[test]
fn what_was_learnt_is_remembered_for_the_run_misses_too_w29() {
    for engine in engines() {
        let (wanted, unknown) = (key(), key());
        let handles = [by_fingerprint(&wanted), by_fingerprint(&unknown)];
        let server = Server::named("s").has(handles[0], &ada(&wanted));
        let log = Arc::clone(&server.log);
        let servers = [server.boxed()];
        let keyservers = Keyservers::new(&*engine, &servers);
        for _ in 0..3 {
            let fetched = keyservers.fetch(&cx(), &handles);
            assert_eq!(fetched.certificates.len(), 1);
            assert!(fetched.failures.is_empty());
        }
        assert_eq!(log.times_asked(), 2);
        assert!(keyservers.fetched(&wanted.fingerprint()).is_some());
        assert!(keyservers.fetched(&unknown.fingerprint()).is_none());
    }
}

#[test]
fn a_server_out_of_reach_is_asked_once_in_a_run_and_told_each_time() {
    for engine in engines() {
        for kind in [ErrorKind::Unavailable, ErrorKind::Timeout] {
            let server = Server::named("down").fails_with(kind);
            let log = Arc::clone(&server.log);
            let servers = [server.boxed()];
            let keyservers = Keyservers::new(&*engine, &servers);
            for _ in 0..3 {
                let fetched = keyservers.fetch(&cx(), &[by_id(&key())]);
                assert_eq!(fetched.failures.len(), 1);
            }
            assert_eq!(log.times_asked(), 1);
        }
        // One that answers nonsense for one key may have the next.
        let server = Server::named("odd").fails_with(ErrorKind::Malformed);
        let log = Arc::clone(&server.log);
        let servers = [server.boxed()];
        let keyservers = Keyservers::new(&*engine, &servers);
        for _ in 0..2 {
            keyservers.fetch(&cx(), &[by_id(&key())]);
        }
        assert_eq!(log.times_asked(), 2);
    }
}

#[test]
fn an_image_that_names_hundreds_of_strangers_has_a_bounded_number_asked_for() {
    let engine = &engines()[0];
    let server = Server::named("s");
    let log = Arc::clone(&server.log);
    let servers = [server.boxed()];
    let ids: Vec<_> = (0..1000_u64)
        .map(|n| {
            sifseal_core::openpgp::KeyHandle::KeyId(sifseal_core::openpgp::KeyId(n.to_be_bytes()))
        })
        .collect();
    let fetched = Keyservers::new(&**engine, &servers).fetch(&cx(), &ids);
    assert_eq!(log.times_asked(), 64);
    assert_eq!(fetched.failures.len(), 1, "it is told");
}

#[test]
fn a_search_is_for_all_servers_and_fails_only_where_none_answers_w24() {
    let engine = &engines()[0];
    let query: SearchQuery = "Ada".parse().unwrap();
    let (one, two) = (key().fingerprint(), key().fingerprint());
    let servers = [
        Server::named("down").fails_with(ErrorKind::Timeout).boxed(),
        Server::named("a").finds(hit(one, "Ada")).boxed(),
        Server::named("b")
            .finds(hit(one, "Ada"))
            .finds(hit(two, "Ada"))
            .boxed(),
    ];
    let found = Keyservers::new(&**engine, &servers)
        .search(&cx(), &query)
        .unwrap();
    let keys: Vec<_> = found
        .hits
        .iter()
        .filter_map(|hit| hit.fingerprint)
        .collect();
    assert_eq!(keys, [one, two]);
    assert_eq!(found.failures.len(), 1);
    let error = Keyservers::new(&**engine, &servers[..1])
        .search(&cx(), &query)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.to_string(), "down: out of order");
    let error = Keyservers::new(&**engine, &[])
        .search(&cx(), &query)
        .unwrap_err();
    assert_eq!(error.to_string(), "no keyserver is configured");
}

#[test]
fn an_address_is_turned_into_one_key_which_must_have_it() {
    for engine in engines() {
        let (wanted, other) = (key(), key());
        let query: SearchQuery = "ada@example.com".parse().unwrap();
        let look_up = |servers: &[_]| Keyservers::new(&*engine, servers).look_up(&cx(), &query);
        let honest = || {
            Server::named("s")
                .finds(hit(wanted.fingerprint(), "Ada <ADA@example.com>"))
                .finds(hit(other.fingerprint(), "ada@example.com.evil.example"))
                .has(by_fingerprint(&wanted), &ada(&wanted))
        };
        let found = look_up(&[honest().boxed()]).unwrap();
        assert_eq!(found.certificates[0].fingerprint(), wanted.fingerprint());

        // The server says that a key has the address; its owner does not.
        let bob = certificate(&wanted, "Bob <bob@example.com>").bytes();
        let lies = Server::named("s")
            .finds(hit(wanted.fingerprint(), "ada@example.com"))
            .has(by_fingerprint(&wanted), &bob);
        assert_eq!(
            look_up(&[lies.boxed()]).unwrap_err().kind(),
            ErrorKind::NotFound
        );

        let two = honest().finds(hit(other.fingerprint(), "Ada <ada@example.com>"));
        let error = look_up(&[two.boxed()]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Ambiguous);
        for key in [&wanted, &other] {
            assert!(
                error.to_string().contains(&key.fingerprint().to_string()),
                "{error}"
            );
        }
        assert_eq!(
            look_up(&[Server::named("s").boxed()]).unwrap_err().kind(),
            ErrorKind::NotFound
        );
    }
}

#[test]
fn that_nobody_has_a_key_is_only_said_if_everybody_answered() {
    let engine = &engines()[0];
    let query: SearchQuery = key().fingerprint().to_string().parse().unwrap();
    let servers = [
        Server::named("empty").boxed(),
        Server::named("down")
            .fails_with(ErrorKind::Unavailable)
            .boxed(),
    ];
    let error = Keyservers::new(&**engine, &servers)
        .look_up(&cx(), &query)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let error = Keyservers::new(&**engine, &servers[..1])
        .look_up(&cx(), &query)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[test]
fn two_keys_with_one_id_are_not_chosen_between() {
    for engine in engines() {
        // A certificate of one key that has adopted another's as a subkey answers to
        // its ID just as that one itself.
        let (one, two) = (key(), key());
        let adopts = certificate(&two, "Two")
            .subkey(&one, &two.binds_without_answer(MADE))
            .bytes();
        let both = [ada(&one), adopts].concat();
        let servers = [Server::named("s").always_says(&both).boxed()];
        let query: SearchQuery = one.fingerprint().key_id().to_string().parse().unwrap();
        let error = Keyservers::new(&*engine, &servers)
            .look_up(&cx(), &query)
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Ambiguous);
    }
}
