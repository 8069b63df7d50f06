//! The OpenPGP libraries without our engines: what they get wrong or do otherwise.
//!
//! Each test shows one thing that sifseal works around, as `docs/openpgp-libraries.md`
//! tells. A test that fails is good news: the library has changed, and it is time to
//! look whether the workaround is still needed.

#![allow(clippy::unwrap_used)]

mod rpgp;
mod sequoia;

use sifseal_conformance_tests::craft::{CertificateDraft, Draft, Frame, Hand, Key};
use sifseal_core::Timestamp;

/// When keys are made: 2024-01-01.
const MADE: Timestamp = Timestamp(1_704_067_200);

/// When messages are signed: 2025-01-01.
const SIGNED: Timestamp = Timestamp(1_735_689_600);

fn key() -> Key {
    Key::new(MADE, Hand::ed25519_legacy())
}

fn certificate(key: &Key) -> Vec<u8> {
    CertificateDraft::of(key)
        .user_id("Ada", &key.certifies(MADE))
        .bytes()
}

fn message(signature: &Draft<'_>) -> String {
    Frame::new("hello").signed(signature).message()
}
