//! The root file system of the example: a SquashFS file system, as a container
//! runtime would mount it.

use backhand::compression::Compressor;
use backhand::{BackhandError, FilesystemCompressor, FilesystemWriter, NodeHeader};
use std::io::Cursor;

/// When everything in it was made, in seconds since 1970: a fixed moment, so that
/// the same bytes come out every time.
const MADE: u32 = 1_600_000_000;

/// The directories and their modes, each after the one that it is in.
const DIRECTORIES: &[(&str, u16)] = &[
    (".singularity.d", 0o755),
    (".singularity.d/env", 0o755),
    ("bin", 0o755),
    ("dev", 0o755),
    ("etc", 0o755),
    ("home", 0o755),
    ("proc", 0o555),
    ("root", 0o700),
    ("sys", 0o555),
    ("tmp", 0o1777),
    ("var", 0o755),
];

/// The files: path, mode, content.
const FILES: &[(&str, u16, &str)] = &[
    (
        ".singularity.d/env/90-environment.sh",
        0o755,
        "#!/bin/sh\nexport GREETING=\"Hello\"\n",
    ),
    (
        ".singularity.d/labels.json",
        0o644,
        "{\"org.opencontainers.image.title\":\"hello\"}\n",
    ),
    (
        ".singularity.d/runscript",
        0o755,
        "#!/bin/sh\nexec /bin/hello \"$@\"\n",
    ),
    (
        "bin/hello",
        0o755,
        "#!/bin/sh\necho \"${GREETING:-Hello} from ${1:-a container}!\"\n",
    ),
    ("etc/group", 0o644, "root:x:0:\n"),
    ("etc/hostname", 0o644, "pebble\n"),
    (
        "etc/os-release",
        0o644,
        "NAME=\"Pebble Linux\"\nID=pebble\nVERSION_ID=1.0\nPRETTY_NAME=\"Pebble Linux 1.0\"\n",
    ),
    ("etc/passwd", 0o644, "root:x:0:0:root:/root:/bin/sh\n"),
];

/// The links: path, and what it leads to.
const LINKS: &[(&str, &str)] = &[("singularity", ".singularity.d/runscript"), ("usr", ".")];

/// A root file system of an invented distribution, in a few kilobytes.
pub fn root_filesystem() -> Vec<u8> {
    // Nothing comes from outside: an error would be a mistake in the tables.
    write().expect("the tables above describe a file system")
}

fn write() -> Result<Vec<u8>, BackhandError> {
    let mut writer = FilesystemWriter::default();
    writer.set_compressor(FilesystemCompressor::new(Compressor::Gzip, None)?);
    writer.set_time(MADE);
    writer.set_root_mode(0o755);
    for &(path, mode) in DIRECTORIES {
        writer.push_dir(path, owned_by_root(mode))?;
    }
    for &(path, mode, content) in FILES {
        writer.push_file(Cursor::new(content), path, owned_by_root(mode))?;
    }
    for &(path, target) in LINKS {
        writer.push_symlink(target, path, owned_by_root(0o777))?;
    }
    let mut bytes = Cursor::new(Vec::new());
    writer.write(&mut bytes)?;
    Ok(bytes.into_inner())
}

fn owned_by_root(mode: u16) -> NodeHeader {
    NodeHeader::new(mode, 0, 0, MADE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use backhand::{FilesystemReader, InnerNode};

    #[test]
    fn the_file_system_can_be_read_back() {
        let reader = FilesystemReader::from_reader(Cursor::new(root_filesystem())).unwrap();
        // And the root itself.
        let expected = 1 + DIRECTORIES.len() + FILES.len() + LINKS.len();
        assert_eq!(reader.files().count(), expected);

        let path = "/.singularity.d/runscript";
        let node = reader
            .files()
            .find(|node| node.fullpath.as_os_str() == path)
            .unwrap();
        assert_eq!(node.header.permissions, 0o755);
        let InnerNode::File(file) = &node.inner else {
            panic!("{path} is no file");
        };
        let mut content = String::new();
        let mut data = reader.file(file).reader();
        std::io::Read::read_to_string(&mut data, &mut content).unwrap();
        assert_eq!(content, "#!/bin/sh\nexec /bin/hello \"$@\"\n");
    }

    #[test]
    fn the_same_bytes_come_out_every_time() {
        assert!(root_filesystem() == root_filesystem());
    }
}
