//! The keyserver against servers that misbehave, one script for each test.

// The helpers here are tests too, though Clippy takes them for something else.
#![allow(clippy::unwrap_used)]

mod fetching;
mod limits;
mod logins;
mod proxies;
mod publishing;
mod redirects;
mod scripted;
mod searching;
mod tls;

use sifseal_core::openpgp::KeyHandle;
use sifseal_core::traits::{Keyserver as _, Nobody};
use sifseal_core::{Context, Result, Timestamp};
use sifseal_keyserver_hkp::{HkpKeyserver, Settings, TimeLimits};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// A block as every OpenPGP program writes it; what is in it matters to nobody here.
const CERTIFICATE: &str =
    "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxjMEZQ==\n-----END PGP PUBLIC KEY BLOCK-----\n";

const ADA: &str = "00F947AAE31C6446A201D0213300000E0E5FEF89";

fn ada() -> KeyHandle {
    KeyHandle::Fingerprint(ADA.parse().unwrap())
}

/// Settings for a server at this address, with hardly a pause before a retry.
fn settings(address: &str) -> Settings {
    let mut settings = Settings::new(address.parse().unwrap());
    settings.limits.pause = Duration::from_millis(1);
    settings
}

/// The same for someone in a hurry, about each answer if not about the whole call.
fn hasty(address: &str) -> Settings {
    let mut settings = settings(address);
    settings.limits = TimeLimits {
        connect: Duration::from_millis(150),
        answer: Duration::from_millis(200),
        call: Duration::from_secs(3600),
        pause: Duration::from_millis(1),
    };
    settings
}

fn keyserver(address: &str) -> HkpKeyserver {
    HkpKeyserver::new(settings(address)).unwrap()
}

/// Runs one operation without a limit of its own.
fn at_leisure<T>(operation: impl FnOnce(&Context<'_>) -> T) -> T {
    operation(&Context {
        now: Timestamp(0),
        deadline: None,
        cancelled: &AtomicBool::new(false),
        ui: &Nobody,
    })
}

fn fetch(keyserver: &HkpKeyserver) -> Result<Option<Vec<u8>>> {
    at_leisure(|cx| keyserver.fetch(cx, &ada()))
}
