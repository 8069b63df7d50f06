//! What `sifseal sign --format json` prints (docs/formats.md).

use serde::Serialize;
use sifseal_core::Error;
use sifseal_core::openpgp::Fingerprint;
use sifseal_core::sif::ObjectId;

/// `sifseal/sign/1`.
#[derive(Debug, Serialize)]
pub struct SignDocument {
    schema: &'static str,
    images: Vec<SignedImage>,
}

impl SignDocument {
    /// The document about the images that were to be signed.
    pub fn new(images: Vec<SignedImage>) -> Self {
        Self {
            schema: "sifseal/sign/1",
            images,
        }
    }
}

/// One image that was signed, or was not.
#[derive(Debug, Serialize)]
pub struct SignedImage {
    image: String,
    output: Option<String>,
    signer: Option<String>,
    signatures: Vec<u32>,
    /// Why it was not signed; absent where it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl SignedImage {
    /// `image` was signed by `signer`; `output` has the new objects.
    pub fn new(
        image: String,
        output: String,
        signer: Option<Fingerprint>,
        signatures: &[ObjectId],
    ) -> Self {
        Self {
            image,
            output: Some(output),
            signer: signer.map(|signer| signer.to_string()),
            signatures: signatures.iter().map(|id| id.get()).collect(),
            error: None,
        }
    }

    /// `image` was not signed.
    pub fn failed(image: String, error: &Error) -> Self {
        Self {
            image,
            output: None,
            signer: None,
            signatures: Vec::new(),
            error: Some(error.to_string()),
        }
    }
}
