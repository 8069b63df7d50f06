//! A file in memory that writes down what is done to it.

use super::super::descriptor::Descriptor;
use super::super::header::Header;
use super::super::storage::{Disk, Storage};
use super::super::table::Table;
use crate::Result;
use std::cell::RefCell;
use std::io;
use std::path::Path;

/// Like a disk, it is full at some point; far offsets must fail, not fill memory.
const CAPACITY: u64 = 1 << 20;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Op {
    Write(u64, Vec<u8>),
    SetLen(u64),
    Sync,
}

impl Op {
    pub(super) fn apply(&self, file: &mut Vec<u8>) {
        match self {
            Self::Write(offset, bytes) => {
                let begin = usize::try_from(*offset).unwrap();
                let end = begin + bytes.len();
                if file.len() < end {
                    file.resize(end, 0);
                }
                file[begin..end].copy_from_slice(bytes);
            }
            Self::SetLen(len) => file.resize(usize::try_from(*len).unwrap(), 0),
            Self::Sync => {}
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Memory {
    bytes: RefCell<Vec<u8>>,
    ops: RefCell<Vec<Op>>,
}

impl Memory {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self {
            bytes: RefCell::new(bytes),
            ops: RefCell::default(),
        }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        self.bytes.borrow().clone()
    }

    pub(super) fn ops(&self) -> Vec<Op> {
        self.ops.borrow().clone()
    }

    pub(super) fn disk(&self) -> Disk<'_> {
        Disk {
            file: self,
            path: Path::new("in memory"),
        }
    }

    pub(super) fn table(&self) -> Result<Table> {
        Table::load(&self.disk())
    }

    fn record(&self, op: Op) {
        op.apply(&mut self.bytes.borrow_mut());
        self.ops.borrow_mut().push(op);
    }
}

impl Storage for Memory {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let bytes = self.bytes.borrow();
        let begin = usize::try_from(offset).map_or(bytes.len(), |at| at.min(bytes.len()));
        let len = buf.len().min(bytes.len() - begin);
        buf[..len].copy_from_slice(&bytes[begin..begin + len]);
        Ok(len)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        if offset.saturating_add(bytes.len() as u64) > CAPACITY {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.record(Op::Write(offset, bytes.to_vec()));
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        if len > CAPACITY {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.record(Op::SetLen(len));
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        self.record(Op::Sync);
        Ok(())
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.bytes.borrow().len() as u64)
    }
}

/// All that a reader sees of an image, counters aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    signed_header: Vec<u8>,
    objects: Vec<(Descriptor, Vec<u8>)>,
}

impl Seen {
    pub(super) fn ids(&self) -> Vec<u32> {
        let ids = self.objects.iter().map(|(object, _)| object.id().get());
        ids.collect()
    }
}

/// What a reader sees in these bytes; an error if they are no sound image.
pub(super) fn seen(bytes: &[u8]) -> Result<Seen> {
    let table = Memory::new(bytes.to_vec()).table()?;
    let data = |object: &Descriptor| {
        let begin = usize::try_from(object.offset()).unwrap();
        let end = usize::try_from(object.end()).unwrap();
        bytes.get(begin..end).unwrap_or_default().to_vec()
    };
    Ok(Seen {
        signed_header: Header::integrity_bytes(&table.header),
        objects: table
            .objects()
            .map(|object| (object.clone(), data(object)))
            .collect(),
    })
}
