//! Adding, deleting and choosing objects: what any program may do to an image.

use super::base;
use sifseal_core::openpgp::Fingerprint;
use sifseal_core::sif::{
    DataType, DeleteMode, Editor, Extra, GroupId, Link, NewObject, ObjectId, SignatureHash,
};
use sifseal_core::{Error, ErrorKind, Result};
use std::path::Path;

/// An object of plain bytes joins a group; 0 is none.
///
/// # Errors
/// What writing says.
pub fn add_object(image: &Path, group: u32, data: &[u8]) -> Result<()> {
    let mut object = NewObject::new(DataType::Generic);
    object.group = GroupId::new(group);
    "added".clone_into(&mut object.name);
    add(image, &object, data)
}

/// A signature as it goes into an image.
#[derive(Debug, Clone)]
pub struct SignatureObject {
    /// The group that it joins, as only old programs did.
    pub group: Option<u32>,
    /// What it is linked to.
    pub link: Link,
    /// What the descriptor says of the hash.
    pub hash: SignatureHash,
    /// What the descriptor says of the signer.
    pub entity: Option<Fingerprint>,
}

/// Adds a signature.
///
/// # Errors
/// What writing says.
pub fn add_signature(image: &Path, signature: &SignatureObject, data: &[u8]) -> Result<()> {
    let mut object = NewObject::new(DataType::Signature);
    object.group = signature.group.and_then(GroupId::new);
    object.link = signature.link;
    object.extra = Extra::Signature {
        hash: signature.hash,
        entity: signature.entity,
    };
    add(image, &object, data)
}

/// Deletes an object; its bytes stay where they were, as the reference leaves them.
///
/// # Errors
/// There is none with this number, or what writing says.
pub fn delete_object(image: &Path, id: u32) -> Result<()> {
    open(image)?.delete(object_id(id)?, DeleteMode::Plain, base::MADE)
}

/// Makes another partition the primary one.
///
/// # Errors
/// As [`delete_object`].
pub fn set_primary(image: &Path, id: u32) -> Result<()> {
    open(image)?.set_primary(object_id(id)?, base::MADE)
}

/// What an object or a group is linked by.
///
/// # Errors
/// Neither `none`, `group:N` nor `object:N`.
pub fn link(text: &str) -> Result<Link> {
    let number = |digits: &str| digits.parse::<u32>().ok();
    match text.split_once(':') {
        None if text == "none" => Some(Link::None),
        Some(("group", id)) => number(id).and_then(GroupId::new).map(Link::Group),
        Some(("object", id)) => number(id).and_then(ObjectId::new).map(Link::Object),
        _ => None,
    }
    .ok_or_else(|| Error::new(ErrorKind::Malformed, format!("`{text}` is no link")))
}

/// Opens an image for changing.
///
/// A process that another scenario is just starting may still hold a copy of a lock that is
/// long released here: between `fork` and `exec` it has every open file. That passes by
/// itself.
fn open(image: &Path) -> Result<Editor> {
    for _ in 0..100_000 {
        match Editor::open(image) {
            Err(error) if error.kind() == ErrorKind::Unavailable => std::thread::yield_now(),
            other => return other,
        }
    }
    Editor::open(image)
}

fn add(image: &Path, object: &NewObject, mut data: &[u8]) -> Result<()> {
    open(image)?.add(object, &mut data, base::MADE)?;
    Ok(())
}

fn object_id(id: u32) -> Result<ObjectId> {
    ObjectId::new(id).ok_or_else(|| Error::new(ErrorKind::NotFound, format!("no object {id}")))
}
