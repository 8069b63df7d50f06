//! Images as Apptainer's `sif` commands print them, and as JSON.

use super::{rfc3339, utc_time};
use serde::Serialize;
use sifseal_core::sif::{Architecture, Descriptor, Extra, Header, Image, Link};
use sifseal_core::{Shown, Timestamp};
use std::fmt::Write as _;

const RULE: &str =
    "------------------------------------------------------------------------------\n";
const NONE: &str = "NONE";

/// The table of objects.
pub fn list_text(image: &Image) -> String {
    let mut text = String::from(RULE);
    let _ = writeln!(
        text,
        "{:<4} {:<8} {:<8} {:<26} |TYPE",
        "ID", "|GROUP", "|LINK", "|SIF POSITION (start-end)"
    );
    text.push_str(RULE);
    for object in image.objects() {
        let link = match object.link() {
            Link::Group(group) => format!("{:<3} (G)", group.get()),
            other => link_text(other),
        };
        let _ = writeln!(
            text,
            "{:<4} |{:<7} |{link:<7} {:<26} |{}",
            object.id().get(),
            group_text(object),
            format!("|{}-{} ", object.offset(), object.end()),
            type_text(object),
        );
    }
    text
}

/// The type of an object with what its metadata adds.
fn type_text(object: &Descriptor) -> String {
    let kind = object.data_type();
    match object.extra() {
        Extra::Partition {
            fs,
            kind: part,
            arch,
        } => format!("{kind} ({fs}/{part}/{arch})"),
        Extra::Signature { hash, .. } => format!("{kind} ({hash})"),
        Extra::CryptoMessage { format, message } => format!("{kind} ({format}/{message})"),
        Extra::Sbom { format } => format!("{kind} ({format})"),
        Extra::None | Extra::OciBlob { .. } | Extra::Raw(_) => kind.to_string(),
    }
}

fn group_text(object: &Descriptor) -> String {
    match object.group() {
        Some(group) => group.get().to_string(),
        None => NONE.to_owned(),
    }
}

fn link_text(link: Link) -> String {
    match link {
        Link::None => NONE.to_owned(),
        Link::Object(id) => id.get().to_string(),
        Link::Group(group) => format!("{} (G)", group.get()),
    }
}

/// The header; what an image leaves out is left out here.
pub fn header_text(header: &Header) -> String {
    let mut fields = Fields::default();
    let script = header.launch_script();
    fields.add_text(
        "Launch Script",
        script.strip_suffix('\n').unwrap_or(&script),
    );
    fields.add_text("Version", &header.version());
    if header.architecture() != Architecture::Unknown {
        fields.add("Primary Architecture", header.architecture().to_string());
    }
    if !header.id().is_nil() {
        fields.add("ID", header.id().to_string());
    }
    fields.add_time("Created At", header.created());
    fields.add_time("Modified At", header.modified());
    fields.add("Descriptors Free", header.descriptors_free().to_string());
    fields.add("Descriptors Total", header.descriptors_total().to_string());
    fields.add(
        "Descriptors Offset",
        header.descriptors_offset().to_string(),
    );
    let size = i64::try_from(header.descriptors_size()).unwrap_or(i64::MAX);
    fields.add("Descriptors Size", readable_size(size));
    fields.add("Data Offset", header.data_offset().to_string());
    fields.add("Data Size", readable_size(header.data_size()));
    fields.in_columns("", 1)
}

/// All that is known of one object.
pub fn info_text(object: &Descriptor) -> String {
    let mut fields = Fields::default();
    fields.add("Data Type", object.data_type().to_string());
    fields.add("ID", object.id().get().to_string());
    fields.add("Group ID", group_text(object));
    fields.add("Linked ID", link_text(object.link()));
    fields.add("Offset", object.offset().to_string());
    fields.add("Size", object.size().to_string());
    fields.add_time("Created At", object.created());
    fields.add_time("Modified At", object.modified());
    fields.add_text("Name", &object.name());
    match object.extra() {
        Extra::Partition { fs, kind, arch } => {
            fields.add("Filesystem Type", fs.to_string());
            fields.add("Partition Type", kind.to_string());
            fields.add("Architecture", arch.to_string());
        }
        Extra::Signature { hash, entity } => {
            fields.add("Hash Type", hash.to_string());
            if let Some(entity) = entity {
                fields.add("Entity", entity.to_string());
            }
        }
        Extra::CryptoMessage { format, message } => {
            fields.add("Format Type", format.to_string());
            fields.add("Message Type", message.to_string());
        }
        Extra::Sbom { format } => fields.add("Format", format.to_string()),
        Extra::OciBlob { digest } => fields.add_text("Digest", &digest),
        Extra::None | Extra::Raw(_) => {}
    }
    fields.in_columns("  ", 2)
}

/// Labels and values, to be put into two columns.
#[derive(Debug, Default)]
struct Fields(Vec<(&'static str, String)>);

impl Fields {
    fn add(&mut self, label: &'static str, value: String) {
        self.0.push((label, value));
    }

    /// Text from the image, unless it is empty.
    fn add_text(&mut self, label: &'static str, text: &str) {
        if !text.is_empty() {
            self.add(label, Shown::new(text).to_string());
        }
    }

    /// A time, unless it is none.
    fn add_time(&mut self, label: &'static str, time: Timestamp) {
        if time != Timestamp::GO_ZERO {
            self.add(label, utc_time(time));
        }
    }

    fn in_columns(&self, indent: &str, gap: usize) -> String {
        let longest = self.0.iter().map(|(label, _)| label.len()).max();
        let width = longest.unwrap_or_default() + 1 + gap;
        let mut text = String::new();
        for (label, value) in &self.0 {
            let _ = writeln!(text, "{indent}{:<width$}{value}", format!("{label}:"));
        }
        text
    }
}

/// A size in whole units of 1024, as the reference rounds it.
fn readable_size(size: i64) -> String {
    let mut magnitude = size.unsigned_abs();
    if magnitude < 1024 {
        return format!("{size} B");
    }
    let mut divisor = 1_u64;
    let mut unit = 'B';
    for next in "KMGTPE".chars() {
        if magnitude < 1024 {
            break;
        }
        magnitude /= 1024;
        divisor *= 1024;
        unit = next;
    }
    let divisor = i128::from(divisor);
    let half = if size < 0 { -divisor / 2 } else { divisor / 2 };
    format!("{} {unit}iB", (i128::from(size) + half) / divisor)
}

/// An image's table, `sifseal/sif-list/1`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListJson {
    schema: &'static str,
    image: String,
    objects: Vec<ObjectJson>,
}

impl ListJson {
    /// Of this image.
    pub fn new(image: &Image) -> Self {
        Self {
            schema: "sifseal/sif-list/1",
            image: image.path().display().to_string(),
            objects: image.objects().map(ObjectJson::new).collect(),
        }
    }
}

/// One object, `sifseal/sif-info/1`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InfoJson {
    schema: &'static str,
    image: String,
    object: ObjectJson,
}

impl InfoJson {
    /// Of this object.
    pub fn new(image: &Image, object: &Descriptor) -> Self {
        Self {
            schema: "sifseal/sif-info/1",
            image: image.path().display().to_string(),
            object: ObjectJson::new(object),
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ObjectJson {
    id: u32,
    group: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    linked_object: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    linked_group: Option<u32>,
    data_type: String,
    data_type_number: i32,
    offset: u64,
    size: u64,
    created: Option<String>,
    modified: Option<String>,
    name: String,
    #[serde(flatten)]
    extra: ExtraJson,
}

impl ObjectJson {
    fn new(object: &Descriptor) -> Self {
        let (linked_object, linked_group) = match object.link() {
            Link::None => (None, None),
            Link::Object(id) => (Some(id.get()), None),
            Link::Group(group) => (None, Some(group.get())),
        };
        Self {
            id: object.id().get(),
            group: object.group().map(|group| group.get()),
            linked_object,
            linked_group,
            data_type: object.data_type().to_string(),
            data_type_number: object.data_type().number(),
            offset: object.offset(),
            size: object.size(),
            created: time_json(object.created()),
            modified: time_json(object.modified()),
            name: object.name(),
            extra: ExtraJson::new(object.extra()),
        }
    }
}

/// What only one data type has, under its own name.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum ExtraJson {
    #[serde(rename_all = "camelCase")]
    Partition {
        file_system: String,
        purpose: String,
        architecture: String,
    },
    #[serde(rename_all = "camelCase")]
    Signature {
        hash: String,
        entity: Option<String>,
    },
    #[serde(rename_all = "camelCase")]
    CryptoMessage { format: String, message: String },
    #[serde(rename_all = "camelCase")]
    Sbom { format: String },
    #[serde(rename_all = "camelCase")]
    OciBlob { digest: String },
    #[serde(untagged)]
    Nothing {},
}

impl ExtraJson {
    fn new(extra: Extra) -> Self {
        match extra {
            Extra::None | Extra::Raw(_) => Self::Nothing {},
            Extra::Partition { fs, kind, arch } => Self::Partition {
                file_system: fs.to_string(),
                purpose: kind.to_string(),
                architecture: arch.to_string(),
            },
            Extra::Signature { hash, entity } => Self::Signature {
                hash: hash.to_string(),
                entity: entity.map(|entity| entity.to_string()),
            },
            Extra::CryptoMessage { format, message } => Self::CryptoMessage {
                format: format.to_string(),
                message: message.to_string(),
            },
            Extra::Sbom { format } => Self::Sbom {
                format: format.to_string(),
            },
            Extra::OciBlob { digest } => Self::OciBlob { digest },
        }
    }
}

/// A header, `sifseal/sif-header/1`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HeaderJson {
    schema: &'static str,
    image: String,
    launch_script: String,
    version: String,
    architecture: Option<String>,
    id: Option<String>,
    created: Option<String>,
    modified: Option<String>,
    descriptors_free: i64,
    descriptors_total: u32,
    descriptors_offset: u64,
    descriptors_size: u64,
    data_offset: u64,
    data_size: i64,
}

impl HeaderJson {
    /// Of this image.
    pub fn new(image: &Image) -> Self {
        let header = image.header();
        let architecture = header.architecture();
        let known = architecture != Architecture::Unknown;
        Self {
            schema: "sifseal/sif-header/1",
            image: image.path().display().to_string(),
            launch_script: header.launch_script(),
            version: header.version(),
            architecture: known.then(|| architecture.to_string()),
            id: (!header.id().is_nil()).then(|| header.id().to_string()),
            created: time_json(header.created()),
            modified: time_json(header.modified()),
            descriptors_free: header.descriptors_free(),
            descriptors_total: header.descriptors_total(),
            descriptors_offset: header.descriptors_offset(),
            descriptors_size: header.descriptors_size(),
            data_offset: header.data_offset(),
            data_size: header.data_size(),
        }
    }
}

fn time_json(time: Timestamp) -> Option<String> {
    match time {
        Timestamp::GO_ZERO => None,
        time => rfc3339(time),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_to_whole_units() {
        // The reference's own cases: half a unit rounds away from zero.
        for (size, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (-1023, "-1023 B"),
            (1024, "1 KiB"),
            (1535, "1 KiB"),
            (1536, "2 KiB"),
            (-1536, "-2 KiB"),
            (28080, "27 KiB"),
            (1 << 20, "1 MiB"),
            ((1 << 20) - 1, "1024 KiB"),
            (i64::MAX, "8 EiB"),
            (i64::MIN, "-8 EiB"),
        ] {
            assert_eq!(readable_size(size), text, "{size}");
        }
    }
}
