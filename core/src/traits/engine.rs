//! An OpenPGP library behind one contract.

use super::Signer;
use crate::openpgp::cleartext::CleartextMessage;
use crate::openpgp::{
    Certificate, CertificateFacts, Fingerprint, HashAlgorithm, Key, Keyring, PublicKey,
    PublicValues, SignatureFacts, TransferableSecretKey,
};
use crate::{Context, Result, Secret, Timestamp};
use std::fmt::Debug;

/// An OpenPGP library: it reads what is in packets and does the mathematics. It
/// reports facts and never a verdict. Where packets and keys begin and end,
/// [`framing`](crate::openpgp::framing) tells it, so that engines cannot differ on
/// that; nobody else in the framework parses packets.
pub trait Engine: Debug + Send + Sync {
    /// What it is and what it can do.
    fn describe(&self) -> EngineDescription;

    /// Reads every key in `bytes`: binary or armored, one or many, several
    /// armored blocks one after another, public and secret mixed.
    ///
    /// Never fails: what cannot be read is reported as junk, with the bytes, and
    /// what follows it is read all the same. Bytes that hold no OpenPGP at all
    /// are one piece of junk; empty input is an empty ring.
    ///
    /// A key out of binary input has the input's own bytes, not an encoding of
    /// them made anew: its keys and junk, one after another, are the input. A key
    /// store relies on it to write back untouched what it does not change (W-1).
    fn read_keys(&self, bytes: &[u8]) -> Keyring;

    /// Checks every self-signature of a certificate and reports what it found.
    ///
    /// # Errors
    /// `Malformed` if the bytes are not one certificate after all.
    fn certificate_facts(&self, certificate: &Certificate) -> Result<CertificateFacts>;

    /// The certificate with the user IDs and subkeys that its primary key has signed,
    /// and with the key's own signatures only: what may be taken in from places where
    /// anyone can add to anyone's certificate.
    ///
    /// # Errors
    /// `Malformed` if the bytes are not one certificate after all.
    fn own_statements(&self, certificate: &Certificate) -> Result<Certificate>;

    /// The certificate of a secret key: the same packets without the secrets.
    ///
    /// # Errors
    /// `Malformed` if the bytes are not one transferable secret key after all.
    fn certificate_of(&self, key: &TransferableSecretKey) -> Result<Certificate>;

    /// Both inputs as one: the union of user IDs, subkeys and signatures, each
    /// once, in the order of `older`, what is new after it. Where one has a
    /// secret part that the other lacks, the result has it; where both have it,
    /// `newer`'s stays.
    ///
    /// # Errors
    /// `Malformed`, also if the two are not the same key.
    fn merge(&self, older: &Key, newer: &Key) -> Result<Key>;

    /// The key in ASCII armor (RFC 9580, section 6), as other programs read it.
    fn armor(&self, key: &Key) -> Result<Secret>;

    /// Makes a new key pair, its creation time being the context's `now`. Given
    /// a passphrase, every secret part is locked with it, subkeys too (W-2).
    ///
    /// # Errors
    /// `Unsupported` for an algorithm or length this engine does not make.
    fn generate(
        &self,
        cx: &Context<'_>,
        spec: &KeySpec,
        passphrase: Option<&Secret>,
    ) -> Result<TransferableSecretKey>;

    /// Changes the passphrase of every secret part: `old` opens what is locked,
    /// `new` locks all (or leaves all open, if `None`).
    ///
    /// # Errors
    /// `Locked` if `old` opens a part not, `Unsupported` for a part that is
    /// elsewhere (a card's stub is left as it is).
    fn relock(
        &self,
        key: &TransferableSecretKey,
        old: Option<&Secret>,
        new: Option<&Secret>,
    ) -> Result<TransferableSecretKey>;

    /// A signer for one key of a transferable secret key: the primary or a
    /// subkey, by its own fingerprint. Asks nobody.
    ///
    /// # Errors
    /// `Locked` if it needs a passphrase, or another one than the one given;
    /// `NotFound` if there is no such key in it; `Unavailable` if its secret part
    /// is elsewhere.
    fn unlock(
        &self,
        key: &TransferableSecretKey,
        which: &Fingerprint,
        passphrase: Option<&Secret>,
    ) -> Result<Box<dyn Signer>>;

    /// The version 4 key that has these values and was made at that time: what a
    /// [`Signer`] over a device says of itself, if the device knows numbers and no
    /// OpenPGP. It is the same key for every engine.
    ///
    /// # Errors
    /// `Malformed` for values that are none, `Unsupported` for a time that OpenPGP
    /// cannot express.
    fn public_key(&self, values: &PublicValues, created: Timestamp) -> Result<PublicKey>;

    /// A certificate around a signer's key: the key as the primary one, which certifies
    /// and signs, and one user ID, with a self-signature by the signer itself and with
    /// the first hash that it takes.
    ///
    /// The self-signature is dated to the key's own creation. So the same key and user
    /// ID give the same bytes, today and later and from every engine, if the signer's
    /// algorithm gives the same signature twice (RSA and Ed25519 do).
    ///
    /// # Errors
    /// `Malformed` if the user ID is no line of text or the signer's key none,
    /// `Unsupported` for a version 6 key, `Backend` if what the signer made does not
    /// verify, and what the signer says.
    fn certify(&self, cx: &Context<'_>, signer: &dyn Signer, user_id: &str) -> Result<Certificate>;

    /// A cleartext-signed message (RFC 9580, section 7) over `text`, as a text
    /// signature (type 0x01) made at the context's `now`.
    ///
    /// `text` has no line break at its end; none is signed. A random salt
    /// notation is not added, so the result depends on the signer alone. The
    /// message has no line break after its last line, as the Go library's.
    ///
    /// # Errors
    /// `Unsupported` if the signer does not accept `hash`, `Malformed` if the
    /// text cannot be framed (a lone carriage return), and what the signer says.
    fn clearsign(
        &self,
        cx: &Context<'_>,
        signer: &dyn Signer,
        hash: HashAlgorithm,
        text: &str,
    ) -> Result<String>;

    /// The facts about each signature in a message, in packet order. Every key
    /// of `certificates` that answers to one of a signature's issuers is tried.
    ///
    /// # Errors
    /// `Malformed` if the signature block is anything but signatures, or holds none
    /// that can be read.
    fn signature_facts(
        &self,
        message: &CleartextMessage,
        certificates: &[&Certificate],
    ) -> Result<Vec<SignatureFacts>>;
}

/// What an engine is and can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineDescription {
    /// The name in the configuration, `rpgp` say.
    pub name: &'static str,
    /// The library behind it, with its version, for people.
    pub library: String,
    /// What it can generate.
    pub generates: &'static [KeyAlgorithm],
    /// Kinds of signing keys that OpenPGP has and the library cannot calculate with,
    /// `ECDSA brainpoolP256r1` say. A signature by such a key is
    /// [`Maths::Unsupported`](crate::openpgp::Maths::Unsupported), neither good nor
    /// bad.
    pub lacks: Vec<String>,
}

/// The kind of key to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyAlgorithm {
    /// RSA with a modulus of this many bits, as Apptainer makes.
    Rsa(u32),
    /// Version 4 Ed25519 with a Curve25519 subkey, as GnuPG makes.
    Ed25519,
}

/// A key to make: a primary key that certifies and signs, and one subkey that
/// encrypts, as Apptainer's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySpec {
    /// The user ID, `Name (Comment) <email>`.
    pub user_id: String,
    /// The algorithm of both keys.
    pub algorithm: KeyAlgorithm,
    /// For how many seconds after its creation the key holds; `None` for ever.
    pub expires_after: Option<u32>,
}
