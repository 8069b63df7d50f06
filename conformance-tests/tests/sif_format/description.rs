//! What we make of an image, told as the reference program tells it.

use sha2::{Digest, Sha256};
use sifseal_conformance_tests::peer::{ImageDescription, ObjectDescription};
use sifseal_core::sif::{Descriptor, Extra, GroupId, Image, Link};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

/// All of an image.
pub(crate) fn describe(path: &Path) -> ImageDescription {
    let image = Image::open(path).unwrap();
    let header = image.header();
    ImageDescription {
        launch_script: header.launch_script(),
        version: header.version(),
        primary_arch: header.architecture().to_string(),
        id: header.id().to_string(),
        created_at: header.created().0,
        modified_at: header.modified().0,
        descriptors_free: header.descriptors_free(),
        descriptors_total: header.descriptors_total().into(),
        descriptors_offset: header.descriptors_offset().cast_signed(),
        descriptors_size: header.descriptors_size().cast_signed(),
        data_offset: header.data_offset().cast_signed(),
        data_size: header.data_size(),
        integrity_digest: digest(&header.integrity_bytes()),
        objects: image
            .objects()
            .map(|object| describe_object(&image, object))
            .collect(),
    }
}

fn describe_object(image: &Image, object: &Descriptor) -> ObjectDescription {
    let (link, link_is_group) = match object.link() {
        Link::None => (0, false),
        Link::Object(id) => (id.get(), false),
        Link::Group(id) => (id.get(), true),
    };
    let mut data = Vec::new();
    image.data(object).read_to_end(&mut data).unwrap();
    ObjectDescription {
        id: object.id().get(),
        data_type: object.data_type().number(),
        type_name: object.data_type().to_string(),
        group: object.group().map_or(0, GroupId::get),
        link,
        link_is_group,
        offset: object.offset().cast_signed(),
        size: object.size().cast_signed(),
        created_at: object.created().0,
        modified_at: object.modified().0,
        name: object.name(),
        extra: describe_extra(&object.extra()),
        extra_error: String::new(),
        digest: digest(&data),
        integrity_digest: digest(&object.integrity_bytes(relative_id(image, object))),
    }
}

/// Signatures count a group's objects from its first one on.
fn relative_id(image: &Image, object: &Descriptor) -> u32 {
    let same_group = image.objects().filter(|o| o.group() == object.group());
    let first = same_group.map(|o| o.id().get()).min().unwrap();
    object.id().get() - first
}

fn describe_extra(extra: &Extra) -> BTreeMap<String, String> {
    let fields = match extra {
        Extra::None | Extra::Raw(_) => vec![],
        Extra::Partition { fs, kind, arch } => vec![
            ("fs", fs.to_string()),
            ("partition", kind.to_string()),
            ("arch", arch.to_string()),
        ],
        Extra::Signature { hash, entity } => vec![
            ("hash", hash.to_string()),
            (
                "fingerprint",
                entity.as_ref().map_or(String::new(), ToString::to_string),
            ),
        ],
        Extra::CryptoMessage { format, message } => vec![
            ("format", format.to_string()),
            ("message", message.to_string()),
        ],
        Extra::Sbom { format } => vec![("format", format.to_string())],
        Extra::OciBlob { digest } => vec![("digest", digest.clone())],
    };
    let owned = |(name, text): (&str, String)| (name.to_owned(), text);
    fields.into_iter().map(owned).collect()
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
