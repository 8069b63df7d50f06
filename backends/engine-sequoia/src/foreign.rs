//! Any [`Signer`], wherever its secret lives, in Sequoia's terms.

use crate::failure::malformed;
use crate::{capability, key_packet, raw_signature};
use sequoia_openpgp::crypto::mpi;
use sifseal_core::openpgp::HashAlgorithm;
use sifseal_core::openpgp::framing::KeyPacket;
use sifseal_core::traits::Signer;
use sifseal_core::{Context, Error, ErrorKind, Result};

/// A signer with its public key.
#[derive(Debug)]
pub(crate) struct ForeignKey<'a> {
    signer: &'a dyn Signer,
    /// Its public key, as it stands.
    pub(crate) packet: KeyPacket<'a>,
    /// The values in it.
    values: mpi::PublicKey,
}

impl<'a> ForeignKey<'a> {
    /// # Errors
    /// `Malformed` if the signer's public key is none, or not the one of its
    /// fingerprint; `Unsupported` if signatures by it cannot be verified here.
    pub(crate) fn new(signer: &'a dyn Signer) -> Result<Self> {
        let packet = key_packet::read_public(signer.public_key())?;
        let (told, found) = (signer.fingerprint(), packet.facts.fingerprint);
        if told != found {
            return Err(malformed(format!(
                "the signer says that its key is {told}, but it is {found}"
            )));
        }
        let algorithm = &packet.facts.algorithm;
        let unsupported = |why: String| {
            let what = format!("Sequoia cannot sign with a {algorithm} key");
            Error::new(ErrorKind::Unsupported, what).because(why)
        };
        let values = key_packet::values(&packet)
            .and_then(|values| values.to_key(packet.algorithm_id.into()))
            .ok_or_else(|| unsupported("it makes no signatures".to_owned()))?;
        if let Some(lack) = capability::lack(&values) {
            return Err(unsupported(lack));
        }
        Ok(Self {
            signer,
            packet,
            values,
        })
    }

    /// The values of a signature over `digest`, asked of the signer.
    ///
    /// # Errors
    /// What the signer says; `Backend` if it answers with the values of another
    /// kind of key.
    pub(crate) fn ask(
        &self,
        cx: &Context<'_>,
        hash: HashAlgorithm,
        digest: &[u8],
    ) -> Result<mpi::Signature> {
        let raw = self.signer.sign_digest(cx, hash, digest)?;
        raw_signature::to_packet(&self.values, &raw).ok_or_else(|| {
            let which = self.signer.fingerprint();
            Error::new(
                ErrorKind::Backend,
                format!("the signer of key {which} made a signature of another kind of key"),
            )
        })
    }
}
