//! The only place that verifies anything: a digest, a key, a signature's values.
//!
//! No date, no usage, no strength is judged here. Where rPGP would refuse a hash
//! as too weak for a key, it is given the same mathematics in another form:
//! EdDSA takes the digest as a message of any length, and ECDSA as a number, to
//! which zeros in front add nothing; of the two values of *s* that are equally
//! good on secp256k1, it gets the one that it takes.

use crate::failure::is_lack;
use crate::signature_packet::SignaturePacket;
use pgp::crypto::hash::HashAlgorithm as PgpHash;
use pgp::packet::{PacketHeader, PublicKey};
use pgp::types::{
    EcdsaPublicParams, KeyDetails, Mpi, PacketHeaderVersion, PacketLength, PublicParams,
    SignatureBytes, Tag, VerifyingKey,
};
use sifseal_core::openpgp::framing::KeyPacket;
use sifseal_core::openpgp::{HashAlgorithm, Maths};

/// A key made ready to verify with.
#[derive(Debug)]
pub(crate) struct Verifier {
    version: u8,
    algorithm_id: u8,
    /// The width of the key's field in octets, if it has one.
    width: usize,
    /// The key as rPGP has it, or why it has not.
    key: Result<PublicKey, String>,
}

impl Verifier {
    /// Never fails: a key that rPGP cannot use makes every signature
    /// `Unsupported`.
    pub(crate) fn new(key: &KeyPacket<'_>) -> Self {
        Self {
            version: key.facts.version,
            algorithm_id: key.algorithm_id,
            width: key.facts.bits.div_ceil(8) as usize,
            key: public_key(key.public).map_err(|error| {
                format!("rPGP cannot use this {} key: {error}", key.facts.algorithm)
            }),
        }
    }

    /// Whether `signature` was made by this key over `data`.
    pub(crate) fn verify(&self, signature: &SignaturePacket<'_>, data: &[u8]) -> Maths {
        if !self.can_have_made(signature) {
            return Maths::Bad;
        }
        let key = match &self.key {
            Ok(key) => key,
            Err(why) => return Maths::Unsupported(why.clone()),
        };
        let digest = match digest(signature, data) {
            Ok(digest) => digest,
            Err(why) => return Maths::Unsupported(why),
        };
        if !digest.starts_with(&signature.digest_prefix) {
            return Maths::Bad;
        }
        let Some(values) = values(signature.algorithm, signature.values) else {
            return Maths::Bad;
        };
        let values = match is_secp256k1(key) {
            true => with_low_s(values),
            false => values,
        };
        let (hash, digest) = self.unopinionated(signature.hash, digest);
        match key.verify(hash, &digest, &values) {
            Ok(()) => Maths::Good,
            Err(error) if is_lack(&error) => Maths::Unsupported(error.to_string()),
            Err(_) => Maths::Bad,
        }
    }

    /// A version 6 key makes version 6 signatures and no other key does (RFC
    /// 9580, section 5.2); the algorithm is the key's.
    fn can_have_made(&self, signature: &SignaturePacket<'_>) -> bool {
        let is_rsa = |id| (1..=3).contains(&id);
        let same_algorithm = signature.algorithm == self.algorithm_id
            || (is_rsa(signature.algorithm) && is_rsa(self.algorithm_id));
        same_algorithm && (signature.version == 6) == (self.version == 6)
    }

    /// The digest in a form that rPGP has no opinion about; see the module's
    /// text.
    fn unopinionated(&self, hash: HashAlgorithm, digest: Vec<u8>) -> (PgpHash, Vec<u8>) {
        match self.algorithm_id {
            22 | 27 | 28 => (PgpHash::Sha512, digest),
            19 if digest.len() < self.width => {
                let mut padded = vec![0; self.width - digest.len()];
                padded.extend(digest);
                (PgpHash::Sha512, padded)
            }
            _ => (pgp_hash(hash), digest),
        }
    }
}

/// rPGP's form of a public-key packet's body.
pub(crate) fn public_key(body: &[u8]) -> pgp::errors::Result<PublicKey> {
    let header = PacketHeader::from_parts(
        PacketHeaderVersion::New,
        Tag::PublicKey,
        PacketLength::Fixed(u32::try_from(body.len())?),
    )?;
    PublicKey::try_from_reader(header, body)
}

fn is_secp256k1(key: &PublicKey) -> bool {
    matches!(
        key.public_params(),
        PublicParams::ECDSA(EcdsaPublicParams::Secp256k1 { .. })
    )
}

/// The signature with the smaller of the two values of *s* that are equally good.
/// Bitcoin asks for it, and the library behind rPGP refuses the other one; OpenPGP
/// has no such rule, and GnuPG writes either.
fn with_low_s(values: SignatureBytes) -> SignatureBytes {
    let SignatureBytes::Mpis(integers) = &values else {
        return values;
    };
    let low = || {
        let [r, s] = integers.as_slice() else {
            return None;
        };
        let mut fields = [k256::FieldBytes::default(); 2];
        for (field, integer) in fields.iter_mut().zip([r, s]) {
            let start = field.len().checked_sub(integer.as_ref().len())?;
            field.get_mut(start..)?.copy_from_slice(integer.as_ref());
        }
        let [r, s] = fields;
        let low = k256::ecdsa::Signature::from_scalars(r, s)
            .ok()?
            .normalize_s()?;
        Some(low.to_bytes())
    };
    match low() {
        Some(bytes) => {
            let (r, s) = bytes.split_at(bytes.len() / 2);
            SignatureBytes::Mpis(vec![Mpi::from_slice(r), Mpi::from_slice(s)])
        }
        None => values,
    }
}

fn digest(signature: &SignaturePacket<'_>, data: &[u8]) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(signature.salt.len() + data.len() + 64);
    bytes.extend_from_slice(signature.salt);
    bytes.extend_from_slice(data);
    bytes.extend_from_slice(&signature.trailer);
    pgp_hash(signature.hash)
        .digest(&bytes)
        .map_err(|error| match error {
            pgp::crypto::hash::Error::Sha1HashCollision { .. } => {
                "the data show a collision attack on SHA-1".to_owned()
            }
            _ => signature.hash.to_string(),
        })
}

/// Whether the values of a signature are well-formed and end with the packet;
/// `None` for an algorithm that is not known here.
pub(crate) fn values_are_whole(signature: &SignaturePacket<'_>) -> Option<bool> {
    let known = matches!(signature.algorithm, 1..=3 | 17 | 19 | 22 | 27 | 28);
    known.then(|| values(signature.algorithm, signature.values).is_some())
}

/// The values of a signature as rPGP takes them; `None` if they are malformed.
fn values(algorithm: u8, bytes: &[u8]) -> Option<SignatureBytes> {
    let integers = match algorithm {
        27 if bytes.len() == 64 => return Some(SignatureBytes::Native(bytes.to_vec().into())),
        28 if bytes.len() == 114 => return Some(SignatureBytes::Native(bytes.to_vec().into())),
        1..=3 => 1,
        17 | 19 | 22 => 2,
        _ => return None,
    };
    let mut rest = bytes;
    let mut values = Vec::with_capacity(integers);
    for _ in 0..integers {
        let (bits, after) = rest.split_first_chunk()?;
        let len = usize::from(u16::from_be_bytes(*bits)).div_ceil(8);
        let (value, after) = after.split_at_checked(len)?;
        values.push(Mpi::from_slice(value));
        rest = after;
    }
    rest.is_empty().then_some(SignatureBytes::Mpis(values))
}

/// rPGP's name of a hash algorithm.
pub(crate) fn pgp_hash(hash: HashAlgorithm) -> PgpHash {
    PgpHash::from(hash.id())
}
