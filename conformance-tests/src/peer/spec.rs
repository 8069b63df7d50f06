//! How an image that is to be made is told to the reference program.
//!
//! Tests describe objects once, in the types of `sifseal_core::sif`, and give the
//! same description to both implementations.

use serde::Serialize;
use sifseal_core::Timestamp;
use sifseal_core::sif::{CreateOptions, Extra, Link, NewObject};
use std::io::Write;
use std::path::PathBuf;
use tempfile::{NamedTempFile, TempDir};

/// The specification, and the directory with the objects' data.
#[derive(Debug, Serialize)]
pub(super) struct ImageSpec {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<i64>,
    launch_script: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    capacity: Option<u32>,
    objects: Vec<ObjectSpec>,
    #[serde(skip)]
    _data: TempDir,
}

#[derive(Debug, Serialize)]
struct ObjectSpec {
    data_type: i32,
    group: u32,
    link: u32,
    link_group: u32,
    name: String,
    file: PathBuf,
    alignment: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<i64>,
    #[serde(flatten)]
    extra: Option<ExtraSpec>,
}

/// The one field of the specification that says what the type's own fields hold.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum ExtraSpec {
    Partition {
        fs: i32,
        #[serde(rename = "type")]
        kind: i32,
        arch: String,
    },
    Signature {
        hash: String,
        fingerprint: String,
    },
    CryptoMessage {
        format: i32,
        message: i32,
    },
    Sbom(i32),
    Raw(String),
}

impl ImageSpec {
    pub(super) fn create(options: &CreateOptions, objects: &[(NewObject, Vec<u8>)]) -> Self {
        Self {
            id: Some(options.id.to_string()),
            launch_script: options.launch_script.clone(),
            capacity: Some(options.capacity),
            ..Self::add(Some(options.time), objects)
        }
    }

    pub(super) fn add(time: Option<Timestamp>, objects: &[(NewObject, Vec<u8>)]) -> Self {
        let data = tempfile::tempdir().expect("a directory for data");
        let specs = (0..).zip(objects).map(|(number, (object, bytes))| {
            let file = data.path().join(format!("{number}"));
            std::fs::write(&file, bytes).expect("writing data");
            ObjectSpec::new(object, file)
        });
        Self {
            id: None,
            time: time.map(|time| time.0),
            launch_script: String::new(),
            capacity: None,
            objects: specs.collect(),
            _data: data,
        }
    }

    /// The specification as a file, which lasts as long as the value.
    pub(super) fn file(&self) -> NamedTempFile {
        let mut file = NamedTempFile::new().expect("a file for the specification");
        let json = serde_json::to_vec(self).expect("plain data");
        file.write_all(&json).expect("writing the specification");
        file
    }
}

impl ObjectSpec {
    fn new(object: &NewObject, file: PathBuf) -> Self {
        let (link, link_group) = match object.link {
            Link::None => (0, 0),
            Link::Object(id) => (id.get(), 0),
            Link::Group(id) => (0, id.get()),
        };
        Self {
            data_type: object.data_type.number(),
            group: object.group.map_or(0, |group| group.get()),
            link,
            link_group,
            name: object.name.clone(),
            file,
            alignment: object.alignment,
            time: object.time.map(|time| time.0),
            extra: ExtraSpec::new(&object.extra),
        }
    }
}

impl ExtraSpec {
    fn new(extra: &Extra) -> Option<Self> {
        Some(match extra {
            Extra::None => return None,
            Extra::Partition { fs, kind, arch } => Self::Partition {
                fs: fs.number(),
                kind: kind.number(),
                arch: arch.to_string(),
            },
            Extra::Signature { hash, entity } => Self::Signature {
                hash: hash.to_string(),
                fingerprint: entity.as_ref().map(ToString::to_string).unwrap_or_default(),
            },
            Extra::CryptoMessage { format, message } => Self::CryptoMessage {
                format: format.number(),
                message: message.number(),
            },
            Extra::Sbom { format } => Self::Sbom(format.number()),
            Extra::OciBlob { digest } => Self::Raw(hex(digest.as_bytes())),
            Extra::Raw(bytes) => Self::Raw(hex(bytes)),
        })
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
