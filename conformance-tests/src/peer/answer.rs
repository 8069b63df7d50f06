//! What the reference program answers, as it stands in its JSON.

use serde::Deserialize;
use std::collections::BTreeMap;

/// All that the library makes public of an image. Times are seconds since 1970,
/// digests SHA-256 in lower-case hex.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[allow(missing_docs, reason = "the names are those of the format's fields")]
pub struct ImageDescription {
    pub launch_script: String,
    pub version: String,
    pub primary_arch: String,
    pub id: String,
    pub created_at: i64,
    pub modified_at: i64,
    pub descriptors_free: i64,
    pub descriptors_total: i64,
    pub descriptors_offset: i64,
    pub descriptors_size: i64,
    pub data_offset: i64,
    pub data_size: i64,
    /// The digest of what every signature covers of the header.
    pub integrity_digest: String,
    pub objects: Vec<ObjectDescription>,
}

/// One object, in the order of the table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[allow(missing_docs, reason = "the names are those of the format's fields")]
pub struct ObjectDescription {
    pub id: u32,
    pub data_type: i32,
    pub type_name: String,
    /// 0 for none.
    pub group: u32,
    /// 0 for none.
    pub link: u32,
    pub link_is_group: bool,
    pub offset: i64,
    pub size: i64,
    pub created_at: i64,
    pub modified_at: i64,
    pub name: String,
    /// The type's own fields, as the library's texts: `fs`, `partition`, `arch`;
    /// `hash`, `fingerprint`; `format`, `message`; `format`; `digest`.
    pub extra: BTreeMap<String, String>,
    /// Why those could not be read; empty if they could.
    pub extra_error: String,
    /// The digest of the data.
    pub digest: String,
    /// The digest of what a signature covers of the descriptor.
    pub integrity_digest: String,
}

/// What the library says of an image's signatures.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Verdict {
    /// Whether all that was asked about is verified.
    pub verified: bool,
    /// Why not; empty if verified.
    pub error: String,
    /// The signatures in the order in which they were looked at, up to the first
    /// bad one.
    pub signatures: Vec<SignatureResult>,
}

/// What the library says of one signature.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SignatureResult {
    /// The object that holds the signature.
    pub object: u32,
    /// The signer's fingerprint in upper-case hex; empty if the key was not
    /// found.
    pub signer: String,
    /// The objects that it covers and that are whole.
    pub objects: Vec<u32>,
    /// What is wrong; empty if nothing is.
    pub error: String,
}

/// What go-crypto says of a cleartext message.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MessageVerdict {
    /// Whether the signature is good.
    pub verified: bool,
    /// Why not; empty if it is.
    pub error: String,
    /// The signer's fingerprint in upper-case hex; empty if the key was not
    /// found.
    pub signer: String,
    /// The text that was signed.
    pub text: String,
    /// What follows the message, which is ignored.
    pub rest: String,
}

/// A certificate or secret key as go-crypto sees it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct KeyDescription {
    /// The primary key.
    #[serde(flatten)]
    pub primary: KeyPart,
    /// The user IDs, sorted.
    pub user_ids: Vec<String>,
    /// The subkeys, in the order of the file.
    pub subkeys: Vec<KeyPart>,
}

/// A primary key or subkey.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct KeyPart {
    /// In upper-case hex.
    pub fingerprint: String,
    /// The number of the packet format (RFC 9580, section 9.1).
    pub algorithm: u8,
    /// The length as go-crypto counts it; 0 if it does not know.
    pub bits: u32,
    /// Seconds since 1970.
    pub created_at: i64,
    /// `none`, `clear`, `locked`, or `elsewhere` for a stub without key material.
    pub secret: String,
}

/// What Apptainer would make of a file as its key ring.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RingDescription {
    /// Whether it could be read.
    pub readable: bool,
    /// Why not; empty if it could.
    pub error: String,
    /// The fingerprints in upper-case hex, in the order of the file.
    pub keys: Vec<String>,
}
