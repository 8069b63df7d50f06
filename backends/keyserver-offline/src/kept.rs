//! The index that is kept between questions, and which questions it may answer.

use crate::index::Index;
use std::sync::Arc;

/// The index of the last question.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    index: Option<Arc<Index>>,
    /// The look at the files that last showed it to be current.
    proved_by: Look,
}

/// A look at the files, by its number; 0 is none.
///
/// A question may rely on any look that *began* after it was asked: whatever changed
/// before the question was there to be seen. So of many threads that ask at the same
/// time, the first looks for itself, and the next for all that had to wait. No clock
/// decides, and nothing is hidden that the asker could have known of.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Look {
    pub(crate) number: u64,
    pub(crate) every_file: bool,
}

impl Kept {
    /// The index, current or not.
    pub(crate) fn index(&self) -> Option<Arc<Index>> {
        self.index.clone()
    }

    /// Keeps an index that this look showed to be current.
    pub(crate) fn keep(&mut self, index: Arc<Index>, look: Look) -> Arc<Index> {
        self.index = Some(Arc::clone(&index));
        self.proved_by = look;
        index
    }

    /// The index, if a look that began after this many others showed it to be current.
    pub(crate) fn proved_after(&self, asked: u64, every_file: bool) -> Option<Arc<Index>> {
        let look = self.proved_by;
        let proves = look.number > asked && (look.every_file || !every_file);
        self.index.clone().filter(|_| proves)
    }
}
