//! How messages travel to a plugin and back.

mod library;
mod pipes;
mod process;

pub(crate) use library::{Library, load};
pub(crate) use process::Process;

use crate::fault::Fault;
use std::fmt::Debug;
use std::time::Instant;
use zeroize::Zeroizing;

/// A plugin that runs.
pub(crate) trait Carrier: Debug + Send {
    /// Hands over a request, one line without its end.
    fn send(&mut self, request: &[u8]);

    /// The next line that the plugin writes; `None` if it has written none by then.
    ///
    /// # Errors
    /// It has ended, or writes too much.
    fn receive(&mut self, until: Instant) -> Result<Option<Zeroizing<Vec<u8>>>, Fault>;

    /// Ends it without a word. Afterwards it is not asked again.
    fn end(&mut self);
}
