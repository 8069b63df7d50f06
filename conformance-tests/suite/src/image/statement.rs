//! What a signature says of an image: the JSON text that is signed.
//!
//! Written from the format's description and not with the code that the suite tests: of
//! the header the launch script, magic, version and UUID; of a descriptor everything
//! but its number, group and place; of an object its data.

use super::layout::Layout;
use sha2::{Digest, Sha256, Sha384, Sha512};
use std::fmt::Write as _;

/// The algorithms that a statement may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum DigestName {
    #[default]
    Sha256,
    Sha384,
    Sha512,
    /// Given up; nobody should take it.
    Sha1,
    /// Given up; nobody should take it.
    Md5,
}

impl DigestName {
    /// With its name in front, as a statement writes it.
    pub fn of(self, bytes: &[u8]) -> String {
        format!("{}:{}", self.word(), self.digits(bytes))
    }

    /// As lower-case digits.
    pub fn digits(self, bytes: &[u8]) -> String {
        match self {
            Self::Sha256 => hex::encode(Sha256::digest(bytes)),
            Self::Sha384 => hex::encode(Sha384::digest(bytes)),
            Self::Sha512 => hex::encode(Sha512::digest(bytes)),
            Self::Sha1 => hex::encode(<sha1::Sha1 as sha1::Digest>::digest(bytes)),
            Self::Md5 => hex::encode(<md5::Md5 as md5::Digest>::digest(bytes)),
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
            Self::Sha1 => "sha1",
            Self::Md5 => "md5",
        }
    }
}

/// What a statement leaves out or says falsely, on purpose.
#[derive(Debug, Clone, Default)]
pub struct Defects {
    /// The parts whose digest is another's: `header`, `descriptor:N`, `data:N`.
    pub falsify: Vec<String>,
    /// The objects that are left out.
    pub omit: Vec<u32>,
    /// The parts whose digest is left out.
    pub leave_out: Vec<String>,
}

/// The statement about some objects of a group, whose smallest number is `first`.
/// `None` if the image has not got them.
pub fn statement(
    image: Layout<'_>,
    first: u32,
    objects: &[u32],
    algorithm: DigestName,
    defects: &Defects,
) -> Option<String> {
    let digest = |part: &str, bytes: &[u8]| {
        let false_one = defects.falsify.iter().any(|own| own == part);
        let digest = algorithm.of(if false_one { b"something else" } else { bytes });
        let missing = defects.leave_out.iter().any(|own| own == part);
        if missing { String::new() } else { digest }
    };
    // Launch script, magic, version; then the UUID, behind the architecture.
    let header = [image.bytes(0..45)?, image.bytes(48..64)?].concat();
    let mut text = String::from(r#"{"version":1"#);
    let _ = write!(
        text,
        r#","header":{{"digest":"{}"}}"#,
        digest("header", &header)
    );
    text.push_str(r#","objects":["#);
    let told = objects.iter().filter(|id| !defects.omit.contains(id));
    for (index, id) in told.enumerate() {
        let relative = id.checked_sub(first)?;
        let descriptor = digest(&format!("descriptor:{id}"), &covered(image, *id, relative)?);
        let data = digest(&format!("data:{id}"), image.bytes(image.data(*id)?)?);
        let comma = if index == 0 { "" } else { "," };
        let _ = write!(
            text,
            r#"{comma}{{"relativeId":{relative},"descriptorDigest":"{descriptor}","objectDigest":"{data}"}}"#
        );
    }
    text.push_str("]}");
    Some(text)
}

/// What of a descriptor is covered.
fn covered(image: Layout<'_>, id: u32, relative: u32) -> Option<Vec<u8>> {
    let descriptor = image.descriptor(id)?;
    let mut bytes = Vec::new();
    for field in ["type", "used"] {
        bytes.extend(image.field(descriptor, field)?);
    }
    bytes.extend(relative.to_le_bytes());
    for field in ["link", "size", "created", "uid", "gid", "name", "extra"] {
        bytes.extend(image.field(descriptor, field)?);
    }
    Some(bytes)
}
