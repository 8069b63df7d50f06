//! The words of OpenPGP (RFC 9580) as plain data.
//!
//! Engines parse packets and do mathematics; this module only names what they
//! find, so that the rest of the framework can speak of keys and signatures
//! without knowing any OpenPGP library. The one thing parsed here is the frame
//! of a cleartext signature, so that all engines agree on where the text ends.

mod algorithm;
mod certificate;
pub mod cleartext;
mod facts;
mod identity;

pub use algorithm::{HashAlgorithm, PublicKeyAlgorithm};
pub use certificate::{
    Certificate, Junk, Key, Keyring, Outline, Protection, TransferableSecretKey,
};
pub use facts::{
    BackSignature, CertificateFacts, KeyFacts, KeyFlags, Maths, RevocationReason, SelfSignature,
    SelfSignatureKind, SignatureFacts, SubkeyFacts, Trial, UserIdFacts,
};
pub use identity::{Fingerprint, KeyHandle, KeyId};
