//! The images that scenarios begin with.

use sifseal_core::sif::{
    Architecture, CreateOptions, DataType, Extra, FsType, GroupId, NewObject, PartitionType, create,
};
use sifseal_core::{Result, Timestamp};
use std::io::{Cursor, Read};
use std::path::Path;

/// When every image says it was made: 2023-01-01 00:00:00 UTC.
pub const MADE: Timestamp = Timestamp(1_672_531_200);

/// One line of the table.
#[derive(Debug)]
pub struct Base {
    /// How scenarios call it.
    pub name: &'static str,
    /// What is in it, in a sentence.
    pub purpose: &'static str,
    objects: &'static [Object],
}

#[derive(Debug, Clone, Copy)]
struct Object {
    group: u32,
    what: What,
    data: &'static [u8],
}

#[derive(Debug, Clone, Copy)]
enum What {
    Definition,
    Primary,
    System,
    Data,
}

const DEFINITION: &[u8] = b"Bootstrap: scratch\n";
const SYSTEM: &[u8] = &[7; 5000];
const OVERLAY: &[u8] = &[9; 300];

const fn object(group: u32, what: What, data: &'static [u8]) -> Object {
    Object { group, what, data }
}

/// Every image.
pub const IMAGES: &[Base] = &[
    Base {
        name: "one-group",
        purpose: "A definition file (object 1) and the primary partition (object 2) in group 1",
        objects: &[
            object(1, What::Definition, DEFINITION),
            object(1, What::Primary, SYSTEM),
        ],
    },
    Base {
        name: "two-groups",
        purpose: "As one-group, and a data partition (object 3) in group 2",
        objects: &[
            object(1, What::Definition, DEFINITION),
            object(1, What::Primary, SYSTEM),
            object(2, What::Data, OVERLAY),
        ],
    },
    Base {
        name: "three-objects",
        purpose: "As one-group, and a data partition (object 3) in group 1",
        objects: &[
            object(1, What::Definition, DEFINITION),
            object(1, What::Primary, SYSTEM),
            object(1, What::Data, OVERLAY),
        ],
    },
    Base {
        name: "two-systems",
        purpose: "As one-group, and another system partition (object 3) in group 1",
        objects: &[
            object(1, What::Definition, DEFINITION),
            object(1, What::Primary, SYSTEM),
            object(1, What::System, OVERLAY),
        ],
    },
    Base {
        name: "ungrouped",
        purpose: "As one-group, and a data partition (object 3) in no group",
        objects: &[
            object(1, What::Definition, DEFINITION),
            object(1, What::Primary, SYSTEM),
            object(0, What::Data, OVERLAY),
        ],
    },
    Base {
        name: "no-primary",
        purpose: "A definition file (object 1) and a data partition (object 2) in group 1",
        objects: &[
            object(1, What::Definition, DEFINITION),
            object(1, What::Data, OVERLAY),
        ],
    },
    Base {
        name: "empty",
        purpose: "No objects at all",
        objects: &[],
    },
    Base {
        name: "empty-object",
        purpose: "A definition file of no bytes (object 1) and the primary partition (object 2) in group 1",
        objects: &[
            object(1, What::Definition, b""),
            object(1, What::Primary, SYSTEM),
        ],
    },
];

/// The image of this name.
pub fn find(name: &str) -> Option<&'static Base> {
    IMAGES.iter().find(|image| image.name == name)
}

impl Base {
    /// Writes it: the same bytes every time.
    ///
    /// # Errors
    /// What writing says.
    pub fn write(&self, path: &Path) -> Result<()> {
        let mut options = CreateOptions::new(MADE);
        "#!/usr/bin/env run-singularity\n".clone_into(&mut options.launch_script);
        options.id = uuid::Uuid::from_bytes(*b"sifseal-suite-01");
        options.overwrite = true;
        let objects = self.objects.iter().map(Object::new_object).collect();
        create(path, &options, objects)
    }
}

impl Object {
    fn new_object(&self) -> (NewObject, Box<dyn Read>) {
        let (data_type, kind) = match self.what {
            What::Definition => (DataType::DefFile, None),
            What::Primary => (DataType::Partition, Some(PartitionType::PrimarySystem)),
            What::System => (DataType::Partition, Some(PartitionType::System)),
            What::Data => (DataType::Partition, Some(PartitionType::Data)),
        };
        let mut object = NewObject::new(data_type);
        object.group = GroupId::new(self.group);
        if let Some(kind) = kind {
            object.extra = Extra::Partition {
                fs: FsType::Raw,
                kind,
                arch: Architecture::Amd64,
            };
        }
        (object, Box::new(Cursor::new(self.data)))
    }
}
