//! Signatures in a DSSE envelope, by a bare Ed25519 key: the other form that SIF has.
//!
//! The suite is about OpenPGP. It makes these to see that an implementation without them
//! says so, and takes none of them for something else.

use super::edit::{SignatureObject, add_signature};
use super::hand::Covered;
use super::layout::Layout;
use super::statement::{Defects, DigestName, statement};
use crate::scenario::SignAsDsse;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};
use sha2::{Digest, Sha256};
use sifseal_core::sif::{GroupId, Link, SignatureHash};
use std::path::Path;

const PAYLOAD_TYPE: &str = "application/vnd.sylabs.sif-metadata+json";

/// Signs an image as a step says.
///
/// # Errors
/// The step speaks of what is not there, or the image cannot be written.
pub fn sign(image: &Path, step: &SignAsDsse) -> Result<(), String> {
    let bytes = std::fs::read(image).map_err(|error| error.to_string())?;
    let layout = Layout(&bytes);
    let covered = Covered::of(&step.select, layout)?;
    let first = *layout
        .group(covered.group)
        .first()
        .ok_or("the group has no objects")?;
    let defects = Defects::default();
    let text = statement(
        layout,
        first,
        &covered.objects,
        DigestName::Sha256,
        &defects,
    )
    .ok_or("the image lacks an object that is to be signed")?;
    let object = SignatureObject {
        group: None,
        link: GroupId::new(covered.group).map_or(Link::None, Link::Group),
        hash: SignatureHash::Sha256,
        entity: None,
    };
    add_signature(image, &object, envelope(&text).as_bytes()).map_err(|error| error.to_string())
}

/// The envelope with its one signature, over the "pre-authentication encoding".
fn envelope(payload: &str) -> String {
    let seed: [u8; 32] = Sha256::digest("sifseal conformance key: dsse").into();
    let key = SigningKey::from_bytes(&seed);
    let encoded = format!(
        "DSSEv1 {} {PAYLOAD_TYPE} {} {payload}",
        PAYLOAD_TYPE.len(),
        payload.len()
    );
    let key_id = STANDARD.encode(Sha256::digest(key.verifying_key().as_bytes()));
    serde_json::json!({
        "payloadType": PAYLOAD_TYPE,
        "payload": STANDARD.encode(payload),
        "signatures": [{
            "keyid": format!("SHA256:{key_id}"),
            "sig": STANDARD.encode(key.sign(encoded.as_bytes()).to_bytes()),
        }],
    })
    .to_string()
}
