//! Images for the tests of hashing, and a system that gives no threads.

use crate::sif::{CreateOptions, DataType, GroupId, Image, NewObject, create};
use crate::traits::Nobody;
use crate::{Context, Timestamp};
use std::io::Read;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::thread;

static NEVER: AtomicBool = AtomicBool::new(false);

pub(super) fn context() -> Context<'static> {
    Context {
        now: Timestamp(0),
        deadline: None,
        cancelled: &NEVER,
        ui: &Nobody,
    }
}

/// An image in a folder of its own, with objects of these groups and data.
pub(super) fn image(objects: &[(u32, &[u8])]) -> (tempfile::TempDir, PathBuf, Image) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("image.sif");
    let objects = objects
        .iter()
        .map(|(group, data)| {
            let mut object = NewObject::new(DataType::Generic);
            object.group = GroupId::new(*group);
            let data: Box<dyn Read> = Box::new(*data);
            (object, data)
        })
        .collect();
    create(&path, &CreateOptions::deterministic(), objects).unwrap();
    let image = Image::open(&path).unwrap();
    (folder, path, image)
}

/// A thread whose stack no system has room for, so that starting it fails.
pub(super) fn impossible_thread() -> thread::Builder {
    thread::Builder::new().stack_size(1 << 60)
}
