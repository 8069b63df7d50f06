//! Writing ASCII armor (RFC 9580, section 6). It is read in core, for all engines.

use crate::failure::backend;
use pgp::armor::BlockType;
use sifseal_core::Result;
use zeroize::Zeroizing;

/// One armored block with a CRC, which old readers want. Ends with a line break.
///
/// # Errors
/// `Backend` if rPGP fails to write.
pub(crate) fn write(kind: BlockType, bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let mut out = Zeroizing::new(Vec::with_capacity(bytes.len() * 3 / 2 + 200));
    pgp::armor::write(&Raw(bytes), kind, &mut *out, None, true)
        .map_err(|error| backend("the armor cannot be written", error))?;
    Ok(out)
}

/// Bytes that are serialised already.
struct Raw<'a>(&'a [u8]);

impl pgp::ser::Serialize for Raw<'_> {
    fn to_writer<W: std::io::Write>(&self, writer: &mut W) -> pgp::errors::Result<()> {
        Ok(writer.write_all(self.0)?)
    }

    fn write_len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sifseal_core::openpgp::framing::armor::blocks;

    #[test]
    fn what_is_written_is_read_whatever_its_length() {
        for len in [0, 1, 2, 3, 47, 48, 49, 1000] {
            let bytes: Vec<u8> = (0..len).map(|byte| byte as u8).collect();
            let text = write(BlockType::PublicKey, &bytes).unwrap();
            let blocks = blocks(&text);
            assert_eq!(blocks.len(), 1);
            assert_eq!(blocks[0].content.as_ref().unwrap().as_slice(), bytes);
            assert_eq!(blocks[0].raw, text.as_slice());
        }
    }
}
