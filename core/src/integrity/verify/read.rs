//! Reading signature objects: taking each apart as far as it goes without knowing
//! anything about signers.

use super::super::report::{Fault, SignatureFormat, SignatureKind};
use super::legacy;
use crate::Result;
use crate::openpgp::KeyHandle;
use crate::openpgp::cleartext::{self, CleartextMessage};
use crate::sif::{DataType, Descriptor, Image};
use crate::traits::Engine;

/// A signature over the 48 objects that an image usually has room for is below
/// 16 KiB; this leaves room for tables twenty times as large.
const LARGEST_SIGNATURE: u64 = 256 << 10;

/// A signature names its maker by fingerprint and by key ID, in two places at most;
/// each name is looked up everywhere.
const MOST_ISSUERS: usize = 8;

/// A signature object whose message has been taken apart, before anything is known
/// about its signer.
pub(super) struct ReadSignature {
    pub(super) object: Descriptor,
    pub(super) format: SignatureFormat,
    pub(super) message: std::result::Result<CleartextMessage, Fault>,
    pub(super) issuers: Vec<KeyHandle>,
}

impl ReadSignature {
    /// The kind of the signature, if it can be told. What cannot be read could be
    /// of either kind.
    pub(super) fn kind(&self) -> Option<SignatureKind> {
        match (self.format, &self.message) {
            (SignatureFormat::Legacy, _) => Some(SignatureKind::Legacy),
            (SignatureFormat::Dsse, _) | (SignatureFormat::Cleartext, Ok(_)) => {
                Some(SignatureKind::Modern)
            }
            (SignatureFormat::Cleartext, Err(_)) | (SignatureFormat::Unrecognised, _) => None,
        }
    }
}

/// Reads every signature object, ascending by ID.
///
/// # Errors
/// The image cannot be read. What is wrong with a signature stands in it.
pub(super) fn read_signatures(image: &Image, engine: &dyn Engine) -> Result<Vec<ReadSignature>> {
    image
        .objects()
        .filter(|object| object.data_type() == DataType::Signature)
        .map(|object| read_signature(image, object, engine))
        .collect()
}

fn read_signature(
    image: &Image,
    object: &Descriptor,
    engine: &dyn Engine,
) -> Result<ReadSignature> {
    let read = |format, message| ReadSignature {
        object: object.clone(),
        format,
        message,
        issuers: vec![],
    };
    let bytes = match image.read_small(object, LARGEST_SIGNATURE) {
        Ok(bytes) => bytes,
        // Too large to be a signature: that says something about this object only.
        Err(error) if object.size() > LARGEST_SIGNATURE => {
            let fault = Fault::Malformed(error.what().to_owned());
            return Ok(read(SignatureFormat::Unrecognised, Err(fault)));
        }
        Err(error) => return Err(error),
    };
    if is_dsse(&bytes) {
        return Ok(read(SignatureFormat::Dsse, Err(Fault::NotOpenPgp)));
    }
    if !cleartext::looks_like_cleartext(&bytes) {
        let fault = Fault::FormatNotRecognised;
        return Ok(read(SignatureFormat::Unrecognised, Err(fault)));
    }
    let message = match cleartext::read(&bytes) {
        Ok(message) => message,
        Err(error) => {
            let fault = Fault::Malformed(error.to_string());
            return Ok(read(SignatureFormat::Cleartext, Err(fault)));
        }
    };
    let format = if legacy::is_legacy(&message.text) {
        SignatureFormat::Legacy
    } else {
        SignatureFormat::Cleartext
    };
    let issuers = issuers_of(&message, engine);
    if issuers.len() > MOST_ISSUERS {
        let what = "the signature names too many makers";
        return Ok(read(format, Err(Fault::Malformed(what.to_owned()))));
    }
    Ok(ReadSignature {
        issuers,
        ..read(format, Ok(message))
    })
}

/// Whom the signatures in a message name; unreadable ones name nobody, and are
/// reported when they are judged.
fn issuers_of(message: &CleartextMessage, engine: &dyn Engine) -> Vec<KeyHandle> {
    engine
        .signature_facts(message, &[])
        .unwrap_or_default()
        .into_iter()
        .flat_map(|signature| signature.issuers)
        .collect()
}

/// A DSSE envelope is a JSON object with a payload and signatures.
fn is_dsse(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(bytes).is_ok_and(|value| {
        ["payload", "payloadType", "signatures"]
            .iter()
            .all(|name| value.get(name).is_some())
    })
}
