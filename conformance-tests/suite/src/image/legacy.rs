//! Signing by hand as old programs did: the text is `SIFHASH:` and a digest of data alone.

use super::edit::{SignatureObject, add_signature};
use super::hand::{date, entity, find, replace, signature_of, signed};
use super::layout::Layout;
use super::statement::DigestName;
use crate::craft::Frame;
use crate::keys::Keys;
use crate::scenario::{Selection, SignLegacyByHand};
use sifseal_core::sif::{GroupId, Link, ObjectId, SignatureHash};
use std::path::Path;

/// Signs an image as a step says.
///
/// A signature over an object joins the object's group and is linked to the object; one
/// over a group joins no group and is linked to the group.
///
/// # Errors
/// The step speaks of what is not there, or the image cannot be written.
pub fn sign(image: &Path, step: &SignLegacyByHand, keys: &Keys) -> Result<(), String> {
    let signer = find(keys, &step.key)?;
    let bytes = std::fs::read(image).map_err(|error| error.to_string())?;
    let layout = Layout(&bytes);
    let (group, link, objects) = covered(&step.select, layout)?;
    let data: Option<Vec<_>> = objects
        .iter()
        .map(|id| layout.bytes(layout.data(*id)?))
        .collect();
    let data = data
        .ok_or("the image lacks an object that is to be signed")?
        .concat();

    let digest = step.digest.unwrap_or(DigestName::Sha384);
    let signed_data: &[u8] = if step.falsify {
        b"something else"
    } else {
        &data
    };
    let mut text = format!("SIFHASH:\n{}", digest.digits(signed_data));
    replace(&mut text, &step.replace)?;
    let draft = signature_of(
        signer.signing(),
        date(step.date.as_deref())?,
        step.hash.as_deref(),
    )?;
    let message = signed(Frame::new(&text), &draft, step.spoil).message();
    let number = match digest {
        DigestName::Sha256 => 1,
        DigestName::Sha384 => 2,
        DigestName::Sha512 => 3,
        DigestName::Sha1 | DigestName::Md5 => 0,
    };
    let object = SignatureObject {
        group,
        link,
        hash: SignatureHash::from_number(step.descriptor_hash.unwrap_or(number)),
        entity: entity(keys, step.entity.as_deref(), &signer)?,
    };
    add_signature(image, &object, message.as_bytes()).map_err(|error| error.to_string())
}

type Covered = (Option<u32>, Link, Vec<u32>);

fn covered(selection: &Selection, image: Layout<'_>) -> Result<Covered, String> {
    let wrong =
        || format!("`{selection}` is not signed as old programs did: say group:N or object:N");
    match selection {
        Selection::Group(id) => {
            let group = GroupId::new(*id).ok_or_else(wrong)?;
            Ok((None, Link::Group(group), image.group(*id)))
        }
        Selection::Objects(ids) => {
            let [id] = ids[..] else { return Err(wrong()) };
            let object = ObjectId::new(id).ok_or_else(wrong)?;
            let group = super::hand::Covered::of(selection, image)?.group;
            Ok((Some(group), Link::Object(object), vec![id]))
        }
        _ => Err(wrong()),
    }
}
