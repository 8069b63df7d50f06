//! Multiprecision integers (RFC 9580, section 3.2), written.

use super::malformed;
use crate::Result;

/// As many octets as the number of bits, of 16 bits itself, can tell.
const LONGEST: usize = 8191;

/// Appends a number to `out`, without its leading zeros.
///
/// # Errors
/// `Malformed` if it is longer than such an integer can be.
pub(super) fn write(number: &[u8], out: &mut Vec<u8>) -> Result<()> {
    let zeros = number.iter().take_while(|octet| **octet == 0).count();
    let number = &number[zeros..];
    if number.len() > LONGEST {
        return Err(malformed("a number is too long for OpenPGP"));
    }
    let unused = number.first().map_or(0, |octet| octet.leading_zeros());
    let bits = number.len() as u16 * 8 - unused as u16;
    out.extend(bits.to_be_bytes());
    out.extend_from_slice(number);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(number: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        write(number, &mut out).unwrap();
        out
    }

    /// The first two are the RFC's own examples.
    #[test]
    fn integers_begin_at_their_first_set_bit() {
        assert_eq!(written(&[1]), [0, 1, 1]);
        assert_eq!(written(&[0x01, 0xFF]), [0, 9, 0x01, 0xFF]);
        assert_eq!(written(&[0, 0, 0x80]), [0, 8, 0x80]);
        assert_eq!(written(&[]), [0, 0]);
        assert_eq!(written(&[0]), [0, 0]);
    }

    #[test]
    fn a_number_with_more_bits_than_can_be_told_is_refused() {
        assert!(write(&[1; LONGEST], &mut Vec::new()).is_ok());
        assert!(write(&[1; LONGEST + 1], &mut Vec::new()).is_err());
    }
}
