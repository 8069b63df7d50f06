//! What `sifseal sign --format json` prints (docs/formats.md).

use serde::Serialize;
use sifseal_core::openpgp::Fingerprint;
use sifseal_core::sif::ObjectId;

/// `sifseal/sign/1`.
#[derive(Debug, Serialize)]
pub struct SignDocument {
    schema: &'static str,
    images: Vec<SignedImage>,
}

impl SignDocument {
    /// The document about the images that were signed.
    pub fn new(images: Vec<SignedImage>) -> Self {
        Self {
            schema: "sifseal/sign/1",
            images,
        }
    }
}

/// One image that was signed.
#[derive(Debug, Serialize)]
pub struct SignedImage {
    image: String,
    output: String,
    signer: Option<String>,
    signatures: Vec<u32>,
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
            output,
            signer: signer.map(|signer| signer.to_string()),
            signatures: signatures.iter().map(|id| id.get()).collect(),
        }
    }
}
