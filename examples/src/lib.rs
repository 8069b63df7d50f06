//! A small real container image, made with nothing but Rust: something to sign,
//! verify and tamper with where there is no Apptainer to build one.
//!
//! [`make_image`] writes the image. Its parts are those of an image that
//! `apptainer build` makes, as the user guide lists them: a definition file, two
//! pieces of JSON, and the root file system, all in group 1.

#![forbid(unsafe_code)]

mod root_filesystem;

pub use root_filesystem::root_filesystem;

use sifseal_core::sif::{
    self, Architecture, CreateOptions, DataType, Extra, FsType, NewObject, PartitionType,
};
use sifseal_core::{Result, Timestamp};
use std::io::{Cursor, Read};
use std::path::Path;

const DEFINITION: &str = "\
Bootstrap: scratch

%labels
    org.opencontainers.image.title hello
    org.opencontainers.image.version 1.0

%runscript
    exec /bin/hello \"$@\"
";

const OCI_CONFIG: &str = r#"{"created":"2020-09-13T12:26:40Z","architecture":"amd64","os":"linux","config":{"Env":["PATH=/bin"],"Cmd":["/bin/hello"]},"rootfs":{"type":"layers","diff_ids":[]}}
"#;

const LABELS: &str = r#"{"type":"container","data":{"attributes":{"labels":{"org.opencontainers.image.title":"hello","org.opencontainers.image.version":"1.0"}}}}
"#;

/// Makes the image at `path`, where there must be no file yet.
///
/// # Errors
/// As [`sif::create`].
pub fn make_image(path: &Path, time: Timestamp) -> Result<()> {
    let options = CreateOptions {
        // By which a shell hands the file to the container runtime.
        launch_script: "#!/usr/bin/env run-singularity\n".to_owned(),
        ..CreateOptions::new(time)
    };
    let root = Extra::Partition {
        fs: FsType::Squashfs,
        kind: PartitionType::PrimarySystem,
        arch: Architecture::Amd64,
    };
    let objects = vec![
        object(DataType::DefFile, "", Extra::None, DEFINITION),
        object(
            DataType::GenericJson,
            "oci-config.json",
            Extra::None,
            OCI_CONFIG,
        ),
        object(
            DataType::GenericJson,
            "inspect-metadata.json",
            Extra::None,
            LABELS,
        ),
        object(DataType::Partition, "", root, root_filesystem()),
    ];
    sif::create(path, &options, objects)
}

fn object<'a>(
    data_type: DataType,
    name: &str,
    extra: Extra,
    data: impl AsRef<[u8]> + 'a,
) -> (NewObject, Box<dyn Read + 'a>) {
    let object = NewObject {
        name: name.to_owned(),
        extra,
        // Of every object, as in the user guide's listing.
        alignment: NewObject::PARTITION_ALIGNMENT,
        ..NewObject::new(data_type)
    };
    (object, Box::new(Cursor::new(data)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sifseal_core::sif::{GroupId, Image, ObjectId};

    #[test]
    fn the_image_has_the_objects_of_the_user_guide() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("hello.sif");
        make_image(&path, Timestamp(1_600_000_000)).unwrap();

        let image = Image::open(&path).unwrap();
        let types: Vec<DataType> = image.objects().map(|o| o.data_type()).collect();
        let json = DataType::GenericJson;
        assert_eq!(types, [DataType::DefFile, json, json, DataType::Partition]);
        assert!(image.objects().all(|o| o.group() == GroupId::new(1)));
        let primary = image.primary_partition().unwrap();
        assert_eq!(Some(primary.id()), ObjectId::new(4));
        assert_eq!(image.header().architecture(), Architecture::Amd64);
    }
}
