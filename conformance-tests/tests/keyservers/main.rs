//! Keyservers, and everyone who talks to them.
//!
//! One test per server, and one per server and engine: it starts an empty server, goes
//! through every scenario in order and ends with the server. A scenario makes keys of its
//! own under a host of its own, so that it finds the same whatever the server has seen
//! before.

#![allow(clippy::unwrap_used)]

mod declared;
mod exchange;
mod gnupg;
mod guide;
mod leading_zero;
mod news;
mod offline;
mod people;

use people::Place;
use sifseal_conformance_tests::{RealServer, Site, Strict, require_onak, require_sks};

/// Its name, and how it goes.
type Scenario = (&'static str, fn(&Site));

/// The same with the program, which goes by the engine of this name.
type ScenarioOfOurs = (&'static str, fn(&Place, &'static str));

/// What holds for every server.
const SCENARIOS: [Scenario; 4] = [
    ("gpg sends, gpg receives", gnupg::sends_and_receives),
    ("gpg searches", gnupg::searches),
    ("what is declared is so", declared::by_its_answers),
    ("what is not there", declared::for_nothing),
];

/// What holds for every server, asked with every engine.
const SCENARIOS_OF_OURS: [ScenarioOfOurs; 8] = [
    ("the guide", guide::with_push),
    ("newpair --push", guide::with_newpair_push),
    ("gpg sends, we find", exchange::gpg_sends),
    ("we push, gpg receives", exchange::gpg_receives),
    ("a key is revoked", news::a_key_is_revoked),
    ("a key is retired", news::a_key_is_retired),
    ("a key is extended", news::a_key_is_extended),
    ("a key ID with a zero", leading_zero::is_found_by_its_key_id),
];

fn every_scenario(site: &Site) {
    for (name, scenario) in SCENARIOS {
        // Kept by the test harness, and shown if the test fails.
        println!("{}: {name}", site.name());
        scenario(site);
    }
}

fn every_scenario_of_ours(site: &Site, engine: &'static str) {
    for (name, scenario) in SCENARIOS_OF_OURS {
        println!("{} with {engine}: {name}", site.name());
        scenario(&site.into(), engine);
    }
}

/// Shows a server's log if the test fails.
struct Told(RealServer);

impl Drop for Told {
    fn drop(&mut self) {
        println!("{}", self.0.log());
    }
}

fn on_sks(scenarios: impl Fn(&Site)) {
    let Some(sks) = require_sks() else { return };
    let server = Told(sks.start());
    scenarios(&server.0.site());
}

fn on_onak(scenarios: impl Fn(&Site)) {
    let Some(onak) = require_onak() else { return };
    let server = Told(onak.start());
    scenarios(&server.0.site());
}

#[test]
fn sks() {
    on_sks(every_scenario);
}

#[test]
fn sks_and_rpgp() {
    on_sks(|site| every_scenario_of_ours(site, "rpgp"));
}

#[test]
fn sks_and_sequoia() {
    on_sks(|site| every_scenario_of_ours(site, "sequoia"));
}

#[test]
fn onak() {
    on_onak(every_scenario);
}

#[test]
fn onak_and_rpgp() {
    on_onak(|site| every_scenario_of_ours(site, "rpgp"));
}

#[test]
fn onak_and_sequoia() {
    on_onak(|site| every_scenario_of_ours(site, "sequoia"));
}

#[test]
fn strict() {
    every_scenario(&Strict::start().site());
}

#[test]
fn strict_and_rpgp() {
    every_scenario_of_ours(&Strict::start().site(), "rpgp");
}

#[test]
fn strict_and_sequoia() {
    every_scenario_of_ours(&Strict::start().site(), "sequoia");
}
