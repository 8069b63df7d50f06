//! The order in which a signature is checked, the same for every engine.

use super::{KeyPacket, PacketReader, SignaturePacket};
use crate::openpgp::{HashAlgorithm, Maths, PublicKeyAlgorithm};

/// The longest DSA modulus in bits; FIPS 186-4 stops at 3072.
const LONGEST_DSA: u32 = 4096;

/// Whether `signature` was made by `key` over `data`, and nothing else: no date, no
/// usage, no strength is judged.
pub fn verify(
    reader: &impl PacketReader,
    key: &KeyPacket<'_>,
    signature: &SignaturePacket<'_>,
    data: &[u8],
) -> Maths {
    if !can_have_made(key, signature) || !salt_fits(signature) {
        return Maths::Bad;
    }
    // A modular power of such numbers takes seconds to minutes, and a stranger's
    // certificate may ask for many.
    if key.facts.algorithm == PublicKeyAlgorithm::Dsa && key.facts.bits > LONGEST_DSA {
        return key.lacking();
    }
    match reader.digest(signature.hash, &[signature.salt, data, &signature.trailer]) {
        Err(lack) => Maths::Unsupported(lack),
        Ok(digest) if !digest.starts_with(&signature.digest_prefix) => Maths::Bad,
        Ok(digest) => reader.verify_digest(key, signature, &digest),
    }
}

/// A version 6 key makes version 6 signatures and no other key does (RFC 9580,
/// section 5.2); the algorithm is the key's. RSA's number 2 only encrypts (section
/// 9.1), and version 6 has no legacy EdDSA (section 5.5.5.5).
fn can_have_made(key: &KeyPacket<'_>, signature: &SignaturePacket<'_>) -> bool {
    const RSA_ENCRYPT_ONLY: u8 = 2;
    const EDDSA_LEGACY: u8 = 22;
    let ids = [signature.algorithm_id, key.algorithm_id];
    let same_algorithm = ids[0] == ids[1] || ids.iter().all(|id| (1..=3).contains(id));
    let is_version6 = key.facts.version == 6;
    same_algorithm
        && !ids.contains(&RSA_ENCRYPT_ONLY)
        && (signature.version == 6) == is_version6
        && !(is_version6 && ids.contains(&EDDSA_LEGACY))
}

/// Version 6 hashes a salt of the length that its hash algorithm prescribes (section
/// 5.2.3), neither less nor more.
fn salt_fits(signature: &SignaturePacket<'_>) -> bool {
    let prescribed = match signature.hash {
        _ if signature.version != 6 => 0,
        HashAlgorithm::Sha224 | HashAlgorithm::Sha256 | HashAlgorithm::Sha3_256 => 16,
        HashAlgorithm::Sha384 => 24,
        HashAlgorithm::Sha512 | HashAlgorithm::Sha3_512 => 32,
        // No version 6 signature uses the others.
        _ => return false,
    };
    signature.salt.len() == prescribed
}

#[cfg(test)]
mod tests {
    use super::super::{KeyFault, Packet};
    use super::*;
    use crate::Timestamp;
    use crate::openpgp::{Fingerprint, KeyFacts};

    /// A library to which every value is good.
    struct Credulous;

    impl PacketReader for Credulous {
        fn key<'a>(&self, _: &Packet<'a>) -> Result<KeyPacket<'a>, KeyFault> {
            unreachable!("no packet is read here")
        }
        fn is_readable_key(&self, _: &Packet<'_>) -> bool {
            false
        }
        fn is_whole_signature(&self, _: &Packet<'_>) -> Option<bool> {
            None
        }
        fn signature<'a>(&self, _: &'a [u8]) -> Option<SignaturePacket<'a>> {
            None
        }
        fn digest(&self, _: HashAlgorithm, _: &[&[u8]]) -> Result<Vec<u8>, String> {
            Ok(vec![0; 32])
        }
        fn verify_digest(&self, _: &KeyPacket<'_>, _: &SignaturePacket<'_>, _: &[u8]) -> Maths {
            Maths::Good
        }
    }

    fn outcome(version: u8, key_id: u8, signature_id: u8, algorithm: PublicKeyAlgorithm) -> Maths {
        let facts = KeyFacts {
            fingerprint: Fingerprint::V4([0; 20]),
            version,
            algorithm,
            bits: 8192,
            created: Timestamp(0),
        };
        let key = KeyPacket {
            facts,
            algorithm_id: key_id,
            public: &[],
            secret: &[],
        };
        let signature = SignaturePacket {
            version,
            kind: 1,
            algorithm_id: signature_id,
            hash: HashAlgorithm::Sha256,
            created: None,
            expires_after: None,
            key_expires_after: None,
            key_flags: None,
            primary_user_id: false,
            revocation_reason: None,
            issuers: vec![],
            unknown_critical: vec![],
            embedded: vec![],
            salt: if version == 6 { &[0; 16] } else { &[] },
            trailer: vec![],
            digest_prefix: [0; 2],
            values: &[],
        };
        verify(&Credulous, &key, &signature, b"")
    }

    #[test]
    fn rsa_for_encryption_alone_signs_nothing() {
        let rsa = |key, signature| outcome(4, key, signature, PublicKeyAlgorithm::Rsa);
        assert_eq!(rsa(1, 1), Maths::Good);
        assert_eq!(rsa(1, 3), Maths::Good);
        assert_eq!(rsa(2, 1), Maths::Bad);
        assert_eq!(rsa(1, 2), Maths::Bad);
        assert_eq!(rsa(2, 2), Maths::Bad);
    }

    #[test]
    fn version_6_has_no_legacy_eddsa() {
        let eddsa = |version| outcome(version, 22, 22, PublicKeyAlgorithm::EdDsaLegacy);
        assert_eq!(eddsa(4), Maths::Good);
        assert_eq!(eddsa(6), Maths::Bad);
    }

    #[test]
    fn dsa_of_a_length_that_takes_minutes_is_not_calculated() {
        let dsa = outcome(4, 17, 17, PublicKeyAlgorithm::Dsa);
        assert_eq!(dsa, Maths::Unsupported("DSA".to_owned()));
    }
}
