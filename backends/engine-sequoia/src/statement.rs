//! A signature before it is made: all that it says, put together here and not by
//! Sequoia's builder, which adds a random notation to every signature, so that
//! nobody could make the same one twice.

use crate::failure::backend;
use sequoia_openpgp::crypto::hash::Hash;
use sequoia_openpgp::crypto::{mpi, random};
use sequoia_openpgp::packet::Signature;
use sequoia_openpgp::packet::signature::subpacket::{Subpacket, SubpacketArea, SubpacketValue};
use sequoia_openpgp::packet::signature::{Signature4, Signature6};
use sequoia_openpgp::serialize::MarshalInto;
use sequoia_openpgp::types::{HashAlgorithm, PublicKeyAlgorithm, SignatureType, Timestamp};
use sequoia_openpgp::{Fingerprint, KeyID, Result as PgpResult};
use sifseal_core::Result;
use sifseal_core::openpgp::framing::KeyPacket;

/// What a signature says, by whom, when and about what kind of thing.
pub(crate) struct Statement {
    kind: SignatureType,
    algorithm: PublicKeyAlgorithm,
    hash: HashAlgorithm,
    hashed: SubpacketArea,
    /// What version 6 hashes first; `None` for version 4.
    salt: Option<Vec<u8>>,
}

impl Statement {
    /// By this key at this time. It begins with the subpackets that every reader
    /// knows: the time, critical as the RFC asks (section 5.2.3.11); the
    /// fingerprint; and for version 4 the key ID, because old readers find a key
    /// by nothing else.
    ///
    /// # Errors
    /// `Backend` if Sequoia refuses.
    pub(crate) fn new(
        key: &KeyPacket<'_>,
        kind: SignatureType,
        hash: HashAlgorithm,
        created: Timestamp,
    ) -> Result<Self> {
        let mut statement = Self {
            kind,
            algorithm: key.algorithm_id.into(),
            hash,
            hashed: SubpacketArea::default(),
            salt: (key.facts.version == 6)
                .then(|| new_salt(hash))
                .transpose()?,
        };
        statement.say(SubpacketValue::SignatureCreationTime(created), true)?;
        let fingerprint =
            Fingerprint::from_bytes(key.facts.version, key.facts.fingerprint.as_bytes())
                .map_err(refused)?;
        let key_id = KeyID::from(&fingerprint);
        statement.say(SubpacketValue::IssuerFingerprint(fingerprint), false)?;
        if statement.salt.is_none() {
            statement.say(SubpacketValue::Issuer(key_id), false)?;
        }
        Ok(statement)
    }

    /// Adds one more thing to what it says.
    ///
    /// # Errors
    /// `Backend` if there is no room.
    pub(crate) fn say(&mut self, value: SubpacketValue, critical: bool) -> Result<()> {
        Subpacket::new(value, critical)
            .and_then(|subpacket| self.hashed.add(subpacket))
            .map_err(refused)
    }

    /// The digest of what the signature is about, and of what it says.
    ///
    /// # Errors
    /// `Backend` if Sequoia does not know the hash.
    pub(crate) fn digest(&self, covered: &[u8]) -> Result<Vec<u8>> {
        let digest = || -> PgpResult<Vec<u8>> {
            let version = if self.salt.is_some() { 6 } else { 4 };
            let mut context = self.hash.context()?.for_signature(version);
            context.update(self.salt.as_deref().unwrap_or_default());
            context.update(covered);
            // What is hashed of the signature itself does not depend on these.
            let values = mpi::Signature::RSA {
                s: mpi::MPI::new(&[]),
            };
            self.signature([0; 2], values)?.hash(&mut context)?;
            context.into_digest()
        };
        digest().map_err(refused)
    }

    /// The body of the signature packet.
    ///
    /// # Errors
    /// `Backend` if Sequoia cannot write it.
    pub(crate) fn packet(&self, digest: &[u8], values: mpi::Signature) -> Result<Vec<u8>> {
        let prefix = digest.first_chunk().copied().unwrap_or_default();
        self.signature(prefix, values)
            .and_then(|signature| signature.to_vec())
            .map_err(refused)
    }

    fn signature(&self, prefix: [u8; 2], values: mpi::Signature) -> PgpResult<Signature> {
        let (kind, algorithm, hash) = (self.kind, self.algorithm, self.hash);
        let (hashed, unhashed) = (self.hashed.clone(), SubpacketArea::default());
        Ok(match self.salt.clone() {
            None => Signature4::new(kind, algorithm, hash, hashed, unhashed, prefix, values).into(),
            Some(salt) => Signature6::new(
                kind, algorithm, hash, hashed, unhashed, prefix, salt, values,
            )?
            .into(),
        })
    }
}

fn new_salt(hash: HashAlgorithm) -> Result<Vec<u8>> {
    let salt = || -> PgpResult<Vec<u8>> {
        let mut salt = vec![0; hash.salt_size()?];
        random(&mut salt)?;
        Ok(salt)
    };
    salt().map_err(refused)
}

fn refused(error: sequoia_openpgp::anyhow::Error) -> sifseal_core::Error {
    backend("the signature cannot be made", error)
}
