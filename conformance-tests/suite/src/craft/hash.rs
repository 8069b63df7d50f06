//! Digests by every algorithm of the table, given up ones too.

use sifseal_core::openpgp::HashAlgorithm;

/// The digest of some bytes.
///
/// # Panics
/// For an algorithm that no test needs.
pub(super) fn digest(hash: HashAlgorithm, bytes: &[u8]) -> Vec<u8> {
    use md5::Digest as _;
    use sha2::Digest as _;
    match hash {
        HashAlgorithm::Md5 => md5::Md5::digest(bytes).to_vec(),
        HashAlgorithm::Sha1 => sha1::Sha1::digest(bytes).to_vec(),
        HashAlgorithm::Ripemd160 => ripemd::Ripemd160::digest(bytes).to_vec(),
        HashAlgorithm::Sha224 => sha2::Sha224::digest(bytes).to_vec(),
        HashAlgorithm::Sha256 => sha2::Sha256::digest(bytes).to_vec(),
        HashAlgorithm::Sha384 => sha2::Sha384::digest(bytes).to_vec(),
        HashAlgorithm::Sha512 => sha2::Sha512::digest(bytes).to_vec(),
        other => panic!("{other} is not made here"),
    }
}

/// What PKCS#1 v1.5 writes before a digest: the DER of its algorithm (RFC 9580,
/// section 5.2.2).
pub(super) fn digest_info(hash: HashAlgorithm) -> Vec<u8> {
    let oid: &[u8] = match hash {
        HashAlgorithm::Md5 => b"\x2A\x86\x48\x86\xF7\x0D\x02\x05",
        HashAlgorithm::Sha1 => b"\x2B\x0E\x03\x02\x1A",
        HashAlgorithm::Ripemd160 => b"\x2B\x24\x03\x02\x01",
        HashAlgorithm::Sha256 => b"\x60\x86\x48\x01\x65\x03\x04\x02\x01",
        HashAlgorithm::Sha384 => b"\x60\x86\x48\x01\x65\x03\x04\x02\x02",
        HashAlgorithm::Sha512 => b"\x60\x86\x48\x01\x65\x03\x04\x02\x03",
        HashAlgorithm::Sha224 => b"\x60\x86\x48\x01\x65\x03\x04\x02\x04",
        other => panic!("{other} is not made here"),
    };
    let digest_len = digest(hash, b"").len() as u8;
    let oid_len = oid.len() as u8;
    // SEQUENCE { SEQUENCE { OID, NULL }, OCTET STRING }
    let mut der = vec![0x30, oid_len + digest_len + 8, 0x30, oid_len + 4, 0x06];
    der.push(oid_len);
    der.extend_from_slice(oid);
    der.extend([0x05, 0x00, 0x04, digest_len]);
    der
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefixes_are_those_of_the_standard() {
        // RFC 8017, section 9.2, note 1.
        assert_eq!(
            digest_info(HashAlgorithm::Sha256),
            b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"
        );
        assert_eq!(
            digest_info(HashAlgorithm::Sha1),
            b"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14"
        );
        assert_eq!(
            digest_info(HashAlgorithm::Md5),
            b"\x30\x20\x30\x0c\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x05\x05\x00\x04\x10"
        );
    }
}
