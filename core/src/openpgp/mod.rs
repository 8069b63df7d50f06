//! The words of OpenPGP (RFC 9580) as plain data.
//!
//! Engines read what is in packets and do mathematics; this module only names
//! what they find, so that the rest of the framework can speak of keys and
//! signatures without knowing any OpenPGP library. What is parsed here are frames,
//! so that all engines agree on where things end: the text of a cleartext
//! signature ([`cleartext`]), and armor, packets and keys ([`framing`]).

mod algorithm;
mod certificate;
pub mod cleartext;
mod facts;
pub mod framing;
mod identity;
mod public_key;

pub use algorithm::{HashAlgorithm, PublicKeyAlgorithm};
pub use certificate::{
    Certificate, Junk, Key, Keyring, Outline, Protection, TransferableSecretKey,
};
pub use facts::{
    BackSignature, CertificateFacts, KeyFacts, KeyFlags, Maths, RevocationReason, SelfSignature,
    SelfSignatureKind, SignatureFacts, SubkeyFacts, Trial, UserIdFacts,
};
pub use identity::{Fingerprint, KeyHandle, KeyId};
pub use public_key::{EcDsaCurve, PublicKey, PublicValues};
