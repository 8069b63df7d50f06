//! Every way in which a crash can cut a change off.
//!
//! What an operation does to the file is written down. Then, for every moment at
//! which it could have stopped: all that was synced is on the disk, and of the
//! rest any subset, and of one of those only a part. Whatever comes of it must
//! open, and read as the image before or as the image after.

use super::super::add::add;
use super::super::delete::delete;
use super::super::primary::set_primary;
use super::super::storage::{Replaceable, Storage};
use super::super::table::Table;
use super::memory::{Memory, Op, Seen, seen};
use super::*;
use crate::Result;
use std::cell::RefCell;

/// Writes between two syncs whose subsets are all tried.
const MOST_PENDING: usize = 8;

/// Gives its data in pieces, so that there are several writes to lose.
struct Dribble<'a>(&'a [u8]);

impl Read for Dribble<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let most = buf.len().min(100);
        self.0.read(&mut buf[..most])
    }
}

/// What may be on the disk after a crash at any moment of `ops`.
fn outcomes(before: &[u8], ops: &[Op]) -> Vec<Vec<u8>> {
    let mut outcomes = Vec::new();
    for stop in 0..=ops.len() {
        let done = &ops[..stop];
        let synced = done.iter().rposition(|op| *op == Op::Sync).unwrap_or(0);
        let mut durable = before.to_vec();
        done[..synced].iter().for_each(|op| op.apply(&mut durable));
        let pending: Vec<_> = done[synced..]
            .iter()
            .filter(|op| **op != Op::Sync)
            .collect();
        assert!(pending.len() <= MOST_PENDING, "too much for one sync");

        for subset in 0..1_u32 << pending.len() {
            let kept = (0..pending.len()).filter(|index| subset & 1 << index != 0);
            let kept: Vec<_> = kept.map(|index| pending[index].clone()).collect();
            for kept in torn(&kept) {
                let mut file = durable.clone();
                kept.iter().for_each(|op| op.apply(&mut file));
                outcomes.push(file);
            }
        }
    }
    outcomes
}

/// The writes as they are, and with each of them in turn arriving only in part.
fn torn(writes: &[Op]) -> Vec<Vec<Op>> {
    let mut all = vec![writes.to_vec()];
    for (index, op) in writes.iter().enumerate() {
        let Op::Write(offset, bytes) = op else {
            continue;
        };
        for cut in [1, 4, bytes.len() / 2, bytes.len() - 1] {
            if cut == 0 || cut >= bytes.len() {
                continue;
            }
            let (first, last) = bytes.split_at(cut);
            for part in [
                Op::Write(*offset, first.to_vec()),
                Op::Write(offset + cut as u64, last.to_vec()),
            ] {
                let mut writes = writes.to_vec();
                writes[index] = part;
                all.push(writes);
            }
        }
    }
    all
}

/// Runs a change on `before`; every outcome of every crash must read as before
/// or as `after` says, both must occur, and the next change must put right what
/// the crash left stale.
fn replay(before: &[u8], change: impl Fn(&Memory, &Table) -> Result<()>) -> (Seen, Seen) {
    let memory = Memory::new(before.to_vec());
    change(&memory, &memory.table().unwrap()).unwrap();
    let old = seen(before).unwrap();
    let new = seen(&memory.bytes()).unwrap();
    assert_ne!(old, new, "the change changed nothing");
    assert_eq!(
        memory.ops().last(),
        Some(&Op::Sync),
        "the end is not synced"
    );

    let outcomes = outcomes(before, &memory.ops());
    assert!(outcomes.iter().any(|file| seen(file).unwrap() == old));
    for file in &outcomes {
        let now = seen(file).unwrap();
        assert!(
            now == old || now == new,
            "neither before nor after:\n{now:?}"
        );
        the_next_change_repairs(file);
    }
    (old, new)
}

fn the_next_change_repairs(file: &[u8]) {
    let memory = Memory::new(file.to_vec());
    let table = memory.table().unwrap();
    add(
        &memory.disk(),
        &table,
        &signature(),
        &mut &b"more"[..],
        LATER,
    )
    .unwrap();

    let table = memory.table().unwrap();
    let header = &table.header;
    assert_eq!(header.descriptors_free(), i64::from(table.free_slots()));
    let end = header.data_offset() + u64::try_from(header.data_size()).unwrap();
    assert_eq!(end, table.data_end());
    assert_eq!(header.modified(), LATER);
    let expected = match table.primary_partition().map(Descriptor::extra) {
        Some(Extra::Partition { arch, .. }) => arch,
        _ => Architecture::Unknown,
    };
    assert_eq!(header.architecture(), expected);
}

fn without_primary() -> Vec<u8> {
    let memory = Memory::new(sample());
    let table = memory.table().unwrap();
    delete(&memory.disk(), &table, id(2), DeleteMode::Plain, THEN).unwrap();
    memory.bytes()
}

#[test]
fn a_crash_while_adding_leaves_the_image_before_or_after_w17() {
    for trailing in [0, 10, 5000] {
        let mut before = sample();
        before.resize(before.len() + trailing, 0xee);
        replay(&before, |memory, table| {
            let mut data = Dribble(&[7; 350]);
            let added = add(&memory.disk(), table, &signature(), &mut data, LATER)?;
            assert_eq!(added, id(5));
            Ok(())
        });
    }
}

#[test]
fn a_crash_while_adding_the_primary_partition_leaves_no_false_architecture_w17() {
    replay(&without_primary(), |memory, table| {
        let object = partition(PartitionType::PrimarySystem, Architecture::Riscv64);
        add(
            &memory.disk(),
            table,
            &object,
            &mut Dribble(&[7; 350]),
            LATER,
        )?;
        assert_eq!(memory.table()?.header.architecture(), Architecture::Riscv64);
        Ok(())
    });
}

#[test]
fn a_crash_while_deleting_leaves_the_image_before_or_after_w17() {
    for mode in [DeleteMode::Plain, DeleteMode::Zero, DeleteMode::Compact] {
        for number in 1..=4 {
            let (_, after) = replay(&sample(), |memory, table| {
                delete(&memory.disk(), table, id(number), mode, LATER)
            });
            assert_eq!(after.ids().len(), 3);
            assert!(!after.ids().contains(&number));
        }
    }
}

/// A directory with one file in it. The copy's own bytes are its first,
/// unsynced write.
struct Directory {
    original: Vec<u8>,
    renamed: RefCell<Option<Vec<Op>>>,
}

impl Replaceable for Directory {
    type Copy = Memory;
    type File = ();

    fn copy(&self) -> Result<Memory> {
        let copy = Memory::default();
        copy.write_at(&self.original, 0).unwrap();
        Ok(copy)
    }

    fn storage(copy: &Memory) -> &dyn Storage {
        copy
    }

    fn replace(&self, copy: Memory) -> Result<()> {
        *self.renamed.borrow_mut() = Some(copy.ops());
        Ok(())
    }
}

#[test]
fn a_crash_while_setting_the_primary_partition_leaves_the_image_before_or_after_w17() {
    for before in [sample(), without_primary()] {
        let directory = Directory {
            original: before.clone(),
            renamed: RefCell::default(),
        };
        let table = Memory::new(before).table().unwrap();
        let path = Path::new("in memory");
        set_primary(&directory, path, &table, id(3), LATER)
            .unwrap()
            .unwrap();

        // Until the rename nobody sees the copy; at the rename, whatever of it
        // was not synced can be lost.
        let ops = directory.renamed.into_inner().unwrap();
        let at_rename = outcomes(&[], &ops);
        let synced = ops.iter().rposition(|op| *op == Op::Sync);
        assert_eq!(synced, Some(ops.len() - 1), "renamed before it was synced");
        let after = seen(at_rename.last().unwrap()).unwrap();
        let table = Memory::new(at_rename.last().unwrap().clone())
            .table()
            .unwrap();
        assert_eq!(table.primary_partition().map(Descriptor::id), Some(id(3)));
        assert_eq!(table.header.architecture(), Architecture::Arm64);
        assert_eq!(table.header.modified(), LATER);
        assert_ne!(after, seen(&directory.original).unwrap());
    }
}
