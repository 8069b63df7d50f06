//! Real keyservers, and everyone who talks to them.
//!
//! One test per server: it starts empty, goes through every scenario in order and ends
//! with the test. A scenario makes keys of its own under a host of its own, so that it
//! finds the same whatever the server has seen before.

#![allow(clippy::unwrap_used)]

mod declared;
mod gnupg;

use sifseal_conformance_tests::{RealServer, require_onak, require_sks};

/// Its name, and how it goes.
type Scenario = (&'static str, fn(&RealServer));

/// What holds for every server.
const SCENARIOS: [Scenario; 4] = [
    ("gpg sends, gpg receives", gnupg::sends_and_receives),
    ("gpg searches", gnupg::searches),
    ("what is declared is so", declared::by_its_answers),
    ("what is not there", declared::for_nothing),
];

fn every_scenario(server: &RealServer) {
    for (name, scenario) in SCENARIOS {
        // Kept by the test harness, and shown if the test fails.
        println!("{}: {name}", server.name());
        scenario(server);
    }
    println!("{}", server.log());
}

#[test]
fn sks() {
    let Some(sks) = require_sks() else { return };
    every_scenario(&sks.start());
}

#[test]
fn onak() {
    let Some(onak) = require_onak() else { return };
    every_scenario(&onak.start());
}
