//! What the file system says of a file, and whether that proves it unchanged.
//!
//! An index is right as long as the files are as they were. To read them all again
//! would cost what the index saves, so their *stamps* are compared: size, inode, time
//! of modification, and above all the time of status change (`ctime`), which the kernel
//! sets at each write, rename and `touch`, and which nobody can set back.
//!
//! Two cases are left in which an equal stamp proves nothing; such a stamp is not
//! *settled*, and whoever relies on it must look at the content:
//!
//! - The clock of a file system stands still between two ticks. Of two writes in one
//!   tick the second leaves no trace, so a stamp that was young when the index was made
//!   is not believed (git calls such entries racy).
//! - A file system that keeps whole seconds (FAT, ISO 9660, squashfs) does not keep the
//!   kernel's `ctime` but something that can be set. It is believed only where the file
//!   system is mounted read-only, as a disc is, so that no file here can have changed
//!   since. (Two editions of a disc whose files have the same sizes and all times set to
//!   one value look alike; give them an index, or different times.)
//!
//! On a network file system all this is as true as the server's answers; a client may
//! give old ones from its cache, usually for a minute at most.

use sifseal_core::Timestamp;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use zerocopy::little_endian::{I64, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// How old a stamp must be, in seconds, when an index is made: more than the 2 seconds
/// of FAT, and room for a file server whose clock is a little behind ours.
const SETTLING: i64 = 10;

/// The stamp of a file or directory, as it stands in an index.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Default,
    FromBytes,
    IntoBytes,
    KnownLayout,
    Immutable,
    Unaligned,
)]
#[repr(C)]
pub(crate) struct Stamp {
    size: U64,
    inode: U64,
    modified: I64,
    modified_nanoseconds: U32,
    changed: I64,
    changed_nanoseconds: U32,
}

impl Stamp {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        let nanoseconds = |value| U32::new(u32::try_from(value).unwrap_or(0));
        Self {
            size: U64::new(metadata.size()),
            inode: U64::new(metadata.ino()),
            modified: I64::new(metadata.mtime()),
            modified_nanoseconds: nanoseconds(metadata.mtime_nsec()),
            changed: I64::new(metadata.ctime()),
            changed_nanoseconds: nanoseconds(metadata.ctime_nsec()),
        }
    }

    pub(crate) fn size(&self) -> u64 {
        self.size.get()
    }

    /// True if an equal stamp later on proves that nothing changed since `taken`.
    pub(crate) fn is_settled(&self, taken: Timestamp, is_read_only: bool) -> bool {
        let is_kernels_clock = self.changed_nanoseconds.get() != 0;
        (is_kernels_clock || is_read_only) && self.changed.get() <= taken.plus(-SETTLING).0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed_at(seconds: i64, nanoseconds: u32) -> Stamp {
        Stamp {
            changed: I64::new(seconds),
            changed_nanoseconds: U32::new(nanoseconds),
            ..Stamp::default()
        }
    }

    #[test]
    fn a_stamp_of_the_same_moment_proves_nothing() {
        let stamp = changed_at(1000, 1);
        for (now, settled) in [(999, false), (1000, false), (1009, false), (1010, true)] {
            assert_eq!(stamp.is_settled(Timestamp(now), false), settled, "{now}");
        }
    }

    #[test]
    fn whole_seconds_are_believed_only_where_nobody_can_write() {
        let stamp = changed_at(1000, 0);
        assert!(!stamp.is_settled(Timestamp(5000), false));
        assert!(stamp.is_settled(Timestamp(5000), true));
    }
}
