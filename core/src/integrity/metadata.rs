//! The JSON document inside a signature.
//!
//! ```json
//! {"version":1,"header":{"digest":"sha256:…"},"objects":[
//!   {"relativeId":0,"descriptorDigest":"sha256:…","objectDigest":"sha256:…"}]}
//! ```
//!
//! `relativeId` counts from the smallest object ID of the group, so that a group
//! can be moved as a whole. Written exactly as the Go library writes it; read
//! strictly: another version, an unknown or repeated field, an object listed twice
//! and a number that wraps around are refused (W-14), where Go lets them pass.

use super::digests::Digest;
use crate::sif::ObjectId;
use crate::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

/// The one version there is.
const VERSION: u32 = 1;

/// What a signature states about an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedMetadata {
    /// The digest of the header's covered fields.
    pub header: Digest,
    /// The covered objects, ascending by ID; never empty, each once.
    pub objects: Vec<SignedObject>,
}

/// What a signature states about one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedObject {
    /// The object's ID less the smallest one in its group.
    pub relative_id: u32,
    /// The digest of the descriptor's covered fields.
    pub descriptor: Digest,
    /// The digest of the object's data.
    pub data: Digest,
}

impl SignedObject {
    /// The object's ID in a group whose smallest ID is `first`; `None` if no ID is
    /// that large.
    pub fn id(&self, first: ObjectId) -> Option<ObjectId> {
        ObjectId::new(first.get().checked_add(self.relative_id)?)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    header: HeaderPart,
    objects: Vec<ObjectPart>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderPart {
    digest: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ObjectPart {
    relative_id: u32,
    descriptor_digest: String,
    object_digest: String,
}

impl SignedMetadata {
    /// The document as it is signed: compact, fields in the Go library's order.
    pub fn to_json(&self) -> String {
        let document = Document {
            version: VERSION,
            header: HeaderPart {
                digest: self.header.to_string(),
            },
            objects: self
                .objects
                .iter()
                .map(|object| ObjectPart {
                    relative_id: object.relative_id,
                    descriptor_digest: object.descriptor.to_string(),
                    object_digest: object.data.to_string(),
                })
                .collect(),
        };
        serde_json::to_string(&document).unwrap_or_default()
    }

    /// Reads the document out of a signed text.
    ///
    /// # Errors
    /// `Malformed`, saying what is wrong with it.
    pub fn from_json(text: &str) -> Result<Self> {
        let document: Document = serde_json::from_str(text)
            .map_err(|error| bad("not the expected JSON").because(error))?;
        if document.version != VERSION {
            return Err(bad(&format!("version {} is not known", document.version)));
        }
        let mut objects = document
            .objects
            .into_iter()
            .map(|part| {
                Ok(SignedObject {
                    relative_id: part.relative_id,
                    descriptor: part.descriptor_digest.parse()?,
                    data: part.object_digest.parse()?,
                })
            })
            .collect::<Result<Vec<_>>>()?;
        objects.sort_by_key(|object| object.relative_id);
        if objects.is_empty() {
            return Err(bad("it covers no object"));
        }
        if objects
            .windows(2)
            .any(|pair| pair[0].relative_id == pair[1].relative_id)
        {
            return Err(bad("it lists an object twice"));
        }
        Ok(Self {
            header: document.header.digest.parse()?,
            objects,
        })
    }
}

fn bad(what: &str) -> Error {
    Error::new(ErrorKind::Malformed, format!("signed metadata: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the Go library wrote it into an image (`one-group-signed-pgp.sif`).
    const REAL: &str = concat!(
        r#"{"version":1,"header":{"digest":"sha256:635fa0a14a8ef0c0351ed3e985799ed1d4f75ce973dea3cc76c99710795cc3f1"},"#,
        r#""objects":[{"relativeId":0,"descriptorDigest":"sha256:3634ad01db0dd5482ecf685267b53d6201690438ca27c3d7ea91c971a1f41f92","#,
        r#""objectDigest":"sha256:004dfc8da678c309de28b5386a1e9efd57f536b150c40d29b31506aa0fb17ec2"}]}"#
    );

    #[test]
    fn a_real_document_survives_reading_and_writing_byte_for_byte() {
        assert_eq!(SignedMetadata::from_json(REAL).unwrap().to_json(), REAL);
    }

    #[test]
    fn another_version_is_refused_w14() {
        let other = REAL.replace(r#""version":1"#, r#""version":2"#);
        let error = SignedMetadata::from_json(&other).unwrap_err();
        assert!(error.to_string().contains("version 2"));
    }

    #[test]
    fn unknown_and_repeated_fields_are_refused_w14() {
        let unknown = REAL.replace(r#"{"version":1"#, r#"{"more":0,"version":1"#);
        let repeated = REAL.replace(r#"{"version":1"#, r#"{"version":1,"version":1"#);
        assert!(SignedMetadata::from_json(&unknown).is_err());
        assert!(SignedMetadata::from_json(&repeated).is_err());
    }

    #[test]
    fn an_object_listed_twice_is_refused_w14() {
        let (before, object) = REAL.split_once('[').unwrap();
        let object = object.strip_suffix("]}").unwrap();
        let twice = format!("{before}[{object},{object}]}}");
        let error = SignedMetadata::from_json(&twice).unwrap_err();
        assert!(error.to_string().contains("twice"));
    }

    #[test]
    fn a_document_that_covers_nothing_is_refused() {
        let (before, _) = REAL.split_once('[').unwrap();
        assert!(SignedMetadata::from_json(&format!("{before}]}}")).is_err());
        assert!(SignedMetadata::from_json("").is_err());
        assert!(SignedMetadata::from_json("null").is_err());
    }

    #[test]
    fn a_relative_id_does_not_wrap_around_w14() {
        let wrapping = REAL.replace(r#""relativeId":0"#, r#""relativeId":4294967295"#);
        let metadata = SignedMetadata::from_json(&wrapping).unwrap();
        assert_eq!(metadata.objects[0].id(ObjectId::new(2).unwrap()), None);
        let negative = REAL.replace(r#""relativeId":0"#, r#""relativeId":-1"#);
        assert!(SignedMetadata::from_json(&negative).is_err());
    }
}
