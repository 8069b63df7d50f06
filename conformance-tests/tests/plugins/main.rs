//! Plugins as a person uses them: configured, started by the program, and not believed.

#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

mod carriers;
mod commands;
mod examples;
mod gpg_agent;
mod hints;
mod instances;
mod liars;
mod protocol_1_0;
mod refusals;
mod upgrades;
mod world;
