//! Signing by hand: a signature as it should be, or with one defect.

use super::edit::{SignatureObject, add_signature, link};
use super::layout::Layout;
use super::statement::{Defects, statement};
use crate::craft::subpacket::{created, expires_after};
use crate::craft::{Draft, Frame, Key, Subpacket};
use crate::keys::{Keys, SIGNED, SuiteKey};
use crate::scenario::{Selection, SignByHand};
use sifseal_core::Timestamp;
use sifseal_core::openpgp::{Fingerprint, HashAlgorithm};
use sifseal_core::sif::{GroupId, Link, SignatureHash};
use std::path::Path;
use std::sync::Arc;

/// Signs an image as a step says.
///
/// # Errors
/// The step speaks of what is not there, or the image cannot be written.
pub fn sign(image: &Path, step: &SignByHand, keys: &Keys) -> Result<(), String> {
    let signer = find(keys, &step.key)?;
    let bytes = std::fs::read(image).map_err(|error| error.to_string())?;
    let covered = Covered::of(&step.select, Layout(&bytes))?;
    let text = text(step, Layout(&bytes), &covered)?;
    let message = message(step, keys, &signer, &text)?;
    let object = SignatureObject {
        group: step.joins,
        link: match &step.link {
            Some(text) => link(text).map_err(|error| error.to_string())?,
            None => covered.link()?,
        },
        hash: SignatureHash::from_number(step.descriptor_hash.unwrap_or(1)),
        entity: entity(keys, step.entity.as_deref(), &signer)?,
    };
    add_signature(image, &object, message.as_bytes()).map_err(|error| error.to_string())
}

/// The key of this name.
pub(super) fn find(keys: &Keys, name: &str) -> Result<Arc<SuiteKey>, String> {
    keys.get(name)
        .ok_or_else(|| format!("there is no key `{name}`"))
}

/// Whom the descriptor names: the signer, somebody else, or nobody.
pub(super) fn entity(
    keys: &Keys,
    said: Option<&str>,
    signer: &SuiteKey,
) -> Result<Option<Fingerprint>, String> {
    let named = match said {
        Some("none") => return Ok(None),
        Some(name) => find(keys, name)?.primary().fingerprint(),
        None => signer.primary().fingerprint(),
    };
    Ok(Some(named))
}

/// The objects that a signature covers, and their group.
#[derive(Debug)]
pub(super) struct Covered {
    pub(super) group: u32,
    pub(super) objects: Vec<u32>,
}

impl Covered {
    pub(super) fn of(selection: &Selection, image: Layout<'_>) -> Result<Self, String> {
        match selection {
            Selection::Group(group) => Ok(Self {
                group: *group,
                objects: image.group(*group),
            }),
            Selection::Objects(ids) => {
                let first = ids.first().ok_or("no object is selected")?;
                let group = group_of(image, *first).ok_or(format!("no object {first}"))?;
                let objects = ids.clone();
                Ok(Self { group, objects })
            }
            other => Err(format!(
                "`{other}` is not signed by hand: say group:N or object:N"
            )),
        }
    }

    fn link(&self) -> Result<Link, String> {
        let group = GroupId::new(self.group).ok_or("objects without a group cannot be signed")?;
        Ok(Link::Group(group))
    }

    /// The smallest number in the group, from which numbers are counted.
    fn first(&self, image: Layout<'_>) -> Result<u32, String> {
        let first = image.group(self.group).first().copied();
        first.ok_or_else(|| format!("group {} has no objects", self.group))
    }
}

fn group_of(image: Layout<'_>, object: u32) -> Option<u32> {
    let descriptor = image.descriptor(object)?;
    let field = super::layout::range_of(descriptor, "group")?;
    let number = u32::try_from(image.number(field)?).ok()?;
    Some(number & !super::layout::GROUP_MARK)
}

/// The text to be signed.
fn text(step: &SignByHand, image: Layout<'_>, covered: &Covered) -> Result<String, String> {
    let mut text = match &step.text {
        Some(text) => text.clone(),
        None => {
            let defects = Defects {
                falsify: step.falsify.clone(),
                omit: step.omit.clone(),
                leave_out: step.leave_out.clone(),
            };
            let first = covered.first(image)?;
            statement(image, first, &covered.objects, step.digest, &defects)
                .ok_or("the image lacks an object that is to be signed")?
        }
    };
    replace(&mut text, &step.replace)?;
    Ok(text)
}

/// Replaces each first text by the second.
///
/// # Errors
/// One is not there: the scenario would not try what it says.
pub(super) fn replace(text: &mut String, pairs: &[(String, String)]) -> Result<(), String> {
    for (old, new) in pairs {
        if !text.contains(old.as_str()) {
            return Err(format!("there is no `{old}` to replace in:\n{text}"));
        }
        *text = text.replacen(old.as_str(), new, 1);
    }
    Ok(())
}

fn message(
    step: &SignByHand,
    keys: &Keys,
    signer: &SuiteKey,
    text: &str,
) -> Result<String, String> {
    let date = date(step.date.as_deref())?;
    let key = signer.signing();
    let mut draft = key.signs(date).hash(hash(step.hash.as_deref())?);
    if step.undated || step.date_not_covered {
        draft = draft.bare().with_issuers();
    }
    if step.date_not_covered {
        draft = draft.with_unhashed(created(date));
    }
    if let Some(kind) = step.kind {
        draft = draft.kind(kind);
    }
    if let Some(seconds) = step.expires_after {
        draft = draft.with(expires_after(seconds));
    }
    if step.unknown_critical {
        // 100 to 110 are for private use (RFC 9580, section 5.2.3.7).
        draft = draft.with(Subpacket::new(100, b"demand").critical());
    }
    if let Some(other) = &step.claims {
        draft = draft.claiming_to_be_by(find(keys, other)?.signing());
    }
    let mut frame = signed(Frame::new(text), &draft, step.spoil);
    if let Some(other) = &step.beside {
        let other = find(keys, other)?;
        frame = frame.signed(&other.signing().signs(date));
    }
    let mut message = match step.unsigned {
        true => frame.unsigned_message(),
        false => frame.message(),
    };
    replace(&mut message, &step.replace_in_message)?;
    Ok(message)
}

/// With a signature, whose last octet is another if it is to be spoilt.
pub(super) fn signed(frame: Frame, draft: &Draft<'_>, spoil: bool) -> Frame {
    if spoil {
        frame.signed_wrongly(draft)
    } else {
        frame.signed(draft)
    }
}

/// A signature's date.
pub(super) fn date(said: Option<&str>) -> Result<Timestamp, String> {
    let Some(text) = said else { return Ok(SIGNED) };
    let instant: jiff::Timestamp = text.parse().map_err(|error| format!("{text}: {error}"))?;
    Ok(Timestamp(instant.as_second()))
}

/// The hash of an OpenPGP signature by name.
pub(super) fn hash(said: Option<&str>) -> Result<HashAlgorithm, String> {
    match said.unwrap_or("sha256") {
        "md5" => Ok(HashAlgorithm::Md5),
        "sha1" => Ok(HashAlgorithm::Sha1),
        "ripemd160" => Ok(HashAlgorithm::Ripemd160),
        "sha224" => Ok(HashAlgorithm::Sha224),
        "sha256" => Ok(HashAlgorithm::Sha256),
        "sha384" => Ok(HashAlgorithm::Sha384),
        "sha512" => Ok(HashAlgorithm::Sha512),
        other => Err(format!("there is no hash `{other}`")),
    }
}

/// For the other form that is signed by hand.
pub(super) fn signature_of<'k>(
    key: &'k Key,
    when: Timestamp,
    name: Option<&str>,
) -> Result<Draft<'k>, String> {
    Ok(key.signs(when).hash(hash(name)?))
}
