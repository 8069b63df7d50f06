//! Which objects of an image a signature covers, or a verification asks about.

use crate::Result;
use crate::integrity::Selection;
use crate::sif::Table;
use std::fmt::Debug;

/// A rule that picks objects from an image's descriptor table.
///
/// It is pure: no key, no clock, and nothing at hand but the table. It cannot pick
/// nothing, because there is no empty [`Selection`]; a rule that fits no object
/// is an error. Each selection becomes one signature, or one question to verify.
pub trait ObjectSelector: Debug + Send + Sync {
    /// The selections, in ascending order of their groups.
    ///
    /// # Errors
    /// `NotFound` if the image has no such object or group.
    fn select(&self, table: &Table) -> Result<Vec<Selection>>;
}
