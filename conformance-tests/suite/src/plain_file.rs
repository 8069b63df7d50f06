//! Reading files that an implementation may have put something else in the place of: a
//! pipe, say, whose opening would never end, or a device that never ends itself.

use std::fs::OpenOptions;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// More than any image or report of the suite has.
const MOST: u64 = 64 << 20;

/// The bytes of a plain file.
///
/// # Errors
/// In words: it is not there, is something else than a plain file, or is too large.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, String> {
    let wrong = |what: &str| format!("{}: {what}", path.display());
    // Without it the opening of a pipe would wait for somebody who writes.
    let at_once = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(at_once)
        .open(path)
        .map_err(|error| wrong(&error.to_string()))?;
    let about = file.metadata().map_err(|error| wrong(&error.to_string()))?;
    if !about.is_file() {
        return Err(wrong("it is no plain file any more"));
    }
    let mut bytes = Vec::new();
    file.take(MOST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| wrong(&error.to_string()))?;
    if bytes.len() as u64 > MOST {
        return Err(wrong("it has grown beyond all measure"));
    }
    Ok(bytes)
}
