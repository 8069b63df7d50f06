//! The contracts between the core and everything that can be exchanged.
//!
//! | trait | in one sentence |
//! |---|---|
//! | [`Signer`] | one private key, wherever it lives |
//! | [`Engine`] | an OpenPGP library: frames, parses, does the mathematics, has no opinions |
//! | [`KeyStore`] | finds keys, and hands out a way to sign with one |
//! | [`Keyserver`] | fetches, searches and publishes certificates, as bytes |
//! | [`ObjectSelector`] | which objects a signature covers or a verification asks about |
//! | [`Ui`] | the person, or whoever answers for them |
//!
//! All are synchronous, object safe, take `&self`, and have no default methods:
//! whoever wraps one cannot forget to forward a call.

mod engine;
mod key_store;
mod keyserver;
mod selector;
mod signer;
mod ui;

pub use engine::{Engine, EngineDescription, KeyAlgorithm, KeySpec};
pub use key_store::{
    Change, Found, Insertion, KeyEntry, KeyPart, KeyQuery, KeyStore, PrivateKey, StoreDescription,
};
pub use keyserver::{Keyserver, SearchHit, SearchQuery};
pub use selector::ObjectSelector;
pub use signer::{RawSignature, Signer};
pub use ui::{Ask, Nobody, Ui};
