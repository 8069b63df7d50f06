//! Whom is asked, when, and how often.

use crate::people::*;
use crate::server::Server;
use sifseal_conformance_tests::craft::{CertificateDraft, Key};
use sifseal_conformance_tests::engines;
use sifseal_core::ErrorKind;
use sifseal_core::keyservers::Keyservers;
use sifseal_core::openpgp::Fingerprint;
use sifseal_core::traits::SearchQuery;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

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
        let told: Vec<_> = fetched
            .failures
            .iter()
            .filter_map(|f| f.place.as_deref())
            .collect();
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
fn a_server_out_of_reach_is_not_asked_again_in_a_run_and_told_each_time_w29() {
    for engine in engines() {
        // One slow answer may be the question's fault; a second one is the server's.
        for (kind, times) in [(ErrorKind::Unavailable, 1), (ErrorKind::Timeout, 2)] {
            let server = Server::named("down").fails_with(kind);
            let log = Arc::clone(&server.log);
            let servers = [server.boxed()];
            let keyservers = Keyservers::new(&*engine, &servers);
            for _ in 0..4 {
                let fetched = keyservers.fetch(&cx(), &[by_id(&key())]);
                assert_eq!(fetched.failures.len(), 1);
            }
            assert_eq!(log.times_asked(), times, "{kind:?}");
        }
        // One that answers one question badly may know the next answer.
        for kind in [ErrorKind::Malformed, ErrorKind::Backend, ErrorKind::Denied] {
            let server = Server::named("odd").fails_with(kind);
            let log = Arc::clone(&server.log);
            let servers = [server.boxed()];
            let keyservers = Keyservers::new(&*engine, &servers);
            for _ in 0..4 {
                keyservers.fetch(&cx(), &[by_id(&key())]);
            }
            assert_eq!(log.times_asked(), 4, "{kind:?}");
        }
    }
}

#[test]
fn a_key_id_is_asked_for_only_if_the_fingerprint_beside_it_was_in_vain() {
    for engine in engines() {
        let wanted = key();
        let (exact, id) = (by_fingerprint(&wanted), by_id(&wanted));
        let asked = |server: Server| {
            let log = Arc::clone(&server.log);
            let servers = [server.boxed()];
            let fetched = Keyservers::new(&*engine, &servers).fetch(&cx(), &[id, exact, id]);
            let asked = log.fetched.lock().unwrap().clone();
            (fetched.certificates.len(), asked)
        };
        let knows_both = Server::named("s")
            .has(exact, &ada(&wanted))
            .has(id, &ada(&wanted));
        assert_eq!(asked(knows_both), (1, vec![exact]));
        // A junk fingerprint with the same end must not keep the signer unknown.
        let knows_ids = Server::named("s").has(id, &ada(&wanted));
        assert_eq!(asked(knows_ids), (1, vec![exact, id]));
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
        // One subkey that two primary keys have, and that says so of both.
        let (one, two, shared) = (key(), key(), key());
        let with = |primary: &Key| {
            certificate(primary, "Ada")
                .subkey(&shared, &primary.binds(&shared, MADE))
                .bytes()
        };
        let both = [with(&one), with(&two)].concat();
        let servers = [Server::named("s").always_says(&both).boxed()];
        let query: SearchQuery = shared.fingerprint().key_id().to_string().parse().unwrap();
        let error = Keyservers::new(&*engine, &servers)
            .look_up(&cx(), &query)
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Ambiguous);
    }
}

#[test]
fn a_short_id_is_compared_with_the_certificate_and_not_with_the_servers_word_w3() {
    for engine in engines() {
        let (ada_key, mallory) = (key(), key());
        let digits = ada_key.fingerprint().to_string()[32..].to_owned();
        let query: SearchQuery = digits.parse().unwrap();
        let pulled = |key: &Key| {
            let server = Server::named("s")
                .finds(hit(key.fingerprint(), "Ada <ada@example.com>"))
                .has(by_fingerprint(key), &ada(key));
            Keyservers::new(&*engine, &[server.boxed()]).look_up(&cx(), &query)
        };
        let found = pulled(&ada_key).unwrap().certificates;
        assert_eq!(found[0].fingerprint(), ada_key.fingerprint());
        assert_eq!(pulled(&mallory).unwrap_err().kind(), ErrorKind::NotFound);
    }
}

#[test]
fn an_address_that_one_server_holds_back_is_taken_from_the_next_w24() {
    for engine in engines() {
        let ada_key = key();
        let handle = by_fingerprint(&ada_key);
        let stripped = CertificateDraft::of(&ada_key)
            .on_key(&ada_key.states(MADE))
            .bytes();
        let servers = [
            Server::named("strips").has(handle, &stripped).boxed(),
            Server::named("shows")
                .has(handle, &ada(&ada_key))
                .finds(hit(ada_key.fingerprint(), "Ada <ada@example.com>"))
                .boxed(),
        ];
        let query: SearchQuery = "ada@example.com".parse().unwrap();
        let found = Keyservers::new(&*engine, &servers)
            .look_up(&cx(), &query)
            .unwrap();
        assert_eq!(
            found.certificates[0].outline.user_ids,
            ["Ada <ada@example.com>"]
        );
    }
}

#[test]
fn a_server_cannot_fill_an_error_with_its_inventions() {
    let engine = &engines()[0];
    let mut server = Server::named("s");
    for _ in 0..500 {
        server = server.finds(hit(key_with_number(), "Ada <ada@example.com>"));
    }
    let query: SearchQuery = "ada@example.com".parse().unwrap();
    let error = Keyservers::new(&**engine, &[server.boxed()])
        .look_up(&cx(), &query)
        .unwrap_err();
    let told = error.to_string();
    assert!(
        told.starts_with("500 keys") && told.ends_with("and 490 more"),
        "{told}"
    );
}

fn key_with_number() -> Fingerprint {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let mut bytes = [0; 20];
    bytes[..4].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    Fingerprint::V4(bytes)
}
