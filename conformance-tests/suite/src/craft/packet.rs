//! Frames of packets and numbers (RFC 9580, sections 3.2 and 4.2).

/// Packet type IDs.
#[allow(missing_docs)]
pub mod tag {
    pub const SIGNATURE: u8 = 2;
    pub const SECRET_KEY: u8 = 5;
    pub const PUBLIC_KEY: u8 = 6;
    pub const SECRET_SUBKEY: u8 = 7;
    pub const USER_ID: u8 = 13;
    pub const PUBLIC_SUBKEY: u8 = 14;
}

/// A packet with a new-format header and a length of five octets, which is
/// allowed for every length.
pub fn packet(tag: u8, body: &[u8]) -> Vec<u8> {
    let len = u32::try_from(body.len()).expect("a packet below 4 GiB");
    [&[0xC0 | tag, 0xFF][..], &len.to_be_bytes(), body].concat()
}

/// A multiprecision integer in its one correct form: no leading zeros, and the
/// exact number of bits.
pub fn integer(value: &[u8]) -> Vec<u8> {
    let zeros = value.iter().take_while(|octet| **octet == 0).count();
    let value = &value[zeros..];
    let unused = value.first().map_or(0, |octet| octet.leading_zeros());
    let bits = value.len() * 8 - unused as usize;
    let bits = u16::try_from(bits).expect("an integer of at most 65535 bits");
    [&bits.to_be_bytes()[..], value].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_says_its_exact_number_of_bits() {
        // The examples of RFC 9580, section 3.2.
        assert_eq!(integer(&[0x01]), [0, 1, 1]);
        assert_eq!(integer(&[0x01, 0xFF]), [0, 9, 0x01, 0xFF]);
        assert_eq!(integer(&[0, 0, 0x01, 0xFF]), [0, 9, 0x01, 0xFF]);
        assert_eq!(integer(&[]), [0, 0]);
    }
}
