//! Keyservers, and everyone who talks to them.
//!
//! One test per server, and one per server and engine: it starts an empty server, goes
//! through every scenario in order and ends with the server. A scenario makes keys of its
//! own under a host of its own, so that it finds the same whatever the server has seen
//! before.

#![allow(clippy::unwrap_used)]

mod declared;
mod gnupg;

use sifseal_conformance_tests::{RealServer, Site, Strict, require_onak, require_sks};

/// Its name, and how it goes.
type Scenario = (&'static str, fn(&Site));

/// What holds for every server.
const SCENARIOS: [Scenario; 4] = [
    ("gpg sends, gpg receives", gnupg::sends_and_receives),
    ("gpg searches", gnupg::searches),
    ("what is declared is so", declared::by_its_answers),
    ("what is not there", declared::for_nothing),
];

fn every_scenario(site: &Site) {
    for (name, scenario) in SCENARIOS {
        // Kept by the test harness, and shown if the test fails.
        println!("{}: {name}", site.name());
        scenario(site);
    }
}

/// Shows a server's log if the test fails.
struct Told(RealServer);

impl Drop for Told {
    fn drop(&mut self) {
        println!("{}", self.0.log());
    }
}

#[test]
fn sks() {
    let Some(sks) = require_sks() else { return };
    let server = Told(sks.start());
    every_scenario(&server.0.site());
}

#[test]
fn onak() {
    let Some(onak) = require_onak() else { return };
    let server = Told(onak.start());
    every_scenario(&server.0.site());
}

#[test]
fn strict() {
    every_scenario(&Strict::start().site());
}
