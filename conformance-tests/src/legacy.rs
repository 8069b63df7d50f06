//! A maker of legacy signatures, as programs before Singularity 3.6 wrote them, and
//! the verification that goes by them.
//!
//! No program makes them any more, and nobody should; tests need them for images that
//! have some. What old programs did: the text is `SIFHASH:` and a digest on a line of
//! its own; a signature over one object joins that object's group and links to the
//! object, one over a group joins no group and links to the group.

use crate::workshop::{NOW, at, edit};
use sifseal_core::integrity::{
    CertificateSources, DigestAlgorithm, LegacyChoice, Origin, Report, VerifyOptions, verify_legacy,
};
use sifseal_core::openpgp::{HashAlgorithm, TransferableSecretKey};
use sifseal_core::sif::{
    DataType, Descriptor, Extra, GroupId, Image, Link, NewObject, ObjectId, SignatureHash,
};
use sifseal_core::traits::{Engine, KeyStore};
use sifseal_core::{Error, ErrorKind, Result};
use std::io::Read;
use std::path::Path;

/// Someone with an old program.
#[derive(Debug, Clone, Copy)]
pub struct LegacySigner<'a> {
    /// The library that makes the signature itself.
    pub engine: &'a dyn Engine,
    /// An open key.
    pub key: &'a TransferableSecretKey,
    /// The digest's algorithm; old programs used SHA-384.
    pub hash: SignatureHash,
}

impl<'a> LegacySigner<'a> {
    /// With an old program's own choice of the digest.
    pub fn new(engine: &'a dyn Engine, key: &'a TransferableSecretKey) -> Self {
        Self {
            engine,
            key,
            hash: SignatureHash::Sha384,
        }
    }

    /// Signs one object.
    ///
    /// # Errors
    /// There is no such object, or what reading, signing and writing say.
    pub fn object(&self, image: &Path, id: u32) -> Result<ObjectId> {
        let opened = Image::open(image)?;
        let object = ObjectId::new(id)
            .and_then(|id| opened.object(id))
            .ok_or_else(missing)?;
        let text = self.text(&data_of(&opened, [object])?)?;
        self.sign(image, object.group(), Link::Object(object.id()), &text)
    }

    /// Signs a group as a whole.
    ///
    /// # Errors
    /// As [`object`](Self::object).
    pub fn group(&self, image: &Path, id: u32) -> Result<ObjectId> {
        let group = GroupId::new(id).ok_or_else(missing)?;
        let opened = Image::open(image)?;
        let text = self.text(&data_of(&opened, opened.group_objects(group))?)?;
        self.sign(image, None, Link::Group(group), &text)
    }

    /// Signs any text at all, and adds the signature with this group and link.
    ///
    /// # Errors
    /// What signing and writing say.
    pub fn sign(
        &self,
        image: &Path,
        group: Option<GroupId>,
        link: Link,
        text: &str,
    ) -> Result<ObjectId> {
        let fingerprint = self.key.fingerprint();
        let signer = self.engine.unlock(self.key, &fingerprint, None)?;
        let message = self
            .engine
            .clearsign(&at(NOW), &*signer, HashAlgorithm::Sha256, text)?;
        let mut object = NewObject::new(DataType::Signature);
        object.group = group;
        object.link = link;
        object.extra = Extra::Signature {
            hash: self.hash,
            entity: Some(fingerprint),
        };
        edit(image)?.add(&object, &mut message.as_bytes(), NOW)
    }

    /// The text of a legacy signature over these bytes.
    ///
    /// # Errors
    /// The algorithm is none that a digest is made with.
    pub fn text(&self, data: &[u8]) -> Result<String> {
        let algorithm = DigestAlgorithm::of_signature(self.hash)
            .ok_or_else(|| Error::new(ErrorKind::Unsupported, "no such digest"))?;
        let digest = algorithm.digest(data).to_string();
        let digits = digest.rsplit(':').next().unwrap_or_default();
        Ok(format!("SIFHASH:\n{digits}"))
    }
}

/// Verifies an image by legacy signatures, with the certificates of one store.
///
/// # Errors
/// What verifying says.
pub fn verify_legacy_with(
    engine: &dyn Engine,
    store: &dyn KeyStore,
    image: &Path,
    choice: &LegacyChoice,
    options: &VerifyOptions,
) -> Result<Report> {
    let sources = CertificateSources {
        engine,
        stores: vec![(Origin::Local, store)],
        keyservers: None,
    };
    verify_legacy(&at(NOW), &Image::open(image)?, choice, &sources, options)
}

fn data_of<'a>(
    image: &Image,
    objects: impl IntoIterator<Item = &'a Descriptor>,
) -> Result<Vec<u8>> {
    let mut data = Vec::new();
    for object in objects {
        image
            .data(object)
            .read_to_end(&mut data)
            .map_err(|error| Error::io(image.path(), error))?;
    }
    Ok(data)
}

fn missing() -> Error {
    Error::new(ErrorKind::NotFound, "no such object or group")
}
