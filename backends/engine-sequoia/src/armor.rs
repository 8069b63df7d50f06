//! Writing ASCII armor (RFC 9580, section 6); core reads it.

use crate::failure::backend;
use sequoia_openpgp::armor::{Kind, Writer};
use sifseal_core::Result;
use std::io::Write;
use zeroize::Zeroizing;

/// One armored block with a CRC, which old readers want. Ends with a line break.
///
/// # Errors
/// `Backend` if Sequoia fails to write.
pub(crate) fn write(kind: Kind, bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let mut out = Zeroizing::new(Vec::with_capacity(bytes.len() * 3 / 2 + 200));
    Writer::new(&mut *out, kind)
        .and_then(|mut writer| {
            writer.write_all(bytes)?;
            writer.finalize().map(drop)
        })
        .map_err(|error| backend("the armor cannot be written", error.into()))?;
    Ok(out)
}
