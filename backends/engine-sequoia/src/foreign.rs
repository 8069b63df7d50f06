//! Any [`Signer`], wherever its secret lives, in Sequoia's terms.

use crate::failure::malformed;
use crate::{capability, key_packet, raw_signature};
use sequoia_openpgp::crypto::mpi;
use sequoia_openpgp::packet::key::{Key, PublicParts, UnspecifiedParts, UnspecifiedRole};
use sequoia_openpgp::parse::Parse;
use sifseal_core::openpgp::HashAlgorithm;
use sifseal_core::traits::Signer;
use sifseal_core::{Context, Error, ErrorKind, Result};

/// The signer's public key.
///
/// # Errors
/// `Malformed` if it is none, or not the one of the signer's fingerprint;
/// `Unsupported` if signatures by it cannot be verified here.
pub(crate) fn public_key(signer: &dyn Signer) -> Result<Key<PublicParts, UnspecifiedRole>> {
    let body = signer.public_key();
    let facts = key_packet::read_public(body)?.facts;
    let (told, found) = (signer.fingerprint(), facts.fingerprint);
    if told != found {
        return Err(malformed(format!(
            "the signer says that its key is {told}, but it is {found}"
        )));
    }
    let unsupported = |why: String| {
        let algorithm = &facts.algorithm;
        let what = format!("Sequoia cannot sign with a {algorithm} key");
        Error::new(ErrorKind::Unsupported, what).because(why)
    };
    let key = Key::<UnspecifiedParts, UnspecifiedRole>::from_bytes(body)
        .map_err(|error| unsupported(error.to_string()))?
        .parts_into_public();
    match capability::lack(key.mpis()) {
        Some(lack) => Err(unsupported(lack)),
        None => Ok(key),
    }
}

/// The values of a signature over `digest`, asked of the signer.
///
/// # Errors
/// What the signer says; `Backend` if it answers with the values of another kind
/// of key.
pub(crate) fn ask(
    cx: &Context<'_>,
    signer: &dyn Signer,
    key: &Key<PublicParts, UnspecifiedRole>,
    hash: HashAlgorithm,
    digest: &[u8],
) -> Result<mpi::Signature> {
    let raw = signer.sign_digest(cx, hash, digest)?;
    raw_signature::to_packet(key.mpis(), &raw).ok_or_else(|| {
        let which = signer.fingerprint();
        Error::new(
            ErrorKind::Backend,
            format!("the signer of key {which} made a signature of another kind of key"),
        )
    })
}
